"""Times as tools write them, and day and month told apart for a whole file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.importers import ColumnMap, read_export
from crisis.adapters.importers.errors import AmbiguousDates
from crisis.adapters.importers.times import needs_order, read_clock, read_time

AT = datetime(2026, 3, 10, 14, 22, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10T14:22:07Z",
        "2026-03-10T14:22:07.00000000+00:00",
        "2026-03-10T15:22:07.000+0100",
        "20260310T142207Z",
        "Tue Mar 10 14:22:07 UTC 2026",
        "Tue Mar 10 15:22:07 +0100 2026",
        "Tue, 10 Mar 2026 15:22:07 +0100",
        "Tue, 10 Mar 2026 14:22:07 GMT",
        "1773152527",
        "1773152527000",
        "1773152527000000",
        "2026/03/10 14:22:07 UTC",
    ],
)
def test_times_that_carry_their_offset(text: str) -> None:
    found = read_time(text)
    assert found is not None
    assert found.tzinfo is not None
    assert found.astimezone(UTC) == AT


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10 14:22:07",
        "2026-03-10 14:22:07.0",
        "2026/03/10 2:22:07 PM",
        "10-Mar-2026 02:22:07PM",
        "10-Mar-26 14:22:07",
        "10.03.2026 14:22:07",
        "March 10, 2026 at 2:22:07 p.m.",
        "10 March 2026, 14:22:07",
        "46091.59869212963",
    ],
)
def test_times_without_an_offset_stay_without(text: str) -> None:
    assert read_time(text) == AT.replace(tzinfo=None)


@pytest.mark.parametrize(
    "text", ["2026/3/3 9:05", "2026-3-3 9:05", "2026-03-3 09:05", "2026/3/03 9:05", "3-Mar-26 9:05"]
)
def test_days_and_months_may_have_one_digit(text: str) -> None:
    assert read_time(text) == datetime(2026, 3, 3, 9, 5)  # noqa: DTZ001 - it carries no zone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-45",
        "99/99/99",
        "32/01/26 10:00:00",
        "10/03/2026 25:00:00",
        "10 March",
        "10/3/6",
        "26/3/5",
        "Tue Mar 10 14:22:07 CEST 2026",
        "1e400",
        "nan",
        "9" * 400,
        "10/03/2026 13:00 PM x",
        "٣/٣/٢٠٢٦",
        "2026-03-10T14:22:07Z" * 9,
        "0/0/0",
        "=1+1",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_time(text, "dmy") is None


@given(st.text(max_size=80), st.sampled_from(["dmy", "mdy", "ymd", None]))
def test_no_text_makes_it_fail(text: str, order: object) -> None:
    read_time(text, order)  # type: ignore[arg-type]
    read_clock(text)
    needs_order(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:02 PM", time(21, 2)),
        ("21:02:07", time(21, 2, 7)),
        ("0.5", time(12)),
        ("12:00 am", time(0)),
        ("13:00 PM", None),
        ("", None),
    ],
)
def test_a_time_of_day_has_a_column_of_its_own(text: str, expected: time | None) -> None:
    assert read_clock(text) == expected


def order_of(export: bytes, **options: object) -> list[str]:
    return [f"{mention.at:%Y-%m-%d %H}" for mention in read_export(export, tz="UTC", **options)]  # type: ignore[arg-type]


def rows(talkwalker: Callable, *dates: str) -> bytes:
    return talkwalker(*((date, f"https://blog.example.com/{n}") for n, date in enumerate(dates)))


def test_one_day_above_twelve_decides_for_the_whole_file(talkwalker: Callable) -> None:
    assert order_of(rows(talkwalker, *["03/04/26 11:00:24"] * 150, "22/04/26 11:00:24"))[0] == "2026-04-03 11"
    assert order_of(rows(talkwalker, "03/04/26 11:00:24", "04/24/26 8:08:11 PM")) == ["2026-03-04 11", "2026-04-24 20"]


def test_dates_that_nothing_decides_are_refused_with_an_example(talkwalker: Callable) -> None:
    with pytest.raises(AmbiguousDates) as refused:
        read_export(rows(talkwalker, "03/04/26 11:00:24", "05/06/26 11:00:24"), tz="UTC")
    assert "03/04/26" in refused.value.message
    assert "date_order" in refused.value.hint


def test_the_order_can_be_given(talkwalker: Callable) -> None:
    export = rows(talkwalker, "03/04/26 11:00:24")
    assert order_of(export, date_order="dmy") == ["2026-04-03 11"]
    assert order_of(export, date_order="mdy") == ["2026-03-04 11"]


def test_a_given_order_that_the_dates_contradict_is_refused(talkwalker: Callable) -> None:
    with pytest.raises(AmbiguousDates):
        read_export(rows(talkwalker, "22/04/26 11:00:24"), tz="UTC", date_order="mdy")


def test_post_ids_decide_where_the_numbers_do_not(talkwalker: Callable, x_url: Callable) -> None:
    day_first = talkwalker(
        ("03/04/26 11:00:24", x_url("2026-04-03T09:00:24")), ("05/04/26 09:00:00", "https://b.example.com")
    )
    assert [f"{mention.at:%m-%d %H}" for mention in read_export(day_first)] == ["04-03 09", "04-05 07"]
    year_first = talkwalker(("22/09/17 11:00:24", x_url("2022-09-17T09:00:24")))
    assert [f"{mention.at:%Y-%m-%d}" for mention in read_export(year_first)] == ["2022-09-17"]


def test_an_order_that_the_post_ids_contradict_is_refused(talkwalker: Callable, x_url: Callable) -> None:
    with pytest.raises(AmbiguousDates):
        read_export(talkwalker(("03/04/26 11:00:24", x_url("2026-04-03T09:00:24"))), date_order="mdy")


def test_a_file_in_which_both_orders_occur_is_refused(talkwalker: Callable) -> None:
    with pytest.raises(AmbiguousDates) as refused:
        read_export(rows(talkwalker, "22/04/26 11:00:24", "04/22/26 11:00:24", "03/04/26 10:00:00"), tz="UTC")
    assert "changed after its export" in refused.value.message


def test_one_damaged_date_among_hundreds_is_skipped(talkwalker: Callable) -> None:
    read = read_export(rows(talkwalker, *["22/04/26 11:00:24"] * 200, "04/22/26 11:00:24", "soon"), tz="UTC")
    assert read.finish().skipped == {"unreadable date": 2}


def test_a_column_map_may_carry_order_and_zone() -> None:
    columns = ColumnMap({"at": ("when",), "text": ("said",)}, date_order="mdy", time_zone="+02:00")
    assert [
        f"{mention.at:%m-%d %H}" for mention in read_export(b"when,said\n03/04/26 11:00,hi\n", column_map=columns)
    ] == ["03-04 09"]
