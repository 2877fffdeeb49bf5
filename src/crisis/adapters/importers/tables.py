"""Text tables: find encoding, delimiter and header row under whatever was put above it, then stream the rows."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from crisis.adapters.importers.errors import UnknownLayout
from crisis.adapters.importers.layout import Layout, plain
from crisis.adapters.importers.source import HEAD
from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TextIO

    from crisis.adapters.importers.source import Source

    Recognise = Callable[[Sequence[str]], Layout | None]
    Skip = Callable[[str], None]

LONGEST_CELL = 1024 * 1024
"""Characters; a quote that is never closed is given up on after so many."""
_DELIMITERS = ",\t;|"
_PREAMBLE = 60
_MANGLED = (b"\xc3\xbf\xc3\xbe", b"\xc3\xbe\xc3\xbf")
"""UTF-16's mark, after something took the file for Latin-1 and saved it again as UTF-8."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class LineReader(Protocol):
    """What `csv.reader` makes."""

    line_num: int

    def __next__(self) -> list[str]:
        """The next row."""


class Header(Struct, frozen=True):
    """Where the header is, what its columns are called (as written), whose layout it is, and the rows `above` it."""

    columns: tuple[str, ...]
    layout: Layout
    row: int
    above: tuple[tuple[str, ...], ...] = ()


def encoding_of(head: bytes, *, whole: bool) -> str:
    """The encoding of a text that begins with `head`: by its mark, by its NULs, else UTF-8, else Windows-1252."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if head.startswith(_MANGLED):
        return "utf-8"
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    half = max(1, min(len(head), 2000) // 2)
    if odd > 0.4 * half and odd > 4 * even:
        return "utf-16-le"
    if even > 0.4 * half and even > 4 * odd:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def header_in(rows: Sequence[Sequence[str]], recognise: Recognise) -> Header | None:
    """The first of `rows` whose names somebody's layout knows."""
    for n, row in enumerate(rows):
        if len(row) > 1 and (layout := recognise(tuple(plain(cell) for cell in row))):
            return Header(tuple(row), layout, n, tuple(map(tuple, rows[:n])))
    return None


def unknown(name: str, rows: Iterable[Sequence[str]]) -> UnknownLayout:
    """The error for a table that nobody's layout knows; it names the columns of the widest of `rows`."""
    widest = max(rows, key=lambda row: sum(1 for cell in row if cell.strip()), default=())
    columns = ", ".join(one_line(cell, 30) for cell in widest[:12] if cell.strip())
    found = f"; its columns look like {columns}" if columns else ""
    hint = "say which column is the time and which the text in a column map (`crisis detect FILE --dry-run` writes one)"
    written = tuple(cell for cell in widest if cell.strip())
    return UnknownLayout.with_columns(f"{name}: no known export looks like this{found}", hint, written)


class TextTable:
    """A delimited text: the header once found, and its rows as often as wanted."""

    container = "csv"

    def __init__(self, source: Source, recognise: Sequence[Recognise]) -> None:
        self.source = source
        head = source.head(16 * HEAD)
        self.encoding = encoding_of(head, whole=len(head) >= source.size)
        self.notes = (
            ["not UTF-8: read as Windows-1252, so some letters may be wrong"] if self.encoding == "cp1252" else []
        )
        text = head.decode(self.encoding, "replace").replace("\0", "")
        tried = []
        for known in recognise:
            for delimiter in _DELIMITERS:
                rows = _first_rows(text, delimiter)
                tried += rows
                if header := header_in(rows, known):
                    self.header, self.delimiter = header, delimiter
                    return
        raise unknown(str(source), tried)

    def rows(self, skip: Skip) -> Iterator[Sequence[str]]:
        """The rows below the header, as wide as it; damaged ones go to `skip` with the reason."""
        width = len(self.header.columns)
        reader = self._reader()
        line = reader.line_num
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                for _ in range(reader.line_num - line):
                    skip("broken quotes")
                line = reader.line_num
                continue
            line = reader.line_num
            if len(row) == width:
                if tuple(row) == self.header.columns:
                    skip("header again")
                else:
                    yield row
            elif not any(row):
                continue
            elif len(row) < width:
                if self._open_end:
                    skip("cut off")
                else:
                    yield row + [""] * (width - len(row))
            elif any(cell.strip() for cell in row[width:]):
                skip("too many cells")
            else:
                yield row[:width]

    def _reader(self) -> LineReader:
        self._open_end = False
        csv.field_size_limit(LONGEST_CELL)  # a bound of the whole process, the same on every call
        reader = csv.reader(self._lines(), delimiter=self.delimiter)
        for _ in range(self.header.row + 1):
            next(reader)
        return reader

    def _lines(self) -> Iterator[str]:
        with self.source.open() as raw, io.TextIOWrapper(raw, self.encoding, "replace", newline="") as handle:
            yield from self._pieces(handle)

    def _pieces(self, handle: TextIO) -> Iterator[str]:
        while piece := handle.readline(LONGEST_CELL):
            self._open_end = piece[-1] not in "\r\n"
            yield piece.replace("\0", "") if "\0" in piece else piece


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        while len(rows) < _PREAMBLE:
            rows.append(next(reader))
    except (StopIteration, csv.Error):  # a header below an endless cell is no header
        pass
    return rows
