"""Between the exports of one call: the spans of time that none of them covers, of which nobody knows anything."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from crisis.signals.tally import BASE, Grid, Tally

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = 2016  # in bins


class Gap(NamedTuple):
    """Bins of five minutes, from `first` to before `end`, of which nobody knows anything."""

    first: int
    end: int

    @property
    def since(self) -> datetime:
        """When it begins, in UTC."""
        return _EPOCH + self.first * BASE

    @property
    def until(self) -> datetime:
        """When it ends, in UTC."""
        return _EPOCH + self.end * BASE


def gaps_of(tally: Tally, covered: Sequence[tuple[datetime, datetime]]) -> tuple[Gap, ...]:
    """The gaps between files that cover these spans, each from its first to its last moment, in order of time.

    Files that state no range begin and end with a mention, and between two mentions it may simply be quiet: so what
    lies between two files is a gap only where it is longer than any silence within a file. A silence of more than a
    week is none to go by. Within a file there is no gap, nor where one file overlaps the next.
    """
    if len(covered) < 2 or not tally.bins:
        return ()
    exact = tally.grid(UTC, fine=True)
    between = list(_between(covered, exact))
    if not between:
        return ()
    firsts, longest = [one.first for one in between], 0
    for before, after in pairwise(sorted(tally.bins)):
        place = bisect_left(firsts, before)
        lies_between_files = place < len(between) and between[place].end <= after
        if longest < (silence := after - before - exact.size) <= _WEEK and not lies_between_files:
            longest = silence
    return tuple(one for one in between if one.end - one.first > longest)


def _between(covered: Sequence[tuple[datetime, datetime]], exact: Grid) -> Iterator[Gap]:
    """What lies between the spans, as exactly as their times are."""
    reached: int | None = None
    for first, last in sorted(covered):
        begins = exact.start(exact.row_of((first - _EPOCH) // BASE))
        ends = exact.start(exact.row_of((last - _EPOCH) // BASE) + 1)
        if reached is not None and begins > reached:
            yield Gap(reached, begins)
        reached = max(ends, reached or ends)
