"""Markdown from text that nobody vouches for: no markup, no HTML and no table can come out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from crisis.kernel.text import safe

#: The longest text that is shown on one line; what is left out is counted.
LONGEST_LINE = 2_000

_MARKUP = re.compile(r"[\\`*\[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BLOCK = re.compile(r"^(\d{1,9}(?=[.)])|)([#+=.)-])")
_URL = re.compile(r"https?://[A-Za-z0-9][^\s<>\"'`\\|]*", re.ASCII)
_FENCES = re.compile(r"`{3,}")


def inline(text: str) -> str:
    """`text` on one line, saying in Markdown what it says in plain."""
    folded = " ".join(safe(text, keep="\n\t\r", limit=LONGEST_LINE).split())
    escaped = _MARKUP.sub(r"\\\g<0>", _ENTITY.sub("&amp;", folded))
    escaped = escaped.replace("<", "&lt;").replace(">", "&gt;")
    return _BLOCK.sub(r"\1\\\2", escaped)


def link(text: str) -> str:
    """An address as a link if it is plainly one for the web, else as text."""
    if len(text) <= LONGEST_LINE and text.isascii() and _URL.fullmatch(text):
        return f"<{text}>"
    return inline(text)


def fenced(text: str) -> list[str]:
    """`text` as it is, inside a fence longer than any in it."""
    longest = max((len(run) for run in _FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}text", *safe(text).split("\n"), fence]


class Page:
    """A Markdown document, line by line. Every text given to it is escaped; `mark` stands in every heading and row."""

    def __init__(self, mark: str = "") -> None:
        self._lines: list[str] = []
        self._mark = f"{mark} · " if mark else ""

    def heading(self, level: int, text: str) -> None:
        """A heading with air around it."""
        self._apart()
        self._lines += [f"{'#' * level} {self._mark}{inline(text)}", ""]

    def paragraph(self, text: str, *, strong: bool = False) -> None:
        """A paragraph."""
        self._apart()
        said = f"{self._mark}{inline(text)}"
        self._lines += [f"**{said}**" if strong else said, ""]

    def bullet(self, text: str, depth: int = 0, *, lead: str = "", url: str = "") -> None:
        """A line of a list; `lead` stands in bold before it, `url` as a link behind it."""
        said = inline(text) if not lead else f"**{inline(lead)}**{f' {inline(text)}' if text else ''}"
        self._lines.append(f"{'  ' * depth}- {self._mark}{said}{f' {link(url)}' if url else ''}")

    def task(self, text: str, depth: int = 0, *, done: bool = False, lead: str = "") -> None:
        """A line to tick off."""
        said = inline(text) if not lead else f"**{inline(lead)}**{f' {inline(text)}' if text else ''}"
        self._lines.append(f"{'  ' * depth}- [{'x' if done else ' '}] {self._mark}{said}")

    def image(self, text: str, name: str) -> None:
        """An image that lies beside the document, under that name; `text` says what is to be seen."""
        self._apart()
        address = quote(name.encode("utf-8", "surrogateescape"))
        self._lines += [f"![{self._mark}{inline(text)}]({address})", ""]

    def exact(self, text: str) -> None:
        """A text as it is, to the space."""
        self._apart()
        self._lines += [*fenced(text), ""]

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; no rows, no table."""
        if not rows:
            return
        self._apart()
        self._lines.append(f"| {' | '.join(inline(one) for one in columns)} |")
        self._lines.append(f"| {' | '.join('---' for _ in columns)} |")
        for row in rows:
            first, *rest = row
            cells = [f"{self._mark}{_cell(first)}", *(_cell(one) for one in rest)]
            self._lines.append(f"| {' | '.join(cells)} |")
        self._lines.append("")

    def comment(self, text: str) -> None:
        """A comment that no reader sees; only letters, digits and plain signs are let through."""
        self._apart()
        self._lines.append(f"<!-- {re.sub(r'[^A-Za-z0-9 :.,=]', '', text)} -->")

    def text(self) -> str:
        """The document, ending with one newline."""
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return "\n".join(self._lines) + "\n"

    def _apart(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")


def _cell(text: str) -> str:
    return link(text) if text.startswith(("http://", "https://")) else inline(text)
