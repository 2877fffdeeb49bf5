from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.adapters.render import drawing
from crisis.adapters.render.chart import Table, alert_mark, summary, to_html, to_svg
from crisis.adapters.render.drawing import NARROW, WIDE, draw, heading, is_compressed, short
from crisis.kernel.errors import Usage
from crisis.signals.alerts import Alert, Band
from crisis.signals.course import Course
from crisis.signals.picture import Mark, Picture, picture_of

pytest.importorskip("matplotlib")

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title></svg><script>alert(1)</script>& \u202egpj \x1b[31m\x00\ud800 ]]>"
MARKS = (
    Mark(START + 30 * HOUR, "mentions rose", "signal"),
    Mark(START + 36 * HOUR, "Kettle 3: stop using it", "statement"),
    Mark(START + 44 * HOUR, "recall began", "event"),
)


def mentions(peak: float = 100.0, *, known: bool = True) -> Course:
    one = Course("mention_rate", "count", HOUR)
    for n in range(48):
        one.add(START + n * HOUR, peak if n == 30 else 5.0 + n % 3, None, Band(2.0, 6.0, 20.0), known=known and n >= 24)
    return one


def negative() -> Course:
    one = Course("negative_share", "share", HOUR)
    for n in range(48):
        of = 0.0 if n == 10 else 10.0
        one.add(START + n * HOUR, 8.0 if n == 30 else min(of, 2.0), of, Band(0.5, 2.0, 5.0), known=n >= 24)
    return one


def picture(title: str = "Kettle 3", marks: tuple[Mark, ...] = MARKS, *courses: Course) -> Picture:
    found = picture_of(title, courses or (mentions(), negative()), marks)
    assert found is not None
    return found


class Page(HTMLParser):
    """What a browser would make of it: the elements, and the text that is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = tag

    def handle_data(self, data: str) -> None:
        if self._within != "style":
            self.texts.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def classes(root: ET.Element) -> set[str]:
    return {name for element in root.iter() for name in element.get("class", "").split()}


FORMS = pytest.mark.parametrize("written", [to_svg, to_html])


@FORMS
def test_it_needs_nothing_but_itself_and_runs_nothing(written: Callable[[Picture], str]) -> None:
    text = written(picture())
    page = Page(text)
    assert not {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "foreignobject"}
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in {"href", "xlink:href", "src"}:
                assert (value or "").startswith("#")
    names = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # not addresses: names of languages
    assert set(re.findall(r"\w+://[^\"'\s<>]+", text)) <= names
    assert "@import" not in text
    assert all(url.startswith("url(#") for url in re.findall(r"url\([^)]*", text))


@FORMS
def test_hostile_text_is_shown_and_does_nothing(written: Callable[[Picture], str]) -> None:
    text = written(picture(HOSTILE, (Mark(START + HOUR, HOSTILE, "statement"),)))
    page, calm = Page(text), Page(written(picture("calm", (Mark(START + HOUR, "calm", "statement"),))))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in calm.elements]
    shown = "".join(page.texts)
    assert "<script>alert(1)</script>" in shown
    assert "\\u{202e}gpj" in shown
    assert "\\u{1b}[31m\\u{0}\\u{d800}" in shown
    assert not any((ord(char) < 32 and char != "\n") or char in "\u202e\u202c" for char in text)
    text.encode("utf-8")


@settings(max_examples=8, deadline=None)
@given(title=st.text(max_size=60), label=st.text(max_size=60))
def test_whatever_it_is_called_it_stays_well_formed(title: str, label: str) -> None:
    root = ET.fromstring(to_svg(picture(title, (Mark(START, label, "event"),), mentions())))
    assert root.tag == f"{SVG}svg"


def test_a_page_holds_a_drawing_for_a_wide_screen_and_one_for_a_narrow_one() -> None:
    text = to_html(picture())
    drawn = [attributes for tag, attributes in Page(text).elements if tag == "svg"]
    assert [one["class"] for one in drawn] == ["drawing wide", "drawing narrow"]
    ids = [value for _, attributes in Page(text).elements if (value := attributes.get("id"))]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"(?:url\(#|xlink:href=\"#)([\w-]+)", text))
    assert used <= set(ids)


def test_each_drawing_says_what_it_shows_to_those_who_cannot_see_it() -> None:
    for name, text in (("wide", to_svg(picture())), ("narrow", to_html(picture()))):
        elements = {attributes.get("id"): tag for tag, attributes in Page(text).elements}
        assert elements[f"{name}-title"] == "title"
        assert elements[f"{name}-desc"] == "desc"
        assert f'aria-labelledby="{name}-title {name}-desc"' in text
    said = summary(picture())
    assert "Mentions: at most 100 per hour (2026-03-03 06:00 UTC); usually about 6." in said
    assert "Negative share: at most 80%" in said
    assert "3 moments marked." in said


def test_band_edges_line_and_moments_are_drawn_in_both_sizes() -> None:
    for size in (WIDE, NARROW):
        root = draw(picture(), size)
        assert {"band", "edge", "usual", "came", "mark", "sign", "number"} <= classes(root)
        edges = [one for one in root.iter(f"{SVG}g") if one.get("class") == "edge"]
        assert len(edges) == 2 * 2  # below and above, in both panels
        texts = {"".join(one.itertext()).strip() for one in root.iter(f"{SVG}text")}
        assert {"Mentions per hour", "Negative share", "1", "2", "3", "times: UTC"} <= texts
        assert {"usual range", "typical", "what came", "signal began", "statement published", "event"} <= texts


def test_no_kind_of_line_or_mark_is_told_apart_by_colour_alone() -> None:
    root = draw(picture(), WIDE)

    def looks(name: str) -> str:
        """The dashes of the first line of that class."""
        group = next(one for one in root.iter(f"{SVG}g") if one.get("class") == name)
        style = next(path.get("style", "") for path in group.iter(f"{SVG}path"))
        return "".join(re.findall(r"stroke-dasharray: [^;]+", style))

    def sign(kind: str) -> str:
        group = next(one for one in root.iter(f"{SVG}g") if one.get("class") == f"sign {kind}")
        return next(use.get("{http://www.w3.org/1999/xlink}href", "") for use in group.iter(f"{SVG}use"))

    assert looks("came") == ""
    assert looks("usual")
    assert len({looks(f"mark {kind}") for kind in ("signal", "statement", "event")}) == 3
    assert len({sign(kind) for kind in ("signal", "statement", "event")}) == 3


def test_light_and_dark_give_every_colour_and_print_is_light() -> None:
    for text in (to_svg(picture()), to_html(picture())):
        light, _, dark = text.partition("@media screen and (prefers-color-scheme: dark)")
        assert dark
        named = set(re.findall(r"(--\w+):", light))
        assert named == set(re.findall(r"(--\w+):", dark.partition("}")[0]))
        assert set(re.findall(r"var\((--\w+)\)", text)) <= named


def test_the_figures_are_below_the_drawing() -> None:
    text = to_html(picture(), [Table(title="Before & after", head=("", "share"), rows=[("before", "20 <b>%")])])
    page = Page(text)
    shown = "".join(page.texts)
    for said in ("Moments", "◆ statement · Kettle 3: stop using it", "Before & after", "20 <b>%", "Mentions per hour"):
        assert said in shown
    assert page.count("table") == 4
    assert page.count("b") == 0
    assert "2026-03-03 06:00" in shown
    assert "?" in shown  # what was usual on the first day


def test_of_very_many_moments_the_page_lists_the_latest_and_says_so() -> None:
    marks = tuple(Mark(START + n * HOUR / 10, f"mark {n}", "event") for n in range(300))
    shown = "".join(Page(to_html(picture("busy", marks))).texts)
    assert "The latest 200 of 300." in shown
    assert "mark 299" in shown
    assert "mark 99\n" not in shown


def test_a_drawing_alone_lists_the_first_moments_below_itself() -> None:
    marks = tuple(Mark(START + 2 * n * HOUR, f"mark {n} ", "event") for n in range(20))
    root = ET.fromstring(to_svg(picture("busy", marks)))
    lines = [one.text or "" for one in root.findall(f"{SVG}text")]
    assert lines[0] == "busy"
    assert len(lines) == 1 + 12 + 1
    assert lines[-1] == "… and 8 more"
    height = float(root.attrib["viewBox"].split()[3])
    assert max(float(one.attrib["y"]) for one in root.findall(f"{SVG}text")) < height


def test_the_same_picture_is_the_same_file() -> None:
    assert to_html(picture()) == to_html(picture())
    assert to_svg(picture()) == to_svg(picture())


def test_nothing_is_drawn_over_what_is_not_known() -> None:
    one = Course("mention_rate", "count", HOUR)
    for n in (0, 1, 2, 30, 31, 47):
        one.add(START + n * HOUR, 5.0, None, Band(1, 2, 3), known=False)
    root = draw(picture("gaps", (), one), WIDE)
    paths = [group.find(f"{SVG}path") for group in root.iter(f"{SVG}g") if group.get("class") == "came"]
    drawn = [path.get("d", "") for path in paths if path is not None]
    assert drawn[0].count("M") == 3
    texts = {"".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")}
    assert "usual range" not in texts
    assert "Too little history" in to_html(picture("gaps", (), one))


def test_a_single_row_and_a_row_of_zeros_can_be_drawn() -> None:
    for value in (0.0, 0.3, 7.0, 1e15):
        one = Course("site_traffic", "count", HOUR)
        one.add(START, value, None, Band(0, 0, 0), known=False)
        assert "Visits per hour" in to_svg(picture("one", (), one))


def test_a_towering_peak_narrows_the_scale_and_says_so() -> None:
    flat, towering = mentions(peak=100.0), mentions(peak=5000.0)
    assert not is_compressed(flat)
    assert is_compressed(towering)
    for size in (WIDE, NARROW):
        texts = [
            "".join(one.itertext()).strip() for one in draw(picture("high", (), towering), size).iter(f"{SVG}text")
        ]
        assert "scale narrows upwards" in texts
        assert {"0", "5,000"} <= set(texts)
    assert "four times as much stands twice as high" in to_html(picture("high", (), towering))
    assert "narrows" not in to_html(picture("flat", (), flat))


def test_a_signal_is_marked_where_it_began_and_growth_where_it_was_said() -> None:
    began, said = START + 3 * HOUR, START + 4 * HOUR
    alert = Alert(said, "negative_share", 0.6, 0.2, 3.0, 30.0, began, timedelta(minutes=30), 2.0)
    assert alert_mark(alert) == Mark(began, "Negative share: 60% in 30 min, usually 20% (3x)", "signal")
    grown = alert_mark(Alert(said, "mention_rate", 600, 20, 30.0, 30.0, began, HOUR, 2.0, escalates=True))
    assert grown == Mark(said, "Mentions grew further: 600 in 1 h, usually 20 (30x)", "signal")


@pytest.mark.parametrize(
    ("step", "named"),
    [
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(minutes=1), "minute"),
        (HOUR, "hour"),
        (2 * HOUR, "2 hours"),
        (24 * HOUR, "day"),
        (timedelta(seconds=90), "1 min"),
    ],
)
def test_a_panel_says_what_a_step_is(step: timedelta, named: str) -> None:
    one = Course("mention_rate", "count", step)
    one.add(START, 1.0, None, Band(0, 0, 0), known=False)
    assert heading(one) == f"Mentions per {named}"


@pytest.mark.parametrize(
    ("value", "share", "written"),
    [(0, False, "0"), (0.25, True, "25%"), (0.253, True, "25.3%"), (2.5, False, "2.5"), (1234.5, False, "1,234"),
     (50_000, False, "50,000"), (1.25e6, False, "1.25M"), (3e9, False, "3B")],
)  # fmt: skip
def test_numbers_are_short(value: float, share: bool, written: str) -> None:
    assert short(value, share=share) == written


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "can_draw", lambda: False)
    with pytest.raises(Usage) as raised:
        draw(picture(), WIDE)
    assert "-m pip install 'matplotlib" in raised.value.hint
