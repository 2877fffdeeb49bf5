"""Findings for people and for programs: `file:line:col: code severity message`, the line, a caret, a hint."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from crisis.kernel.text import one_line, safe

if TYPE_CHECKING:
    from crisis.kernel.diagnostics import Finding

SCHEMA_VERSION = 1
_TAB = 4
_MOST = 400
_TONES = {"strong": "1", "error": "31", "warning": "33", "caret": "36"}
_WRITTEN_OUT = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


def as_text(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """Every finding as a paragraph; the empty text where there are none."""
    return "".join(f"{line}\n" for one in findings for line in _paragraph(one, colour=colour))


def as_json(findings: Sequence[Finding], files: int) -> str:
    """One document with every finding, for a program."""
    found = [
        {
            "file": one.position.file,
            "line": one.position.line,
            "column": one.position.column,
            "code": one.diagnostic.code,
            "severity": one.diagnostic.severity,
            "message": one.diagnostic.message,
            "hint": one.diagnostic.hint,
            "path": list(one.diagnostic.path),
        }
        for one in findings
    ]
    whole = {"schema_version": SCHEMA_VERSION, "findings": found, "files": files}
    # A name from the file system need not be UTF-8; what stands for its bytes must not end the output.
    return json.dumps(whole, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def summary(findings: Sequence[Finding], files: int | None = None) -> str:
    """`2 errors, 1 warning in 7 files`, or `no findings in 7 files`; without `files` just how many there are."""
    errors = sum(one.is_error for one in findings)
    counts = [_count(errors, "error"), _count(len(findings) - errors, "warning")]
    said = ", ".join(count for count in counts if count) or "no findings"
    return said if files is None else f"{said} in {_count(files, 'file') or '0 files'}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else ""


def _paragraph(one: Finding, *, colour: bool) -> list[str]:
    position, diagnostic = one.position, one.diagnostic
    place = f"{safe(position.file, keep='')}:{position.line}:{position.column}:"
    said = f"{diagnostic.code} {diagnostic.severity} {one_line(diagnostic.message, _MOST)}"
    lines = [f"{_painted(place, 'strong', colour)} {_painted(said, 'error' if one.is_error else 'warning', colour)}"]
    if one.source_line.strip():
        caret = f"  {' ' * _caret(one.source_line, position.column)}^"
        lines += [f"  {_without_tabs(one.source_line)}", _painted(caret, "caret", colour)]
    if diagnostic.hint:
        lines.append(f"hint: {one_line(diagnostic.hint, _MOST)}")
    return lines


def _painted(text: str, tone: str, colour: bool) -> str:
    return f"\033[{_TONES[tone]}m{text}\033[0m" if colour else text


def _caret(line: str, column: int) -> int:
    """How many cells stand before the character in that column (from 1) of the line as it was written.

    `line` is what is shown of it: hostile characters written out, and cut when it is long.
    """
    cells = at = 0
    for _ in range(column - 1):
        if at >= len(line):
            break
        written_out = _WRITTEN_OUT.match(line, at)
        if written_out and _is_hostile(written_out[1]):
            cells, at = cells + len(written_out[0]), written_out.end()
        else:
            cells, at = cells + _width(line[at], cells), at + 1
    return min(cells, _cells(line) - 1) if at >= len(line) and line.endswith("…") else cells


def _cells(line: str) -> int:
    cells = 0
    for char in line:
        cells += _width(char, cells)
    return cells


def _without_tabs(line: str) -> str:
    shown, cells = "", 0
    for char in line:
        width = _width(char, cells)
        shown, cells = shown + (" " * width if char == "\t" else char), cells + width
    return shown


def _is_hostile(digits: str) -> bool:
    number = int(digits, 16)
    return number <= 0x10FFFF and safe(chr(number), keep="\t") != chr(number)


def _width(char: str, before: int) -> int:
    if char == "\t":
        return _TAB - before % _TAB
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
