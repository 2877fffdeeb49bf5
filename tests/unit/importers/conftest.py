"""Builders of small exports: spreadsheets without a spreadsheet library, post addresses that carry a time."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

_X_EPOCH_MS = 1288834974657
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _x_url(when: str, user: str = "ana") -> str:
    at = datetime.fromisoformat(when).replace(tzinfo=UTC)
    return f"https://x.com/{user}/status/{(int(at.timestamp() * 1000) - _X_EPOCH_MS) << 22}"


def _cell(column: int, row: int, value: object) -> str:
    letters, n = "", column + 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    place = f"{letters}{row + 1}"
    if value is None:
        return ""
    if isinstance(value, datetime):
        serial = (value - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86400
        return f'<c r="{place}" s="1"><v>{serial!r}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, tuple):
        return f'<c r="{place}" t="str"><f>{escape(value[0])}</f><v>{escape(value[1])}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def _sheet(rows: Sequence[Sequence[object]]) -> str:
    lines = (
        f'<row r="{n + 1}">{"".join(_cell(k, n, value) for k, value in enumerate(row))}</row>'
        for n, row in enumerate(rows)
    )
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _xlsx(*sheets: Sequence[Sequence[object]], replaced: Mapping[str, str | bytes] | None = None) -> bytes:
    """An XLSX file of `sheets`; `replaced` puts other contents under some of its paths."""
    numbers = range(1, len(sheets) + 1)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        + "".join(f'<sheet name="Sheet{n - 1}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        + f'<Relationship Id="rId99" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": _sheet(rows) for n, rows in enumerate(sheets, 1)}
    parts |= replaced or {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def _table(rows: Sequence[Mapping[str, str]], delimiter: str = ",") -> bytes:
    """A CSV of rows that all have the keys of the first."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


@pytest.fixture(scope="session")
def x_url() -> Callable[..., str]:
    """An address on X whose id says that it was posted at that UTC time."""
    return _x_url


@pytest.fixture(scope="session")
def xlsx() -> Callable[..., bytes]:
    return _xlsx


@pytest.fixture(scope="session")
def table() -> Callable[..., bytes]:
    return _table


@pytest.fixture(scope="session")
def talkwalker() -> Callable[..., bytes]:
    """A Talkwalker CSV of (published, url) rows; other columns as given for all."""

    def build(*rows: tuple[str, str], **others: str) -> bytes:
        usual = {
            "indexed": "",
            "search_indexed": "",
            "content": "text",
            "source_type": "BLOG,BLOG_OTHER",
            "sentiment": "0",
        }
        return _table([{"url": url, "published": at} | usual | others for at, url in rows])

    return build
