"""Hidden zones: proven by post ids, refused when the caller contradicts them, asked for when nothing tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.importers import read_export
from crisis.adapters.importers.errors import NeedsZone, WrongZone
from crisis.adapters.importers.postids import moment_of_document, moment_of_url, moment_of_x_id, x_status
from crisis.kernel.errors import Usage

EARLIEST, LATEST = datetime.fromisoformat("2012-01-13"), datetime.fromisoformat("2090-01-01")
TRUE = ["2026-07-20T09:00:24", "2026-07-20T10:30:00", "2026-07-21T22:15:59"]


def local(true: str, hours: float, form: str = "%d/%m/%y %H:%M:%S") -> str:
    return (datetime.fromisoformat(true) + timedelta(hours=hours)).strftime(form)


@pytest.mark.parametrize("hours", [2, -4, 5.75, 0, 14, -11])
def test_the_offset_is_inferred_from_the_posts_own_ids(hours: float, talkwalker: Callable, x_url: Callable) -> None:
    read = read_export(talkwalker(*((local(at, hours), x_url(at)) for at in TRUE)))
    assert [mention.at.strftime("%Y-%m-%dT%H:%M:%S") for mention in read] == TRUE
    assert read.report.time_zone_from == "inferred from 3 post ids"


def test_rows_without_an_id_take_the_offset_of_those_with_one(talkwalker: Callable, x_url: Callable) -> None:
    rows = [(local(at, 2), x_url(at)) for at in TRUE]
    read = read_export(talkwalker(*rows, ("20/07/26 14:00:00", "https://blog.example.com/1")))
    assert [*read][-1].at == datetime(2026, 7, 20, 12, tzinfo=UTC)


def test_a_zone_that_contradicts_the_ids_is_refused(talkwalker: Callable, x_url: Callable) -> None:
    export = talkwalker(*((local(at, 2), x_url(at)) for at in TRUE))
    with pytest.raises(WrongZone) as refused:
        read_export(export, tz="America/New_York")
    assert "America/New_York" in refused.value.message
    assert "UTC+02:00" in refused.value.message
    assert refused.value.hint


def test_a_zone_that_the_ids_confirm_is_taken(talkwalker: Callable, x_url: Callable) -> None:
    read = read_export(talkwalker(*((local(at, 2), x_url(at)) for at in TRUE)), tz="Europe/Berlin")
    assert [mention.at.strftime("%Y-%m-%dT%H:%M:%S") for mention in read] == TRUE
    assert read.report.time_zone == "Europe/Berlin"
    assert read.report.time_zone_from == "given, and 3 post ids agree"


def test_a_given_zone_knows_summer_and_winter(talkwalker: Callable) -> None:
    export = talkwalker(("15/01/26 12:00:00", "https://a.example.com"), ("15/07/26 12:00:00", "https://b.example.com"))
    assert [mention.at.hour for mention in read_export(export, tz="Europe/Berlin")] == [11, 10]


def test_summer_and_winter_are_told_apart_without_a_zone(talkwalker: Callable, x_url: Callable) -> None:
    berlin, rows = ZoneInfo("Europe/Berlin"), []
    for day in range(0, 360, 10):
        at = datetime(2026, 1, 3, 9, tzinfo=UTC) + timedelta(days=day)
        rows.append((at.astimezone(berlin).strftime("%d/%m/%y %H:%M:%S"), x_url(at.strftime("%Y-%m-%dT%H:%M:%S"))))
    rows += [("16/01/26 12:00:00", "https://a.example.com"), ("16/07/26 12:00:00", "https://b.example.com")]
    read = read_export(talkwalker(*rows))
    *with_ids, winter, summer = read
    assert {mention.at.hour for mention in with_ids} == {9}
    assert (winter.at.hour, summer.at.hour) == (11, 10)
    assert read.report.time_zone == "UTC+01:00 and UTC+02:00"


def test_without_ids_and_without_a_zone_it_asks(talkwalker: Callable) -> None:
    with pytest.raises(NeedsZone) as refused:
        read_export(talkwalker(("22/09/26 11:00:24", "https://blog.example.com")))
    assert "--tz" in refused.value.hint


def test_one_id_that_is_minutes_off_proves_nothing(talkwalker: Callable, x_url: Callable) -> None:
    with pytest.raises(NeedsZone):
        read_export(talkwalker(("22/09/26 11:01:05", x_url("2026-09-22T09:00:00"))))


def test_ids_that_disagree_among_themselves_prove_nothing(talkwalker: Callable, x_url: Callable) -> None:
    rows = [(local(at, hours), x_url(at)) for at, hours in zip(TRUE * 2, (1, 5, -3, 7, 2, 9), strict=True)]
    with pytest.raises(NeedsZone):
        read_export(talkwalker(*rows))


def test_meltwater_is_placed_by_its_document_ids(table: Callable) -> None:
    true = datetime(2026, 3, 10, 14, 22, tzinfo=UTC)
    row = {
        "Date": "2026-03-10",
        "Time": "10:22 AM",
        "Document ID": f'"{int(true.timestamp() * 1000)}abc"',
        "Hit Sentence": "text",
        "Source Type": "News",
    }
    read = read_export(table([row], "\t").decode().encode("utf-16"))
    assert [mention.at for mention in read] == [true]
    assert read.report.time_zone == "UTC-04:00"


def test_hootsuites_header_says_gmt_and_another_zone_is_refused(table: Callable) -> None:
    row = {
        "Date (GMT)": "2026-03-10 14:22:00",
        "Message Author": "a",
        "Message ID": "1",
        "Message Permalink": "",
        "Message": "m",
    }
    assert [mention.at.hour for mention in read_export(table([row]))] == [14]
    assert [mention.at.hour for mention in read_export(table([row]), tz="GMT")] == [14]
    with pytest.raises(WrongZone):
        read_export(table([row]), tz="Europe/Berlin")


def test_brandwatch_is_utc_unless_its_ids_say_otherwise(table: Callable, x_url: Callable) -> None:
    row = {
        "Query Name": "q",
        "Page Type": "twitter",
        "Sentiment": "neutral",
        "Full Text": "t",
        "Date": "2026-03-10 10:00:00.0",
    }
    plain = read_export(table([row | {"Url": "https://a.example.com"}]))
    assert [mention.at.hour for mention in plain] == [10]
    assert plain.report.time_zone_from == "Brandwatch writes UTC"
    shifted = read_export(table([row | {"Url": x_url("2026-03-10T09:00:00")}]))
    assert [mention.at.hour for mention in shifted] == [9]


def test_times_that_carry_their_offset_need_no_zone(table: Callable) -> None:
    row = {"time": "2026-03-10T10:00:00+03:00", "text": "t"}
    assert [mention.at.hour for mention in read_export(table([row]), tz="America/Lima")] == [7]


@pytest.mark.parametrize("tz", ["Mars/Olympus", "../../etc/passwd", "", "+99:00", "Europe/", "\x1b[31m", "x" * 5000])
def test_a_zone_that_there_is_not_is_refused_by_name(tz: str, talkwalker: Callable) -> None:
    with pytest.raises((Usage, NeedsZone)) as refused:
        read_export(talkwalker(("22/09/26 11:00:24", "https://blog.example.com")), tz=tz)
    assert len(refused.value.message) < 200
    assert "\x1b" not in refused.value.message


@given(st.datetimes(EARLIEST, LATEST), st.sampled_from(["twitter", "x"]))
def test_an_id_on_x_tells_the_moment_whatever_the_form_of_the_address(at: datetime, host: str) -> None:
    number = ((int(at.replace(tzinfo=UTC).timestamp() * 1000) - 1288834974657) << 22) + 4_194_303
    for url in (f"https://{host}.com/ana/status/{number}", f"http://www.{host}.com/1/statuses/{number}?s=20"):
        found = moment_of_url(url)
        assert found is not None
        assert abs(found - at.replace(tzinfo=UTC)) < timedelta(milliseconds=2)
        assert x_status(url) == str(number)


def test_a_bluesky_address_tells_the_moment_too() -> None:
    number, key = int(datetime(2026, 3, 10, 14, 22, tzinfo=UTC).timestamp() * 1_000_000) << 10, ""
    for _ in range(13):
        number, digit = divmod(number, 32)
        key = "234567abcdefghijklmnopqrstuvwxyz"[digit] + key
    assert moment_of_url(f"https://bsky.app/profile/ana.example.com/post/{key}") == datetime(
        2026, 3, 10, 14, 22, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://x.com/ana/status/12",
        "https://x.com/ana",
        "https://x.com/a/status/99999999999999999999",
        "https://bsky.app/profile/a/post/0",
    ],
)
def test_addresses_without_a_moment_have_none(text: str) -> None:
    assert moment_of_url(text) is None
    assert moment_of_x_id(text) is None
    assert moment_of_document(text) is None


@given(
    st.integers(-14 * 4, 14 * 4),
    st.lists(st.datetimes(EARLIEST, LATEST), min_size=3, max_size=12),
)
def test_any_quarter_hour_offset_is_found_again(quarters: int, moments: list[datetime]) -> None:
    offset = timedelta(minutes=15 * quarters)
    lines = ["url,published,search_indexed,source_type,content"]
    for n, at in enumerate(moments):
        number = ((int(at.replace(tzinfo=UTC).timestamp() * 1000) - 1288834974657) << 22) + n
        lines.append(f"https://x.com/a/status/{number},{(at + offset).strftime('%Y-%m-%d %H:%M:%S')},,BLOG,text {n}")
    read = read_export("\n".join(lines).encode())
    assert [mention.at for mention in read] == [at.replace(microsecond=0, tzinfo=UTC) for at in moments]
    assert read.report.time_zone == ("UTC" if not offset else str(timezone(offset)))
