"""Rules of a playbook against a series: "10x its baseline for 15 minutes, and at least 200 mentions"."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.signals.alerts import times

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Point(Struct, frozen=True):
    """One bin of a series: what it was, what is usual, and how many mentions stand behind it."""

    at: datetime
    value: float
    baseline: float
    count: float | None = None

    @property
    def mentions(self) -> float:
        """How many mentions stand behind it: for a count, the value itself."""
        return self.value if self.count is None else self.count


class Threshold(Struct, frozen=True):
    """A bar on one signal. `relative`: `at_least` and `at_most` are multiples of the baseline (`10x`).

    `lasting`: how long it must have held without a break; `min_count`: so many mentions in that time.
    """

    signal: str
    at_least: float | None = None
    at_most: float | None = None
    relative: bool = False
    lasting: timedelta = timedelta(0)
    min_count: float = 0.0

    def meets(self, point: Point) -> bool:
        """Whether one bin is on the wanted side of the bar."""
        measure = times(point.value, point.baseline) if self.relative else point.value
        # Written so that an unknown (NaN) meets nothing.
        above = self.at_least is None or measure >= self.at_least
        return above and (self.at_most is None or measure <= self.at_most)

    def holds(self, reading: Reading) -> bool:
        """Whether what was read is what the rule asks for."""
        return reading.lasting > timedelta(0) and reading.lasting >= self.lasting and reading.count >= self.min_count


class Reading(Struct, frozen=True):
    """How a signal stands at its last bin, seen from one threshold.

    `lasting`: how long it has met the bar without a break, the last bin included; 0 if it does not.
    `count`: mentions in the time that the threshold looks at.
    """

    signal: str
    value: float
    baseline: float
    ratio: float
    lasting: timedelta
    count: float


def reading(threshold: Threshold, points: Sequence[Point], every: timedelta) -> Reading | None:
    """How the series of bins of length `every` stands; nothing if it is empty.

    A missing bin is unknown, and breaks what lasted.
    """
    if not points:
        return None
    last = points[-1]
    ends = last.at + every
    run = last.at + every
    for point in reversed(points):
        if not threshold.meets(point) or run - point.at >= 1.5 * every:
            break
        run = point.at
    looked_at = max(threshold.lasting, every)
    count = 0.0
    for point in reversed(points):
        if ends - point.at > looked_at:
            break
        count += point.mentions
    return Reading(threshold.signal, last.value, last.baseline, times(last.value, last.baseline), ends - run, count)


def readings(
    thresholds: Iterable[Threshold], series: Mapping[str, Sequence[Point]], every: timedelta
) -> tuple[tuple[Threshold, Reading], ...]:
    """Each threshold whose signal is known, with how that signal stands; ask `threshold.holds(reading)`."""
    found = ((threshold, reading(threshold, series.get(threshold.signal, ()), every)) for threshold in thresholds)
    return tuple((threshold, read) for threshold, read in found if read is not None)
