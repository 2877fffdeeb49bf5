"""Times and numbers as people type them at night."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.operator.moments import coming_day, coming_moment, how_long_ago, past_moment
from crisis.adapters.operator.numbers import number_from

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 3, 7, 3, 1, 20, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("said", "now", "taken"),
    [
        ("2:40", "18:46", "2:40 is 16 h 06 min ago"),
        ("23:50", "18:46", "23:50 is 18 h 56 min ago, yesterday"),
        ("23.50", "03:01", "23.50 is 3 h 11 min ago, yesterday"),
        ("12:46", "18:46", ""),
        ("02:36", "03:01", ""),
        ("yesterday 23:50", "18:46", ""),
        ("9h ago", "18:46", ""),
        ("2026-03-01 10:00", "18:46", ""),
        ("now", "18:46", ""),
    ],
)
def test_a_time_without_a_day_that_may_be_meant_otherwise_says_how_it_was_taken(
    said: str, now: str, taken: str
) -> None:
    at = datetime.fromisoformat(f"2026-03-07 {now}").replace(tzinfo=ZONE)
    assert how_long_ago(said, past_moment(said, at), at) == taken


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", NOW),
        ("", NOW),
        ("Just  Now", NOW),
        ("25m", NOW - timedelta(minutes=25)),
        ("25 min ago", NOW - timedelta(minutes=25)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("1h 30m ago", NOW - timedelta(minutes=90)),
        ("3 days", NOW - timedelta(days=3)),
        ("02:36", datetime(2026, 3, 7, 2, 36, tzinfo=ZONE)),
        ("2.36", datetime(2026, 3, 7, 2, 36, tzinfo=ZONE)),
        ("23:10", datetime(2026, 3, 6, 23, 10, tzinfo=ZONE)),
        ("yesterday 02:00", datetime(2026, 3, 6, 2, 0, tzinfo=ZONE)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 10, 0, tzinfo=ZONE)),
        ("2026-03-01T10:00:00+00:00", datetime(2026, 3, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_when_something_was(said: str, meant: datetime) -> None:
    assert past_moment(said, NOW) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("4h", NOW + timedelta(hours=4)),
        ("in 45 minutes", NOW + timedelta(minutes=45)),
        ("09:00", datetime(2026, 3, 7, 9, 0, tzinfo=ZONE)),
        ("02:00", datetime(2026, 3, 8, 2, 0, tzinfo=ZONE)),
        ("tomorrow 09:00", datetime(2026, 3, 8, 9, 0, tzinfo=ZONE)),
    ],
)
def test_when_something_will_be(said: str, meant: datetime) -> None:
    assert coming_moment(said, NOW) == meant


@pytest.mark.parametrize("said", ["25", "24:00", "12:60", "soon", "9999d 99999h", "\x1b[2J", "x" * 100_000, "٠٢:٣٦"])
def test_what_is_no_time_is_said_so_in_a_line(said: str) -> None:
    for parse in (past_moment, coming_moment):
        with pytest.raises(ValueError, match=r"is not a time|further away") as told:
            parse(said, NOW)
        assert len(str(told.value)) < 300
        assert "\x1b" not in str(told.value)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_time_with_its_zone_or_a_value_error(said: str) -> None:
    for parse in (past_moment, coming_moment):
        with suppress(ValueError):
            assert parse(said, NOW).tzinfo is not None


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1200", 1200), ("3.5", 3.5), ("1 200", 1200), ("1,200,000", 1_200_000), ("-2", -2), ("0.500", 0.5)],
)
def test_a_number(said: str, meant: float) -> None:
    assert number_from(said) == meant


@pytest.mark.parametrize(
    "said", ["1,5", "1.200", "1,200", "nan", "inf", "1e9", "0x10", "1_000", "", "twelve", "9" * 50]
)
def test_a_number_that_could_be_another_is_not_guessed(said: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|two ways"):
        number_from(said)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-03-20", "2026-03-20"),
        ("today", "2026-03-07"),
        ("Tomorrow", "2026-03-08"),
        ("friday", "2026-03-13"),
        ("saturday", "2026-03-14"),  # it is Saturday
        ("2w", "2026-03-21"),
        ("14 days", "2026-03-21"),
        ("in  two weeks", "2026-03-21"),
        ("in a week", "2026-03-14"),
        ("in one day", "2026-03-08"),
    ],
)
def test_the_day_on_which_something_is_due(said: str, day: str) -> None:
    assert coming_day(said, NOW.date()).isoformat() == day


@pytest.mark.parametrize("said", ["soon", "as soon as possible", "20.3.", "next quarter", "2026-02-30", "in weeks"])
def test_what_is_no_day_is_said_with_what_can_be_written(said: str) -> None:
    with pytest.raises(ValueError, match="is not a date: write 2026-03-21"):
        coming_day(said, NOW.date())
