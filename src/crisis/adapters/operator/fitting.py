"""What is written beside the prompts, for a terminal: lines break between words, and stay as they are elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

#: The narrowest that anything is made for.
_NARROWEST = 20


def for_terminal(text: str, stream: TextIO) -> str:
    """`text` as it fits the terminal that `stream` is: what goes to a file, or to another program, stays as it is."""
    width = columns_of(stream)
    if not width or all(len(line) <= width and line.isascii() for line in text.split("\n")):
        return text
    # Only now: it is slow to load, and most of what is written fits.
    from crisis.adapters.operator.lines import hanging

    return hanging(text, width)


def tell(text: str) -> None:
    """Say `text` on stderr; where that cannot be written to, there is nobody to tell, and no reason to fail."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{for_terminal(text, sys.stderr)}\n")


def columns_of(stream: TextIO) -> int:
    """How many columns of the terminal that `stream` is may be filled; 0 where nobody looks."""
    try:
        return max(_NARROWEST, os.get_terminal_size(stream.fileno()).columns - 1) if stream.isatty() else 0
    except (OSError, ValueError):
        return 0
