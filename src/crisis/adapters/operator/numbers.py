"""Numbers as people type them. Where a comma or a point could mean two things, nobody guesses."""

from __future__ import annotations

import re

from crisis.kernel.text import quoted

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ ,\u00a0\u202f']\d{3})+(?:\.\d+)?", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def number_from(text: str) -> int | float:
    """`1200`, `3.5`, `1 200`, `1,200,000`. Raises ValueError with what to write instead."""
    said = text.strip()
    if _EITHER.fullmatch(said):
        raise ValueError(f"{said!r} can be read in two ways: write {re.sub('[.,]', '', said)}, or 0.5 and the like")
    if len(said) > 40 or not (_PLAIN.fullmatch(said) or _GROUPED.fullmatch(said)):
        raise ValueError(f"{quoted(text, 60)} is not a number: write digits, such as 1200 or 3.5")
    number = float(re.sub("[ ,\u00a0\u202f']", "", said))
    return int(number) if number.is_integer() else number
