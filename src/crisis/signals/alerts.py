"""What a detector says: one alert per episode, and the band it calls normal."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct


class Alert(Struct, frozen=True):
    """A moment that is not normal.

    `value` and `baseline` are totals over `window`, which ends at `at` (for a share: the share itself);
    `ratio` is one over the other. `strength` is how it compares with the faded memory of past peaks, 1 being
    as high as they were. `odds`: about once in so many days, as far as the past can tell. `since`: where this
    episode began; `escalates`: whether it was already known and has grown.
    """

    at: datetime
    signal: str
    value: float
    baseline: float
    ratio: float
    odds: float
    since: datetime
    window: timedelta
    strength: float
    escalates: bool = False


class Band(Struct, frozen=True):
    """What one row would normally be: `expected`, and the range in which about 19 of 20 lie."""

    low: float
    expected: float
    high: float


def times(value: float, baseline: float) -> float:
    """How many times `baseline` the `value` is; a baseline below 0.01 counts as 0.01, so that it stays a number."""
    return value / max(baseline, 0.01)
