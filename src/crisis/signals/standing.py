"""How a signal stands at the end of its series: what it is, what is usual, how unlikely, since when."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from crisis.signals.alerts import Alert, Band, times
from crisis.signals.detector import Detector
from crisis.signals.thresholds import Point

if TYPE_CHECKING:
    from crisis.signals.detector import Kind
    from crisis.signals.settings import Setting
    from crisis.signals.tally import Row, Series

HOUR = timedelta(hours=1)
LOOKED_AT = timedelta(days=1)
"""How much of the end of a series is kept to be shown, and to be held against rules."""


class Glance(NamedTuple):
    """An hour (or a longer row) for a sparkline: what it was, and the band in which it would usually lie."""

    at: datetime
    value: float
    band: Band


@dataclass(frozen=True, slots=True)
class Standing:
    """A signal now. Counts are per hour, or per row where rows are longer: `window` says which.

    `baseline`, `ratio`, `low` and `high` are None until a day has been seen: before that nobody knows what is
    usual. `odds`: once in about so many days. `strength` and `unusual` are the detector's; `alerts` the moments
    at which it spoke, `points` the last day for a playbook's rules, in bins of `every`, counts per hour.
    """

    signal: str
    kind: Kind
    window: timedelta
    value: float | None
    baseline: float | None
    ratio: float | None
    low: float | None
    high: float | None
    odds: float | None
    since: datetime | None
    strength: float
    unusual: bool
    learned: bool
    history: timedelta
    ends: datetime
    alerts: tuple[Alert, ...]
    trail: tuple[Glance, ...]
    points: tuple[Point, ...]
    every: timedelta
    example: str = ""
    """Of the complaint that returns: one of those who made it, as it came."""


class _Seen(NamedTuple):
    row: Row
    band: Band
    point: Point


def stand(series: Series, setting: Setting) -> Standing | None:
    """Watch `series` to its end and say how it stands; nothing if it is empty."""
    detector = Detector(series.signal, setting, series.kind)
    alerts: list[Alert] = []
    recent: list[_Seen] = []
    first = None
    for at, value, of in series.rows:
        first = first or at
        band = detector.baseline(at, 1.0 if of is None else of)
        if alert := detector.feed(at, value, of):
            alerts.append(replace(alert, at=alert.at + series.delay))
        point = detector.point
        assert point is not None  # noqa: S101  # there is one after every row
        recent.append(_Seen((at, value, of), band, point))
        if len(recent) > 64 and at - recent[len(recent) // 2].row[0] > LOOKED_AT:
            del recent[: len(recent) // 2]
    if first is None:
        return None
    last = recent[-1].row[0]
    ends = last + series.every
    recent = [one for one in recent if ends - one.row[0] <= LOOKED_AT] or recent[-1:]
    window = max(series.every, series.window)
    now = [one for one in recent if ends - one.row[0] <= window]
    glance = _glance(now, series.kind)
    known = detector.learned and not math.isnan(glance.value)
    band = glance.band
    return Standing(
        signal=series.signal,
        kind=series.kind,
        window=window,
        value=None if math.isnan(glance.value) else glance.value,
        baseline=band.expected if known else None,
        ratio=times(glance.value, band.expected) if known else None,
        low=band.low if known else None,
        high=band.high if known else None,
        odds=(detector.odds or None) if known else None,
        since=last - detector.since if detector.since is not None else None,
        strength=detector.strength,
        unusual=detector.strength > setting.threshold,
        learned=detector.learned,
        history=ends - first,
        ends=ends,
        alerts=tuple(alerts),
        trail=_trail(recent, ends, window, series.kind),
        points=tuple(_points(series, recent, known=detector.learned)),
        every=series.part,
        example=series.example,
    )


def _trail(recent: list[_Seen], ends: datetime, window: timedelta, kind: Kind) -> tuple[Glance, ...]:
    slots: dict[int, list[_Seen]] = {}
    for one in recent:
        slots.setdefault((ends - one.row[0] - timedelta(microseconds=1)) // window, []).append(one)
    return tuple(_glance(slots[slot], kind) for slot in sorted(slots, reverse=True))


def _glance(rows: list[_Seen], kind: Kind) -> Glance:
    """Several rows as one. Their spreads add up like those of rows that know nothing of each other."""
    at = rows[0].row[0]
    value = sum(one.row[1] for one in rows)
    expected = sum(one.point.baseline if kind == "count" else one.band.expected for one in rows)
    spread = math.sqrt(sum((one.band.high - one.band.expected) ** 2 for one in rows))
    band = Band(max(0.0, expected - spread), expected, expected + spread)
    if kind == "count":
        return Glance(at, value, band)
    total = sum(one.row[2] or 0.0 for one in rows)
    if not total:
        return Glance(at, math.nan, Band(math.nan, math.nan, math.nan))
    share = Band(band.low / total, band.expected / total, min(1.0, band.high / total))
    return Glance(at, value / total, share)


def _points(series: Series, recent: list[_Seen], *, known: bool) -> list[Point]:
    """The rows, or their parts, with counts made rates per hour so that a rule need not know of rows."""
    found: list[Point] = []
    for one in recent:
        at, point = one.row[0], one.point if known else replace(one.point, baseline=math.nan)
        if series.kind == "share":
            found.append(point)
            continue
        per_hour = HOUR / series.part
        parts = series.parts(at) if series.parts else [(one.row[1], None)]
        # Where rows are longer than an hour, their value is left as it is: nobody knows its hours.
        scale = per_hour if series.part <= HOUR else 1.0
        usual = point.baseline / len(parts) * scale
        found += [Point(at + n * series.part, value * scale, usual, value) for n, (value, _) in enumerate(parts)]
    return found
