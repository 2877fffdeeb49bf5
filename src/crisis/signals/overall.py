"""All feeds of a watch as one: their rows added up, so that a playbook's rules can be held against the whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crisis.signals.alerts import times
from crisis.signals.detector import Kind
from crisis.signals.live import Gauge, Row, start_of
from crisis.signals.settings import Setting
from crisis.signals.standing import HOUR, Standing
from crisis.signals.tally import BASE, BY_SENTIMENT
from crisis.signals.thresholds import Point

_ORDER = (
    "mention_rate", "negative_share", "negative_rate", "reach", "engagement", "velocity", "spread", "repeat_topic",
)  # fmt: skip
_DAY = 288


class _Sum(NamedTuple):
    value: float
    of: float
    expected: float


def overall(gauges: Iterable[Gauge], setting: Setting) -> tuple[Standing, ...]:
    """How each signal stands over all feeds that know it, as `standing.stand` would say.

    A bin that some feeds do not know is the sum of the others, held against what is usual of these. Feeds that have
    seen less than a day are left out as soon as another has seen one.
    """
    known = list(gauges)
    found = (_signal(name, known, setting) for name in _ORDER)
    return tuple(one for one in found if one is not None)


def _signal(name: str, gauges: Sequence[Gauge], setting: Setting) -> Standing | None:
    having = [one for one in gauges if one.rows.get(name)]
    learned = [one for one in having if one.detectors[name].learned]
    having = learned or having
    if not having:
        return None
    kind = having[0].detectors[name].kind
    part = min(min(row.bins for row in one.rows[name][-3:]) for one in having)
    parts = _parts((row for one in having for row in one.rows[name]), part)
    last = max(parts)
    points = [_point(first, parts[first], part, kind, known=bool(learned)) for first in sorted(parts)]
    ends = start_of(last + part).astimezone(having[0].zone)
    window = max(part * BASE, HOUR)
    now = [parts[first] for first in parts if start_of(first) >= ends - window]
    value, baseline = _together(now, kind, known=bool(learned))
    detectors = [one.detectors[name] for one in having]
    strongest = max(detectors, key=lambda one: one.strength)
    first = min(one.began for one in having)
    return Standing(
        signal=name,
        kind=kind,
        window=window,
        value=value,
        baseline=baseline,
        ratio=None if value is None or baseline is None else times(value, baseline),
        low=None,
        high=None,
        odds=strongest.odds or None,
        since=ends - strongest.since if strongest.since is not None else None,
        strength=strongest.strength,
        unusual=strongest.strength > setting.threshold,
        learned=bool(learned),
        history=(last + part - first) * BASE,
        ends=ends,
        alerts=(),
        trail=(),
        points=tuple(points),
        every=part * BASE,
        estimated=_estimated(having) if name in BY_SENTIMENT else 0.0,
    )


def _estimated(gauges: Sequence[Gauge]) -> float:
    rated = sum(one.rated for one in gauges)
    return sum(one.estimates for one in gauges) / rated if rated else 0.0


def _parts(rows: Iterable[Row], part: int) -> dict[int, _Sum]:
    """Every row cut into pieces of `part` bins and added up; the last day only."""
    found: dict[int, _Sum] = {}
    for row in rows:
        pieces = max(1, row.bins // part)
        for n in range(pieces):
            first = row.first + n * part
            before = found.get(first, _Sum(0.0, 0.0, 0.0))
            found[first] = _Sum(
                before.value + row.value / pieces,
                before.of + (row.of or 0.0) / pieces,
                before.expected + (row.expected or 0.0) / pieces,
            )
    last = max(found)
    return {first: one for first, one in found.items() if first > last - _DAY}


def _point(first: int, one: _Sum, part: int, kind: Kind, *, known: bool) -> Point:
    at = start_of(first)
    expected = one.expected if known else math.nan
    if kind == "share":
        if not one.of:
            return Point(at, math.nan, math.nan, 0.0)
        return Point(at, one.value / one.of, expected / one.of, one.of)
    per_hour = max(1.0, HOUR / (part * BASE))
    return Point(at, one.value * per_hour, expected * per_hour, one.value)


def _together(parts: Sequence[_Sum], kind: Kind, *, known: bool) -> tuple[float | None, float | None]:
    value, of, expected = (sum(column) for column in zip(*parts, strict=True))
    if kind == "share":
        if not of:
            return None, None
        value, expected = value / of, expected / of
    return value, expected if known else None
