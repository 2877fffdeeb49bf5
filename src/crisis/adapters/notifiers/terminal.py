"""A terminal, with its bell and a line that says how things stand; or lines of JSON for a program."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from crisis.runtime.feeds import Proposal, Said

_BELL = "\a"
_CLEAR = "\r\x1b[K"


@dataclass(slots=True)
class Terminal:
    """Proposals go to `out`, everything else to `err`; where a person looks at `err`, its last line is a status.

    `lines` makes text of what is said, `status` the one line; both are safe to print. With `once` the last status
    stays, for whoever looks. Without `bell` a proposal makes no noise.
    """

    out: TextIO
    err: TextIO
    lines: Callable[[Said], Sequence[str]]
    status: Callable[[Said], str]
    once: bool = False
    bell: bool = True
    _shown: bool = field(default=False, repr=False)

    def tell(self, said: Said) -> None:
        """Show it, at once; a proposal rings the bell, unless it must not."""
        text = "".join(f"{line}\n" for line in self.lines(said))
        status = self.status(said) if self.err.isatty() else ""
        if self._shown and (text or status):
            _write(self.err, _CLEAR)
            self._shown = False
        if isinstance(said, Proposal):
            if self.bell:
                self.ring()
            _write(self.out, text)
        elif text:
            _write(self.err, text)
        if status:
            width = shutil.get_terminal_size().columns - 1
            _write(self.err, status[:width])
            self._shown = True

    def ring(self) -> None:
        """Ring the bell, where somebody sits."""
        if self.out.isatty() or self.err.isatty():
            _write(self.err, _BELL)

    def complain(self, line: str) -> None:
        """A line about the telling itself, to `err`."""
        if self._shown:
            _write(self.err, _CLEAR)
            self._shown = False
        _write(self.err, f"{line}\n")

    def close(self) -> None:
        """Leave the last status on a line of its own."""
        if self._shown:
            _write(self.err, "\n")
            self._shown = False


@dataclass(slots=True)
class JsonLines:
    """One JSON object a line, everything that is said."""

    out: TextIO
    data: Callable[[Said], dict[str, Any]]

    def tell(self, said: Said) -> None:
        """Write it, at once."""
        _write(self.out, json.dumps(self.data(said)) + "\n")

    def close(self) -> None:
        """Nothing is left open."""


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
