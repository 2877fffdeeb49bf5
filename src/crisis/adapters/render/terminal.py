"""Text for a terminal: colour only where somebody looks, labels in a column, a mark on every line of a rehearsal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

# Named tuples, here and for `status` alone: they cost a tenth of a dataclass when the module is loaded.
Tone = Literal["plain", "alarm", "good", "quiet", "strong"]

_COLOURS: Mapping[str, str] = {"alarm": "1;31", "good": "32", "quiet": "2", "strong": "1"}
_WIDEST_LABEL = 30


class Row(NamedTuple):
    """One line: what it is about, what is said, how it should sound, and an address that goes with it."""

    label: str
    text: str
    tone: Tone = "plain"
    url: str = ""


class Section(NamedTuple):
    """Lines under a title."""

    title: str
    rows: tuple[Row, ...]


def in_colour() -> bool:
    """Whether somebody looks and wants colour: NO_COLOR, FORCE_COLOR and TERM=dumb are obeyed, in this order."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


def laid_out(sections: Iterable[Section], *, mark: str = "", colour: bool = False) -> str:
    """Sections as text; `mark` stands at the head of every line. What is in the rows must be safe already."""
    lines: list[str] = []
    for section in sections:
        indent = ""
        if section.title:
            lines += ["", _painted(section.title, "strong", colour)]
            indent = "  "
        width = min(max(len(row.label) for row in section.rows), _WIDEST_LABEL)
        for row in section.rows:
            url = f" {row.url}" if row.url else ""
            lines.append(f"{indent}{row.label:<{width}}  {_painted(row.text, row.tone, colour)}{url}")
    return "".join(f"{mark}{line}".rstrip() + "\n" for line in lines)


def columns(rows: Sequence[Sequence[str]], *, mark: str = "") -> str:
    """Rows in columns, the last one as wide as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{mark}{line}\n" for line in lines)


def folded(lines: Iterable[str], width: int) -> list[str]:
    """Lines of at most `width` columns (0: as long as they like); what is too long goes on below, words being whole."""
    found: list[str] = []
    for line in lines:
        if not width or len(line) <= width:
            found.append(line)
            continue
        from textwrap import wrap  # here: most of what a terminal shows needs none of it

        indent = " " * (len(line) - len(line.lstrip()) + 2)
        found += wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return found


def _painted(text: str, tone: Tone, colour: bool) -> str:
    code = _COLOURS.get(tone)
    return f"\033[{code}m{text}\033[0m" if colour and code else text
