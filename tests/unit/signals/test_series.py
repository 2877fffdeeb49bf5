from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crisis.signals.series import complete

START = datetime(2026, 3, 2, tzinfo=UTC)
BIN = timedelta(minutes=5)


def test_missing_bins_are_zero_where_the_source_is_complete() -> None:
    rows = [(START, 3.0), (START + 3 * BIN, 1.0)]
    assert list(complete(rows, BIN)) == [
        (START, 3.0),
        (START + BIN, 0.0),
        (START + 2 * BIN, 0.0),
        (START + 3 * BIN, 1.0),
    ]


def test_a_late_bin_is_not_two_bins() -> None:
    rows = [(START, 3.0), (START + BIN + timedelta(minutes=2), 1.0)]
    assert list(complete(rows, BIN)) == rows


def test_a_source_that_was_down_for_weeks_is_not_filled() -> None:
    rows = [(START, 3.0), (START + timedelta(days=30), 1.0)]
    assert list(complete(rows, BIN)) == rows


def test_bins_without_length_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        list(complete([(START, 1.0)], timedelta(0)))
