"""A made-up brand with a daily rhythm, and events where a test wants them; the same every time."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest

START = datetime(2026, 3, 2, tzinfo=UTC)
BIN = timedelta(minutes=5)
_MASK = 2**64 - 1
Rows = list[tuple[datetime, float]]


def _chance(n: int, salt: int) -> float:
    """Between 0 and 1, looks like chance, and is no chance: the bits of the numbers, well stirred."""
    bits = (n * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + 1) & _MASK
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = ((bits ^ (bits >> shift)) * factor) & _MASK
    return (bits ^ (bits >> 31)) / 2**64


@lru_cache(maxsize=32)
def _quiet(days: float, rate: float, salt: int, every: timedelta) -> Rows:
    rows: Rows = []
    for n in range(int(timedelta(days=days) / every)):
        at = START + n * every
        usual = rate * (1 - 0.8 * math.cos(2 * math.pi * at.hour / 24))
        luck = (_chance(n, salt) + _chance(n, salt + 1) - 1) * 2 * math.sqrt(usual)
        rows.append((at, float(max(0, round(usual + luck)))))
    return rows


class MadeUp:
    """Series of counts per five minutes."""

    start, bin = START, BIN

    def quiet(self, days: float, rate: float = 20.0, salt: int = 0, every: timedelta = BIN) -> Rows:
        """Quiet days: most is said at noon, little at midnight."""
        return _quiet(days, rate, salt, every)

    def event(self, rows: Rows, begins: int, times: float, lasting: int = 24) -> Rows:
        """`rows` with `lasting` bins from `begins` on multiplied."""
        return [(at, value * times if begins <= n < begins + lasting else value) for n, (at, value) in enumerate(rows)]


@pytest.fixture(scope="session")
def made_up() -> MadeUp:
    return MadeUp()
