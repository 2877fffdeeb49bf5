"""How far what came exceeds what was expected, in units in which a brand's moments can be compared."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STEADY = 10.0  # mentions added to every expectation: without them a quiet night makes anything a sensation
NOISE = 6.0  # standard deviations of pure chance; while no peak is known, the present is compared with this
LEAST = 2.0  # times the expectation: below, it may be rare for a steady brand, and is still nothing to act on
LEAST_SHARE = 1.25  # the same for a share, which cannot grow tenfold
ALIKE = 0.02  # how alike mentions within one window are: a thousand reposts are not a thousand opinions

Excess = tuple[float, int, float]
"""Of the windows the one that stands out most: how high against what it has seen, which it is, and its peak."""


def excess(came: Sequence[float], expected: Sequence[float], running: list[float], records: Sequence[float]) -> Excess:
    """For counts: what stands out most; `running` is kept up as the highest peak of each window.

    Divided by the fourth root of the expectation, half way between plain numbers (a night's peak would
    never count) and standard deviations (a night's trifle would). Chance alone makes something of it as well.
    """
    found = (0.0, 0, 0.0)
    for n, total in enumerate(came):
        usual = expected[n]
        if total <= usual:
            continue
        root = sqrt(sqrt(usual + STEADY))
        peak = (total - usual) / root
        if peak > running[n]:
            running[n] = peak
        if total >= LEAST * usual:
            record, chance = records[n], NOISE * root
            height = peak / (record if record > chance else chance)
            if height > found[0]:
                found = (height, n, peak)
    return found


def excess_share(
    hits: Sequence[float],
    expected: Sequence[float],
    totals: Sequence[float],
    running: list[float],
    records: Sequence[float],
) -> Excess:
    """For shares: standard deviations of a beta-binomial, so that 2 of 3 is little and 200 of 300 is much."""
    found = (0.0, 0, 0.0)
    for n, came in enumerate(hits):
        hoped = expected[n]
        if came <= hoped:
            continue
        total = totals[n]
        usual = (hoped + 0.5) / (total + 1.0)
        variance = total * usual * (1 - usual) * (1 + (total - 1) * ALIKE) if total > 1 else usual * (1 - usual)
        peak = (came - hoped) / sqrt(variance + 0.25)
        if peak > running[n]:
            running[n] = peak
        if came >= LEAST_SHARE * hoped:
            record = records[n]
            height = peak / (record if record > NOISE else NOISE)
            if height > found[0]:
                found = (height, n, peak)
    return found
