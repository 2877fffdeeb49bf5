"""How a signal went, in few enough steps to be drawn, however long it went on."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from crisis.signals.alerts import Band

if TYPE_CHECKING:
    from crisis.signals.detector import Kind

MOST = 480
"""Steps that are kept: a line of more is a blur on a screen."""
_EVEN = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60, 120, 240, 720, 1440, 2880))
_SHORT = timedelta(0)


class Step(NamedTuple):
    """What was and what was usual, from `at` on: counts per step, or a share from 0 to 1 (NaN: of nothing).

    `band` is None while nobody knew yet what is usual.
    """

    at: datetime
    value: float
    band: Band | None


class _Sums(Struct):
    rows: int = 0
    value: float = 0.0
    of: float = 0.0
    expected: float = 0.0
    variance: float = 0.0
    known: bool = True

    def plus(self, other: _Sums) -> _Sums:
        return _Sums(
            self.rows + other.rows,
            self.value + other.value,
            self.of + other.of,
            self.expected + other.expected,
            self.variance + other.variance,
            self.known and other.known,
        )


class Course(Struct):
    """One signal from beginning to end. Where it grows too long, neighbouring steps become one.

    Takes rows of length `every` in order of time, all in one zone; keeps at most `most` steps.
    """

    signal: str
    kind: Kind
    every: timedelta
    most: int = MOST
    step: timedelta = _SHORT
    """How long a step is by now."""
    _anchor: datetime | None = None
    _sums: dict[int, _Sums] = field(default_factory=dict)

    def add(self, at: datetime, value: float, of: float | None, band: Band, *, known: bool) -> None:
        """Take in a row and the `band` in which it would have been usual; `known`: whether a day had been seen."""
        if self._anchor is None:
            # Days begin at midnight where rows do, so that a step of a day is a day.
            midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
            self._anchor, self.step = midnight + (at - midnight) % self.every, self.every
        number = (at - self._anchor) // self.step
        while number - next(iter(self._sums), number) >= self.most:
            self._widen()
            number = (at - self._anchor) // self.step
        row = _Sums(1, value, of or 0.0, band.expected, (band.high - band.expected) ** 2, known)
        self._sums[number] = self._sums[number].plus(row) if number in self._sums else row

    def steps(self) -> tuple[Step, ...]:
        """What there was, in order of time; a step of which nothing is known is left out."""
        return tuple(self._step(number, self._sums[number]) for number in sorted(self._sums))

    def coarser(self, most: int) -> Course:
        """The same in at most so many steps."""
        other = Course(self.signal, self.kind, self.every, most, self.step, self._anchor, dict(self._sums))
        while other._sums and max(other._sums) - min(other._sums) >= most:
            other._widen()
        return other

    def _widen(self) -> None:
        wider = next((one for one in _EVEN if self.step < one <= 5 * self.step and not one % self.step), 2 * self.step)
        times, before = wider // self.step, self._sums
        self.step, self._sums = wider, {}
        for number, sums in before.items():
            together = self._sums.get(number // times)
            self._sums[number // times] = together.plus(sums) if together else sums

    def _step(self, number: int, sums: _Sums) -> Step:
        assert self._anchor is not None  # noqa: S101  # there is one from the first row on
        at = self._anchor + number * self.step
        spread = math.sqrt(sums.variance)
        if self.kind == "share":
            if not sums.of:
                return Step(at, math.nan, None)
            low, usual, high = (
                one / sums.of for one in (sums.expected - spread, sums.expected, sums.expected + spread)
            )
            return Step(at, sums.value / sums.of, Band(max(0.0, low), usual, min(1.0, high)) if sums.known else None)
        # A step that is not filled, as the last one often is, would look like a lull.
        scale = self.step / (sums.rows * self.every)
        low, usual, high = (scale * one for one in (sums.expected - spread, sums.expected, sums.expected + spread))
        return Step(at, scale * sums.value, Band(max(0.0, low), usual, high) if sums.known else None)
