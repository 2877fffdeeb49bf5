from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crisis.signals.settings import WATCHFUL
from crisis.signals.standing import Watch, stand
from crisis.signals.tally import Row, Series

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def series(every: timedelta, rows: int, hole: int = 0) -> Series:
    """A rhythm with two storms, one of them in the last day; of the rows after the first third `hole` are missing."""

    def of() -> Iterator[Row]:
        for n in range(rows):
            if not rows // 3 <= n < rows // 3 + hole:
                storm = 30 if n in (rows // 2, rows - 3) else 1
                yield MONDAY + n * every, storm * round(20 + 10 * math.sin(n / 7)), None

    return Series("mention_rate", "count", every, of(), every)


@pytest.mark.parametrize(
    ("every", "rows", "hole"),
    [
        (timedelta(minutes=5), 2000, 0),
        (timedelta(minutes=5), 100, 0),
        (timedelta(minutes=15), 900, 300),
        (timedelta(days=1), 40, 0),
        (timedelta(days=7), 30, 2),
        (timedelta(hours=1), 1, 0),
    ],
)
def test_how_a_series_stands_is_what_a_watch_of_every_row_says(every: timedelta, rows: int, hole: int) -> None:
    watch = Watch(series(every, rows, hole), WATCHFUL)
    for row in watch.series.rows:
        watch.feed(row)
    assert repr(stand(series(every, rows, hole), WATCHFUL)) == repr(watch.standing())
