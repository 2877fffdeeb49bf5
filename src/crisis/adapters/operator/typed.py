"""What comes from the keyboard: as text that can be kept, and never for the wrong question."""

from __future__ import annotations

import errno
import os
import re
import sys
from contextlib import suppress
from typing import IO

#: Three digits are a number: an extension.
_NUMBERED = re.compile(r"(\D*[^\d\s+(]) +([+(]?(?=(?:\D*\d){3})\d[\d ()/.-]+)")


def name_and_number(said: str) -> tuple[str, str]:
    """`Ana Berg, +45 12 34 56 78`; the comma may be forgotten where a number follows."""
    name, comma, contact = (part.strip() for part in said.partition(","))
    if not comma and (numbered := _NUMBERED.fullmatch(name)):
        return numbered[1], numbered[2]
    return name, contact


def somebody_is_there() -> bool:
    """Whether stdin is a terminal: a pipe, a file or nothing at all is no person."""
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # it was closed
        return False


def whole(text: str) -> str:
    """`text` without halves of characters, which a terminal that sends no UTF-8 leaves behind."""
    return text.encode("utf-8", "replace").decode()


def forget_typed(stream: IO[str]) -> None:
    """Throw away what was typed and not yet read, where `stream` is a terminal."""
    import termios

    with suppress(OSError, ValueError, termios.error):
        termios.tcflush(stream.fileno(), termios.TCIFLUSH)


def let_go_of_terminal() -> None:
    """Where the terminal is gone, what is left to say goes nowhere, so that the exit code tells what happened.

    Python itself would end with 120 when it cannot write its last words.
    """
    import termios

    for descriptor in (1, 2):
        try:
            termios.tcgetattr(descriptor)
        except termios.error as error:
            if error.args[0] == errno.EIO:
                os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
