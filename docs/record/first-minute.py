"""Record the first minute of `crisis start product-defect` as docs/first-minute.svg.

    .venv/bin/pip install -e '.[dev]' pyte
    .venv/bin/python docs/record/first-minute.py

The real program runs in a pseudo-terminal of 100 columns and 30 lines and is answered by the keys below. pyte, a
terminal emulator, is needed for recording only. The picture shows everything that went over the screen, the part
that has scrolled away included. Its times are always the same: the program is given a time zone in which it is
now 03:01, so that nothing in the recording has to be changed by hand.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby
from pathlib import Path

import pexpect
import pyte  # type: ignore[import-not-found,unused-ignore]  # for recording only, not a dependency

COLUMNS, LINES = 100, 30
PICTURE = Path(__file__).parents[1] / "first-minute.svg"
TITLE = "crisis start product-defect"

#: What is waited for on the screen, and the keys then typed: six answers until the text is on its way, then whom
#: to ask. What comes last is only waited for.
KEYS = (
    ("Which product?", "Kettle 3\r"),
    ("Has anyone been hurt", "\r"),
    ("Should people stop using it now?", "\r"),
    ("When did the first credible report", "10m ago\r"),
    ("How bad?", "\r"),
    ("Send 8 texts for approval", "\r"),
    ("It needs a yes from product safety", "Per Nygaard, +45 00 00 00 06\r"),
    ("Somebody who reads Danish", "Inge Holm, +45 00 00 00 09\r"),
    ("It needs 1 more", "Ana Berg, +45 00 00 00 03\r"),
    ("Call Per Nygaard", ""),
)

WIDTH, HEIGHT, MARGIN, TOP = 8.4, 18, 16, 44  # pixels: a character, a line, the edge, the title bar
PLAIN, GROUND, BAR = "#d8dee9", "#1e222a", "#2b303b"
COLOURS = {
    "black": "#5c6370",
    "red": "#e06c75",
    "green": "#98c379",
    "brown": "#e5c07b",
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
    "white": PLAIN,
    "brightblack": "#8b93a3",
}


def zone_where_it_is_three(now: datetime) -> str:
    """A time zone in POSIX's way of writing, seconds included, in which `now` is 03:01:05."""
    wanted = now.replace(hour=3, minute=1, second=5, microsecond=0)
    ahead = (wanted - now) % timedelta(days=1)
    if ahead > timedelta(hours=12):  # POSIX allows a day either way; half a day is enough
        ahead -= timedelta(days=1)
    sign = "-" if ahead >= timedelta(0) else ""
    hours, rest = divmod(round(abs(ahead.total_seconds())), 3600)
    return f"CET{sign}{hours:02}:{rest // 60:02}:{rest % 60:02}"


def record(program: str, folder: str) -> pyte.HistoryScreen:
    """The screen after the last key, with what has scrolled away. Raises TimeoutError where a question is missing."""
    screen = pyte.HistoryScreen(COLUMNS, LINES, history=1000)
    stream = pyte.Stream(screen)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "TZ": zone_where_it_is_three(datetime.now(UTC)),  # noqa: TID251  # the recording is about the present
        "CRISIS_AS": "mia",
        "CRISIS_JOURNAL": f"{folder}/journal.db",
        "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody answers when the terminal is asked where its cursor is
    }
    child = pexpect.spawn(
        program,
        ["start", "product-defect"],
        cwd=folder,
        env=environment,
        dimensions=(LINES, COLUMNS),
        encoding="utf-8",
    )
    seen = 0
    for words, keys in KEYS:
        patience = time.monotonic() + 20
        while not any(words in line for line in _words(screen)[seen:]):
            if time.monotonic() > patience:
                raise TimeoutError(f"{words!r} did not come; on the screen is:\n" + "\n".join(screen.display))
            _read(child, stream)
        for _ in range(4):  # until it has drawn the line at the foot as well
            _read(child, stream)
        seen = max(n for n, line in enumerate(_words(screen)) if words in line)
        child.send(keys)
    child.close(force=True)
    return screen


def _read(child: pexpect.spawn[str], stream: pyte.Stream) -> None:
    try:
        stream.feed(child.read_nonblocking(65536, 0.25))
    except pexpect.TIMEOUT:
        return


def _rows(screen: pyte.HistoryScreen) -> list[list[pyte.screens.Char]]:
    rows = [*screen.history.top, *(screen.buffer[n] for n in range(LINES))]
    return [[row[column] for column in range(COLUMNS)] for row in rows]


def _words(screen: pyte.HistoryScreen) -> list[str]:
    return ["".join(char.data for char in row).rstrip() for row in _rows(screen)]


def _colour(name: str, default: str) -> str:
    """A colour by the terminal's name for it, or by its six digits."""
    if name == "default":
        return default
    known = COLOURS.get(name) or COLOURS.get(name.removeprefix("bright"))
    return known or f"#{name}"


def _look(char: pyte.screens.Char) -> tuple[str, str, bool]:
    fore = _colour(char.fg, PLAIN)
    back = _colour(char.bg, GROUND)
    return (back, fore, char.bold) if char.reverse else (fore, back, char.bold)


def picture(rows: list[list[pyte.screens.Char]]) -> Iterator[str]:
    """The lines of an SVG that needs no font but what the reader has, and loads nothing."""
    while rows and not "".join(char.data for char in rows[-1]).strip():
        rows.pop()
    width, height = round(COLUMNS * WIDTH + 2 * MARGIN), TOP + len(rows) * HEIGHT + MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    yield '  font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">'
    yield f"<title>{escape(TITLE)}: the first minute</title>"
    yield f'<rect width="{width}" height="{height}" rx="8" fill="{GROUND}"/>'
    yield f'<path d="M0 30V8a8 8 0 0 1 8-8h{width - 16}a8 8 0 0 1 8 8v22z" fill="{BAR}"/>'
    yield f'<text x="{MARGIN}" y="20" fill="{PLAIN}">$ {escape(TITLE)}</text>'
    for n, row in enumerate(rows):
        column = 0
        for (fore, back, bold), run in groupby(row, key=_look):
            text = "".join(char.data for char in run)
            x, y, long = MARGIN + column * WIDTH, TOP + n * HEIGHT, len(text)
            column += long
            if back != GROUND:
                yield f'<rect x="{x:.1f}" y="{y}" width="{long * WIDTH:.1f}" height="{HEIGHT}" fill="{back}"/>'
            if not text.strip():
                continue
            shown = text.rstrip()
            thick = ' font-weight="bold"' if bold else ""
            yield (
                f'<text x="{x:.1f}" y="{y + 13}" fill="{fore}"{thick} xml:space="preserve" '
                f'textLength="{len(shown) * WIDTH:.1f}">{escape(shown, quote=False)}</text>'
            )
    yield "</svg>"


def main() -> None:
    """Record, and write the picture."""
    program = Path(sys.executable).with_name("crisis")
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows(record(str(program), folder))
    PICTURE.write_text("\n".join(picture(rows)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
