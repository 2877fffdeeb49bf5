"""Rows as files have them, put into the order that a detector asks for."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


LATE = timedelta(hours=2)
"""A step back that short is a clock set back, or a row that was late; a longer one is another order of the rows."""
FEW_LATE = 0.01
MINUTE = timedelta(minutes=1)
"""Finer rows are judged by the minute: the shortest window is five, and a row costs the same however short it is."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Stream(Struct):
    """Counts of one brand: sixteen bytes a row, so that months of them fit anywhere.

    After `settle`, each row lies later than the one before. `late`: rows left out because they lie before others
    and only few do; `again`: those that another file had already; `added_up`: those that shared their time with
    another and were added to it; `was_sorted`: the file had another order.
    """

    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    late: int = 0
    again: int = 0
    added_up: int = 0
    was_sorted: bool = False

    def add(self, at: datetime, value: float) -> None:
        """Take in a row as it stands in the file; `at` is aware."""
        self.times.append((at - _EPOCH) // _MICROSECOND)
        self.values.append(value)

    def settle(self) -> None:
        """Bring the rows in order, whatever order the file had, and make one row of those with the same time."""
        back = [now - before for before, now in pairwise(self.times) if now < before]
        few = len(back) <= max(1, FEW_LATE * len(self.times)) and len(self.times) > 10
        sort = bool(back) and not (few and -min(back) * _MICROSECOND <= LATE)
        rows: Iterable[tuple[int, float]] = zip(self.times, self.values, strict=True)
        if sort:
            rows = sorted(rows, key=lambda row: row[0])
        times, values = array("q"), array("d")
        for time, value in rows:
            if times and time < times[-1]:
                self.late += 1
            elif times and time == times[-1]:
                values[-1] += value
                self.added_up += 1
            else:
                times.append(time)
                values.append(value)
        self.times, self.values, self.was_sorted = times, values, sort

    def absorb(self, other: Stream) -> None:
        """Take in another file's rows, both settled: what both say alike was exported twice, else it is added up."""
        known = dict(zip(self.times, self.values, strict=True))
        shared = [(time, value) for time, value in zip(other.times, other.values, strict=True) if time in known]
        if shared and all(known[time] == value for time, value in shared):
            self.again += len(shared)
        else:
            self.added_up += len(shared)
            for time, value in shared:
                known[time] += value
        known |= {time: value for time, value in zip(other.times, other.values, strict=True) if time not in known}
        ordered = sorted(known)
        self.times, self.values = array("q", ordered), array("d", (known[time] for time in ordered))
        self.late += other.late
        self.again += other.again
        self.added_up += other.added_up
        self.was_sorted = self.was_sorted or other.was_sorted

    def __len__(self) -> int:
        return len(self.times)

    def rows(self, zone: tzinfo = UTC) -> Iterator[tuple[datetime, float]]:
        """The rows, with times in `zone`: its hours are those in which the brand's people talk."""
        for time, value in zip(self.times, self.values, strict=True):
            at = _EPOCH + timedelta(microseconds=time)
            yield at if zone is UTC else at.astimezone(zone), value

    def lasts(self, time: timedelta) -> bool:
        """Whether the last row lies so long after the first, or longer."""
        return bool(self.times) and (self.times[-1] - self.times[0]) * _MICROSECOND >= time

    def minutes(self, step: timedelta, zone: tzinfo = UTC) -> Iterator[tuple[datetime, float]]:
        """Rows that are `step` apart, summed by the minute from the first on.

        A minute that is not over is left out, so that each says the same however the rows go on; one in which no
        row lies is unknown.
        """
        if not self.times:
            return
        first, size = self.times[0], MINUTE // _MICROSECOND
        over = (self.times[-1] + step // _MICROSECOND - first) // size
        pairs = zip(self.times, self.values, strict=True)
        for minute, rows in groupby(pairs, key=lambda row: (row[0] - first) // size):
            if minute < over:
                at = _EPOCH + timedelta(microseconds=first + minute * size)
                yield at if zone is UTC else at.astimezone(zone), sum(value for _, value in rows)

    def step(self) -> timedelta:
        """The usual distance of two rows: the median; nothing for less than two rows."""
        gaps = sorted(now - before for before, now in pairwise(self.times))
        return timedelta(microseconds=gaps[len(gaps) // 2]) if gaps else timedelta(0)
