"""How far a long read has come: on stderr, at a terminal only, and gone at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LONG = 4 * 1024 * 1024
"""Bytes; less is read before anyone would look at a bar."""


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
    seen = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if size < LONG or not seen or os.environ.get("CRISIS_ACCESSIBLE"):
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Shown(progress, progress.add_task("reading", total=size))
