"""The chart of an incident: what was kept of an export, and when what was said."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.render.chart import to_svg
from crisis.adapters.render.incident_chart import IncidentChart, incident_chart
from crisis.engine.commands import ReadSignals
from crisis.engine.monitoring import Counted, Figure, Measured
from crisis.kernel.text import hostile_characters
from crisis.projections.postmortem import PostMortem, Record, postmortem

pytest.importorskip("matplotlib")

EVERY = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def measured(
    begins: datetime,
    ends: datetime,
    count: Callable[[datetime], float | None] = lambda at: 40.0,
    *,
    rated: float = 0.5,
    figures: dict[str, Figure] | None = None,
    name: str = "export.csv",
    tool: str = "Brandwatch",
) -> Measured:
    starts = [begins + n * EVERY for n in range((ends - begins) // EVERY)]
    mentions = tuple(count(at) for at in starts)
    known = tuple(int((one or 0) * rated) for one in mentions)
    return Measured(
        files=(name,),
        format=tool,
        first=begins,
        last=ends,
        figures=figures or {},
        counted=Counted(
            begins=begins,
            every=EVERY.total_seconds(),
            mentions=mentions,
            rated=known if rated else (),
            negative=tuple(one // 4 for one in known) if rated else (),
        ),
    )


@pytest.fixture
def story(cases: Any) -> Any:
    """An incident in which the holding statement went out, four hours ago."""
    return cases.Story(MemoryJournal()).opened().drafted().decided("eva").decided("ana").published().later(240)


def out_at(story: Any) -> datetime:
    moment: datetime = story.case.incident.message("holding").first_published_at
    return moment


def told(story: Any) -> PostMortem:
    case = story.case
    record = Record(version=1, hash="", problems=())
    now = case.incident.at
    return postmortem(case.plan, case.incident, case.events, text=lambda _: None, record=record, now=now, zone=UTC)


def drawn(story: Any, *exports: Measured) -> IncidentChart | None:
    for one in exports:
        story.do(ReadSignals(readings={}, measured=one))
    return incident_chart(told(story), story.case.events, UTC)


def chart(story: Any, *exports: Measured) -> IncidentChart:
    found = drawn(story, *exports)
    assert found is not None
    return found


def marks(found: IncidentChart) -> list[tuple[str, datetime, str]]:
    return [(mark.kind, mark.at, mark.label) for moment in found.picture.moments for mark in moment.marks]


def test_without_figures_there_is_no_chart(story: Any) -> None:
    assert drawn(story) is None
    out = out_at(story)
    bare = measured(out - 3 * HOUR, out + 3 * HOUR)
    assert drawn(story, Measured(files=bare.files, format=bare.format, last=bare.last)) is None
    assert drawn(story, measured(out - 3 * HOUR, out + 3 * HOUR, lambda at: None)) is None


def test_it_shows_what_was_counted_and_what_was_said_when(story: Any) -> None:
    out = out_at(story)
    since = out - 0.5 * HOUR
    figures = {
        "mention_rate": Figure(value=480, baseline=32, since=since, unusual=True),
        "negative_share": Figure(value=0.65, baseline=0.12, since=since, unusual=True),
        "reach": Figure(value=5, baseline=4),
    }
    begins = (out - 6 * HOUR).replace(minute=0)
    found = chart(story, measured(begins, out + 3 * HOUR, lambda at: 300.0 if at > since else 40.0, figures=figures))
    mentions, share = found.picture.courses
    assert {step.value for step in mentions.steps()} == {40.0, 300.0}
    assert {round(step.value, 3) for step in share.steps()} == {0.25, 0.247}
    assert all(step.band is None for course in found.picture.courses for step in course.steps())
    assert [one for one in marks(found) if one[0] == "statement"] == [("statement", out, "Holding statement on x/en")]
    assert {label for kind, at, label in marks(found) if kind == "signal" and at == since} == {
        "Mentions: 480 in 1 h, usually 32",
        "Negative share: 65% in 1 h, usually 12%",
    }
    assert {label for kind, _, label in marks(found) if kind == "event"} == {"Opened", "SEV1 critical"}
    assert found.caption.startswith(
        "Mentions per 15 minutes, and of each 15 minutes the share of negative ones among those with a sentiment; "
        "from Brandwatch (export.csv)."
    )
    assert "Holding statement on x/en" in to_svg(found.picture)


def test_what_nobody_knows_is_no_zero(story: Any) -> None:
    out = out_at(story)
    begins = (out - 6 * HOUR).replace(minute=0)
    hole = (begins + HOUR, begins + 2 * HOUR)
    found = chart(story, measured(begins, out + 3 * HOUR, lambda at: None if hole[0] <= at < hole[1] else 40.0))
    for course in found.picture.courses:
        assert not [step for step in course.steps() if hole[0] <= step.at < hole[1]]
        assert not [step for step in course.steps() if step.value == 0 or math.isnan(step.value)]


def test_without_sentiments_there_is_one_panel(story: Any) -> None:
    out = out_at(story)
    found = chart(story, measured(out - 3 * HOUR, out + 3 * HOUR, rated=0))
    assert [one.signal for one in found.picture.courses] == ["mention_rate"]
    assert found.caption.startswith("Mentions per 15 minutes; from")


def test_shares_of_few_are_put_together(story: Any) -> None:
    out = out_at(story)
    begins = (out - 24 * HOUR).replace(minute=0)
    found = chart(story, measured(begins, out + 3 * HOUR, lambda at: 8.0))
    mentions, share = found.picture.courses
    assert mentions.step == EVERY
    assert share.step > 2 * EVERY


def test_it_is_drawn_from_the_export_that_tells_of_the_messages(story: Any) -> None:
    out = out_at(story)
    long_before = measured(out - 60 * HOUR, out - 20 * HOUR, name="before.csv", tool="Talkwalker")
    around = measured(out - 3 * HOUR, out + 3 * HOUR, name="around.csv")
    longer = measured(out - 9 * HOUR, out + 3 * HOUR, name="longer.csv")
    assert "before.csv" in chart(story, long_before).caption
    assert "around.csv" in chart(story, around).caption
    assert "longer.csv" in chart(story, longer).caption


def test_a_signal_is_told_once_and_only_by_the_same_tool(story: Any) -> None:
    out = out_at(story)
    figures = {"mention_rate": Figure(value=480, baseline=32, since=out - HOUR, unusual=True)}
    other = {"mention_rate": Figure(value=7, baseline=1, since=out - 2 * HOUR, unusual=True)}
    found = chart(
        story,
        measured(out - 3 * HOUR, out + HOUR, figures=other, tool="Talkwalker"),
        measured(out - 3 * HOUR, out + 2 * HOUR, figures=figures),
        measured(out - 3 * HOUR, out + 3 * HOUR, figures=figures),
    )
    assert [label for kind, _, label in marks(found) if kind == "signal"] == ["Mentions: 480 in 1 h, usually 32"]


def test_what_happened_far_from_the_figures_is_counted_and_not_drawn(story: Any) -> None:
    out = out_at(story)
    found = chart(story, measured(out - 40 * HOUR, out - 20 * HOUR))
    assert marks(found) == []
    assert found.caption.endswith("3 moments too far from these figures to be drawn.")


def test_the_share_of_estimates_is_said(story: Any) -> None:
    from msgspec.structs import replace

    out = out_at(story)
    assert "30% of the sentiments are estimates" in (
        chart(story, replace(measured(out - 3 * HOUR, out + 3 * HOUR), estimated=0.3)).caption
    )


def test_a_drill_says_so_and_hostile_text_does_no_harm(cases: Any) -> None:
    story = cases.Story(MemoryJournal(), drill=True, incident="DRILL-2026-0007")
    story.opened().drafted().decided("eva").decided("ana").published().later(240)
    out = out_at(story)
    hostile = "</text><script>alert(1)</script>\x1b[31m\u202e.csv"
    found = chart(story, measured(out - 3 * HOUR, out + 3 * HOUR, name=hostile))
    text = to_svg(found.picture)
    assert "DRILL · DRILL-2026-0007" in text
    assert not hostile_characters(text.replace("\n", ""))
    assert not [one for one in ET.fromstring(text).iter() if one.tag.endswith("script")]
