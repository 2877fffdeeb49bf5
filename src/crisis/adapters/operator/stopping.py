"""SIGTERM and SIGHUP: the walk stops where it is, with everything answered so far on disk."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from crisis.kernel.errors import Interrupted


class Stopping:
    """Remembers the signal; while `raising`, a signal ends a blocking read at once."""

    def __init__(self) -> None:
        self.number = 0
        self.raising = False

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler: never raises in the middle of a write."""
        self.number = number
        if self.raising:
            raise self.interrupted()

    def interrupted(self) -> Interrupted:
        """The error that ends the walk."""
        return stopped_by(self.number)

    def check(self) -> None:
        """Raise if a signal has come."""
        if self.number:
            raise self.interrupted()


def stopped_by(number: int) -> Interrupted:
    """The error that ends the walk, with the exit code that shells expect of that signal."""
    error = Interrupted("Stopped by the system.")
    error.exit = 128 + number  # type: ignore[assignment]  # 143 and 129 are not in our own table
    return error


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Handle SIGTERM and SIGHUP within, and put the old handlers back."""
    state = Stopping()
    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, state.receive) for number in numbers}
    try:
        yield state
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
