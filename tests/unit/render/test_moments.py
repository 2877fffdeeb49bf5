from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from crisis.adapters.render.moments import ago_or_left, clock_time, exact_time, over_or_under

CET = timezone(timedelta(hours=1), "CET")
AT = datetime(2026, 3, 7, 23, 30, 5, tzinfo=UTC)


def test_a_moment_of_today_is_told_without_its_date() -> None:
    assert clock_time(AT, CET, AT + timedelta(minutes=5)) == "00:30 CET"


def test_a_moment_of_another_day_where_the_reader_is_has_its_date() -> None:
    assert clock_time(AT, CET, AT - timedelta(hours=2)) == "2026-03-08 00:30 CET"
    assert clock_time(AT, CET) == "2026-03-08 00:30 CET"


def test_an_exact_time_has_seconds_and_zone() -> None:
    assert exact_time(AT, UTC) == "2026-03-07 23:30:05 UTC"


def test_time_is_left_or_gone() -> None:
    assert ago_or_left(AT, AT - timedelta(minutes=4)) == "4 min left"
    assert ago_or_left(AT, AT + timedelta(minutes=72)) == "1 h 12 min ago"


def test_a_clock_is_met_or_late_by_so_much() -> None:
    assert over_or_under(AT, AT + timedelta(minutes=4)) == "met with 4 min to spare"
    assert over_or_under(AT, AT) == "met with under 1 min to spare"
    assert over_or_under(AT, AT - timedelta(hours=1)) == "1 h late"
