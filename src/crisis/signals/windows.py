"""Totals over the last five minutes to six hours, kept up row by row."""

from __future__ import annotations

from typing import Self

from msgspec import Struct, field

# A leap shows in minutes, a slow build-up only in hours; each is about twice the one before.
MINUTES = (5, 10, 15, 30, 60, 120, 240, 360)
LENGTHS = tuple(60.0 * minutes for minutes in MINUTES)
GRAIN = 60.0  # rows closer than this share a cell: memory stays bounded whatever the source sends
JITTER = 30.0  # bins stamped a little early or late still fall into the window they belong to


def windows_of(apart: float) -> int:
    """How many of the windows, the longest, are to be kept for rows that lie at least `apart` seconds from each other.

    All that are too short to hold two rows say the same: one of them is enough.
    """
    return len(LENGTHS) - max(0, sum(length < apart + JITTER for length in LENGTHS) - 1)


def zeros(count: int = len(LENGTHS)) -> list[float]:
    """One for each window."""
    return [0.0] * count


class Windows(Struct):
    """What came and what was expected in each window; rows that are missing are unknown, so neither counts.

    Of the windows it keeps as many as its lists have places, the longest.
    """

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    expectations: list[float] = field(default_factory=list)
    firsts: list[int] = field(default_factory=lambda: [0] * len(LENGTHS))
    came: list[float] = field(default_factory=zeros)
    expected: list[float] = field(default_factory=zeros)

    @classmethod
    def of(cls, count: int) -> Self:
        """So many of the windows, the longest."""
        return cls(firsts=[0] * count, came=zeros(count), expected=zeros(count))

    @property
    def lengths(self) -> tuple[float, ...]:
        """In seconds, shortest first."""
        return LENGTHS[-len(self.came) :]

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
        for n, length in enumerate(self.lengths):
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
