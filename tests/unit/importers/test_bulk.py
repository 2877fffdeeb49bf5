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
from crisis.adapters.importers.bulk import Bulk, OtherForms
from crisis.adapters.importers.parquet import asking
from crisis.adapters.importers.values import retweeted
from crisis.kernel.errors import Unreadable
from crisis.signals.mention import ImportReport
from crisis.signals.tally import Bin, Tally
from crisis.wiring.gathering import Wanted, gather

duckdb = pytest.importorskip("duckdb")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEADER = ["time", "source", "author", "text", "sentiment", "reach"]
TIMES = st.sampled_from(
    [
        "2026-03-10T14:00:00Z",
        "2026-03-10T14:04:59Z",
        "2026-03-10T14:05:00+02:00",
        "2026-03-11T00:00:00.500Z",
        "2026-03-11 00:00:00.25",
        "2026-03-11 23:59:59.999999",
        "2026-03-11 00:04:59.5-05:00",
        "2026-03-11T00:00:00",
        "2026-03-11T00:00:00+00:00",
        "1890-03-11 10:00:00",
        "2026-03-10T14:03:00+0530",
        "2026-03-10 14:05+02",
        "2026-03-10 14:05Z",
        " ",
        "soon",
    ]
)
SOURCES = st.sampled_from(["x", "Twitter", "reddit", "", "SOCIALMEDIA,SOCIALMEDIA_TWITTER"])
TEXTS = st.sampled_from(
    [
        "hello",
        "it leaks again",
        "RT @ nobody",
        "",
        "  ",
        "RT @ana hello",
        'said "metal", twice',
        "two\nlines",
        "å 🙂",
        "=1+1",
    ]
)
SENTIMENTS = st.sampled_from(["positive", "NEGATIVE", "0", "", "mixed"])
REACH = st.sampled_from(["12", "1,204", "", "-3", "many", "2.6"])
ROWS = st.lists(st.tuples(TIMES, SOURCES, st.just("ana"), TEXTS, SENTIMENTS, REACH), min_size=1, max_size=30)


@pytest.fixture(autouse=True)
def _engine_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.bulk.ENGINE_FROM", 0)
    monkeypatch.setattr("crisis.wiring.gathering._WORTH_A_LOOK", 0)


def written(path: Path, rows: list[tuple[str, ...]]) -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
    return path


def counted(path: Path) -> tuple[Tally, ImportReport]:
    """What the engine counts in bins of five minutes."""
    tally = Tally()
    bulk = Bulk.of(read_export(path), 1)
    assert bulk is not None
    return tally, bulk.count(tally)


def one_by_one(path: Path) -> tuple[Tally, ImportReport]:
    """The same from the rows."""
    tally, read = Tally(), read_export(path)
    for one in read:
        feels = one.sentiment
        sums = Bin(1, feels == "negative", feels != "unknown", one.reach or 0, one.engagement or 0)
        told = [f"{what} {word}" for what, word in (("language", one.language), ("country", one.country)) if word]
        tally.add(one.at, sums, one.source, *told)
        if feels == "negative" and not one.repost_of and not retweeted(one.text):
            tally.complain(one.at, one.text)
    return tally, read.report


def same(one: tuple[Tally, ImportReport], other: tuple[Tally, ImportReport]) -> None:
    (tally, report), (tally_other, report_other) = one, other
    assert report.as_data() == report_other.as_data()
    assert (tally.bins, tally.places) == (tally_other.bins, tally_other.places)
    hours, hours_other = tally.complaints.hours, tally_other.complaints.hours
    assert {hour: said.times for hour, said in hours.items()} == {hour: it.times for hour, it in hours_other.items()}


@given(rows=ROWS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_engine_says_what_the_rows_say(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    timed = [row for row in rows if row[0] != "soon"]  # a form that is no ISO in the first rows sends it row by row
    path = written(tmp_path / "m.csv", [("2026-03-10T13:00:00Z", "x", "ana", "first", "", ""), *timed])
    same(counted(path), one_by_one(path))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_where_and_in_which_languages_it_was_said_is_counted_as_well(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"m.{form}"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-10 14:00:00' + INTERVAL 7 MINUTE * i AS time, 'x' AS source, 'a' AS author,"
        " CASE WHEN i % 11 = 0 THEN '' ELSE 'it leaks' END AS text, ['en', 'Danish', '', 'DE-at'][1 + i % 4] AS"
        " language, ['uk', 'DK', NULL, 'Narnia', ''][1 + i % 5] AS country FROM range(60) t(i))"
        f" TO '{path}' (FORMAT {form})"
    )
    same(counted(path), one_by_one(path))
    assert {"language da", "country GB", "country Narnia"} <= set().union(*counted(path)[0].places.values())


@pytest.mark.parametrize("other", ["23.03.2026 10:00:00", "1774260000", "2026-03-23 10:00:00 UTC", "20260323T100000Z"])
def test_times_that_only_rows_can_be_read_by_send_it_row_by_row(other: str, tmp_path: Path) -> None:
    row = ("x", "ana", "it leaks", "negative", "5")
    path = written(tmp_path / "m.csv", [("2026-03-10 13:00:00", *row)] * 300 + [(other, *row)] * 3)
    tally = Tally()
    bulk = Bulk.of(read_export(path), 1)
    assert bulk is not None
    with pytest.raises(OtherForms):
        bulk.count(tally)
    assert tally == Tally(), "what was counted in vain is not counted twice"
    report = gather(Wanted(files=(path,))).report
    assert (report.mentions, report.skipped) == (303, {})


@pytest.mark.parametrize("odd", ["soon", "2026-03-10 14:00:00 EST", "2026-13-45 10:00:00"])
def test_times_that_nobody_can_read_stay_with_the_engine(odd: str, tmp_path: Path) -> None:
    row = ("x", "ana", "it leaks", "negative", "5")
    path = written(tmp_path / "m.csv", [("2026-03-10 13:00:00", *row)] * 300 + [(odd, *row)] * 3)
    _, report = counted(path)
    assert (report.mentions, report.skipped) == (300, {"unreadable date": 3})
    same(counted(path), one_by_one(path))


def test_parquet_goes_through_the_engine_as_well(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-10 14:00:00' + INTERVAL 1 MINUTE * i AS time, 'x' AS source, 'a' AS author,"
        " 'it leaks ' || i AS text, 'negative' AS sentiment, i AS reach FROM range(10) t(i))"
        f" TO '{path}' (FORMAT parquet)"
    )
    tally, _ = counted(path)
    first = (datetime(2026, 3, 10, 14, tzinfo=UTC) - EPOCH) // timedelta(minutes=5)
    assert tally.bins == {first: Bin(5, 5, 5, 10), first + 1: Bin(5, 5, 5, 35)}
    assert tally.places == {first // 12: {"x"}}
    assert tally.complaints.most(range(first // 12, first // 12 + 1)) == (10, "it leaks 0")


@given(rows=ROWS, typed=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parquet_says_what_the_rows_say_however_its_columns_are_typed(
    rows: list[tuple[str, ...]], typed: bool, tmp_path: Path
) -> None:
    timed = [row for row in rows if typed or row[0] != "soon"]
    path = tmp_path / "m.parquet"
    path.unlink(missing_ok=True)
    columns = (
        "try_cast(time AS TIMESTAMPTZ)::TIMESTAMP AS time, * EXCLUDE (time, reach), try_cast(reach AS INTEGER) AS reach"
    )
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE m ({', '.join(f'{name} VARCHAR' for name in HEADER)})")
    connection.executemany(
        "INSERT INTO m VALUES (?, ?, ?, ?, ?, ?)", [("2026-03-10T13:00:00Z", "x", "ana", "first", "", ""), *timed]
    )
    connection.execute(f"COPY (SELECT {columns if typed else '*'} FROM m) TO '{path}' (FORMAT parquet)")
    same(counted(path), one_by_one(path))


@pytest.mark.parametrize(
    "source",
    [
        "CASE WHEN i < 3000 THEN ['Twitter', 'blog'][1 + i % 2] ELSE ['tweet', NULL, '', 'O''Hara'][1 + i % 4] END",
        "'site ' || (i % 62)",  # as many as there are bits
        "'site ' || (i % 63)",
        "CASE WHEN i < 3000 THEN 'x' ELSE 'site ' || (i % 63) END",
        "NULL::VARCHAR",
    ],
)
def test_sources_are_told_apart_however_many_and_wherever_they_are(source: str, tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        f"COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 MINUTE * i AS time, {source} AS source, 'u' || i AS author,"
        " 'it leaks ' || i AS text, ['negative', 'neutral', NULL][1 + i % 3] AS sentiment FROM range(4000) t(i))"
        f" TO '{path}' (FORMAT parquet)"
    )
    same(counted(path), one_by_one(path))


@pytest.mark.parametrize(
    "sentiment",
    [
        "CASE WHEN i < 3000 THEN ['negative', ' Positive '][1 + i % 2] ELSE ['neutral', NULL, '', '-5'][1 + i % 4] END",
        "CASE WHEN i % 2 = 0 THEN 'negative' ELSE 'word ' || (i % 125) END",
        "CASE WHEN i >= 3000 THEN 'positive' END",
        "NULL::VARCHAR",
    ],
)
def test_sentiments_are_told_apart_however_many_and_wherever_they_are(sentiment: str, tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        f"COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 MINUTE * (i // 9) AS time, 'x' AS source, 'a' AS author,"
        f" 'it leaks ' || i AS text, {sentiment} AS sentiment FROM range(4000) t(i))"
        f" TO '{path}' (FORMAT parquet)"
    )
    same(counted(path), one_by_one(path))


def test_sentiments_are_counted_however_many_mentions_come_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crisis.adapters.importers.bulk.DIGITS", (3, 31))
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 SECOND * (i * i) AS time, 'x' AS source, 'a' AS author,"
        " 'it leaks ' || i AS text, ['negative', 'neutral', 'positive'][1 + i % 3] AS sentiment FROM range(90) t(i))"
        f" TO '{path}' (FORMAT parquet)"
    )
    same(counted(path), one_by_one(path))


def test_a_parquet_file_without_rows_has_no_mentions(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-01' AS time, 'x' AS source, 'it leaks' AS text LIMIT 0)"
        f" TO '{path}' (FORMAT parquet)"
    )
    tally, report = counted(path)
    assert (tally.bins, report.mentions) == ({}, 0)


def test_days_of_a_parquet_file_are_times(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT DATE '2026-03-01' + (i // 10)::INTEGER AS time, 'u' || i AS author, 'it leaks ' || i AS text"
        f" FROM range(300) t(i)) TO '{path}' (FORMAT parquet)"
    )
    same(counted(path), one_by_one(path))


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


@pytest.mark.parametrize(("most", "days"), [(100, 7), (280, 7), (281, 14), (800, 14)])
@pytest.mark.parametrize("apart", [True, False])
def test_of_very_many_complaints_the_latest_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool, most: int, days: int
) -> None:
    # 840 a week: of three times as many as are looked at, those of one week; of fewer, those of two.
    monkeypatch.setattr("crisis.adapters.importers.bulk_query.COMPLAINTS", most)
    path = tmp_path / "m.parquet"
    time = "INTERVAL 6 MINUTE * i" if apart else "INTERVAL 1 HOUR * (i // 10)"
    duckdb.sql(
        f"COPY (SELECT TIMESTAMP '2026-03-01' + {time} AS time, 'x' AS source, 'u' || i AS author, 'it leaks ' || i AS"
        " text, ['negative', 'neutral'][1 + i % 2] AS sentiment FROM range(7200) t(i))"
        f" TO '{path}' (FORMAT parquet)"
    )
    tally, report = counted(path)
    ends = datetime(2026, 3, 30, 23, 55 if apart else 5, tzinfo=UTC)
    assert tally.heard_since == ends - timedelta(days=days)
    one_in = {7: {100: 8, 280: 3}, 14: {281: 5, 800: 2}}[days][most]
    assert report.notes == (
        f"repeat_topic: one complaint in {one_in} was looked at of the last {days} days, and stands for {one_in}",
    )
    heard = tally.complaints.hours
    assert min(heard) >= (tally.heard_since - EPOCH) // timedelta(hours=1)
    # Each that was looked at stands for several, so that together they are about as many as there were.
    assert 0.6 < sum(said for hour in heard.values() for said in hour.times.values()) / (days * 24 * 5) < 1.4
    assert sum(one.mentions for one in tally.bins.values()) == report.mentions == 7200
    assert (report.first, report.last) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 30, 23, 54 if apart else 0, tzinfo=UTC),
    )
    again, _ = counted(path)
    assert (again.complaints, again) == (tally.complaints, tally)


def test_texts_that_cannot_be_read_are_told_of_whoever_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 MINUTE * i AS time, 'it leaks ' || hash(i) AS text,"
        f" 'negative' AS sentiment FROM range(8192) t(i)) TO '{path}' (FORMAT parquet, COMPRESSION zstd,"
        " ROW_GROUP_SIZE 2048)"
    )
    asked = f"SELECT data_page_offset, total_compressed_size FROM parquet_metadata('{path}')"
    begins, size = duckdb.sql(f"{asked} WHERE path_in_schema = 'text' AND row_group_id = 3").fetchall()[0]
    whole = bytearray(path.read_bytes())
    whole[begins + size // 2 : begins + size // 2 + 64] = b"\0" * 64
    path.write_bytes(whole)
    tally, report = counted(path)
    assert report.mentions == 8192  # counting them needs no texts
    with pytest.raises(Unreadable, match="cut off or damaged"):
        tally.complaints.most(range(1))


@pytest.mark.parametrize("ended", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error")])
def test_whoever_leaves_while_the_engine_reads_is_told_of_no_damage(tmp_path: Path, ended: Exception) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(f"COPY (SELECT now() AS time, 'it leaks' AS text) TO '{path}' (FORMAT parquet)")
    with pytest.raises(KeyboardInterrupt), asking(read_export(path).table.source, duckdb.Error):
        raise ended


def test_of_few_complaints_all_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-03-01' + INTERVAL 1 HOUR * i AS time, 'it leaks ' || i AS text,"
        f" 'negative' AS sentiment FROM range(720) t(i)) TO '{path}' (FORMAT parquet)"
    )
    tally, _ = counted(path)
    assert [list(hour.times.values()) for hour in tally.complaints.hours.values()] == [[1]] * 720
    assert tally.heard_since is None


def test_damaged_rows_are_counted_by_the_engine_too(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    good = "2026-03-10T14:00:00Z,x,ana,hello,negative,3\n"
    bad = "2026-03-10T14:00:00Z,x,ana,so, he, said,negative,3,4\n"
    path.write_text(",".join(HEADER) + "\n" + good * 300 + bad + good)
    tally, report = counted(path)
    assert sum(one.mentions for one in tally.bins.values()) == 301
    assert report.skipped == {"damaged row": 1}


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
    read = read_export(path)
    assert Bulk.of(read, 1) is None
    assert len(list(read)) == 1


def test_small_files_do_not_wake_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.bulk.ENGINE_FROM", 10_000)
    path = written(tmp_path / "m.csv", [("2026-03-10T14:00:00Z", "x", "ana", "hello", "", "")])
    assert Bulk.of(read_export(path), 1) is None


def test_bins_of_a_quarter_hour_are_sums_of_three(tmp_path: Path) -> None:
    times = [f"2026-03-10T{hour:02}:{minute:02}:00Z" for hour in range(13, 15) for minute in range(0, 60, 4)]
    path = written(tmp_path / "m.csv", [(at, "x", "ana", "it leaks again", "negative", "2") for at in times])
    fine, _ = counted(path)
    bulk, coarse = Bulk.of(read_export(path), 3), Tally()
    assert bulk is not None
    bulk.count(coarse)
    assert coarse.exact == 3
    assert set(coarse.bins) == {number // 3 * 3 for number in fine.bins}
    assert sum(one.reach for one in coarse.bins.values()) == 2 * len(times)
    assert (coarse.places, coarse.complaints) == (fine.places, fine.complaints)


@pytest.mark.parametrize("odd", ["2026-03-10 14:00:00+05:30", "2026-03-10T14:00:00.1234567Z", "2026-03-10 14:00", "14"])
@pytest.mark.parametrize(
    "form",
    [
        "2026-03-10 {:02}:00:00.5",
        "2026-03-10T{:02}:00:00.25Z",
        "2026-03-10T{:02}:00:00Z",
        "2026-03-10 {:02}:00:00+00:00",
    ],
)
def test_a_form_that_only_the_first_rows_have_holds_for_none_of_the_others(form: str, odd: str, tmp_path: Path) -> None:
    first = [(form.format(n % 24), "x", "ana", "hello", "", "") for n in range(300)]
    path = written(tmp_path / "m.csv", [*first, (odd, "x", "ana", "hello", "", "")])
    same(counted(path), one_by_one(path))
