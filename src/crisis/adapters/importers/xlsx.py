"""XLSX, read by python-calamine, after a look inside that keeps bombs from being opened."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from crisis.adapters.importers.errors import NeedsLibrary, NotAnExport, TooLarge
from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.tables import Header, header_in, unknown
from crisis.kernel.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from python_calamine import CalamineSheet

    from crisis.adapters.importers.source import Source
    from crisis.adapters.importers.tables import Recognise, Skip

LARGEST_FILE = 256 * 1024 * 1024
LARGEST_INSIDE = 768 * 1024 * 1024
"""Bytes when unpacked; a Talkwalker export of 50,000 rows and 93 columns has about 300 MB."""
MOST_CELLS = 12_000_000
"""Cells of the rectangle around a sheet: the reader sets memory aside for all of them, used or not."""

_PIECE = 1 << 20
_PREAMBLE = 60
_MOST_SHEETS = 20
_AS_CSV = "export CSV instead, or a shorter span"
_STRICT_CELL = re.compile(rb'<c(?: [a-z]+="[\w.]*")*? r="([A-Z]{1,3}[0-9]{1,7})"')
_OTHER_CELL = re.compile(rb"<(?:[^<>\s/]*:)?c[\t\r\n>/]|<[^<>\s/]*:c ")
_TARGET = re.compile(rb'Target="([^"&]*)"')
_RELATIONS = "xl/_rels/workbook.xml.rels"
_DIGITS, _CAPITALS = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SheetTable:
    """The sheet whose header somebody's layout knows; rows are texts, as a CSV would have them."""

    container = "xlsx"

    def __init__(self, source: Source, recognise: Sequence[Recognise]) -> None:
        if source.size > LARGEST_FILE:
            raise TooLarge(f"{source}: {source.size // 1_000_000} MB are too many for a spreadsheet", hint=_AS_CSV)
        with source.open() as handle:
            self.content = handle.read()
        look_inside(self.content, str(source))
        self.notes: list[str] = []
        header, self._sheet = self._found(source, recognise)
        # A sheet may have two hundred columns of which twenty mean something to us.
        meant = {name for listed in header.layout.fields.values() for name in listed}
        self._wanted = [n for n, column in enumerate(header.columns) if plain(column) in meant]
        self._below = header.row + 1
        self.header = Header(tuple(header.columns[n] for n in self._wanted), header.layout, header.row, header.above)

    def _found(self, source: Source, recognise: Sequence[Recognise]) -> tuple[Header, CalamineSheet]:
        try:
            from python_calamine import CalamineError, load_workbook
        except ImportError:
            raise NeedsLibrary.named("an XLSX file", "signals", "export CSV") from None
        heads: dict[str, list[list[str]]] = {}
        try:
            book = load_workbook(io.BytesIO(self.content))
            for name in book.sheet_names[:_MOST_SHEETS]:
                sheet = book.get_sheet_by_name(name)
                heads[name] = [[cell_text(cell) for cell in row] for row in islice(sheet.iter_rows(), _PREAMBLE)]
                if header := header_in(heads[name], recognise[0]):
                    return header, sheet
            for known in recognise[1:]:
                for name, head in heads.items():
                    if header := header_in(head, known):
                        return header, sheet if len(heads) == 1 else book.get_sheet_by_name(name)
        except (CalamineError, OSError, ValueError) as error:
            raise Unreadable(f"{source}: the spreadsheet is damaged ({type(error).__name__})", hint=_AS_CSV) from None
        raise unknown(str(source), [row for head in heads.values() for row in head])

    def rows(self, skip: Skip) -> Iterator[Sequence[str]]:
        """The rows below the header; blank ones are left out."""
        again = list(self.header.columns)
        for row in islice(self._sheet.iter_rows(), self._below, None):
            texts = [cell if type(cell) is str else cell_text(cell) for cell in map(row.__getitem__, self._wanted)]
            if texts == again:
                skip("header again")
            elif any(texts) or any(cell != "" for cell in row):
                yield texts


def cell_text(cell: object) -> str:
    """A cell's value as text: dates in ISO, whole numbers without a point; of formulas the value last computed."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return (cell + timedelta(microseconds=500)).replace(microsecond=0).isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return str(cell)


def look_inside(content: bytes, name: str) -> None:
    """Raise unless `content` is an XLSX file that can be opened within bounded time and memory.

    Everything is unpacked once in pieces and counted, whatever sizes the archive states. A file of
    17 kB whose two cells lie in opposite corners would otherwise end the process, not raise: so the
    rectangle is measured, and cells that are written in a way that hides their place are refused.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= {member.filename for member in members}:
                raise NotAnExport(
                    f"{name} is an archive and not an XLSX file", hint="unpack it, and give the exported file"
                )
            if len(members) > 2000:
                raise TooLarge(f"{name}: a spreadsheet has no {len(members)} parts", hint=_AS_CSV)
            sheets = _targets(archive, name)
            total = 0
            for member in members:
                path = member.filename
                is_text = path.endswith((".xml", ".rels", ".vml")) or path.rpartition("/")[2] in sheets
                total = _look_at(archive, member, total, name, is_text=is_text)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Unreadable(
            f"{name}: the spreadsheet is cut off or damaged ({type(error).__name__})", hint="export it again"
        ) from None


def _targets(archive: zipfile.ZipFile, name: str) -> set[str]:
    """The last parts of the paths that the workbook may take its sheets from, whatever they are called."""
    try:
        with archive.open(_RELATIONS) as part:
            relations = part.read(_PIECE)
    except KeyError:
        return set()
    targets = _TARGET.findall(relations)
    if len(targets) != relations.count(b"Target") - relations.count(b"TargetMode") or len(relations) == _PIECE:
        raise NotAnExport(f"{name}: its sheets are named in a way that spreadsheets do not use", hint=_AS_CSV)
    return {target.decode("utf-8", "replace").rpartition("/")[2] for target in targets}


def _look_at(archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: int, name: str, *, is_text: bool) -> int:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotAnExport(f"{name}: no spreadsheet program packs like this", hint=_AS_CSV)
    member.file_size = 1 << 62  # the stated size is the author's claim: read to the real end
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    rest = b""
    with archive.open(member) as part:
        while piece := part.read(_PIECE):
            total += len(piece)
            if total > LARGEST_INSIDE:
                raise TooLarge(f"{name} unpacks to more than {LARGEST_INSIDE // 1_000_000} MB", hint=_AS_CSV)
            if not is_text:
                continue
            whole, mark, rest = (rest + piece).rpartition(b"<")
            rest = mark + rest
            _measure(whole, columns, rows, name)
            if len(rest) > LARGEST_INSIDE // 8:
                raise TooLarge(f"{name}: one cell holds more than any text", hint=_AS_CSV)
        _measure(rest, columns, rows, name)
    if columns:
        width = max(_column(letters) for letters in columns) - min(_column(letters) for letters in columns) + 1
        height = max(map(int, rows)) - min(map(int, rows)) + 1
        if width * max(height, _PREAMBLE) > MOST_CELLS:
            raise TooLarge(f"{name}: a sheet spans {height} rows and {width} columns", hint=_AS_CSV)
    return total


def _measure(piece: bytes, columns: set[bytes], rows: set[bytes], name: str) -> None:
    places = _STRICT_CELL.findall(piece)
    cells = piece.count(b"<c ")
    hidden = len(places) != cells
    if not hidden and (b":c" in piece or piece.count(b"<c") != cells):
        hidden = _OTHER_CELL.search(piece) is not None
    if hidden or b"\0" in piece:
        raise NotAnExport(f"{name}: its cells are written in a way that spreadsheets do not use", hint=_AS_CSV)
    if places:
        joined = b" ".join(places)
        columns.update(joined.translate(None, _DIGITS).split())
        rows.update(joined.translate(None, _CAPITALS).split())


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
