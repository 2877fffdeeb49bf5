"""A picture of signals as a file to look at: HTML with its figures below, or SVG; nothing in it runs or is fetched."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from crisis.adapters.render.drawing import (
    NARROW,
    SVG,
    WIDE,
    called,
    draw,
    heading,
    is_compressed,
    long,
    short,
    zone_name,
)
from crisis.adapters.render.moments import clock_time
from crisis.adapters.render.signals import standing_cells
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.signals.alerts import Alert
from crisis.signals.course import Course
from crisis.signals.picture import Mark, Picture
from crisis.signals.standing import Standing

_LABEL = 240
_FEWER_STEPS = 62
_MOST_MARKS = 200
_LINES = 12
"""Moments that are written below a drawing that stands alone."""
_KINDS = {"signal": "▼ signal", "statement": "◆ statement", "event": "● event"}

_DARK = (
    "--page: #15171a; --ink: #e8e8e8; --quiet: #a8adb4; --grid: #3c4046; --came: #f2f2f2; --usual: #7fb0ff; "
    "--band: #1f3a63; --signal: #ff9385; --statement: #6fdc9c; --event: #cbb0ff;"
)
_COLOURS = f"""
:root {{ color-scheme: light dark; --page: #fff; --ink: #1a1a1a; --quiet: #5a5f66; --grid: #d8d8d8; --came: #1a1a1a;
  --usual: #1f6feb; --band: #cfe0fb; --signal: #b42318; --statement: #0b6b3a; --event: #6b4fa0; }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
.drawing text {{ fill: var(--ink) !important; font-family: system-ui, sans-serif !important; }}
.drawing .band * {{ fill: var(--band) !important; }}
.drawing .edge *, .drawing .usual * {{ stroke: var(--usual) !important; }}
.drawing .came * {{ stroke: var(--came) !important; }}
.drawing .dots * {{ fill: var(--came) !important; stroke: var(--came) !important; }}
.drawing .grid * {{ stroke: var(--grid) !important; }}
""" + "".join(
    f""".drawing .mark.{kind} *, .drawing .sign.{kind} * {{ stroke: var(--{kind}) !important; }}
.drawing .sign.{kind} * {{ fill: var(--{kind}) !important; }}
"""
    for kind in _KINDS
)


class Table(Struct, frozen=True, kw_only=True):
    """Figures below a picture. `numbers`: the columns that hold them; `whole`: those that stay on one line.

    Cells may come from outside.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset({0})
    note: str = ""


def alert_mark(alert: Alert) -> Mark:
    """A signal as it began; where it had begun before and grew, when that was said."""
    share = alert.signal.endswith("_share")
    value, usual = short(alert.value, share=share), short(alert.baseline, share=share)
    grew = " grew further" if alert.escalates else ""
    label = f"{called(alert.signal)}{grew}: {value} in {roughly(alert.window)}, usually {usual} ({alert.ratio:.3g}x)"
    return Mark(alert.at if alert.escalates else min(alert.since, alert.at), label, "signal")


def standing_table(standings: Sequence[Standing]) -> Table:
    """How every signal stands at the end, with what is usual."""
    rows = [standing_cells(one, one.ends.tzinfo) for one in standings]
    return Table(title="At the end", head=("signal", "now", "usual", "times", ""), rows=rows)


def to_svg(picture: Picture) -> str:
    """One drawing that stands alone, with the moments written below it. Raises Usage where the library is missing."""
    root = draw(picture, WIDE)
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    title, lines = one_line(picture.title, 100), list(_lines(picture))
    body = ET.Element(f"{SVG}g", transform="translate(0 34)")
    for child in list(root):
        root.remove(child)
        body.append(child)
    root.set("viewBox", f"0 0 {width:g} {height + 46 + 18 * len(lines):g}")
    root.append(_style(f"{_COLOURS}\n.drawing {{ background: var(--page); }}"))
    root.append(_text(title, 8, 24, 17))
    root.append(body)
    for n, line in enumerate(lines):
        root.append(_text(line, 8, height + 50 + 18 * n, 12))
    _described(root, title, f"{summary(picture)} {' '.join(_lines(picture, _MOST_MARKS))}")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _written(root) + "\n"


def to_html(picture: Picture, tables: Iterable[Table] = ()) -> str:
    """A page: the drawing for a wide screen and for a narrow one, the moments, `tables`, and the figures drawn.

    Raises Usage where the library is missing.
    """
    from importlib.resources import files

    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    title, said = one_line(picture.title, 120), summary(picture)
    drawings = []
    for size in (WIDE, NARROW):
        root = draw(picture, size)
        _described(root, title, said)
        drawings.append(Markup(_written(root)))  # noqa: S704  # an element tree escapes what is in it
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return page.from_string(files(__package__).joinpath("chart.html.j2").read_text("utf-8")).render(
        title=title,
        summary=said,
        colours=Markup(_COLOURS),  # noqa: S704  # a constant
        caption=_caption(picture),
        drawings=drawings,
        tables=[_shown(table) for table in (*_moments(picture), *tables, *map(_figures, picture.courses))],
    )


def summary(picture: Picture) -> str:
    """What is to be seen, in words: for those who cannot see it."""
    parts = []
    for course in picture.courses:
        steps, share = course.steps(), course.kind == "share"
        values = [step for step in steps if not math.isnan(step.value)]
        if not values:
            continue
        top = max(values, key=lambda step: step.value)
        usual = sorted(step.band.expected for step in steps if step.band)
        usually = f"; usually about {short(usual[len(usual) // 2], share=share)}" if usual else ""
        at = clock_time(top.at, picture.zone)
        per = "" if share else f" per {long(course.step)}"
        parts.append(f"{called(course.signal)}: at most {short(top.value, share=share)}{per} ({at}){usually}.")
    count = len(picture.moments)
    parts.append(f"{count} moment{'' if count == 1 else 's'} marked." if count else "No moment is marked.")
    begins, ends = (clock_time(at, picture.zone) for at in (picture.begins, picture.ends))
    return f"{begins} to {ends}. {' '.join(parts)}"


def _caption(picture: Picture) -> str:
    parts = [f"Times in {zone_name(picture)}."]
    if any(step.band for course in picture.courses for step in course.steps()):
        parts.append(
            "Between the edges of the band lie about 19 of 20 ordinary steps; the dashed line is what is typical then."
        )
    else:
        parts.append("Too little history to say what is usual: a full day must be seen first.")
    if any(map(is_compressed, picture.courses)):
        parts.append("Where the scale narrows upwards, four times as much stands twice as high.")
    return " ".join(parts)


def _moments(picture: Picture) -> Iterator[Table]:
    marks = [(moment.number, mark) for moment in picture.moments for mark in moment.marks]
    left_out = max(0, len(marks) - _MOST_MARKS)
    if not marks:
        return
    rows = [
        (str(number), _local(mark.at.astimezone(picture.zone)), f"{_KINDS[mark.kind]} · {mark.label}")
        for number, mark in marks[left_out:]
    ]
    note = f"The latest {_MOST_MARKS} of {len(marks)}." if left_out else ""
    yield Table(
        title="Moments",
        head=("No.", "when", "what"),
        rows=rows,
        numbers=frozenset({0}),
        whole=frozenset({1}),
        note=note,
    )


def _figures(course: Course) -> Table:
    """What is drawn, in few enough rows to be read."""
    fewer, share = course.coarser(_FEWER_STEPS), course.kind == "share"
    rows = []
    for step in fewer.steps():
        band = step.band
        known = (short(one, share=share) for one in (band.low, band.expected, band.high)) if band else ("?", "?", "?")
        value = "none" if math.isnan(step.value) else short(step.value, share=share)
        rows.append((_local(step.at), value, *known))
    return Table(
        title=f"{heading(fewer)}, in figures",
        head=("from", "came", "at least", "typical", "at most"),
        rows=rows,
        numbers=frozenset({1, 2, 3, 4}),
        note="At least and at most: where about 19 of 20 ordinary steps lie.",
    )


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _lines(picture: Picture, most: int = _LINES) -> Iterator[str]:
    marks = [(moment.number, mark) for moment in picture.moments for mark in moment.marks]
    for number, mark in marks[:most]:
        kind = _KINDS[mark.kind].split()[0]
        yield f"{number} {kind} {clock_time(mark.at, picture.zone)}  {one_line(mark.label, 90)}"
    if len(marks) > most:
        yield f"… and {len(marks) - most} more"


def _shown(table: Table) -> Table:
    return Table(
        title=one_line(table.title, 120),
        head=[one_line(cell, 80) for cell in table.head],
        rows=[[one_line(cell, _LABEL) for cell in row] for row in table.rows],
        numbers=table.numbers,
        whole=table.whole,
        note=one_line(table.note, _LABEL),
    )


def _described(root: ET.Element, title: str, description: str) -> None:
    name = root.attrib["class"].split()[-1]
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for n, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{SVG}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(n, element)


def _style(text: str) -> ET.Element:
    element = ET.Element(f"{SVG}style")
    element.text = text
    return element


def _text(text: str, x: float, y: float, size: int) -> ET.Element:
    element = ET.Element(f"{SVG}text", x=f"{x:g}", y=f"{y:g}", style=f"font: {size}px sans-serif")
    element.text = text
    return element


def _written(root: ET.Element) -> str:
    ET.register_namespace("", SVG.strip("{}"))
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ET.tostring(root, encoding="unicode")
