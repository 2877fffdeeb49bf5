"""An edited text promises what it says, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crisis.messages.promises import promise_in

ZONE = ZoneInfo("Europe/Copenhagen")
NOON = datetime(2026, 3, 7, 12, 45, tzinfo=ZONE)
OFFERED = "We know since 09:30 CET. Our next update will follow by 12:45 CET."


def at(hour: int, minute: int, days: int = 0) -> datetime:
    return datetime(2026, 3, 7 + days, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "promises"),
    [
        ("We are sorry. Our next update will follow by 12:45 CET.", NOON),
        ("OUR NEXT UPDATE\twill follow by 12:45!", NOON),
        ("Our next update will follow by 12.45 pm.", NOON),
        ("Our next update will follow by 13:00 CET.", at(13, 0)),
        ("Our next update will follow by 1:30 p.m. CET.", at(13, 30)),
        ("Our next update will follow by 00:30 CET.", at(0, 30, days=1)),
        ("Our next update will follow by 12:45 UTC.", None),
        ("Our next update will follow soon.", None),
        ("Our next update will not follow by 12:45 CET.", None),
        ("Our next update will follow by Monday 12:45 CET.", None),
        ("Our next update will follow by 12:45 CET on Monday.", None),
        ("On Monday, our next update will follow by 12:45 CET.", None),
        ("Our next update will follow by 13:00 CET. Our next update will follow by 15:00 CET.", None),
        ("Our next update\nwill follow by 12:45 CET.", NOON),
        ("Our next update will follow by 12:45 CET\nis no longer true.", None),
        ("The shop closed at 12:45 CET.", None),
        ("Shops stay open by 14:00 CET. More soon.", None),
        ("We sold 12.45 kg. Call 12:45 67 89.", None),
        ("We know since 10:30 CET.", None),
        ("By 12.45.2026", None),
        ("", None),
    ],
)
def test_a_text_promises_the_time_that_it_says(text: str, promises: datetime | None) -> None:
    assert promise_in(text, OFFERED, NOON) == promises


def test_the_day_is_the_one_nearest_to_what_was_offered() -> None:
    late = at(23, 45)
    offered = "Næste opdatering kommer senest 23.45 CET."
    assert promise_in("Næste opdatering kommer senest 00.30 CET.", offered, late) == at(0, 30, days=1)


@pytest.mark.parametrize(("text", "promises"), [("by 12:15 CET", at(12, 15)), ("by 12:45 CET", NOON)])
def test_a_text_keeps_the_time_that_it_was_written_with_though_another_is_offered(
    text: str, promises: datetime
) -> None:
    said = f"Our next update will follow {text}."
    assert promise_in(said, OFFERED, NOON, at(12, 15).astimezone(ZoneInfo("UTC"))) == promises


def test_where_no_time_was_offered_on_the_clock_the_promise_stays() -> None:
    assert promise_in("More soon.", "More in an hour.", NOON) == NOON
    assert promise_in("More soon.", "More in an hour.", NOON, NOON - timedelta(hours=1)) == NOON - timedelta(hours=1)


def test_a_day_that_was_offered_must_be_the_same() -> None:
    offered = "More by Sunday 12:45 CET."
    assert promise_in("More by Sunday 13:00 CET.", offered, NOON) == at(13, 0)
    assert promise_in("More by Monday 12:45 CET.", offered, NOON) is None
    assert promise_in("More by 12:45 CET.", offered, NOON) is None


def test_an_abbreviation_ends_no_sentence() -> None:
    offered = "Vi ved det siden i morges. Vores næste opdatering kommer senest kl. 12.45 CET."
    assert promise_in("Vores næste opdatering kommer senest kl. 13.00 CET.", offered, NOON) == at(13, 0)
    assert promise_in("Butikken lukkede kl. 12.45 CET.", offered, NOON) is None
