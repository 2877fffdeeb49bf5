"""Lines that fit a terminal: broken between words, cut with a sign that they are, or folded between their parts.

Widths are columns: a wide character takes two.
"""

from __future__ import annotations

import re

import wcwidth

#: What parts columns, and what stands before an indented line.
_GAP = re.compile(r"^ +(?=\S)|(?<=\S) {2,}(?=\S)")


def broken(text: str, width: int, indent: str = "") -> str:
    """`text` in lines of at most `width`, the later ones after `indent`; broken between words where it can be."""
    return f"\n{indent}".join(wcwidth.wrap(text, max(20, width)) or [""])


def wrapped(text: str, width: int) -> str:
    """Each line of `text` broken between words, its own indent before what follows of it."""
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def quoted(text: str, width: int, mark: str) -> str:
    """`text` after `mark`, which stands before every line that it is broken into."""
    return f"{mark}{broken(text, width - len(mark), mark)}"


def hanging(text: str, width: int) -> str:
    """Each line of `text` broken between words; what follows of it stands under its last column.

    A word that is longer than a line, such as an address, stays in one piece.
    """
    return "\n".join(_hung(line, width) for line in text.split("\n"))


def whole_parts(line: str, width: int) -> str:
    """As many of the parts of `line`, between its ` · `, as `width` has room for, and how many more there are."""
    parts = line.split(" · ")
    for count in range(len(parts), 0, -1):
        more = f" · +{len(parts) - count}" if count < len(parts) else ""
        shown = f"{' · '.join(parts[:count])}{more}"
        if wcwidth.width(shown) <= width:
            return shown
    return f"{_cut_between_words(parts[0], width - len(more))}{more}"


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


def _cut_between_words(line: str, width: int) -> str:
    """`line`, with `…` after the last word that fits where it is cut."""
    if wcwidth.width(line) <= width:
        return line
    first = wcwidth.wrap(line, max(1, width - 1))[0]
    return f"{first.rstrip(' ,;:(')}…"


def _hung(line: str, width: int) -> str:
    if wcwidth.width(line) <= width:
        return line
    bare = wcwidth.strip_sequences(line)
    columns = [wcwidth.width(bare[: gap.end()]) for gap in _GAP.finditer(bare)]
    # Half a line at least is left for what is said.
    under = max((column for column in columns if column <= width // 2), default=0)
    pieces = wcwidth.wrap(
        line, width, subsequent_indent=" " * under, break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )
    return "\n".join(pieces)
