"""Findings for people and for programs: `file:line:col: code severity message`, the line, a caret, a hint."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from crisis.kernel.text import one_line, safe

if TYPE_CHECKING:
    from rich.text import Text

    from crisis.kernel.diagnostics import Finding

SCHEMA_VERSION = 1
_TAB = 4
_MOST = 400
_WRITTEN_OUT = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


def as_text(findings: Iterable[Finding]) -> str:
    """Every finding as a paragraph; the empty text where there are none."""
    return "".join(f"{line}\n" for one in findings for line in _paragraph(one))


def as_rich(findings: Iterable[Finding]) -> Text:
    """The same with colours, for a terminal."""
    from rich.text import Text

    text = Text()
    for one in findings:
        head, *rest = _paragraph(one)
        place = len(head) - len(_message(one))
        text.append(head[:place], "bold")
        text.append(f"{head[place:]}\n", "red" if one.is_error else "yellow")
        for line in rest:
            text.append(f"{line}\n", "cyan" if line.strip() == "^" else "dim" if not line.startswith("hint") else "")
    return text


def show(findings: Sequence[Finding]) -> None:
    """Write the findings to stdout, in colour where that is a terminal."""
    if not findings:
        return
    if wants_colour(sys.stdout.isatty(), os.environ):
        from rich.console import Console

        Console(soft_wrap=True, highlight=False, emoji=False).print(as_rich(findings), end="")
        return
    text = as_text(findings)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def wants_colour(is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """NO_COLOR and TERM=dumb forbid it, FORCE_COLOR wants it, else a terminal gets it (https://no-color.org)."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return is_terminal or bool(environment.get("FORCE_COLOR"))


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


def summary(findings: Sequence[Finding], files: int) -> str:
    """`2 errors, 1 warning in 7 files`, or `no findings in 7 files`."""
    errors = sum(one.is_error for one in findings)
    counts = [_count(errors, "error"), _count(len(findings) - errors, "warning")]
    said = ", ".join(count for count in counts if count) or "no findings"
    return f"{said} in {_count(files, 'file') or '0 files'}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else ""


def _message(one: Finding) -> str:
    return f" {one.diagnostic.code} {one.diagnostic.severity} {one_line(one.diagnostic.message, _MOST)}"


def _paragraph(one: Finding) -> list[str]:
    position = one.position
    lines = [f"{safe(position.file, keep='')}:{position.line}:{position.column}:{_message(one)}"]
    if one.source_line.strip():
        lines += [f"  {_without_tabs(one.source_line)}", f"  {' ' * _caret(one.source_line, position.column)}^"]
    if one.diagnostic.hint:
        lines.append(f"hint: {one_line(one.diagnostic.hint, _MOST)}")
    return lines


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
