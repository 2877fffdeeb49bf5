"""How far a long read has come, and the judging of it: on stderr, at a terminal only, and gone at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LONG = 4 * 1024 * 1024
"""Bytes; less is read before anyone would look at a bar."""
MANY = 20_000
"""Rows; fewer are judged before anyone would look at a bar."""
_EVERY = 500  # rows, between two looks at the bar: it costs more than a row
_T = TypeVar("_T")


class Reading(Protocol):
    """Opens the files of a read."""

    def open(self, path: Path) -> BinaryIO:
        """The file, from its start."""

    def elsewhere(self) -> None:
        """An engine reads from here on, and does not say how far it is."""


class Silent:
    """Nobody watches."""

    def open(self, path: Path) -> BinaryIO:
        """The file, from its start."""
        return path.open("rb")

    def elsewhere(self) -> None:
        """Nothing to say."""


class _Shown:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def open(self, path: Path) -> BinaryIO:
        # A file is opened to be recognised, to be looked over and to be read: each time the bar starts anew.
        self._progress.reset(self._task, total=path.stat().st_size, description=one_line(path.name, 40))
        return self._progress.open(path, "rb", task_id=self._task)

    def elsewhere(self) -> None:
        self._progress.reset(self._task, total=None)


@contextmanager
def reading(size: int) -> Iterator[Reading]:
    """Show how far a read of `size` bytes in all has come, if it is long and somebody looks."""
    if size < LONG or not _is_seen():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Shown(progress, progress.add_task("reading", total=size))


class Judging:
    """Shows how far the rows of one signal after another have come, where they are many and somebody looks."""

    def __init__(self) -> None:
        self._shown = _is_seen()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def through(self, rows: Iterator[_T], length: int, name: str) -> Iterator[_T]:
        """The rows, of which there are about `length`; `name` is safe to print."""
        return self._counted(rows, length, name) if self._shown and length >= MANY else rows

    def end(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()

    def _counted(self, rows: Iterator[_T], length: int, name: str) -> Iterator[_T]:
        if self._progress is None or self._task is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
            self._progress = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self._task = self._progress.add_task("", total=None)
            self._progress.start()
        self._progress.reset(self._task, total=length, description=name)
        for n, row in enumerate(rows):
            if not n % _EVERY:
                self._progress.update(self._task, completed=n)
            yield row


@contextmanager
def judging() -> Iterator[Judging]:
    """A bar for what is judged within, from when it takes long."""
    shown = Judging()
    try:
        yield shown
    finally:
        shown.end()


def _is_seen() -> bool:
    is_terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return is_terminal and not os.environ.get("CRISIS_ACCESSIBLE")
