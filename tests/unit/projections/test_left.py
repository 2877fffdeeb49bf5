"""What is told to have been left open, skipped, or done in part: how each step stands, and not how it once stood."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from playing import Play, hours, plan, step

from crisis.engine.commands import SetFact
from crisis.playbook.values import Item
from crisis.projections.left import left_of
from crisis.projections.progress import run_of


def ends(plan_: Any, incident: Any, events: Any) -> list[tuple[str, str]]:
    return [(one.what, one.how) for one in left_of(run_of(plan_, incident, events, UTC), events)]


def told(play: Play) -> list[tuple[str, str]]:
    return ends(play.plan, play.incident, play.events)


def test_a_step_that_was_dropped_and_done_afterwards_is_not_left_open(story: Any) -> None:
    def of_authority() -> list[str]:
        case = story.case
        return [how for what, how in ends(case.plan, case.incident, case.events) if what == "Authority"]

    story.opened().do(SetFact(fact="injury", value=False))
    assert of_authority() == ["no longer applied"]
    story.do(SetFact(fact="injury", value=True))
    assert of_authority() == ["left open"]
    story.answer("authority", "items", [0, 1], "ana")
    assert of_authority() == []


def test_a_step_that_was_skipped_and_done_afterwards_is_not_left_out() -> None:
    play = Play(plan(step("a", "action", do="x"), step("b", "action", do="x", after=("a",))))
    play.skip("a")
    assert ("A", "skipped") in told(play)
    play.back("a", "b", "there is time for it now")
    play.answer("a", "done", "done")
    assert ("A", "skipped") not in told(play)


def test_what_was_left_out_before_its_turn_came_round_is_left_out_for_good() -> None:
    items = (Item("Ask the care team"), Item("Read the forum"))
    play = Play(plan(step("look", "checklist", items=items, repeat_every=hours(1))))
    play.skip("look", "nobody is awake")
    play.later(hours(1))
    play.answer("look", "items", [0, 1])
    assert told(play) == [("Look", "skipped")]
