"""When rules began to hold, how that lies to a known start, and how little a short history proves."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from crisis.signals.firings import apart, at_most, false_alarms, leads, propose
from crisis.signals.thresholds import Point

BIN = timedelta(minutes=5)
START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def points(days: int, storms: dict[int, float], bins: int = 12) -> list[Point]:
    """Twelve mentions an hour against a baseline of twelve; from some bins on, so many times as much."""
    hot = {n + k: factor for n, factor in storms.items() for k in range(bins)}
    return [Point(START + n * BIN, 12.0 * hot.get(n, 1), 12.0, 5.0 * hot.get(n, 1)) for n in range(days * 288)]


def test_what_comes_again_within_a_day_is_the_same_event() -> None:
    moments = [START + n * HOUR for n in (0, 5, 28, 60, 61)]
    assert list(apart(moments)) == [START, START + 60 * HOUR]


def test_a_start_takes_the_nearest_firing_from_a_day_before_to_three_days_after() -> None:
    fired = [START - 30 * HOUR, START - 2 * HOUR, START + 3 * HOUR]
    (lead,) = leads("SEV1", fired, [START])
    assert (lead.fired, lead.after) == (START - 2 * HOUR, -2 * HOUR)
    (missed,) = leads("SEV1", [START - 30 * HOUR], [START])
    assert (missed.fired, missed.after) == (None, None)


def test_what_no_known_start_accounts_for_is_a_false_alarm() -> None:
    fired = [START, START + 10 * DAY]
    assert false_alarms(fired, [START - HOUR]) == [START + 10 * DAY]
    assert false_alarms(fired, []) == fired


def test_none_in_a_month_may_be_three_and_in_a_year_a_quarter() -> None:
    assert at_most(0, timedelta(days=30)) == pytest.approx(3.0, abs=0.01)  # the rule of three
    assert at_most(0, timedelta(days=365)) == pytest.approx(3.0 * 30 / 365, abs=0.01)
    assert at_most(2, timedelta(days=30)) == pytest.approx(6.3, abs=0.01)
    assert at_most(0, timedelta(0)) == math.inf


def test_the_lowest_bar_lies_above_the_false_storms_and_below_the_real_one() -> None:
    real = 20 * 288
    found = propose(
        "negative_rate",
        points(40, {5 * 288: 4.5, 12 * 288: 4.5, 30 * 288: 4.5, real: 20.0}),
        BIN,
        [START + real * BIN],
        per_month=1.0,
    )
    quarter = next(one for one in found if one.lasting == timedelta(minutes=15))
    assert quarter.at_least == 5.0
    assert (quarter.false_alarms, quarter.caught) == (0, 1)
    assert quarter.median_after == timedelta(minutes=15)
    assert quarter.at_most > 2
    more = propose("negative_rate", points(40, {5 * 288: 4.5, real: 20.0}), BIN, [START + real * BIN], per_month=3.0)
    assert more[0].at_least == 2.0


def test_a_bar_that_finds_no_known_start_is_not_proposed() -> None:
    assert propose("negative_rate", points(20, {}), BIN, [START + 10 * DAY], per_month=1.0) == ()


def test_a_hole_breaks_what_lasted() -> None:
    whole = points(20, {10 * 288: 9.0}, bins=3)
    holed = [one for n, one in enumerate(whole) if n != 10 * 288 + 1]
    began = [START + 10 * DAY]
    assert propose("negative_rate", whole, BIN, began, 1.0)
    assert not [one for one in propose("negative_rate", holed, BIN, began, 1.0) if one.lasting > 2 * BIN]


def test_where_nothing_is_known_nothing_is_proposed() -> None:
    unknown = [Point(START + n * BIN, 5.0, math.nan, 5.0) for n in range(100)]
    assert propose("negative_rate", unknown, BIN, [], 1.0) == ()
