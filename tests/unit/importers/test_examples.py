"""Every kind of export, one file each beside what it is to become; a new case is two files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import asdict

from crisis.adapters.importers import Import, read_export

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
CASES = sorted(path.name for path in EXPORTS.iterdir() if path.is_file())


def bytes_of(name: str) -> bytes:
    """The file as the tool writes it: Meltwater's tab-separated ones are UTF-16 with a mark."""
    content = (EXPORTS / name).read_bytes()
    return content.decode().encode("utf-16") if name.endswith(".tsv") else content


def told(read: Import) -> dict[str, object]:
    rows = list(read.counts()) if read.records == "counts" else list(read)
    plain = [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(row).items()}
        for row in rows
    ]
    return {"report": read.report.as_data(), read.records: plain}


@pytest.mark.parametrize("name", CASES)
def test_an_export_becomes_what_is_written_beside_it(name: str) -> None:
    expected = json.loads((EXPORTS / "expected" / f"{name}.json").read_text())
    assert told(read_export(bytes_of(name))) == expected


@pytest.mark.parametrize("name", CASES)
def test_the_file_name_does_not_matter(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes_of(name))
    assert told(read_export(path)) == told(read_export(bytes_of(name)))


@pytest.mark.parametrize("name", CASES)
def test_every_row_is_a_mention_a_count_or_skipped_for_a_reason(name: str) -> None:
    report = read_export(bytes_of(name)).finish()
    assert report.rows == report.mentions + report.counts + sum(report.skipped.values())
    assert sum(report.sentiment.values()) == report.mentions == report.originals + report.reposts


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith((".csv", ".tsv"))])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_says_the_same_in_every_unicode_encoding(name: str, encoding: str) -> None:
    text = (EXPORTS / name).read_text(encoding="utf-8-sig")
    assert told(read_export(text.encode(encoding))) == told(read_export(bytes_of(name)))
