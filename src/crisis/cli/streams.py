"""The standard streams, where one of them is closed, full, or read no more."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO


def put_something_in_place_of_closed_ones() -> None:
    """Where a standard stream was closed, no file that is opened later may get its number: a print would end in it.

    What is written to stdout fails then as on a full disk; what is written to stderr goes nowhere.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def let_go(stream: TextIO) -> None:
    """What `stream` still holds goes nowhere: Python would end with 120 when it cannot write its last words."""
    with suppress(OSError, ValueError):
        number, nowhere = stream.fileno(), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
        stream.flush()


def refusal(stream: TextIO) -> OSError | None:
    """Why what was written to `stream` cannot leave; None where it can, or where nobody reads it any more."""
    try:
        stream.flush()
    except BrokenPipeError:
        let_go(stream)
    except ValueError:
        return OSError(errno.EBADF, "")
    except OSError as error:
        let_go(stream)
        return error
    return None
