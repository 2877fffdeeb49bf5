"""Damaged, hostile and mistaken input: a clear finding, or a clean skip with a count."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.adapters.importers import read_export
from crisis.adapters.importers.errors import NotAnExport, TooLarge, UnknownLayout
from crisis.kernel.errors import CrisisError, NotFound, Unreadable

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
HEADER = "time,author,text,sentiment\n"
ROW = "2026-03-10T14:00:00Z,ana,hello,negative\n"


def skipped(content: str | bytes) -> dict[str, int]:
    return dict(read_export(content.encode() if isinstance(content, str) else content).finish().skipped)


def refused(content: bytes | Path, error: type[CrisisError]) -> CrisisError:
    with pytest.raises(error) as caught:
        read_export(content).finish()
    assert caught.value.hint
    assert "\x1b" not in caught.value.message + caught.value.hint
    assert len(caught.value.message) < 1000
    return caught.value


def is_read_or_refused(content: bytes, tz: str | None = None) -> bool:
    """Whether every row was accounted for, or a hint was given."""
    try:
        report = read_export(content, tz=tz).finish()
    except CrisisError as error:
        return bool(error.hint)
    return report.rows == report.mentions + report.counts + sum(report.skipped.values())


# Cut off, wrongly encoded, misaligned


def test_a_row_that_was_cut_off_is_counted_and_not_read() -> None:
    assert skipped(HEADER + ROW + "2026-03-10T14:01:00Z,ben,so") == {"cut off": 1}
    assert skipped(HEADER + ROW + '2026-03-10T14:01:00Z,ben,"so\nlong') == {"cut off": 1}


@given(
    cut=st.integers(0, 5000), name=st.sampled_from(sorted(path.name for path in EXPORTS.iterdir() if path.is_file()))
)
@settings(max_examples=60, deadline=None)
def test_an_export_cut_anywhere_is_read_or_refused_with_a_hint(cut: int, name: str) -> None:
    content = (EXPORTS / name).read_bytes()
    assert is_read_or_refused(content[: cut % len(content)], tz="UTC" if "talkwalker.csv" in name else None)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"{", b"[", b"<rss>", b"time,text\n", b"\xff\xfe", b"\xef\xbb\xbf"])
)
@settings(max_examples=80, deadline=None)
def test_no_bytes_end_in_a_traceback(content: bytes, start: bytes) -> None:
    assert is_read_or_refused(start + content)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_export_with_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(path.name for path in EXPORTS.iterdir() if path.is_file())))
    content = bytearray((EXPORTS / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert is_read_or_refused(bytes(content))


def test_letters_in_an_old_encoding_are_read_and_noted() -> None:
    read = read_export((HEADER + "2026-03-10T14:00:00Z,Jørgen,så dårlig,negative\n").encode("cp1252"))
    assert [(mention.author, mention.text) for mention in read] == [("Jørgen", "så dårlig")]
    assert any("Windows-1252" in note for note in read.report.notes)


def test_a_bad_byte_far_into_a_utf8_file_costs_one_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.tables.HEAD", 64)
    content = (HEADER + ROW * 200).encode() + "2026-03-10T15:00:00Z,ana,så,neutral\n".encode("latin-1")
    *_, last = read_export(content)
    assert last.text == "s\ufffd"


def test_utf16_that_something_read_as_latin1_is_still_recognised() -> None:
    mangled = (HEADER + ROW).encode("utf-16").decode("latin-1").encode()
    assert [mention.text for mention in read_export(mangled)] == ["hello"]


def test_nuls_are_taken_out() -> None:
    assert [
        mention.text for mention in read_export(HEADER.encode() + b"2026-03-10T14:00:00Z,ana,he\0l\0lo,neutral\n")
    ] == ["hello"]


def test_cells_of_200_kb_are_read_whole() -> None:
    text = "kaffe " * 40_000
    assert [len(mention.text) for mention in read_export(f'{HEADER}2026-03-10T14:00:00Z,ana,"{text}",\n'.encode())] == [
        len(text) - 1
    ]


def test_a_quote_that_is_never_closed_costs_the_lines_it_swallows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.tables.LONGEST_CELL", 10_000)
    report = read_export((HEADER + ROW + '2026-03-10T14:01:00Z,ben,"so\n' + ROW * 1000).encode()).finish()
    assert report.rows == 1002
    assert report.skipped["broken quotes"] < 300
    assert report.mentions > 700


def test_one_line_without_end_is_read_in_bounded_pieces() -> None:
    content = HEADER.encode() + b"x" * 3_000_000
    assert sum(skipped(content).values()) >= 1


def test_rows_with_too_many_cells_are_not_guessed_at() -> None:
    assert skipped(HEADER + ROW + "2026-03-10T14:01:00Z,ben,so, he said,neutral\n") == {"too many cells": 1}
    assert skipped(HEADER + ROW.replace("\n", ",,\n")) == {}


def test_blank_rows_are_no_rows() -> None:
    assert read_export((HEADER + "\n" + ROW + "\n\n").encode()).finish().rows == 1


def test_a_header_that_comes_again_is_counted() -> None:
    assert skipped(HEADER + ROW + HEADER) == {"header again": 1}


def test_a_header_without_rows_is_said() -> None:
    report = read_export(HEADER.encode()).finish()
    assert (report.rows, report.first) == (0, None)
    assert report.notes == ("there is a header, and nothing below it",)


def test_rows_without_text_or_date_are_counted_with_the_reason() -> None:
    content = (
        HEADER
        + ",ana,hello,neutral\n"
        + "2026-03-10T14:00:00Z,ana,,neutral\n"
        + "soon,ana,hello,neutral\n"
        + "0001-01-01T00:00:00Z,a,b,\n"
    )
    assert skipped(content) == {"no date": 1, "no text": 1, "unreadable date": 2}


# Something else altogether


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><head><title>Log in</title></head></html>",
        b"\xef\xbb\xbf\n  <HTML><body>Sign in</body></HTML>",
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html></html>',
    ],
)
def test_a_log_in_page_is_named_as_one(page: bytes) -> None:
    assert "web page" in refused(page, NotAnExport).message


def test_googles_management_page_is_told_from_its_feed() -> None:
    assert "RSS feed" in refused(b"<html><head><title>Google Alerts</title>", NotAnExport).hint


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0\0", b" \n\n", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08", b"\x89PNG\r\n"],
)
def test_what_can_be_no_export_is_refused_by_its_nature(content: bytes) -> None:
    refused(content, NotAnExport)


def test_unknown_columns_are_listed_and_a_column_map_offered() -> None:
    error = refused(b"colour,shape\nred,round\n", UnknownLayout)
    assert "colour, shape" in error.message
    assert "column map" in error.hint


def test_an_apis_error_message_is_no_export() -> None:
    assert "statuscode" in refused(b'{"status_code": "401", "status_message": "unauthorised"}', UnknownLayout).message


def test_hootsuites_report_on_own_posts_is_turned_away() -> None:
    header = b"Date (GMT),Facebook Page,Post ID,Post Permalink,Post Type,Post Message,Tags\n"
    assert "inbox" in refused(header, NotAnExport).hint


def test_missing_files_directories_and_devices_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none.csv", NotFound)
    refused(tmp_path, Unreadable)
    refused(Path("/dev/zero"), Unreadable)
    refused(Path("a\0b"), Unreadable)


def test_hostile_names_and_columns_do_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[2Jx.csv"
    path.write_bytes(b"\x1b[31mcolour,\xe2\x80\xaeshape\n1,2\n")
    assert "\u202e" not in refused(path, UnknownLayout).message


def test_texts_keep_their_formulas_and_escapes_as_they_are() -> None:
    read = read_export(HEADER.encode() + b"2026-03-10T14:00:00Z,ana,\"=cmd|' /C calc'!A0 \x1b[31m\",\n")
    assert [mention.text for mention in read] == ["=cmd|' /C calc'!A0 \x1b[31m"]


# JSON


def record(n: int) -> dict[str, object]:
    return {"time": f"2026-03-10T14:00:0{n}Z", "text": f"t{n}", "user": "ana"}


def test_lines_pages_and_values_in_a_row_are_the_same() -> None:
    records = [record(n) for n in range(4)]
    forms = [
        json.dumps(records),
        json.dumps({"results": records, "nextCursor": "x"}),
        json.dumps([{"results": records[:2]}, {"results": records[2:]}]),
        "\n".join(map(json.dumps, records)),
        "".join(map(json.dumps, records)),
        "\n".join(json.dumps(one, indent=2) for one in records),
        "\ufeff" + json.dumps({"data": records}),
    ]
    for form in forms:
        assert [mention.text for mention in read_export(form.encode())] == ["t0", "t1", "t2", "t3"]
        assert [mention.text for mention in read_export(form.encode("utf-16"))] == ["t0", "t1", "t2", "t3"]


def test_a_broken_object_in_a_stream_costs_only_itself() -> None:
    lines = [
        json.dumps(record(0)),
        '{"time": "2026-03-10T14:00:01Z", "text": "a "quoted" word"}',
        json.dumps(record(2)),
    ]
    read = read_export("\n".join(lines).encode())
    assert [mention.text for mention in read] == ["t0", "t2"]
    assert read.report.skipped == {"broken object": 1}


def test_a_page_that_was_cut_off_gives_the_records_before_the_cut() -> None:
    whole = json.dumps({"results": [record(n) for n in range(4)]})
    read = read_export(whole[: whole.index("t3")].encode())
    assert [mention.text for mention in read] == ["t0", "t1", "t2"]
    assert read.report.skipped == {"broken object": 1}


def test_a_long_stream_is_read_in_pieces() -> None:
    lines = "\n".join(json.dumps({"time": "2026-03-10T14:00:00Z", "text": f"{n} {'x' * 900}"}) for n in range(3000))
    broken = lines[:700_000] + "\x07" + lines[700_000:]
    read = read_export(broken.encode())
    assert sum(1 for _ in read) == 2999
    assert read.report.skipped == {"broken object": 1}


def test_values_that_are_no_objects_are_counted() -> None:
    assert skipped(json.dumps([record(0), 1, None, "x"])) == {"no object": 3}


def test_an_empty_page_is_no_error() -> None:
    assert read_export(b'{"results": [], "nextCursor": null}').finish().rows == 0


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"a":' * 200_000, b'{"time": ' + b"9" * 6000 + b', "text": "x"}', b'{"\\ud800": "\\ud800"}'],
)
def test_json_bombs_are_refused(content: bytes) -> None:
    refused(content, CrisisError)


def test_lone_surrogates_cannot_be_written_and_are_replaced() -> None:
    read = read_export(b'[{"time": "2026-03-10T14:00:00Z", "text": "a\\ud800b", "user": "\\udfff"}]')
    assert [mention.text.encode() for mention in read] == [b"a?b"]


# Feeds


def test_entities_that_multiply_are_refused_before_parsing() -> None:
    entities = b'<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = b'<?xml version="1.0"?>' + entities + b"<rss><channel><title>&b;</title></channel></rss>"
    assert "entities" in refused(bomb, NotAnExport).message


def test_a_feed_that_was_cut_off_is_read_as_far_as_it_goes_and_noted() -> None:
    content = (EXPORTS / "google-alerts.xml").read_bytes()
    read = read_export(content[: content.rindex(b"<entry>") + 40])
    assert read.finish().mentions >= 1
    assert any("damaged" in note for note in read.report.notes)


# Spreadsheets


def plain_rows(*rows: object) -> list[list[object]]:
    return [["time", "text"], *([row, "hello"] for row in rows)]


def test_a_spreadsheet_says_what_the_csv_says(xlsx: Callable) -> None:
    sheet = [
        ["time", "author", "text", "reach"],
        ["2026-03-10T14:00:00Z", "ana", "hello", 1200],
        ["2026-03-10T14:01:00Z", "ben", "Ja", 7.0],
    ]
    assert [(m.author, m.text, m.reach) for m in read_export(xlsx(sheet))] == [("ana", "hello", 1200), ("ben", "Ja", 7)]


def test_dates_that_are_numbers_in_the_file_are_dates(xlsx: Callable) -> None:
    at = datetime(2026, 3, 10, 14, 22, 7, tzinfo=UTC)
    assert [mention.at for mention in read_export(xlsx(plain_rows(at)), tz="UTC")] == [at]


def test_of_a_formula_the_last_value_counts(xlsx: Callable) -> None:
    sheet = [["time", "text"], ["2026-03-10T14:00:00Z", ('HYPERLINK("http://a.example.com","x")', "shown")]]
    assert [mention.text for mention in read_export(xlsx(sheet))] == ["shown"]


def test_the_header_is_found_below_a_preamble_and_on_another_sheet(xlsx: Callable) -> None:
    preamble: list[list[object]] = [["Report:", "Bulk Mentions Download"], ["Brand:", "Fjordkaffe"], [], ["-----"]]
    assert len(list(read_export(xlsx([["Notes"]], preamble + plain_rows("2026-03-10T14:00:00Z"))))) == 1


def test_a_spreadsheet_whose_two_cells_lie_in_opposite_corners_is_refused(xlsx: Callable) -> None:
    far = '<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>'
    near = '<c r="A1"><v>1</v></c>'
    sheet = f'<worksheet><sheetData><row r="1">{near}</row><row r="1048576">{far}</row></sheetData></worksheet>'
    assert "spans" in refused(xlsx([["a"]], replaced={"xl/worksheets/sheet1.xml": sheet}), TooLarge).message


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='XFD1048576'><v>1</v></c>",
        '<c\nr="XFD1048576"><v>1</v></c>',
        '<x:c r="XFD1048576"><v>1</v></x:c>',
        '<c r = "XFD1048576"/>',
        '<c r="&#88;FD1048576"><v>1</v></c>',
        '<c q="&gt;" r="XFD1048576"/>',
        '<c q=\'r="A1"\' r="XFD1048576"/>',
        "<c><v>1</v></c>",
    ],
)
def test_cells_that_hide_where_they_are_do_not_get_past_the_look_inside(cell: str, xlsx: Callable) -> None:
    sheet = f'<worksheet xmlns:x="y"><sheetData><row r="1"><c r="A1"><v>1</v></c>{cell}</row></sheetData></worksheet>'
    refused(xlsx([["a"]], replaced={"xl/worksheets/sheet1.xml": sheet}), NotAnExport)


def test_a_sheet_under_another_name_is_looked_at_as_well(xlsx: Callable) -> None:
    sheet = "<worksheet><sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>"
    relation = '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="media/image1.png"/></Relationships>'
    refused(xlsx([["a"]], replaced={"xl/_rels/workbook.xml.rels": relation, "xl/media/image1.png": sheet}), NotAnExport)
    hidden = relation.replace("image1.png", "image1&#46;png")
    refused(xlsx([["a"]], replaced={"xl/_rels/workbook.xml.rels": hidden, "xl/media/image1.png": sheet}), NotAnExport)


def test_a_zip_bomb_is_stopped_while_it_unpacks(xlsx: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.xlsx.LARGEST_INSIDE", 20_000_000)
    bomb = xlsx([["a"]], replaced={"xl/media/big.bin": b"\0" * 40_000_000})
    assert len(bomb) < 100_000
    tracemalloc.start()
    assert "unpacks" in refused(bomb, TooLarge).message
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_zip_that_lies_about_its_sizes_is_stopped_too(xlsx: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.importers.xlsx.LARGEST_INSIDE", 20_000_000)
    bomb = bytearray(xlsx([["a"]], replaced={"xl/media/big.bin": b"\0" * 40_000_000}))
    size = (40_000_000).to_bytes(4, "little")
    while (at := bomb.find(size)) >= 0:
        bomb[at : at + 4] = (100).to_bytes(4, "little")
    refused(bytes(bomb), TooLarge)


@given(cut=st.integers(1, 3000))
@settings(max_examples=60, deadline=None)
def test_a_spreadsheet_cut_anywhere_is_refused(cut: int, xlsx: Callable) -> None:
    content = xlsx(plain_rows("2026-03-10T14:00:00Z"))
    refused(content[: -1 - cut % (len(content) - 5)], Unreadable)


def test_another_archive_is_no_spreadsheet() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("content.xml", "<table/>")
    assert "archive" in refused(buffer.getvalue(), NotAnExport).message
