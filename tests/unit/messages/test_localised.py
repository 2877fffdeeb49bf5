from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.messages.localised import (
    format_date,
    format_datetime,
    format_list,
    format_number,
    format_time,
    plural_form,
    zone_name,
)

ZONE = ZoneInfo("Europe/Copenhagen")
MOMENT = datetime(2026, 3, 8, 3, 30, tzinfo=UTC)
DAY_BEFORE = MOMENT - timedelta(hours=20)

WRITTEN = {
    "en": ("04:30 CET", "Sunday 04:30 CET", "March 8, 2026, 04:30 CET", "1,204.5", "A, B, and C"),
    "da": ("04.30 CET", "søndag 04.30 CET", "8. marts 2026 04.30 CET", "1.204,5", "A, B og C"),
    "nl": ("04:30 CET", "zondag 04:30 CET", "8 maart 2026, 04:30 CET", "1.204,5", "A, B en C"),
    "de": ("04:30 MEZ", "Sonntag, 04:30 MEZ", "8. März 2026, 04:30 MEZ", "1.204,5", "A, B und C"),
    "fr": ("04:30 CET", "dimanche 04:30 CET", "8 mars 2026, 04:30 CET", "1\xa0204,5", "A, B et C"),
    "es": ("4:30 CET", "domingo, 4:30 CET", "8 de marzo de 2026, 4:30 CET", "1.204,5", "A, B y C"),
    "ru": ("04:30 CET", "воскресенье 04:30 CET", "8 марта 2026\xa0г., 04:30 CET", "1\xa0204,5", "A, B и C"),
    "zh": ("04:30 CET", "星期日04:30 CET", "2026年3月8日 04:30 CET", "1,204.5", "A、B和C"),
    "fy": ("04:30 CET", "snein 04:30 CET", "8 maart 2026 04:30 CET", "1.204,5", "A, B en C"),
    "xx": ("04:30 CET", "2026-03-08 04:30 CET", "2026-03-08 04:30 CET", "1204.5", "A, B, C"),
}


@pytest.mark.parametrize("language", WRITTEN)
def test_every_language_writes_times_dates_numbers_and_lists_its_own_way(language: str) -> None:
    time, other_day, both, number, listed = WRITTEN[language]
    assert format_time(MOMENT, language, ZONE, MOMENT) == time
    assert format_time(MOMENT, language, ZONE, DAY_BEFORE) == other_day
    assert format_datetime(MOMENT, language, ZONE) == both
    assert format_number(1204.5, language) == number
    assert format_list(["A", "B", "C"], language) == listed


def test_a_time_names_its_day_only_when_that_is_not_today() -> None:
    at = datetime(2026, 3, 7, 23, 30, tzinfo=ZONE)
    full = "Saturday, March 7, 2026, 23:30 CET"
    for now, written in [
        (None, "23:30 CET"),
        (at - timedelta(hours=23), "23:30 CET"),
        (at - timedelta(days=1), "Saturday 23:30 CET"),
        (at - timedelta(days=6), "Saturday 23:30 CET"),
        (at - timedelta(days=7), full),
        (at + timedelta(hours=1), full),
    ]:
        assert format_time(at, "en", ZONE, now) == written


def test_the_day_is_that_of_the_reader_s_zone() -> None:
    now = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
    assert format_time(now + timedelta(minutes=90), "en", UTC, now) == "23:30 UTC"
    assert format_time(now + timedelta(minutes=90), "en", ZONE, now) == "Sunday 00:30 CET"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (ZoneInfo("Europe/Moscow"), "MSK"),
        (ZoneInfo("Asia/Dubai"), "UTC+4"),
        (ZoneInfo("America/Chicago"), "CST (UTC-6)"),
        (ZoneInfo("Asia/Shanghai"), "CST (UTC+8)"),
        (ZoneInfo("Asia/Kolkata"), "IST (UTC+5:30)"),
        (ZoneInfo("Europe/London"), "GMT"),
        (ZoneInfo("UTC"), "UTC"),
        (UTC, "UTC"),
        (timezone(timedelta(hours=-3, minutes=-30)), "UTC-3:30"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh", "xx"])
def test_a_zone_is_named_so_that_nobody_takes_it_for_another(zone, name: str, language: str) -> None:
    assert zone_name(MOMENT.astimezone(zone), language) == name


def test_summer_time_is_named_as_such() -> None:
    assert format_time(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "en", ZONE) == "14:00 CEST"


def test_universal_time_is_utc_in_french_too() -> None:
    assert zone_name(datetime(2026, 7, 1, tzinfo=ZoneInfo("UTC")), "fr") == "UTC"


def test_a_date_has_three_styles_and_none_in_bare_digits() -> None:
    day = date(2026, 3, 7)
    assert [format_date(day, "en", style) for style in ("full", "long", "medium")] == [
        "Saturday, March 7, 2026",
        "March 7, 2026",
        "Mar 7, 2026",
    ]
    with pytest.raises(ValueError, match="no style of date is called 'short'"):
        format_date(day, "en", "short")


def test_numbers_keep_their_digits_unless_told_how_many() -> None:
    assert format_number(0.1 + 0.2, "en") == "0.3"
    assert format_number(Decimal("2.50"), "en", 2) == "2.50"
    assert format_number(1204, "da", 0) == "1.204"
    assert format_number(Decimal("0.000001"), "da") == "0,000001"
    assert format_number(3, "xx", 2) == "3.00"


@pytest.mark.parametrize(
    "number",
    [1e300, float("nan"), float("inf"), Decimal("1e-999999"), Decimal("1E+999999"), 10**15, -(10**4000)],
    ids=["float", "nan", "inf", "tiny", "huge", "limit", "digits"],
)
def test_a_number_that_nobody_could_read_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="a number in a text is finite"):
        format_number(number, "en")


@pytest.mark.parametrize("decimals", [-1, 7, 10**9])
def test_so_many_decimals_are_refused(decimals: int) -> None:
    with pytest.raises(ValueError, match="0 to 6 decimals"):
        format_number(1, "en", decimals)


def test_nouns_follow_the_language_s_own_plurals() -> None:
    assert [plural_form(n, "ru") for n in (1, 2, 5, 21)] == ["one", "few", "many", "one"]
    assert [plural_form(n, "en") for n in (0, 1, 2)] == ["other", "one", "other"]
    assert [plural_form(n, "xx") for n in (1, 2)] == ["one", "other"]
    assert plural_form(1.5, "da") == "one"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_time(MOMENT.replace(tzinfo=None), "en", ZONE)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="too far away"):
        format_time(datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))), "en", ZONE)


@given(st.text(max_size=12))
def test_no_language_tag_is_an_error(tag: str) -> None:
    assert format_time(MOMENT, tag, UTC)
    assert format_date(MOMENT, tag)


@pytest.mark.parametrize("tag", ["../../en", "en" * 20, "", "e", "en_US_POSIX_x_y_z", "root"])
def test_a_tag_that_is_no_language_gets_iso_dates(tag: str) -> None:
    assert format_date(date(2026, 3, 7), tag) == "2026-03-07"


def test_a_regional_tag_is_understood_either_way() -> None:
    assert format_date(date(2026, 3, 7), "en-GB") == format_date(date(2026, 3, 7), "en_GB") == "7 March 2026"
