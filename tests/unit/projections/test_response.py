"""Did it help? What is said of each message from what was read, and what is said where nothing can be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.render.postmortem import to_markdown
from crisis.engine.commands import ReadSignals
from crisis.engine.events import Recorded, SignalsRead
from crisis.engine.monitoring import Counted, Figure, Measured
from crisis.projections.monitored import as_json, change_lines, rates, response_line, said, shares
from crisis.projections.names import Names
from crisis.projections.plain import document
from crisis.projections.postmortem import PostMortem, Record, postmortem
from crisis.projections.progress import run_of
from crisis.projections.response import Response, responses
from crisis.projections.step_lines import lines_of
from crisis.projections.timeline import timeline
from crisis.runtime.desk import Case
from crisis.runtime.words import news_of

EVERY = timedelta(minutes=5)
MIDNIGHT = datetime(2026, 3, 7, tzinfo=UTC)


def measured(
    begins: datetime,
    ends: datetime,
    count: Callable[[datetime], float | None],
    share: Callable[[datetime], float] | None = None,
    every: timedelta = EVERY,
    name: str = "export.csv",
) -> Measured:
    """An export with so many mentions in each span, and that share of them negative."""
    starts = [begins + n * every for n in range((ends - begins) // every)]
    mentions = tuple(count(at) for at in starts)
    rated = tuple(int(one or 0) for one in mentions) if share else ()
    negative = tuple(round((one or 0) * share(at)) for at, one in zip(starts, mentions, strict=True)) if share else ()
    return Measured(
        files=(name,),
        format="Brandwatch",
        first=begins,
        last=ends,
        figures={"mention_rate": Figure(value=float(mentions[-1] or 0) * 12), "negative_share": Figure(value=0.5)},
        counted=Counted(begins=begins, every=every.total_seconds(), mentions=mentions, rated=rated, negative=negative),
    )


def posted(cases: Any) -> Any:
    """An incident in which the holding statement went out, four hours ago."""
    story = cases.Story(MemoryJournal()).opened().drafted().decided("eva").decided("ana").published()
    return story.later(240)


def out_at(story: Any) -> datetime:
    moment: datetime = story.case.incident.message("holding").first_published_at
    return moment


def read(story: Any, one: Measured) -> Any:
    story.do(ReadSignals(readings={}, measured=one))
    return story


def only(story: Any) -> Response:
    case = story.case
    (found,) = responses(case.events, Names.of(case.plan, case.incident))
    return found


def told(story: Any) -> PostMortem:
    case = story.case
    record = Record(version=1, hash="h", problems=())
    now = story.clock.now()
    return postmortem(case.plan, case.incident, case.events, text=lambda sha: "x", record=record, now=now, zone=None)


def test_before_and_after_are_as_long_and_the_span_in_between_counts_to_neither(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    begins = out - timedelta(hours=8, minutes=2)
    one = measured(
        begins, out + timedelta(hours=4), lambda at: 30 if at < out else 10, lambda at: 0.6 if at < out else 0.2
    )
    found = only(read(story, one))
    assert found.window == timedelta(hours=3)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.mentions_per_hour, found.after.mentions_per_hour) == (360, 120)
    assert (found.before.mentions, found.after.mentions) == (36 * 30, 36 * 10)
    assert (found.before.negative_share, found.after.negative_share) == (0.6, 0.2)
    assert (found.why, found.places, found.source, found.files) == ("", ("x/en",), "Brandwatch", ("export.csv",))
    assert response_line(found, None).endswith(
        "mentions an hour 360 to 120 (-67%), negative 60% to 20%, 3 h before and after it"
    )


def test_a_shorter_export_shortens_both_sides_alike(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    found = only(read(story, measured(out - timedelta(hours=8), out + timedelta(minutes=50), lambda at: 5)))
    assert found.window == timedelta(minutes=45)
    assert found.before is not None
    assert found.after is not None
    assert found.before.mentions == found.after.mentions == 45


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (timedelta(hours=8), timedelta(minutes=15), "too little: figures for 10 min before and after it"),
        (timedelta(hours=8), timedelta(minutes=7), "too little: less than 5 min of figures after it"),
        (timedelta(minutes=2), timedelta(hours=4), "too little: less than 5 min of figures before it"),
        (timedelta(hours=8), timedelta(minutes=-60), "no figures from after it"),
        (timedelta(hours=-1), timedelta(hours=4), "no figures from before it"),
    ],
)
def test_what_is_missing_is_said(cases: Any, before: timedelta, after: timedelta, why: str) -> None:
    story = posted(cases)
    out = out_at(story)
    found = only(read(story, measured(out - before, out + after, lambda at: 5)))
    assert (found.before, found.after, found.window, found.why) == (None, None, None, why)
    assert why in response_line(found, None)
    assert why in to_markdown(told(story), None)


def test_without_an_export_nothing_is_made_up(cases: Any) -> None:
    story = posted(cases)
    assert only(story).why == "no figures: no export was read that counts mentions"
    text = to_markdown(told(story), None)
    assert "## Did it help?" in text
    assert "No figures: no export of a monitoring tool was read" in text


def test_where_nothing_went_out_there_is_nothing_to_ask(story: Any) -> None:
    assert "Did it help?" not in to_markdown(told(story.opened()), None)


def test_few_mentions_are_shown_and_said_to_be_few(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    hourly = measured(
        out - timedelta(hours=8), out + timedelta(hours=4), lambda at: 1, lambda at: 1.0, every=timedelta(hours=1)
    )
    found = only(read(story, hourly))
    assert found.why == "too few mentions to tell"
    assert found.before is not None
    assert (found.before.mentions, found.before.negative_share) == (3, None)
    assert "too few have a sentiment" in response_line(found, None)


def test_an_export_without_sentiment_says_nothing_of_the_negative(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    found = only(read(story, measured(out - timedelta(hours=8), out + timedelta(hours=4), lambda at: 5)))
    assert found.before is not None
    assert found.before.negative_share is None
    assert "negative no figures" in response_line(found, None)


def test_what_is_unknown_ends_what_is_looked_at(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    gap = out + timedelta(minutes=62)
    one = measured(out - timedelta(hours=8), out + timedelta(hours=4), lambda at: None if at <= gap < at + EVERY else 5)
    found = only(read(story, one))
    assert found.window is not None
    assert timedelta(minutes=50) <= found.window <= timedelta(minutes=60)


def test_before_and_after_come_from_one_export_the_one_that_sees_most(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    whole = measured(out - timedelta(hours=8), out + timedelta(hours=2), lambda at: 7, name="whole.csv")
    late = measured(out - timedelta(minutes=40), out + timedelta(hours=4), lambda at: 900, name="late.csv")
    found = only(read(read(story, whole), late))
    assert (found.files, found.window) == (("whole.csv",), timedelta(hours=1, minutes=55))
    assert found.before is not None
    assert found.before.mentions_per_hour == 84


def test_a_text_that_goes_out_again_is_another_message_and_is_named_beside_the_first(cases: Any) -> None:
    story = cases.Story(MemoryJournal()).opened().drafted().decided("eva").decided("ana").published()
    out = out_at(story)
    story.later(30)
    story.back("holding.draft", "holding.publish", "say more")
    story.drafted({"x": "Stop using Kettle 3. Refunds from Monday."}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    story.answer("holding.publish", "link:x/en", {"link": "https://x.example/2"}, "bo").later(240)
    read(story, measured(out - timedelta(hours=8), out + timedelta(hours=5), lambda at: 5))
    case = story.case
    first, second = responses(case.events, Names.of(case.plan, case.incident))
    assert second.at - first.at == timedelta(minutes=30)
    assert (first.others, second.others) == (("Holding statement",), ("Holding statement",))
    assert "within that time also: Holding statement" in to_markdown(told(story), None)
    assert "within that time also: Holding statement" in response_line(first, None)


def test_what_had_not_happened_when_it_was_read_is_unknown_and_no_calm(cases: Any) -> None:
    """A scheduled post makes an export end days ahead, with nobody saying anything until then."""
    story = posted(cases)
    out, read_at = out_at(story), story.clock.now()
    ahead = measured(out - timedelta(hours=8), read_at + timedelta(hours=30), lambda at: 30 if at < read_at else 0)
    read(story, ahead)
    assert only(story).after == only(story).before
    story = cases.Story(MemoryJournal()).opened().drafted().decided("eva").decided("ana").published()
    out, read_at = out_at(story), story.clock.now()
    read(story, measured(out - timedelta(hours=8), read_at + timedelta(hours=30), lambda at: 30 if at < read_at else 0))
    assert only(story).after is None
    assert only(story).why.startswith(("no figures from after it", "too little"))


def test_a_series_that_begins_after_it_was_read_says_nothing() -> None:
    series = measured(MIDNIGHT, MIDNIGHT + timedelta(hours=1), lambda at: 5, lambda at: 0.5).counted
    assert series is not None
    assert series.until(MIDNIGHT - timedelta(hours=1)).mentions == ()
    assert series.until(MIDNIGHT).mentions == ()
    assert series.until(MIDNIGHT + timedelta(minutes=6)).mentions == (5, 5)
    assert series.until(MIDNIGHT + timedelta(minutes=10)).rated == (5, 5)
    assert series.until(MIDNIGHT + timedelta(days=1)) == series


def test_the_post_mortem_has_them_as_a_table_and_as_json(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    read(story, measured(out - timedelta(hours=8), out + timedelta(hours=4), lambda at: 30 if at < out else 10))
    text = to_markdown(told(story), None)
    assert "| Holding statement |" in text
    assert "360 to 120 (-67%)" in text
    (plain,) = document(told(story))["responses"]
    assert plain["before"]["mentions_per_hour"] == 360
    (one,) = as_json([only(story)])
    assert (one["window_minutes"], one["after"]["mentions_per_hour"]) == (180, 120)


def test_the_walk_is_told_what_changed_since_the_last_figures_and_since_each_message(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    read(story, measured(out - timedelta(hours=8), out + timedelta(hours=1), lambda at: 30))
    read(story, measured(out - timedelta(hours=8), out + timedelta(hours=4), lambda at: 30 if at < out else 10))
    case = story.case
    names = Names.of(case.plan, case.incident)
    lines = change_lines(case.incident, case.events, names, story.clock.now(), None)
    assert lines[0].startswith("Monitoring: Brandwatch until")
    assert "mention rate 360 an hour to 120 an hour" in lines[1]
    assert "360 to 120 (-67%)" in lines[2]
    old = change_lines(case.incident, case.events, names, story.clock.now() + timedelta(hours=9), None)
    assert any("These figures end 9 h" in one for one in old)
    early = change_lines(case.incident, case.events, names, out, None)
    assert any("is their time zone right?" in one for one in early)


@pytest.fixture(scope="module")
def out(cases: Any) -> Case:
    """An incident in which the holding statement went out; only to be read."""
    case: Case = posted(cases).case
    return case


@settings(deadline=None)
@given(
    offset=st.integers(-2000, 2000),
    mentions=st.lists(st.none() | st.floats(0, 1e6), min_size=1, max_size=300),
    seconds=st.sampled_from([60, 300, 900, 3600, 86400]),
)
def test_whatever_was_read_two_sides_are_as_long_or_there_are_none(
    out: Case, offset: int, mentions: list[float | None], seconds: int
) -> None:
    at = out.incident.message("holding").first_published_at
    assert at is not None
    series = Counted(begins=at + timedelta(minutes=offset), every=seconds, mentions=tuple(mentions))
    event = SignalsRead(readings={}, measured=Measured(files=("a",), format="b", counted=series))
    last = Recorded(seq=out.incident.version + 1, at=out.incident.at, who="kim", via="", command="c", event=event)
    (found,) = responses((*out.events, last), Names.of(out.plan, out.incident))
    assert (found.before is None) == (found.after is None) == (found.window is None)
    if found.window is None:
        assert found.why
    else:
        assert timedelta(minutes=30) <= found.window <= max(timedelta(hours=3), timedelta(seconds=seconds))


def test_whoever_walks_hears_what_somebody_else_has_read(cases: Any) -> None:
    story = posted(cases)
    out = out_at(story)
    read(story, measured(out - timedelta(hours=8), out + timedelta(hours=4), lambda at: 30, name="a\x1b[2J.csv"))
    case = story.case
    news = news_of(case.events[-1], case.plan, case.incident, UTC, own=False)
    assert news is not None
    assert "Kim Dahl read a" in news.text
    assert "mention rate 360 an hour" in news.text
    assert "\x1b" not in news.text
    assert news_of(case.events[-1], case.plan, case.incident, UTC, own=True) is None


def test_without_figures_every_word_of_it_says_why(cases: Any) -> None:
    story = posted(cases)
    case = story.case
    assert change_lines(case.incident, case.events, Names.of(case.plan, case.incident), story.clock.now(), None) == ()
    found = only(story)
    assert {rates(found), shares(found), said(found)} == {found.why}
    (one,) = as_json([found])
    assert (one["before"], one["after"], one["window_minutes"], one["why"]) == (None, None, None, found.why)


def with_step(cases: Any, **spec: Any) -> Any:
    plan = cases.make_plan()
    figures = cases.step("figures", "measure", "Does it work?", "monitoring", spec=spec)
    return cases.Story(MemoryJournal(), plan=replace(plan, steps=(*plan.steps, figures))).opened()


def checklist_line(story: Any) -> tuple[str, bool | None]:
    case = story.case
    run = run_of(case.plan, case.incident, case.events, None)
    *_, line = lines_of(case.plan.by_id["figures"], run.names, run, "")
    return line.text, line.done


def test_a_checklist_ticks_it_only_where_something_was_read(cases: Any) -> None:
    story = with_step(cases, export="Our tool, two days")
    assert checklist_line(story)[1] is False
    one = measured(cases.START - timedelta(hours=9), cases.START, lambda at: 5)
    story.answer("figures", "export", {"files": ["/x/export.csv"]}, read=ReadSignals(readings={}, measured=one))
    text, done = checklist_line(story)
    assert done is True
    assert text.startswith("Our tool, two days: read")
    assert "export.csv, Kim Dahl" in text
    story.answer("figures", "choice", "worse")
    told_so = [one.text for one in timeline(story.case.plan, story.case.incident, story.case.events, None)]
    assert "“Does it work?”: read export.csv" in told_so
    assert "“Does it work?”: it was said: It grows" in told_so


def test_not_now_is_told_with_its_reason_and_left_out_is_no_tick(cases: Any) -> None:
    story = with_step(cases)
    story.answer("figures", "export", {"not_now": "the tool is down"})
    case = story.case
    assert "“Does it work?”: not now: the tool is down" in [
        one.text for one in timeline(case.plan, case.incident, case.events, None)
    ]
    assert checklist_line(story)[1] is False
    assert "not now" in [one.how for one in told(story).left]


def test_what_was_optional_is_not_said_to_be_left_open(cases: Any) -> None:
    story = with_step(cases, optional=True)
    left = {one.what: one.how for one in told(story).left}
    assert left["Does it work?"] == "optional, not taken up"
    run = run_of(story.case.plan, story.case.incident, story.case.events, None)
    assert next(lines_of(story.case.plan.by_id["figures"], run.names, run, "")).text.startswith("optional")
