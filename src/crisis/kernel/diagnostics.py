"""Findings in a file, as data: a rule names a path; the position is looked up afterwards."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]


class Position(NamedTuple):
    """A place in a file; `line` and `column` count from 1, columns in code points."""

    file: str
    line: int
    column: int


class Diagnostic(Struct, frozen=True):
    """One finding. `path` leads from the document's root to the value it is about, or to its key (`at_key`)."""

    code: str
    message: str
    path: Path = ()
    hint: str = ""
    severity: Severity = "error"
    at_key: bool = False


class Finding(Struct, frozen=True):
    """A diagnostic with its place and the source line, ready to print."""

    diagnostic: Diagnostic
    position: Position
    source_line: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it makes `crisis check` exit 1."""
        return self.diagnostic.severity == "error"


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the known word most like `word`, or the known words, or nothing."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(choices)}" if 0 < len(choices) <= 24 else ""
