from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.signals.alerts import Band
from crisis.signals.course import Course
from crisis.signals.settings import WATCHFUL
from crisis.signals.standing import stand
from crisis.signals.tally import Series

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
BAND = Band(1.0, 3.0, 5.0)


def course(rows: int, every: timedelta = MINUTES, most: int = 480, start: datetime = START) -> Course:
    """Rows of which each counts as many as its number."""
    one = Course("mention_rate", "count", every, most)
    for n in range(rows):
        one.add(start + n * every, float(n), None, BAND, known=True)
    return one


@given(rows=st.integers(1, 3000), most=st.integers(2, 50), hole=st.tuples(st.integers(0, 3000), st.integers(0, 3000)))
def test_however_long_it_gets_it_is_few_steps_in_order_and_nothing_is_lost(
    rows: int, most: int, hole: tuple[int, int]
) -> None:
    one = Course("mention_rate", "count", MINUTES, most)
    kept = [n for n in range(rows) if not hole[0] <= n < hole[1]]
    for n in kept:
        one.add(START + n * MINUTES, 1.0, None, BAND, known=True)
    steps = one.steps()
    assert len(steps) <= most
    assert [step.at for step in steps] == sorted({step.at for step in steps})
    # Each step says what it would hold if it were full: of rows that are all alike, all steps are.
    assert all(step.value == pytest.approx(one.step / MINUTES) for step in steps)
    assert bool(steps) == bool(kept)
    if steps:
        assert steps[0].at <= START + kept[0] * MINUTES < steps[0].at + one.step
        assert steps[-1].at <= START + kept[-1] * MINUTES < steps[-1].at + one.step


def test_rows_that_become_one_step_are_added_up_and_their_spreads_as_of_strangers() -> None:
    first = course(48, most=24).steps()[0]
    assert first.value == 0 + 1
    assert first.band == Band(6 - math.sqrt(8), 6.0, 6 + math.sqrt(8))


def test_steps_are_lengths_that_people_use_and_a_day_begins_at_midnight() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    one = course(60 * 288, most=60, start=datetime(2026, 3, 2, 13, 35, tzinfo=berlin))
    assert one.step == 2 * DAY or one.step == DAY
    assert all((step.at.hour, step.at.minute) == (0, 0) for step in one.steps())
    lengths = {course(rows).step for rows in range(100, 40_000, 317)}
    assert lengths <= {n * timedelta(minutes=1) for n in (5, 10, 30, 60, 120, 240, 720)}


@pytest.mark.parametrize("every", [timedelta(minutes=7), timedelta(seconds=90), timedelta(days=7), timedelta(days=11)])
def test_rows_of_any_length_fill_whole_steps(every: timedelta) -> None:
    one = course(1000, every=every, most=100)
    assert one.step % every == timedelta(0)
    assert len(one.steps()) <= 100


def test_rows_of_days_stay_days_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    one = Course("mention_rate", "count", DAY)
    days = [datetime(2026, 3, n, tzinfo=berlin) for n in range(20, 32)]
    for at in days:
        one.add(at, 5.0, None, BAND, known=True)
    assert [(step.at, step.value) for step in one.steps()] == [(at, 5.0) for at in days]


def test_a_last_step_that_has_only_begun_is_no_lull() -> None:
    one = Course("mention_rate", "count", MINUTES, 10)
    for n in range(13):
        one.add(START + n * MINUTES, 4.0, None, BAND, known=True)
    assert [step.value for step in one.steps()] == [8.0] * 7
    assert one.steps()[-1].band == pytest.approx(Band(2.0, 6.0, 10.0))


def test_a_share_is_of_all_that_came_and_of_nothing_it_is_none() -> None:
    one = Course("negative_share", "share", MINUTES, 2)
    for n, (value, of) in enumerate([(1.0, 2.0), (3.0, 4.0), (0.0, 0.0), (0.0, 0.0)]):
        one.add(START + n * MINUTES, value, of, Band(0.0, of / 2, of), known=True)
    some, none = one.steps()
    assert some.value == pytest.approx(4 / 6)
    assert some.band is not None
    assert (some.band.expected, some.band.low) == (0.5, pytest.approx(0.5 - math.sqrt(1 + 4) / 6))
    assert math.isnan(none.value)
    assert none.band is None


def test_what_is_usual_is_not_said_before_it_is_known() -> None:
    rows = [(START + n * HOUR, 5.0 + n % 3, None) for n in range(72)]
    one = Course("mention_rate", "count", HOUR)
    stand(Series("mention_rate", "count", HOUR, iter(rows), HOUR), WATCHFUL, one)
    bands = [step.band is not None for step in one.steps()]
    assert not any(bands[:20])
    assert all(bands[30:])
    merged = one.coarser(8)
    assert merged.steps()[0].band is None
    assert merged.steps()[-1].band is not None


def test_a_coarser_course_is_another_one() -> None:
    one = course(100)
    fewer = one.coarser(10)
    assert len(fewer.steps()) <= 10 < len(one.steps()) == 100
    assert one.coarser(100).steps() == one.steps()
    assert not Course("mention_rate", "count", HOUR).coarser(5).steps()
