"""Lines that fit a terminal: broken between words, cut with a sign that they are, or folded between their parts.

Widths are columns: a wide character takes two.
"""

from __future__ import annotations

import wcwidth


def broken(text: str, width: int, indent: str = "") -> str:
    """`text` in lines of at most `width`, the later ones after `indent`; broken between words where it can be."""
    return f"\n{indent}".join(wcwidth.wrap(text, max(20, width)) or [""])


def wrapped(text: str, width: int) -> str:
    """Each line of `text` broken between words, its own indent before what follows of it."""
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def cut(line: str, width: int) -> str:
    """`line`, with `…` at its end where it is cut."""
    return line if wcwidth.width(line) <= width else f"{wcwidth.clip(line, 0, width - 1)}…"


def padded(line: str, width: int) -> str:
    """`line` with spaces up to `width`."""
    return wcwidth.ljust(line, width)


def folded(line: str, width: int) -> list[str]:
    """`line` on as many lines as it needs, broken at its ` · `: no part of it goes missing."""
    lines: list[str] = []
    for part in line.split(" · "):
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and wcwidth.width(joined) > width:
            lines.append(part)
        else:
            lines[-1:] = [joined]
    return [cut(one, width) for one in lines]


def _wrapped(line: str, width: int) -> str:
    if not line.strip():
        return line
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return "\n".join(
        wcwidth.wrap(line.strip(), width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
    )
