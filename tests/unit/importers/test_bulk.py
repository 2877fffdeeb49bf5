"""The engine's path for millions of mentions gives what the rows give."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisis.adapters.importers import read_export
from crisis.adapters.importers.bulk import Bulk, buckets_of
from crisis.signals.mention import Bucket, Mention

duckdb = pytest.importorskip("duckdb")

EVERY = timedelta(minutes=5)
HEADER = ["time", "source", "author", "text", "sentiment", "reach"]
TIMES = st.sampled_from(
    [
        "2026-03-10T14:00:00Z",
        "2026-03-10T14:04:59Z",
        "2026-03-10T14:05:00+02:00",
        "2026-03-11T00:00:00.500Z",
        "2026-03-10T14:03:00+0530",
        "2026-03-10 14:05+02",
        "2026-03-10 14:05Z",
        " ",
        "soon",
    ]
)
SOURCES = st.sampled_from(["x", "Twitter", "reddit", "", "SOCIALMEDIA,SOCIALMEDIA_TWITTER"])
TEXTS = st.sampled_from(
    ["hello", "RT @ nobody", "", "  ", "RT @ana hello", 'said "metal", twice', "two\nlines", "å 🙂", "=1+1"]
)
SENTIMENTS = st.sampled_from(["positive", "NEGATIVE", "0", "", "mixed"])
REACH = st.sampled_from(["12", "1,204", "", "-3", "many", "2.6"])
ROWS = st.lists(st.tuples(TIMES, SOURCES, st.just("ana"), TEXTS, SENTIMENTS, REACH), min_size=1, max_size=30)


@pytest.fixture(autouse=True)
def _engine_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.bulk.ENGINE_FROM", 0)


def written(path: Path, rows: list[tuple[str, ...]]) -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
    return path


@given(rows=ROWS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_engine_says_what_the_rows_say(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    timed = [row for row in rows if row[0] != "soon"]  # a form that is no ISO in the first rows sends it row by row
    path = written(tmp_path / "m.csv", [("2026-03-10T13:00:00Z", "x", "ana", "first", "", ""), *timed])
    bulk = Bulk(read_export(path), EVERY)
    assert bulk.by_engine
    by_rows = read_export(path)
    assert list(bulk) == buckets_of(by_rows, EVERY)
    assert bulk.report.as_data() == by_rows.report.as_data()


def test_parquet_goes_through_the_engine_as_well(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-10 14:00:00' + INTERVAL 1 MINUTE * i AS time, 'x' AS source, 'a' AS author,"
        f" 'text ' || i AS text, 'negative' AS sentiment, i AS reach FROM range(10) t(i)) TO '{path}' (FORMAT parquet)"
    )
    bulk = Bulk(read_export(path), EVERY)
    assert bulk.by_engine
    at = datetime(2026, 3, 10, 14, tzinfo=UTC)
    early, late = (tuple(f"text {n}" for n in numbers) for numbers in (range(5), range(5, 10)))
    assert list(bulk) == [
        Bucket(at, "negative", ("x",), 5, 0, 10, 0, early),
        Bucket(at + EVERY, "negative", ("x",), 5, 0, 35, 0, late),
    ]


@given(rows=ROWS, typed=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parquet_says_what_the_rows_say_however_its_columns_are_typed(
    rows: list[tuple[str, ...]], typed: bool, tmp_path: Path
) -> None:
    timed = [row for row in rows if row[0] not in ({"soon", " "} if typed else {"soon"})]
    path = tmp_path / "m.parquet"
    path.unlink(missing_ok=True)
    columns = "time::TIMESTAMPTZ::TIMESTAMP AS time, * EXCLUDE (time, reach), try_cast(reach AS INTEGER) AS reach"
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE m ({', '.join(f'{name} VARCHAR' for name in HEADER)})")
    connection.executemany(
        "INSERT INTO m VALUES (?, ?, ?, ?, ?, ?)", [("2026-03-10T13:00:00Z", "x", "ana", "first", "", ""), *timed]
    )
    connection.execute(f"COPY (SELECT {columns if typed else '*'} FROM m) TO '{path}' (FORMAT parquet)")
    bulk = Bulk(read_export(path), EVERY)
    assert bulk.by_engine
    by_rows = read_export(path)
    assert list(bulk) == buckets_of(by_rows, EVERY)
    assert bulk.report.as_data() == by_rows.report.as_data()


def test_times_with_a_zone_are_read_in_utc_wherever_the_machine_stands(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    rows = "SELECT TIMESTAMPTZ '2026-03-10 14:00:00+00' + INTERVAL 1 SECOND * i AS time, 'text' AS text"
    duckdb.sql(f"COPY ({rows} FROM range(5000) t(i)) TO '{path}' (FORMAT parquet)")
    program = (
        "import sys; from crisis.adapters.importers import read_export as read;"
        " report = read(sys.argv[1]).finish(); print(report.rows, report.first)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program, str(path)], env={"TZ": zone}, capture_output=True, text=True, check=True
        ).stdout
        for zone in ("Asia/Kathmandu", "America/St_Johns")
    ]
    assert said == ["5000 2026-03-10 14:00:00+00:00\n"] * 2


def test_of_very_many_complaints_the_latest_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.bulk._COMPLAINTS", 100)
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 HOUR * (i // 10) AS time, 'x' AS source, 'u' || i AS author,"
        " 'text ' || i AS text, ['negative', 'neutral'][1 + i % 2] AS sentiment FROM range(7200) t(i))"
        f" TO '{path}' (FORMAT parquet)"
    )
    bulk = Bulk(read_export(path), EVERY)
    buckets = list(bulk)
    since = datetime(2026, 3, 16, 23, 5, tzinfo=UTC)  # fourteen days before the end of the last bucket
    assert (bulk.texts_since, bulk.one_in) == (since, 14 * 24 * 5 // 100)
    assert not any(bucket.texts for bucket in buckets if bucket.at < since or bucket.sentiment != "negative")
    assert 60 <= sum(len(bucket.texts) for bucket in buckets) <= 140
    assert sum(bucket.mentions for bucket in buckets) == bulk.report.mentions == 7200
    assert (bulk.report.first, bulk.report.last) == (buckets[0].at, buckets[-1].at)


def test_of_few_complaints_all_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 HOUR * i AS time, 'text ' || i AS text,"
        f" 'negative' AS sentiment FROM range(720) t(i)) TO '{path}' (FORMAT parquet)"
    )
    bulk = Bulk(read_export(path), EVERY)
    assert sum(len(bucket.texts) for bucket in bulk) == 720
    assert (bulk.texts_since, bulk.one_in) == (None, 1)


def test_damaged_rows_are_counted_by_the_engine_too(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    good = "2026-03-10T14:00:00Z,x,ana,hello,negative,3\n"
    bad = "2026-03-10T14:00:00Z,x,ana,so, he, said,negative,3,4\n"
    path.write_text(",".join(HEADER) + "\n" + good * 300 + bad + good)
    bulk = Bulk(read_export(path), EVERY)
    assert sum(bucket.mentions for bucket in bulk) == 301
    assert bulk.report.skipped == {"damaged row": 1}


@pytest.mark.parametrize(
    "content",
    [
        "time,text,url\n2026-03-10T14:00:00Z,hello,https://a.example.com\n",
        "time,text\n10.03.2026 14:00,hello\n",
        "time,text\n1773152527,hello\n",
    ],
)
def test_what_needs_a_look_at_each_row_goes_row_by_row(content: str, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(content)
    bulk = Bulk(read_export(path), EVERY)
    assert not bulk.by_engine
    assert [bucket.mentions for bucket in bulk] == [1]
    assert bulk.report.mentions == 1


def test_small_files_do_not_wake_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.bulk.ENGINE_FROM", 10_000)
    path = written(tmp_path / "m.csv", [("2026-03-10T14:00:00Z", "x", "ana", "hello", "", "")])
    assert not Bulk(read_export(path), EVERY).by_engine


def test_buckets_start_at_whole_spans_and_come_sorted() -> None:
    def mention(minute: int, source: str) -> Mention:
        return Mention(str(minute), datetime(2026, 3, 10, 14, minute, tzinfo=UTC), source, "", "t", reach=2)

    found = buckets_of([mention(9, "x"), mention(1, "x"), mention(4, "forum"), mention(3, "x")], EVERY)
    assert [(bucket.at.minute, bucket.sources, bucket.mentions, bucket.reach) for bucket in found] == [
        (0, ("forum", "x"), 3, 6),
        (5, ("x",), 1, 2),
    ]
