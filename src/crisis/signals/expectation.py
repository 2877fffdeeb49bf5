"""What the next row should be, given everything before it."""

from __future__ import annotations

import math
from functools import lru_cache

from msgspec import Struct, field

from crisis.signals.alerts import Band
from crisis.signals.season import Season

LEVEL_DAYS = 2.0  # the level follows a brand that grows, and forgets an event within days
MEAN_DAYS = 20.0  # the plain mean that sets where a row is too high to be learned from as it is
CLIP = 5.0  # a row teaches at most this many times what was expected: a crisis must not become normal
SPREAD = 2.0  # standard deviations on each side of the band


class Expectation(Struct):
    """Level times season, both learned from clipped rows, so that one event does not redefine normal."""

    season: Season = field(default_factory=Season)
    level_sum: float = 0.0
    level_weight: float = 0.0
    mean_sum: float = 0.0
    mean_weight: float = 0.0
    dispersion: float = 1.0

    def of(self, hour: int, day: int) -> float:
        """The expected value of a row at this hour (0-23) of this day (0 is Monday); 0 before the first row."""
        if not self.level_weight:
            return 0.0
        return self.level_sum / self.level_weight * self.season.factor(hour, day)

    def band(self, hour: int, day: int) -> Band:
        """The range in which about 19 of 20 ordinary rows lie."""
        expected = self.of(hour, day)
        spread = SPREAD * math.sqrt(self.dispersion * (expected + 1.0))
        return Band(max(0.0, expected - spread), expected, expected + spread)

    def learn(self, hour: int, day: int, value: float, expected: float, span: float) -> None:
        """Take in a row of `span` hours that had been `expected`."""
        season, (mean_fade, fade) = self.season, _fades(span)
        self.mean_sum = mean_sum = self.mean_sum * mean_fade + value
        self.mean_weight = mean_weight = self.mean_weight * mean_fade + 1.0
        highest = CLIP * (expected + mean_sum / mean_weight + 1.0)
        clipped = value if value < highest else highest
        level_sum, level_weight = self.level_sum, self.level_weight
        ratio = clipped / ((level_sum / level_weight if level_weight else clipped) + 0.05)
        self.level_sum = level_sum * fade + clipped / (season.hours[hour] * season.days[day])
        self.level_weight = level_weight * fade + 1.0
        season.learn(hour, day, ratio if ratio < 6.0 else 6.0, span if span < 1.0 else 1.0)
        surprise = (clipped - expected) ** 2 / (expected + 1.0)
        self.dispersion += (1 - fade) * (surprise - self.dispersion)


@lru_cache(maxsize=64)
def _fades(span: float) -> tuple[float, float]:
    """What is left of the mean and of the level after `span` hours; nearly all rows of a series are as long."""
    days = span / 24
    return math.exp(-days / MEAN_DAYS), math.exp(-days / LEVEL_DAYS)
