"""Lines that fit a terminal: broken between words, cut with a sign that they are, or folded between their parts."""

from __future__ import annotations

import textwrap


def broken(text: str, width: int, indent: str = "") -> str:
    """`text` in lines of at most `width`, the later ones after `indent`; broken between words where it can be."""
    return f"\n{indent}".join(textwrap.wrap(text, max(20, width)) or [""])


def wrapped(text: str, width: int) -> str:
    """`text` broken between words, its own indent before every line; what is empty, and a word too long, stay."""
    indent = " " * (len(text) - len(text.lstrip(" ")))
    return textwrap.fill(text, width, subsequent_indent=indent, break_long_words=False) if text.strip() else text


def cut(line: str, width: int) -> str:
    """`line`, with `…` at its end where it is cut."""
    return line if len(line) <= width else f"{line[: width - 1]}…"


def folded(line: str, width: int) -> list[str]:
    """`line` on as many lines as it needs, broken at its ` · `: no part of it goes missing."""
    lines: list[str] = []
    for part in line.split(" · "):
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and len(joined) > width:
            lines.append(part)
        else:
            lines[-1:] = [joined]
    return [cut(one, width) for one in lines]
