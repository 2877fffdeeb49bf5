"""Totals over the last five minutes to six hours, kept up row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

# A leap shows in minutes, a slow build-up only in hours; each is about twice the one before.
MINUTES = (5, 10, 15, 30, 60, 120, 240, 360)
LENGTHS = tuple(60.0 * minutes for minutes in MINUTES)
GRAIN = 60.0  # rows closer than this share a cell: memory stays bounded whatever the source sends
JITTER = 30.0  # bins stamped a little early or late still fall into the window they belong to


def _zeros() -> list[float]:
    return [0.0] * len(LENGTHS)


@dataclass(slots=True)
class Windows:
    """What came and what was expected in each window; rows that are missing are unknown, so neither counts."""

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    expectations: list[float] = field(default_factory=list)
    firsts: list[int] = field(default_factory=lambda: [0] * len(LENGTHS))
    came: list[float] = field(default_factory=_zeros)
    expected: list[float] = field(default_factory=_zeros)

    def add(self, time: float, value: float, expected: float) -> None:
        """Take in a row; `time` in seconds, never earlier than the last."""
        times, values, expectations = self.times, self.values, self.expectations
        if times and time - times[-1] < GRAIN - JITTER:
            values[-1] += value
            expectations[-1] += expected
        else:
            times.append(time)
            values.append(value)
            expectations.append(expected)
        came, hoped, firsts = self.came, self.expected, self.firsts
        for n, length in enumerate(LENGTHS):
            total, usual, first = came[n] + value, hoped[n] + expected, firsts[n]
            oldest = time - length + JITTER
            while times[first] < oldest:
                total -= values[first]
                usual -= expectations[first]
                first += 1
            came[n], hoped[n], firsts[n] = total, usual, first
        if firsts[-1] >= 256:
            self._compact()

    def _compact(self) -> None:
        """Drop what has left every window, and sum anew so that rounding does not pile up."""
        gone = self.firsts[-1]
        del self.times[:gone], self.values[:gone], self.expectations[:gone]
        self.firsts = [first - gone for first in self.firsts]
        self.came = [sum(self.values[first:]) for first in self.firsts]
        self.expected = [sum(self.expectations[first:]) for first in self.firsts]
