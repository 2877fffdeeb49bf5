"""A chart of signals, into a file that is not there yet or that we wrote ourselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crisis.adapters.render.keep import check, sealed, write
from crisis.kernel.errors import NotFound, Usage
from crisis.kernel.text import one_line
from crisis.signals.course import Course
from crisis.signals.picture import Picture, picture_of

if TYPE_CHECKING:
    from crisis.adapters.render.chart import Table
    from crisis.signals.alerts import Alert
    from crisis.signals.tally import Series

_OPTION = "--chart"
_DRAWN = ("mention_rate", "site_traffic", "negative_share")
"""What is drawn, from top to bottom."""


def course_of(series: Series) -> Course | None:
    """A course for a signal that is drawn, to be told its rows."""
    return Course(series.signal, series.kind, series.every) if series.signal in _DRAWN else None


def can_write(path: Path) -> None:
    """Raise Usage, NotFound or Refused where no chart can be written there, before anything is read."""
    from crisis.adapters.render.drawing import can_draw, needs_library

    if path.suffix.lower() not in {".html", ".htm", ".svg"}:
        raise Usage(
            f"{one_line(str(path))} is neither HTML nor SVG", hint="give a name that ends with .html or with .svg"
        )
    if not can_draw():
        raise needs_library()
    check(path, option=_OPTION)


def write_chart(path: Path, picture: Picture, tables: Iterable[Table] = ()) -> None:
    """Write `picture` as HTML, with `tables` below it, or as SVG: which one, the name of the file says.

    A file that a person has changed, or that is none of ours, is never overwritten. Raises as `can_write` does.
    """
    from crisis.adapters.render.chart import to_html, to_svg

    can_write(path)
    text = to_svg(picture) if path.suffix.lower() == ".svg" else to_html(picture, tables)
    write(path, sealed(text), option=_OPTION)


def chart_detected(
    path: Path, files: Sequence[Path], courses: Sequence[Course], alerts: Iterable[Alert], tables: Iterable[Table] = ()
) -> None:
    """Write the chart of what `files` hold. Raises NotFound where there is nothing to draw, else as `write_chart`."""
    from crisis.adapters.render.chart import alert_mark

    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    ordered = sorted(courses, key=lambda course: _DRAWN.index(course.signal))
    picture = picture_of(f"Signals in {one_line(files[0].name, 80)}{more}", ordered, map(alert_mark, alerts))
    if picture is None:
        raise NotFound("there is nothing to draw", hint="the report says what was read, and what was skipped")
    write_chart(path, picture, tables)
