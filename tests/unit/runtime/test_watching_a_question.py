"""While a question is open, what others do brings its end closer, or leaves it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from crisis.adapters import templates
from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.operator.scripted import AnswersFile, Script
from crisis.engine.commands import SetFact, SetSeverity
from crisis.engine.look import agenda
from crisis.projections.situation import posting_in_words
from crisis.runtime.open_question import Watching
from crisis.runtime.scene import Question, Return
from crisis.runtime.walk import Walk


def asked(story: Any, step: str, key: str = "") -> Question:
    """The question of that step, put together as for a person."""
    operator = AnswersFile(Script({}), lambda: story.clock.now(), str)
    walk = Walk(story.desk, operator, "kim", templates, UTC, NoFiles())  # type: ignore[arg-type]
    ahead = story.desk.ahead(story.id)
    (one, *_) = [one for one in ahead.asks if one.step.id == step and key in ("", one.ask.key)]
    return walk.stage.question(story.case, ahead, one)


class NoFiles:
    """Nobody reads an export here."""


def watched(story: Any, step: str) -> tuple[Any, Any]:
    """What looks at the journal while the first question of that step is open, and the agenda it began with."""
    operator = AnswersFile(Script({}), lambda: story.clock.now(), str)
    walk = Walk(story.desk, operator, "kim", templates, UTC, NoFiles())  # type: ignore[arg-type]
    case = story.case
    ahead = agenda(case.plan, case.incident, story.clock.now())
    (one, *_) = [one for one in ahead.asks if one.step.id == step]
    return Watching(walk, story.id, one, ahead.wakes_at), ahead


def test_what_went_out_is_counted_though_its_text_is_written_anew(story: Any) -> None:
    story.opened().drafted().later(11).decided("cem").decided("eva").published()
    story.back("holding.draft", "holding.publish", "the model is wrong", "bo")
    story.drafted({"x": "Stop using Kettle 4.", "facebook": "Stop using Kettle 4."})
    walk = Walk(story.desk, AnswersFile(Script({}), story.clock.now, str), "kim", templates, UTC, NoFiles())  # type: ignore[arg-type]
    assert not story.case.incident.message("holding").published
    assert walk.stage.scene(story.case, story.desk.ahead(story.id)).out == 1


@pytest.mark.parametrize("stopped", [(), ("x-dk",), ("x-dk", "x-se", "Newsletter", "Ads")])
def test_where_things_stand_says_of_posting_what_the_status_says(cases: Any, stopped: tuple[str, ...]) -> None:
    plan = replace(cases.make_plan(), accounts={"x-dk": "X Denmark", "x-se": "X Sweden"})
    story = cases.Story(MemoryJournal(), plan=plan).opened()
    walk = Walk(story.desk, AnswersFile(Script({}), story.clock.now, str), "kim", templates, UTC, NoFiles())  # type: ignore[arg-type]
    if stopped:
        story.answer("freeze", "accounts:0", dict.fromkeys(stopped, "by Bo"), "bo")
    brief = story.journal.head(story.id).brief
    assert len(brief["stopped"]) == len(stopped)
    said = walk.stage.scene(story.case, story.desk.ahead(story.id)).posting
    assert said == posting_in_words(brief["stopped"], brief["still_posting"])


def test_the_ways_back_are_told_apart(story: Any) -> None:
    story.opened().drafted()
    story.back("holding.draft", "holding.draft", "the model is wrong", "bo")
    story.drafted().later(11).decided("cem").decided("eva")
    back = asked(story, "holding.publish").around.can_go_back
    assert back["holding.draft"] == "Holding statement (draft), round 2"
    assert back["triage"] == "Open the playbook?"


def test_the_foot_knows_of_a_text_that_is_out_and_wrong(story: Any) -> None:
    story.opened().drafted().later(11).decided("cem").decided("eva").published()
    walk = Walk(story.desk, AnswersFile(Script({}), story.clock.now, str), "kim", templates, UTC, NoFiles())  # type: ignore[arg-type]
    assert walk.stage.scene(story.case, story.desk.ahead(story.id)).outdated == ()
    story.do(SetFact(fact="product", value="Kettle 4"))
    wrong = "Holding statement says product as it was, and is out (x/en)"
    assert walk.stage.scene(story.case, story.desk.ahead(story.id)).outdated == (wrong,)


def test_what_is_out_can_be_corrected_from_any_question(story: Any) -> None:
    story.opened().drafted().later(11).decided("cem").decided("eva")
    walk = Walk(story.desk, AnswersFile(Script({}), story.clock.now, str), "kim", templates, UTC, NoFiles())  # type: ignore[arg-type]

    def ways() -> tuple[Any, Mapping[str, str]]:
        ahead = story.desk.ahead(story.id)
        (one, *_) = [one for one in ahead.asks if one.step.id == "verify"]
        question = walk.stage.question(story.case, ahead, one)
        return question, question.around.can_go_back

    assert "holding.draft" not in ways()[1], "nothing is out yet"
    story.published()
    question, found = ways()
    assert found["holding.draft"] == "Holding statement: correct what is out"
    walk._carry_out(story.id, question, Return("holding.draft", "it is Kettle 4"))
    assert story.case.incident.steps["holding.draft"].status == "started"
    assert "holding.draft" not in ways()[1], "it is being written"


def test_a_deadline_that_somebody_else_brings_closer_ends_the_question_in_time(story: Any) -> None:
    story.facts().assessed("SEV3", "a rumour")
    story.answer("triage", "choice", "open")
    story.desk.tick(story.id)
    watch, _ = watched(story, "holding.draft")
    far = watch.wakes_at = story.clock.time + timedelta(days=9)
    assert not watch.is_stale()
    story.do(SetSeverity(severity="SEV1", reason="it is true"), "ana")
    assert not watch.is_stale()
    assert watch.wakes_at is not None
    assert watch.wakes_at < far
    story.clock.time = watch.wakes_at
    assert watch.is_stale()


def test_a_draft_is_asked_anew_when_a_fact_that_it_says_has_changed(story: Any) -> None:
    story.opened()
    watch, _ = watched(story, "holding.draft")
    story.do(SetFact(fact="injury", value=True), "ana")
    assert not watch.is_stale()
    story.do(SetFact(fact="product", value="Kettle 4"), "ana")
    assert watch.is_stale()


def test_the_foot_is_what_it_is_now(story: Any) -> None:
    story.opened()
    watch, _ = watched(story, "holding.draft")
    assert watch.scene() is None
    story.do(SetSeverity(severity="SEV2", reason="it was one"), "ana")
    watch.is_stale()
    assert watch.scene().severity == "SEV2"


def test_until_when_a_step_pauses_is_told_in_the_zone_of_whoever_walks(cases: Any) -> None:
    plan = cases.make_plan()
    nap = cases.step("nap", "pause", "Eight hours on duty", spec={"for_": timedelta(hours=8)})
    story = cases.Story(MemoryJournal(), plan=replace(plan, steps=(nap, *plan.steps)))
    cet = timezone(timedelta(hours=1), "CET")
    walk = Walk(story.desk, AnswersFile(Script({}), story.clock.now, str), "kim", templates, cet, NoFiles())  # type: ignore[arg-type]
    ahead = story.desk.ahead(story.id)
    (one,) = [one for one in ahead.asks if one.step.id == "nap"]
    question = walk.stage.question(story.case, ahead, one)
    assert question.open_ask.ask.prompt == "Eight hours on duty: pauses until Sat 10:50 CET"
    watch = Watching(walk, story.id, question.open_ask, ahead.wakes_at)
    story.note("the shop has closed")
    assert not watch.is_stale(), "it is the same question still"
