"""A picture of signals as SVG: the one module that knows matplotlib."""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crisis.adapters.extras import installing
from crisis.kernel.durations import roughly
from crisis.kernel.errors import Usage
from crisis.signals.course import MOST, Course, Step
from crisis.signals.picture import MarkKind, Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SVG = "{http://www.w3.org/2000/svg}"
_EXACT = re.compile(r"-?\d+\.\d+")
_LINK = "{http://www.w3.org/1999/xlink}href"


class Size(NamedTuple):
    """What a drawing is made for, in pixels of a screen."""

    name: str
    width: int
    first: int
    """The height of the first panel; those below it are half as high."""
    dates: int
    """The most dates that find room below."""
    steps: int
    """The most steps that can be told apart."""


WIDE, NARROW = Size("wide", 940, 300, 9, MOST), Size("narrow", 380, 240, 6, 240)

#: What a mark looks like, so that nobody needs colour to tell them apart: its sign on top, and its line.
_SIGNS: Mapping[MarkKind, tuple[str, Literal["-", "--", ":"]]] = {
    "signal": ("v", "--"),
    "statement": ("D", "-"),
    "event": ("o", ":"),
}
_CALLED: Mapping[MarkKind, str] = {"signal": "signal began", "statement": "statement published", "event": "event"}
#: Of the light page; those of the dark one are in the style sheet, by the same names.
_COLOURS = {
    "came": "#1a1a1a",
    "usual": "#1f6feb",
    "band": "#cfe0fb",
    "signal": "#b42318",
    "statement": "#0b6b3a",
    "event": "#6b4fa0",
    "grid": "#d8d8d8",
}
_STYLE: Any = {  # typed by the library as one of 300 names, which nobody can write down
    "svg.fonttype": "none",
    "svg.hashsalt": "crisis",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": "#767676",
    "xtick.color": "#767676",
    "xtick.labelcolor": "black",
    "text.parse_math": False,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def called(signal: str) -> str:
    """A signal's name as the head of a panel: `Mention rate` counts mentions."""
    return {"mention_rate": "Mentions", "site_traffic": "Visits"}.get(signal, signal.replace("_", " ").capitalize())


def heading(course: Course) -> str:
    """What a panel shows: `Mentions per 2 hours`."""
    return called(course.signal) + ("" if course.kind == "share" else f" per {long(course.step)}")


def long(step: timedelta) -> str:
    """How long a step is, after "per": `hour`, `2 hours`, `5 minutes`."""
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        times = step // unit
        if times and not step % unit:
            return name if times == 1 else f"{times} {name}s"
    return roughly(step)


def is_compressed(course: Course) -> bool:
    """Whether a few peaks tower so high that what is usual would be a line at the bottom; then it is drawn by roots."""
    steps = course.steps()
    usual = sorted(step.band.high for step in steps if step.band)
    return (
        course.kind == "count" and bool(usual) and max(step.value for step in steps) > 6 * usual[len(usual) * 9 // 10]
    )


def draw(picture: Picture, size: Size) -> ET.Element:
    """The picture as an `svg` element with classes for a style sheet. Raises Usage where the library is missing."""
    if not can_draw():
        raise needs_library()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()  # the user's own settings are for the user's own charts
        mpl.rcParams.update(_STYLE)
        courses = [course.coarser(size.steps) for course in picture.courses]
        by_roots = [is_compressed(course) for course in picture.courses]
        heights = [1.0, *(0.55 for _ in courses[1:])]
        pixels = size.first * sum(heights) + 130
        figure = Figure(figsize=(size.width / 72, pixels / 72), layout="constrained")
        panels: list[Axes] = list(
            figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        )
        for course, roots, axes in zip(courses, by_roots, panels, strict=True):
            _panel(axes, course, by_roots=roots)
            _lines(axes, picture)
        rows = _signs(panels[0], picture, size)
        panels[0].set_title(heading(courses[0]), pad=8 + 14 * bool(picture.moments) + 11 * rows)
        _dates(panels[-1], picture, size)
        _legend(figure, panels, picture, columns=6 if size is WIDE else 2)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return _classed(ET.fromstring(written.getvalue()), size.name)  # noqa: S314  # our own, a moment ago


def can_draw() -> bool:
    """Whether the library is there."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def needs_library() -> Usage:
    """That a chart cannot be drawn here, and what would change that."""
    return Usage("a chart needs a library that is not installed", hint=f"{installing('chart')} adds it")


def _panel(axes: Axes, course: Course, *, by_roots: bool) -> None:
    import numpy as np
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    steps = list(_with_gaps(course))
    # Each value stands in the middle of the time that it counts.
    when = [_days(step.at + course.step / 2) for step in steps]
    nan = math.nan
    low = [step.band.low if step.band else nan for step in steps]
    high = [step.band.high if step.band else nan for step in steps]
    axes.fill_between(when, low, high, color=_COLOURS["band"], linewidth=0, label="usual range", gid="band")
    for edge in (low, high):
        axes.plot(when, edge, color=_COLOURS["usual"], linewidth=0.5, gid="edge")
    usual = [step.band.expected if step.band else nan for step in steps]
    axes.plot(when, usual, color=_COLOURS["usual"], linewidth=1.2, linestyle=(0, (5, 2)), label="typical", gid="usual")
    values = [step.value for step in steps]
    axes.plot(when, values, color=_COLOURS["came"], linewidth=1.2, label="what came", gid="came")
    alone = [n for n, value in enumerate(values) if not math.isnan(value) and _is_alone(values, n)]
    axes.plot(
        [when[n] for n in alone],
        [values[n] for n in alone],
        linestyle="none",
        marker=".",
        markersize=6,
        markeredgewidth=0,
        color=_COLOURS["came"],
        gid="dots",
    )
    axes.set_title(heading(course))
    axes.set_ylim(bottom=0, top=_top([*values, *high], course))
    axes.grid(axis="y", color=_COLOURS["grid"], linewidth=0.6, gid="grid")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    if by_roots:
        axes.set_yscale("function", functions=(lambda value: np.sqrt(np.abs(value)), np.square))
        axes.yaxis.set_major_locator(FixedLocator(_ticks(axes.get_ylim()[1])))
        axes.set_title("scale narrows upwards", loc="right", fontsize=9, fontweight="normal")
    else:
        whole = course.kind == "count" and axes.get_ylim()[1] >= 1
        parts = 5 if course.kind == "count" else 4
        axes.yaxis.set_major_locator(MaxNLocator(parts, steps=[1, 2, 2.5, 5, 10], integer=whole))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value, share=course.kind == "share")))


def short(value: float, *, share: bool = False) -> str:
    """A number in few signs: `1,200`, `1.2M`, or `40%`."""
    if share:
        return f"{100 * value:.3g}%"
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _with_gaps(course: Course) -> Iterator[Step]:
    """The steps, and one of nothing wherever some are missing: unknown is not zero, and no line leads over it."""
    before: datetime | None = None
    for step in course.steps():
        if before is not None and step.at - before > course.step:
            yield Step(before + course.step, math.nan, None)
        yield step
        before = step.at


def _is_alone(values: Sequence[float], n: int) -> bool:
    return (not n or math.isnan(values[n - 1])) and (n + 1 == len(values) or math.isnan(values[n + 1]))


def _top(values: Sequence[float], course: Course) -> float:
    highest = max((value for value in values if not math.isnan(value)), default=0.0)
    if course.kind == "share":
        return min(1.0, max(0.05, 1.08 * highest))
    return 1.08 * highest or 1.0


def _ticks(top: float) -> list[float]:
    """Round numbers that stand apart where heights are square roots."""
    found = [0.0]
    for power in range(-1, 16):
        for digit in (1, 2, 5):
            value = digit * 10.0**power
            if value <= top and math.sqrt(value) - math.sqrt(found[-1]) > math.sqrt(top) / 8:
                found.append(value)
    return found


def _lines(axes: Axes, picture: Picture) -> None:
    for moment in picture.moments:
        for kind, at in moment.firsts.items():
            axes.axvline(
                _days(at),
                color=_COLOURS[kind],
                linewidth=0.9,
                linestyle=_SIGNS[kind][1],
                gid=f"mark {kind}",
                zorder=1.5,
            )


def _signs(axes: Axes, picture: Picture, size: Size) -> int:
    """The moments' numbers above the panel, each over the sign of what it was; in how many rows they stand."""
    above = axes.get_xaxis_transform()
    room = 26 / size.width * (picture.ends - picture.begins)
    row, rows, before = 0, 0, None
    for moment in picture.moments:
        row = 1 - row if before is not None and moment.at - before < room else 0
        rows, before = max(rows, row + 1), moment.at
        for kind, at in moment.firsts.items():
            axes.plot(
                [_days(at)],
                [1.02],
                marker=_SIGNS[kind][0],
                markersize=6,
                markeredgewidth=0,
                color=_COLOURS[kind],
                transform=above,
                clip_on=False,
                gid=f"sign {kind}",
            )
        axes.annotate(
            str(moment.number),
            (_days(moment.at), 1.02),
            xycoords=above,
            xytext=(0, 6 + 11 * row),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            annotation_clip=False,
            gid="number",
        )
    return rows


def _dates(axes: Axes, picture: Picture, size: Size) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    # Their types are not written down.
    locator = AutoDateLocator(tz=picture.zone, minticks=3, maxticks=size.dates)  # type: ignore[no-untyped-call]
    spelled = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator, tz=picture.zone, offset_formats=["", "%Y", "%B %Y", "%d %B %Y", "%d %B %Y", "%d %B %Y, %H:%M"]
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(spelled)
    axes.set_xlabel(f"times: {zone_name(picture)}", loc="left", fontsize=9)
    margin = (picture.ends - picture.begins) / 100
    axes.set_xlim(_days(picture.begins - margin), _days(picture.ends + margin))


def _legend(figure: Figure, panels: Sequence[Axes], picture: Picture, columns: int) -> None:
    from matplotlib.lines import Line2D

    handles, labels = panels[0].get_legend_handles_labels()
    names = ["band", "usual", "came"]
    if not any(step.band for course in picture.courses for step in course.steps()):
        handles, labels, names = handles[-1:], labels[-1:], names[-1:]
    for kind, (sign, line) in _SIGNS.items():
        if any(kind in moment.firsts for moment in picture.moments):
            handles.append(
                Line2D([], [], color=_COLOURS[kind], marker=sign, markersize=6, markeredgewidth=0, linestyle=line)
            )
            labels.append(_CALLED[kind])
            names.append(f"sign {kind}")
    legend = figure.legend(handles, labels, loc="outside lower left", ncols=columns, fontsize=10)
    for handle, name in zip(legend.legend_handles, names, strict=True):
        if handle is not None:
            handle.set_gid(name)


def zone_name(picture: Picture) -> str:
    """Whose clock the times are of: a place's, or an offset."""
    return getattr(picture.zone, "key", "") or str(picture.begins.astimezone(picture.zone).tzname())


def _classed(root: ET.Element, name: str) -> ET.Element:
    """Names become classes, and what is left of ids is told apart from those of another drawing on the same page."""
    for child in list(root):
        if child.tag in {f"{SVG}metadata", f"{SVG}title"}:
            root.remove(child)
    written = ET.tostring(root, encoding="unicode")
    for element in root.iter():
        if own := element.attrib.pop("id", None):
            if f"#{own}" in written and "=" not in own:
                element.set("id", f"{name}-{own}")
            elif own.split()[0] in {"band", "edge", "usual", "came", "dots", "grid", "mark", "sign", "number"}:
                element.set("class", own)
        if "d" in element.attrib:  # a tenth of a pixel is fine enough, and half as long
            element.set("d", _EXACT.sub(lambda found: f"{float(found[0]):.1f}", " ".join(element.attrib["d"].split())))
        for attribute in (_LINK, "clip-path"):
            if attribute in element.attrib:
                element.set(attribute, element.attrib[attribute].replace("#", f"#{name}-"))
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("class", f"drawing {name}")
    return root


def _days(at: datetime) -> float:
    """A moment on matplotlib's scale."""
    from matplotlib.dates import date2num

    return float(date2num(at))  # type: ignore[no-untyped-call]  # as above
