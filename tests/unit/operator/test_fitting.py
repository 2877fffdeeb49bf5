"""What is written beside the prompts fits a terminal, and goes to a file or another program as it is."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
from collections.abc import Iterator
from typing import TextIO

import pytest

from crisis.adapters.operator.fitting import for_terminal

LONG = "Waiting for  approval of the holding statement · until 2026-11-26"


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    keyboard, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 41, 0, 0))
    with os.fdopen(screen, "w") as stream:
        yield stream
    os.close(keyboard)


def test_at_a_terminal_lines_break_between_words(terminal: TextIO) -> None:
    assert for_terminal(LONG, terminal).split("\n") == [
        "Waiting for  approval of the holding",
        "             statement · until",
        "             2026-11-26",
    ]


def test_what_fits_stays_as_it_is(terminal: TextIO) -> None:
    assert for_terminal("short\n  and  sweet\n", terminal) == "short\n  and  sweet\n"


def test_elsewhere_nothing_is_broken() -> None:
    assert for_terminal(LONG, io.StringIO()) == LONG
    closed = io.StringIO()
    closed.close()
    assert for_terminal(LONG, closed) == LONG
