"""What holds for every export: overlap, reposts, maps, counts, several files in one call."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisis.adapters.importers import Seen, column_map_from, read_export, read_exports
from crisis.kernel.errors import Usage
from crisis.signals.mention import UNKNOWN_ORIGINAL, Count, together

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"


def lines(*rows: str, header: str = "time,author,text,url,id") -> bytes:
    return "\n".join([header, *rows, ""]).encode()


# Overlap


def test_what_two_exports_share_counts_once() -> None:
    first = lines(
        "2026-03-10T14:00:00Z,ana,one,https://a.example.com/1,", "2026-03-10T14:01:00Z,ana,two,https://a.example.com/2,"
    )
    second = lines(
        "2026-03-10T14:01:00Z,ana,two,https://a.example.com/2,",
        "2026-03-10T14:02:00Z,ana,three,https://a.example.com/3,",
    )
    reports = [read.finish() for read in read_exports([first, second])]
    assert [report.mentions for report in reports] == [2, 1]
    assert together(reports).skipped == {"duplicate": 1}


def test_a_post_on_x_is_the_same_in_two_tools_exports(table: Callable, talkwalker: Callable, x_url: Callable) -> None:
    url = x_url("2026-03-10T14:00:00")
    brandwatch = table(
        [
            {
                "Query Name": "q",
                "Page Type": "twitter",
                "Sentiment": "",
                "Url": url,
                "Date": "2026-03-10 14:00:00",
                "Full Text": "t",
            }
        ]
    )
    other = talkwalker(("10/03/26 15:00:00", url.replace("x.com", "twitter.com")))
    assert [read.finish().mentions for read in read_exports([brandwatch, other])] == [1, 0]


def test_rows_without_id_and_address_count_as_often_as_one_file_has_them() -> None:
    row = "2026-03-10T14:00:00Z,ana,same,,"
    assert [read.finish().mentions for read in read_exports([lines(row, row), lines(row, row, row)])] == [2, 1]


def test_row_numbers_in_two_files_are_not_taken_for_one_mention() -> None:
    first, second = lines("2026-03-10T14:00:00Z,ana,one,,1"), lines("2026-03-11T14:00:00Z,ben,two,,1")
    assert [read.finish().mentions for read in read_exports([first, second])] == [1, 1]


def test_what_was_seen_is_remembered_within_bounds() -> None:
    seen = Seen(most=10)
    assert not any(seen.again(str(n)) for n in range(1000))
    assert seen.again("999")
    assert len(seen._recent) + len(seen._older) <= 20


# Reposts


def test_a_repost_with_its_originals_address_is_not_taken_for_it(x_url: Callable) -> None:
    url = x_url("2026-03-10T14:00:00")
    header = "time,author,text,url,id,repost of"
    read = read_export(
        lines(
            f"2026-03-10T14:00:00Z,ana,one,{url},1,",
            *(f"2026-03-10T14:0{n}:00Z,u{n},one,{url},{n},{url}" for n in range(2, 5)),
            header=header,
        )
    )
    report = read.finish()
    assert (report.mentions, report.originals, report.reposts) == (4, 1, 3)


def test_a_flag_without_an_original_is_still_a_repost(talkwalker: Callable) -> None:
    export = talkwalker(("2026-03-10T14:00:00Z", "https://a.example.com"), tags_internal="hasImage,isRepost")
    assert [mention.repost_of for mention in read_export(export)] == [UNKNOWN_ORIGINAL]


def test_the_words_rt_make_a_repost_on_x_only(x_url: Callable) -> None:
    rows = [
        f"2026-03-10T14:00:00Z,ana,RT @ben: hello,{url},"
        for url in (x_url("2026-03-10T14:00:00"), "https://forum.example.com/1")
    ]
    assert [mention.repost_of for mention in read_export(lines(*rows))] == ["@ben", ""]


# Renamed and unknown columns


def test_columns_are_known_by_old_and_new_names_in_any_case(table: Callable) -> None:
    base = {
        "QUERY NAME": "q",
        "page_type": "twitter",
        "Sentiment ": "negative",
        "url": "https://a.example.com",
        "Date": "2026-03-10T14:00:00Z",
        "Full  Text": "t",
    }
    for reach in ("Reach", "Reach (new)"):
        for original in ("Twitter Retweet of", "X Repost of"):
            (mention,) = read_export(
                table([base | {reach: "7", original: "https://b.example.com", "Topics - Taste": "x"}])
            )
            assert (mention.reach, mention.repost_of) == (7, "https://b.example.com")


def test_engagement_is_added_up_where_no_column_has_the_sum(table: Callable) -> None:
    base = {
        "Query Name": "q",
        "Page Type": "news",
        "Sentiment": "",
        "Url": "https://a.example.com",
        "Date": "2026-03-10T14:00:00Z",
        "Full Text": "t",
    }
    (summed,) = read_export(table([base | {"Engagement Score": "", "Likes": "3", "Shares": "4", "Comments": ""}]))
    (given,) = read_export(table([base | {"Engagement Score": "17", "Likes": "3"}]))
    (neither,) = read_export(table([base]))
    assert (summed.engagement, given.engagement, neither.engagement) == (7, 17, None)


# Counts


def test_two_columns_of_times_and_numbers_are_counts_whatever_the_second_is_called() -> None:
    read = read_export(b"timestamp,FJRD\n2026-03-10 14:00:00,12\n2026-03-10 14:05:00,1e2\n")
    assert list(read.counts()) == [
        Count(datetime(2026, 3, 10, 14, n, tzinfo=UTC), value) for n, value in ((0, 12), (5, 100))
    ]


def test_counts_are_not_mentions_and_mentions_not_counts() -> None:
    with pytest.raises(Usage):
        iter(read_export(b"timestamp,value\n2026-03-10 14:00:00,12\n"))
    with pytest.raises(Usage):
        read_export(lines("2026-03-10T14:00:00Z,ana,one,,")).counts()


def test_counts_in_json_are_counts() -> None:
    page = {
        "data": [{"start": "2026-03-10T14:00:00.000Z", "end": "2026-03-10T15:00:00.000Z", "tweet_count": 5}],
        "meta": {"total_tweet_count": 5},
    }
    assert [count.value for count in read_export(json.dumps(page).encode()).counts()] == [5]


# Column maps

STRANGE = b"wann;wer;was;gefuehl\n10.03.2026 14:00;ana;hallo;mies\n11.03.2026 15:00;ben;oh;toll\n"
MAP = {
    "fields": {"at": "wann", "text": ["was"], "author": "wer", "sentiment": "gefuehl"},
    "time_zone": "Europe/Berlin",
    "source": "forum",
    "sentiments": {"mies": "negative", "toll": "positive"},
}


def test_a_column_map_reads_what_no_table_knows() -> None:
    read = read_export(STRANGE, column_map=column_map_from(MAP))
    assert [(f"{m.at:%d %H}", m.source, m.author, m.text, m.sentiment) for m in read] == [
        ("10 13", "forum", "ana", "hallo", "negative"),
        ("11 14", "forum", "ben", "oh", "positive"),
    ]


def test_a_column_map_survives_being_written_and_read() -> None:
    columns = column_map_from(MAP)
    assert column_map_from(json.loads(json.dumps(columns.as_data()))) == columns


@pytest.mark.parametrize("name", ["brandwatch-2026.csv", "plain.csv", "talkwalker.csv", "hootsuite-inbox.csv"])
def test_the_map_of_what_was_understood_reads_the_file_again(name: str) -> None:
    content = (EXPORTS / name).read_bytes()
    read = read_export(content)
    before = [(m.at, m.source, m.author, m.text, m.sentiment) for m in read]
    written = json.loads(json.dumps(read.column_map().as_data()))
    again = read_export(content, column_map=column_map_from(written))
    assert [(m.at, m.source, m.author, m.text, m.sentiment) for m in again] == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "fields"),
        ({"fields": {"at": "t", "txt": "x"}}, "did you mean 'text'?"),
        ({"fields": {"text": "x"}}, "'at'"),
        ({"fields": {"at": "t"}}, "'text'"),
        ({"fields": {"at": 3, "text": "x"}}, "'at'"),
        ({"fields": {"at": [], "text": "x"}}, "'at'"),
        ({"fields": {"at": "t", "text": "x"}, "date_order": "dym"}, "dym"),
        ({"fields": {"at": "t", "text": "x"}, "records": "rows"}, "rows"),
        ({"fields": {"at": "t", "text": "x"}, "sentiments": {"bad": "awful"}}, "awful"),
        ({"fields": {"at": "t", "text": "x"}, "time_zone": 2}, "time_zone"),
        ({"field": {"at": "t", "text": "x"}}, "did you mean 'fields'?"),
    ],
)
def test_a_wrong_map_says_what_is_wrong_with_it(data: dict[str, object], said: str) -> None:
    with pytest.raises(Usage) as refused:
        column_map_from(data)
    assert said in refused.value.message + refused.value.hint


# Reading


def test_an_import_is_read_once_and_reports_what_was_read_so_far() -> None:
    read = read_export(lines(*(f"2026-03-10T14:0{n}:00Z,ana,t{n},," for n in range(4))))
    next(iter(read))
    assert read.report.mentions == 1
    assert read.finish().mentions == 4
    assert list(read) == []


def test_the_span_is_that_of_the_mentions_whatever_their_order() -> None:
    report = read_export(lines(*(f"2026-03-10T14:0{n}:00Z,ana,t{n},," for n in (3, 1, 2)))).finish()
    assert report.first is not None
    assert report.last is not None
    assert (report.first.minute, report.last.minute) == (1, 3)


def test_exports_of_different_tools_in_one_call_are_each_recognised() -> None:
    names = ["sprout.json", "google-alerts.xml", "hootsuite-inbox.csv"]
    report = together(read.finish() for read in read_exports([EXPORTS / name for name in names]))
    assert report.format == "sprout, google-alerts, hootsuite"
    assert report.rows == report.mentions + sum(report.skipped.values())


def test_parquet_says_what_the_csv_says(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    table, path = tmp_path / "t.csv", tmp_path / "t.bin"
    table.write_bytes(lines("2026-03-10T14:00:00Z,ana,one,https://a.example.com,1", "2026-03-10T14:01:00Z,ben,zwei,,2"))
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{table}')) TO '{path}' (FORMAT parquet)")
    assert list(read_export(path, tz="UTC")) == list(read_export(table))


def test_a_first_look_into_parquet_reads_only_what_tells_the_time(tmp_path: Path, x_url: Callable) -> None:
    duckdb = pytest.importorskip("duckdb")
    from crisis.adapters.importers.parquet import ParquetTable

    path = tmp_path / "t.parquet"
    posts = [f"('{x_url(f'2026-03-10T14:{n:02}:00')}', TIMESTAMP '2026-03-10 16:{n:02}:00', 'one')" for n in range(9)]
    posts = f"SELECT * FROM (VALUES {', '.join(posts)}) AS t(url, time, \"the 'text'\")"
    duckdb.sql(f"COPY ({posts}) TO '{path}' (FORMAT parquet)")
    read = read_export(path, column_map=column_map_from({"fields": {"at": "time", "url": "url", "text": "the 'text'"}}))
    assert read.zone.label == "UTC+02:00"
    assert next(iter(read)).text == "one"
    assert isinstance(read.table, ParquetTable)
    assert next(read.table.only(("at",)).rows(print)) == ["", "2026-03-10 16:00:00", ""]
    assert read.table.only(("at",)).uniform
    assert not read.table.only(("at", "url")).uniform


def test_moments_in_parquet_are_looked_at_no_longer_than_they_tell_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    from crisis.adapters.importers.rows import Getters

    looked: list[object] = []
    local = Getters.local
    monkeypatch.setattr(Getters, "local", lambda self, row, order: looked.append(row) or local(self, row, order))
    for form, most in (("", 201), ("::VARCHAR", 2001)):
        path = tmp_path / f"t{most}.parquet"
        time = f"CASE WHEN i > 9 THEN TIMESTAMP '2026-03-10 14:00:00' + INTERVAL 1 SECOND * i END{form}"
        duckdb.sql(f"COPY (SELECT {time} AS time, 'one' AS text FROM range(5000) t(i)) TO '{path}' (FORMAT parquet)")
        looked.clear()
        assert read_export(path).zone.label == "UTC"
        assert len(looked) == most - 10


@pytest.mark.parametrize("missing", [["_duckdb"], ["_duckdb", "duckdb"]])
def test_parquet_needs_the_engine_wherever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: list[str]
) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "t.parquet"
    duckdb.sql(f"COPY (SELECT TIMESTAMP '2026-03-10 14:00:00' AS time, 'one' AS text) TO '{path}' (FORMAT parquet)")
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    if "duckdb" in missing:
        with pytest.raises(Usage, match="needs a library"):
            read_export(path)
    else:
        assert [mention.text for mention in read_export(path)] == ["one"]


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(Exception, match="damaged") as refused:
        read_export(path)
    assert type(refused.value).__name__ == "Unreadable"
