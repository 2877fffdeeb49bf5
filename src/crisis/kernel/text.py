"""Text from outside is hostile: it may move the cursor, hide itself, or reorder what is read."""

from __future__ import annotations

import re
from functools import cache

_CONTROL = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"  # Cc, Zl, Zp and, alone, Cs
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2060-\u2064\u206a-\u206f\ufeff\uffa0"


@cache  # so wide a class is compiled when a text is not plain ASCII, which `status` rarely meets
def _hostile() -> re.Pattern[str]:
    return re.compile(f"[{_CONTROL}{_BIDI}{_INVISIBLE}]")


def safe(text: str, *, keep: str = "\n\t", limit: int | None = None) -> str:
    r"""`text` with control, bidi and invisible characters written out as `\u{1b}`.

    The joiners that emoji and several scripts need stay. `keep` lists control characters that may
    stay; `limit` cuts at so many characters and says how many were left out.
    """
    cut = text if limit is None or len(text) <= limit else text[:limit]
    if not cut.isascii() or not cut.isprintable():
        cut = _hostile().sub(lambda found: found[0] if found[0] in keep else f"\\u{{{ord(found[0]):x}}}", cut)
    left_out = len(text) - limit if limit is not None and len(text) > limit else 0
    return f"{cut}… ({left_out} more characters)" if left_out else cut


def one_line(text: str, limit: int = 200) -> str:
    """`text` made safe, on one line, at most about `limit` characters."""
    head = text[: limit * 4]
    folded = " ".join(safe(head, keep="\n\t\r").split())
    return folded if len(folded) <= limit and len(head) == len(text) else f"{folded[: limit - 1]}…"


def sentence(text: str, end: str = ".") -> str:
    """`text` with `end` after it, unless it ends with a mark of its own."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}{end}"


def quoted(text: str, limit: int = 200) -> str:
    """`text` as `one_line` shows it, between quotes."""
    line = one_line(text, limit)
    mark = '"' if "'" in line and '"' not in line else "'"
    return f"{mark}{line}{mark}"


def hostile_characters(text: str) -> tuple[str, ...]:
    """The distinct characters of `text` that `safe` would write out, for refusing them at a door."""
    return tuple(sorted(set(_hostile().findall(text)) - {"\n", "\t"}))


def is_blank(text: str) -> bool:
    """Whether it has nothing that can be read: spaces, and what joins, keeps apart or hides letters."""
    stripped = text.strip()
    if stripped.isascii():
        return not stripped
    from unicodedata import category

    return all(category(one)[0] in "CZM" for one in stripped)
