"""How a signal stands at the end of its series: what it is, what is usual, how unlikely, since when."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from crisis.signals.alerts import Alert, Band, times
from crisis.signals.detector import Detector
from crisis.signals.thresholds import Point

if TYPE_CHECKING:
    from crisis.signals.course import Course
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


class Standing(Struct, frozen=True):
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
    estimated: float = 0.0
    """Of the sentiments it rests on, the share that are estimates and not the tool's."""


class _Seen(NamedTuple):
    row: Row
    band: Band
    point: Point


class Watch:
    """One signal, watched row by row. What it says after a row it says however the series goes on.

    `course`, where one is given, is told each row with what was usual: the watch itself keeps only the last day.
    """

    def __init__(self, series: Series, setting: Setting, course: Course | None = None) -> None:
        self.series, self.setting, self.course = series, setting, course
        self.detector = Detector(series.signal, setting, series.kind, series.apart)
        self.alerts: list[Alert] = []
        self.points: list[Point] = []
        """The last day, for a playbook's rules."""
        self._recent: list[_Seen] = []
        self._first: datetime | None = None
        self._knew = False

    def feed(self, row: Row) -> list[Point]:
        """Take in a row, later than all before; gives the points that it adds."""
        at, value, of = row
        band = self.detector.baseline(at, 1.0 if of is None else of)
        self.learn(row)
        point = self.detector.point
        assert point is not None  # noqa: S101  # there is one after every row
        if self.course is not None:
            self.course.add(at, value, of, band, known=self.detector.learned)
        seen = _Seen(row, band, point)
        recent, points = self._recent, self.points
        recent.append(seen)
        if len(recent) > 64 and at - recent[len(recent) // 2].row[0] > LOOKED_AT:
            del recent[: len(recent) // 2]
        new = _points(self.series, seen, known=self.detector.learned)
        if self.detector.learned and not self._knew:
            self._knew = True  # of the first day nobody knew what was usual; now that it is over, it is known
            points.clear()
            for one in recent:
                points += _points(self.series, one, known=True)
        else:
            points += new
        ends = at + self.series.every
        del points[: next((n for n, one in enumerate(points) if ends - one.at <= LOOKED_AT), len(points) - 1)]
        return new

    def learn(self, row: Row) -> None:
        """Take in a row that lies more than a day before the end: it can raise an alert, and need not be shown."""
        at, value, of = row
        self._first = self._first or at
        if alert := self.detector.feed(at, value, of):
            window = max(alert.window, self.series.every)  # a row is never less than itself
            self.alerts.append(replace(alert, at=alert.at + self.series.delay, window=window))

    def standing(self) -> Standing | None:
        """How the signal stands after the last row; nothing before the first."""
        series, detector = self.series, self.detector
        if self._first is None:
            return None
        last = self._recent[-1].row[0]
        ends = last + series.every
        recent = [one for one in self._recent if ends - one.row[0] <= LOOKED_AT] or self._recent[-1:]
        window = max(series.every, series.window)
        now = [one for one in recent if ends - one.row[0] <= window]
        glance = _glance(now, series.kind)
        if series.until is not None and series.kind == "count":
            glance = glance._replace(value=_as_if_over(glance.value, window, ends - series.until))
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
            unusual=detector.strength > self.setting.threshold,
            learned=detector.learned,
            history=ends - self._first,
            ends=ends,
            alerts=tuple(self.alerts),
            trail=_trail(recent, ends, window, series.kind),
            points=tuple(self.points),
            every=series.part,
            example=series.example,
            estimated=series.estimated,
        )


def stand(series: Series, setting: Setting, course: Course | None = None) -> Standing | None:
    """Watch `series` to its end and say how it stands; nothing if it is empty. `course` is told what there was."""
    watch = Watch(series, setting, course)
    take = watch.learn if course is None else watch.feed
    newest: deque[Row] = deque()
    for row in series.rows:
        newest.append(row)
        while row[0] - newest[0][0] > LOOKED_AT:
            take(newest.popleft())
    for row in newest:
        watch.feed(row)
    return watch.standing()


def _as_if_over(value: float, window: timedelta, unknown: timedelta) -> float:
    """What a count would come to in its whole window, of whose end nobody knows anything yet; not of less than half."""
    return round(value * (window / (window - unknown))) if timedelta(0) < unknown <= window / 2 else value


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


def _points(series: Series, one: _Seen, *, known: bool) -> list[Point]:
    """The row, or its parts, with counts made rates per hour so that a rule need not know of rows."""
    at, point = one.row[0], one.point if known else replace(one.point, baseline=math.nan)
    if series.kind == "share":
        return [point]
    per_hour = HOUR / series.part
    parts = series.parts(at) if series.parts else [(one.row[1], None)]
    # Where rows are longer than an hour, their value is left as it is: nobody knows its hours.
    scale = per_hour if series.part <= HOUR else 1.0
    usual = point.baseline / len(parts) * scale
    return [Point(at + n * series.part, value * scale, usual, value) for n, (value, _) in enumerate(parts)]
