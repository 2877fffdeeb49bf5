"""Text from outside is hostile: it may move the cursor, hide itself, or reorder what is read."""

from __future__ import annotations

import unicodedata

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2060\u2061\u2062\u2063\u2064\u206a\u206b\u206c\u206d\u206e\u206f\ufeff\uffa0"
)


def _is_hostile(char: str, *, keep: str) -> bool:
    if char in keep:
        return False
    return char in _BIDI or char in _INVISIBLE or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def safe(text: str, *, keep: str = "\n\t", limit: int | None = None) -> str:
    r"""`text` with control, bidi and invisible characters written out as `\u{1b}`.

    The joiners that emoji and several scripts need stay. `keep` lists control characters that may
    stay; `limit` cuts at so many characters and says how many were left out.
    """
    cut = text if limit is None or len(text) <= limit else text[:limit]
    if not cut.isascii() or not cut.isprintable():
        cut = "".join(f"\\u{{{ord(char):x}}}" if _is_hostile(char, keep=keep) else char for char in cut)
    left_out = len(text) - limit if limit is not None and len(text) > limit else 0
    return f"{cut}… ({left_out} more characters)" if left_out else cut


def one_line(text: str, limit: int = 200) -> str:
    """`text` made safe, on one line, at most about `limit` characters."""
    head = text[: limit * 4]
    folded = " ".join(safe(head, keep="\n\t\r").split())
    return folded if len(folded) <= limit and len(head) == len(text) else f"{folded[: limit - 1]}…"


def hostile_characters(text: str) -> tuple[str, ...]:
    """The distinct characters of `text` that `safe` would write out, for refusing them at a door."""
    return tuple(sorted(char for char in set(text) if _is_hostile(char, keep="\n\t")))
