"""What is left of a file once it is read: data, and where in which file each part was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from crisis.kernel.diagnostics import Finding, Path, Position
from crisis.kernel.text import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crisis.kernel.diagnostics import Diagnostic

Value: TypeAlias = str | list["Value"] | dict[str, "Value"] | None
"""Scalars stay text until a schema types them; only YAML 1.2's plain null forms become None."""

_SHOWN = 160


def split_lines(text: str) -> list[str]:
    """The lines as the YAML parser and editors count them: ended by LF, CR LF or CR, and by nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _shown(line: str) -> str:
    # One character more than is shown tells whether any is missing; made visible, one may take several.
    shown = safe(line[: _SHOWN + 1], keep="\t")
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


class Source(Struct, frozen=True):
    """A file as it was given: the name shown to people and its decoded text ("" when it could not be decoded)."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The line of that number, from 1, safe to print and cut at about 160 characters; "" when there is none."""
        lines = split_lines(self.text)
        return _shown(lines[number - 1]) if 0 < number <= len(lines) else ""

    def finding(self, diagnostic: Diagnostic, line: int, column: int) -> Finding:
        """`diagnostic` at a place in this file (both count from 1), with the line it is about.

        What is missing at the very end is shown at the last thing written, not on a line that is not there.
        """
        lines = split_lines(self.text)
        if line > len(lines):
            line, column = self.place(len(self.text.rstrip()))
        return Finding(diagnostic, Position(self.name, line, column), _shown(lines[line - 1]))

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `index`."""
        before = split_lines(self.text[:index])
        return len(before), len(before[-1]) + 1


class Document(Struct, frozen=True):
    """One document: its data, the place of each value and of each key, and the files they came from."""

    data: Value
    positions: Mapping[Path, Position]
    keys: Mapping[Path, Position]
    sources: Mapping[str, Source]

    def locate(self, path: Path, *, key: bool = False) -> Position:
        """Where the value at `path` was written (with `key`, the key that leads to it), else its nearest ancestor."""
        if key and path in self.keys:
            return self.keys[path]
        for end in range(len(path), -1, -1):
            if path[:end] in self.positions:
                return self.positions[path[:end]]
        return Position(next(iter(self.sources), ""), 1, 1)
