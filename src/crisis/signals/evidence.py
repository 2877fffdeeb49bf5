"""How far what came exceeds what was expected, in units in which a brand's moments can be compared."""

from __future__ import annotations

import math

STEADY = 10.0  # mentions added to every expectation: without them a quiet night makes anything a sensation
NOISE = 6.0  # standard deviations of pure chance; while no peak is known, the present is compared with this
LEAST = 2.0  # times the expectation: below, it may be rare for a steady brand, and is still nothing to act on
LEAST_SHARE = 1.25  # the same for a share, which cannot grow tenfold
ALIKE = 0.02  # how alike mentions within one window are: a thousand reposts are not a thousand opinions


def excess(came: float, expected: float) -> tuple[float, float]:
    """For counts: the excess, and what chance alone would make of it.

    Divided by the fourth root of the expectation, half way between plain numbers (a night's peak would
    never count) and standard deviations (a night's trifle would).
    """
    root = math.sqrt(math.sqrt(expected + STEADY))
    return (came - expected) / root, NOISE * root


def excess_share(hits: float, expected: float, total: float) -> tuple[float, float]:
    """For shares: standard deviations of a beta-binomial, so that 2 of 3 is little and 200 of 300 is much."""
    usual = (expected + 0.5) / (total + 1.0)
    variance = total * usual * (1 - usual) * (1 + (total - 1) * ALIKE) if total > 1 else usual * (1 - usual)
    return (hits - expected) / math.sqrt(variance + 0.25), NOISE
