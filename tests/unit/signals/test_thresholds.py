from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from crisis.signals.thresholds import Point, Threshold, reading, readings

START = datetime(2026, 3, 2, tzinfo=UTC)
BIN = timedelta(minutes=5)
TENFOLD = Threshold("negative_rate", at_least=10, relative=True, lasting=timedelta(minutes=15), min_count=200)


def points(*values: float, baseline: float = 5.0) -> list[Point]:
    return [Point(START + n * BIN, value, baseline) for n, value in enumerate(values)]


def holds(threshold: Threshold, series: list[Point]) -> bool:
    read = reading(threshold, series, BIN)
    return read is not None and threshold.holds(read)


def test_ten_times_the_baseline_for_fifteen_minutes_with_two_hundred_mentions() -> None:
    assert holds(TENFOLD, points(5, 70, 70, 70))


@pytest.mark.parametrize(
    "values",
    [(70, 70), (70, 70, 70, 5), (70, 5, 70, 70), (50, 50, 50), ()],
    ids=["short", "over", "break", "few", "none"],
)
def test_too_short_over_broken_or_too_few_is_not_enough(values) -> None:
    assert not holds(TENFOLD, points(*values))


def test_a_reading_says_how_the_signal_stands() -> None:
    read = reading(TENFOLD, points(5, 60, 65, 70), BIN)
    assert read is not None
    assert (read.signal, read.value, read.baseline, read.ratio) == ("negative_rate", 70, 5, 14)
    assert read.lasting == timedelta(minutes=15)
    assert read.count == 195


def test_a_missing_bin_breaks_what_lasted() -> None:
    series = points(70, 70, 70, 70)
    del series[1]
    read = reading(TENFOLD, series, BIN)
    assert read is not None
    assert read.lasting == timedelta(minutes=10)


def test_late_stamps_do_not_break_it() -> None:
    series = [Point(point.at + timedelta(seconds=40 * (n % 2)), 70, 5) for n, point in enumerate(points(1, 1, 1, 1))]
    assert holds(TENFOLD, series)


def test_an_absolute_bar_and_an_upper_bar() -> None:
    assert holds(Threshold("reach", at_least=1_000_000, min_count=20), [Point(START, 2e6, 1e5, count=25)])
    assert not holds(Threshold("reach", at_least=1_000_000, min_count=20), [Point(START, 2e6, 1e5, count=5)])
    calm = Threshold("mention_rate", at_most=2, relative=True, lasting=timedelta(minutes=10))
    assert holds(calm, points(90, 9, 9))
    assert not holds(calm, points(9, 9, 90))


def test_a_share_counts_the_mentions_behind_it() -> None:
    half_again = Threshold("negative_share", at_least=1.5, relative=True, min_count=50)
    assert holds(half_again, [Point(START, 0.4, 0.2, count=60)])
    assert not holds(half_again, [Point(START, 0.4, 0.2, count=3)])


def test_an_unknown_value_meets_nothing() -> None:
    assert not holds(Threshold("negative_share", at_most=0.5), [Point(START, math.nan, math.nan, count=0)])


def test_a_brand_with_no_baseline_still_gets_a_ratio() -> None:
    read = reading(TENFOLD, points(3, baseline=0), BIN)
    assert read is not None
    assert read.ratio == 300


def test_signals_that_are_not_measured_have_no_reading() -> None:
    read = readings([TENFOLD, Threshold("spread", at_least=3)], {"negative_rate": points(70)}, BIN)
    assert [threshold.signal for threshold, _ in read] == ["negative_rate"]
