"""The shape of a day and of a week: when people talk anyway."""

from __future__ import annotations

from msgspec import Struct, field

HOURS, DAYS = 24, 7
FADE = 14.0  # visits to a slot after which what was learned there weighs 1/e: two weeks of a given hour
PRIOR = 4.0  # visits' worth of "no different from the rest": four days must agree before an hour stands out


def _ones(count: int) -> list[float]:
    return [1.0] * count


def _zeros(count: int) -> list[float]:
    return [0.0] * count


class Season(Struct):
    """Factors for the hour of the day and the day of the week, each pulled towards 1 while little is known.

    Two short lists and not 168 slots: a slot of a week is visited once a week, and nobody has months of
    history on the first day.
    """

    hours: list[float] = field(default_factory=lambda: _ones(HOURS))
    hour_weights: list[float] = field(default_factory=lambda: _zeros(HOURS))
    days: list[float] = field(default_factory=lambda: _ones(DAYS))
    day_weights: list[float] = field(default_factory=lambda: _zeros(DAYS))

    def factor(self, hour: int, day: int) -> float:
        """How many times the level is usual at this hour (0-23) of this day (0 is Monday)."""
        return self.hours[hour] * self.days[day]

    def learn(self, hour: int, day: int, ratio: float, span: float) -> None:
        """Take in that a row of `span` hours was `ratio` times the level."""
        slots = (
            (self.hours, self.hour_weights, hour, self.days, day, span),
            (self.days, self.day_weights, day, self.hours, hour, span / HOURS),
        )
        for factors, weights, slot, others, other, visits in slots:
            # The factor is a mean of the ratios seen and of PRIOR visits at 1, so it can be moved in place.
            kept, weight = 1 - visits / FADE, weights[slot]
            total = factors[slot] * (weight + PRIOR) - PRIOR
            total = (total if total > 0.0 else 0.0) * kept + ratio / others[other] * visits
            weights[slot] = weight = weight * kept + visits
            factor = (total + PRIOR) / (weight + PRIOR)
            factors[slot] = factor if factor > 0.05 else 0.05
