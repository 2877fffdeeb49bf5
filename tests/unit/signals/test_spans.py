from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.signals.spans import spans_of, spans_of_counts
from crisis.signals.streams import Stream
from crisis.signals.tally import Bin, Tally

MIDNIGHT = datetime(2026, 3, 7, tzinfo=UTC)


def tally(*minutes: float, negative: bool = False, rated: bool = True) -> Tally:
    made = Tally()
    for one in minutes:
        made.add(MIDNIGHT + timedelta(minutes=one), Bin(1, int(negative), int(rated)))
    return made


def stream(*values: float, every: timedelta = timedelta(minutes=5)) -> Stream:
    made = Stream()
    for n, value in enumerate(values):
        made.add(MIDNIGHT + n * every, value)
    made.settle()
    return made


def test_mentions_of_a_day_lie_in_spans_of_five_minutes() -> None:
    found = spans_of(tally(1, 2, 7, 12, 13, 14), MIDNIGHT, 300)
    assert found is not None
    assert (found.begins, found.every) == (MIDNIGHT, timedelta(minutes=5))
    assert (found.mentions, found.rated, found.negative) == ((2, 1, 3), (2, 1, 3), (0, 0, 0))


def test_without_any_sentiment_nothing_is_said_of_the_negative() -> None:
    found = spans_of(tally(1, 7, rated=False), MIDNIGHT, 300)
    assert found is not None
    assert (found.rated, found.negative) == ((), ())


def test_what_came_before_is_left_out() -> None:
    found = spans_of(tally(1, 61, 62, 68), MIDNIGHT + timedelta(hours=1), 300)
    assert found is not None
    assert (found.begins, found.mentions) == (MIDNIGHT + timedelta(hours=1), (2, 1))


def test_nobody_knows_what_lies_in_a_gap() -> None:
    begins = (MIDNIGHT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=5)
    found = spans_of(tally(1, 2, 7, 22, 28, negative=True), MIDNIGHT, 300, [(begins + 2, begins + 4)])
    assert found is not None
    assert found.mentions == (2, 1, None, None, 1, 1)
    assert found.negative == (2, 1, 0, 0, 1, 1)


def test_a_span_that_a_long_gap_cuts_into_is_unknown_and_a_short_one_costs_nothing() -> None:
    begins = (MIDNIGHT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=5)
    first, second = [10.0 * n for n in range(150)], [10.0 * n for n in range(300, 600)]
    hours = spans_of(tally(*first, *second), MIDNIGHT, 120, [(begins + 6, begins + 8), (begins + 299, begins + 600)])
    assert hours is not None
    assert hours.every == timedelta(hours=1)
    assert hours.mentions[:2] == (6, 6)
    assert hours.mentions[23:26] == (6, None, None)
    assert hours.mentions[49:51] == (None, 6)


def test_a_long_time_is_told_in_longer_spans_and_one_that_has_only_begun_is_left_out() -> None:
    found = spans_of(tally(*range(0, 2 * 24 * 60 + 8, 2)), MIDNIGHT, 300)
    assert found is not None
    assert found.every == timedelta(minutes=15)
    assert found.begins + len(found.mentions) * found.every == MIDNIGHT + timedelta(days=2)


def test_days_stay_days() -> None:
    found = spans_of(tally(*(n * 1440 for n in range(9))), MIDNIGHT, 300)
    assert found is not None
    assert (found.every, found.begins, found.mentions) == (timedelta(days=1), MIDNIGHT, (1,) * 9)


@given(
    st.lists(st.integers(0, 3_000_000), min_size=1, max_size=40),
    st.integers(-3_000_000, 4_000_000),
    st.integers(1, 300),
)
def test_there_are_never_more_spans_than_may_be_and_never_none(minutes: list[int], since: int, most: int) -> None:
    found = spans_of(tally(*minutes), MIDNIGHT + timedelta(minutes=since), most)
    assert found is not None
    assert 1 <= len(found.mentions) <= most
    assert sum(one or 0 for one in found.mentions) <= len(minutes)
    assert len(found.rated) == len(found.negative) == len(found.mentions)


def test_nothing_counted_gives_nothing() -> None:
    assert spans_of(Tally(), MIDNIGHT, 300) is None
    assert spans_of_counts(Stream(), MIDNIGHT, 300) is None


def test_counts_keep_their_own_rows_while_there_is_room_and_become_several_as_one() -> None:
    few = spans_of_counts(stream(1, 2, 3), MIDNIGHT, 300)
    many = spans_of_counts(stream(*range(600)), MIDNIGHT, 300)
    assert few is not None
    assert many is not None
    assert (few.every, few.mentions) == (timedelta(minutes=5), (1, 2, 3))
    assert (many.every, len(many.mentions), many.mentions[:2]) == (timedelta(minutes=10), 300, (1, 5))


def test_a_span_that_lacks_a_row_is_unknown_and_not_zero() -> None:
    made = Stream()
    for n in (0, 1, 2, 4, 5):
        made.add(MIDNIGHT + n * timedelta(minutes=5), 7)
    made.settle()
    found = spans_of_counts(made, MIDNIGHT, 300)
    assert found is not None
    assert found.mentions == (7, 7, 7, None, 7, 7)


@pytest.mark.parametrize("since", [timedelta(days=-99), timedelta(days=99)])
def test_of_counts_the_last_rows_are_kept_wherever_one_looks_from(since: timedelta) -> None:
    found = spans_of_counts(stream(*range(1000)), MIDNIGHT + since, 100)
    assert found is not None
    assert 1 <= len(found.mentions) <= 100
