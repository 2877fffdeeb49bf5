"""Rule 5: a playbook is a graph, and `after` is its only forward edge."""

from __future__ import annotations

import pytest
from playing import START, Play, but, chain, hours, message, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine.commands import Close
from crisis.engine.graph import statuses, world_of
from crisis.engine.plan import PlannedMessage
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Fact
from crisis.playbook.values import Edge, Item

OPTIONS = {"open": "Open", "leave": "Leave"}
HURT = Condition(fact="injury")


def where(play: Play) -> dict[str, str]:
    return dict(statuses(play.plan, play.incident, world_of(play.plan, play.incident)))


def test_a_step_is_blocked_while_one_before_it_may_still_run() -> None:
    play = Play(
        plan(
            step("a", "action", do="x"),
            step("b", "action", do="x"),
            step("both", "action", do="x", after=("a", "b")),
        )
    )
    play.answer("a", "done", "done")
    assert where(play)["both"] == "blocked"
    play.answer("b", "done", "done")
    assert where(play)["both"] == "started"


def test_a_step_follows_the_outcome_that_its_edge_names_and_no_other() -> None:
    play = Play(
        plan(
            step("triage", "decision", options=OPTIONS),
            step("yes", "action", do="x", after=(Edge("triage", ("open",)),)),
            step("no", "action", do="x", after=(Edge("triage", ("leave",)),)),
            step("either", "action", do="x", after=("triage",)),
            step("after-yes", "action", do="x", after=("yes",)),
            step("joined", "action", do="x", after=("yes", "no")),
        )
    )
    play.answer("triage", "choice", "leave")
    found = where(play)
    assert {name: found[name] for name in ("yes", "no", "either", "after-yes", "joined")} == {
        "yes": "moot",
        "no": "started",
        "either": "started",
        "after-yes": "moot",
        "joined": "blocked",
    }
    play.answer("no", "done", "done")
    assert where(play)["joined"] == "started", "the other way does not apply, so it is not waited for"


def test_an_outcome_that_leads_back_or_away_leads_nowhere_else() -> None:
    play = Play(
        plan(
            step("triage", "decision", options=OPTIONS, on={"leave": "close"}),
            step("next", "action", do="x", after=("triage",)),
            step("busy", "action", do="x"),
        )
    )
    play.answer("triage", "choice", "leave")
    assert where(play)["next"] == "moot"
    assert play.incident.closed_at is None, "what has begun is finished first"
    play.answer("busy", "done", "done")
    assert play.incident.closed_at == START


def test_what_does_not_apply_may_come_to_apply() -> None:
    play = Play(plan(step("family", "action", do="x", when=HURT), step("after", "action", do="x", after=("family",))))
    assert set(where(play).values()) == {"moot"}
    play.fact("injury", True)
    assert where(play) == {"family": "started", "after": "blocked"}
    play.fact("injury", False)
    assert of_type([one.event for one in play.events], ev.Dropped)[0].why == "injury: no"
    play.fact("injury", True)
    assert play.step("family").round == 2


def test_a_step_that_was_touched_is_left_for_a_person_to_finish() -> None:
    play = Play(plan(step("family", "checklist", items=(Item("a"), Item("b")), when=HURT)))
    play.fact("injury", True)
    play.answer("family", "items", [0])
    play.fact("injury", False)
    (one,) = play.asks("family")
    assert one.no_longer_applies
    play.answer("family", "rest", "done")
    assert play.step("family").outcome == "done"


def test_a_step_that_is_skipped_passes() -> None:
    play = Play(plan(step("a", "action", do="x"), step("b", "action", do="x", after=("a",))))
    play.skip("a", "done yesterday")
    assert play.events[-2].event.because == "done yesterday"
    assert where(play)["b"] == "started"


def test_steps_in_a_circle_stay_blocked_and_harm_nobody() -> None:
    play = Play(
        plan(
            step("a", "action", do="x", after=("b",)),
            step("b", "action", do="x", after=("a",)),
            step("c", "action", do="x"),
        )
    )
    assert where(play)["a"] == where(play)["b"] == "blocked"
    assert play.keys("c") == ["done"]
    assert [one.id for one in play.agenda.coming] == ["a", "b"]


def test_a_whole_statement_has_the_outcome_of_its_last_part() -> None:
    gate = Condition(outcome={"holding": "published"})
    play = Play(
        plan(
            statement("holding", "holding"),
            step("later", "action", do="x", when=gate),
            approvals={"public": chain(quorum=1)},
        )
    )
    play.draft()
    play.decide("ana")
    assert where(play)["later"] == "moot"
    play.publish()
    assert where(play)["later"] == "started"


# ── the end ──


def test_it_is_not_over_while_a_pause_runs() -> None:
    play = Play(plan(step("watch", "pause", for_=hours(2)), step("end", "action", do="x", on={"done": "close"})))
    play.answer("end", "done", "done")
    assert play.incident.closed_at is None
    (over, closed) = play.later(hours(2))
    assert (over.outcome, closed.reason, closed.left_open) == ("over", "every step is done", ())


def test_of_many_steps_that_were_skipped_there_are_only_so_many() -> None:
    tasks = [step(name, "action", do="x") for name in ("a", "b", "c", "d")]
    play = Play(plan(*tasks, step("end", "action", do="x", after=("a", "b", "c", "d"), on={"done": "close"})))
    for name in ("a", "b", "c", "d"):
        play.skip(name, "no time")
    closed = play.answer("end", "done", "done")[-1]
    assert closed.reason == "every step is done, but for 4 that were skipped"


def test_what_was_left_out_is_named_when_all_is_over() -> None:
    tasks = [step(name, "action", do="x") for name in ("a", "b", "c")]
    items = (Item("a"), Item("b"))
    end = step("end", "action", do="x", after=("a", "b", "c", "d"), on={"done": "close"})
    play = Play(plan(*tasks, step("d", "checklist", items=items), end))
    play.skip("a", "no time")
    play.skip("b", "no time")
    play.answer("c", "done", "done")
    play.answer("d", "items", [0])
    play.answer("d", "rest", "without")
    play.answer("d", "why", "nobody is there")
    closed = play.answer("end", "done", "done")[-1]
    assert closed.reason == "every step is done, but for 2 that were skipped (A, B) and 1 that was not done in full (D)"


def test_without_a_way_to_close_it_waits_to_be_closed_by_name() -> None:
    play = Play(plan(step("a", "action", do="x")))
    play.answer("a", "done", "done")
    assert (play.agenda.asks, play.agenda.waiting, play.agenda.wakes_at) == ((), (), None)
    assert play.incident.closed_at is None
    (closed,) = play.do(Close(reason="all done"))
    assert closed.left_open == ()


def test_closing_by_command_names_what_was_left_open() -> None:
    play = Play(plan(step("a", "action", do="x", title="Call the insurer"), step("b", "action", do="x", after=("a",))))
    (closed,) = play.do(Close(reason="handed over"))
    assert (closed.reason, closed.left_open) == ("handed over", ("Call the insurer",))


def test_after_its_route_to_close_was_taken_back_it_goes_on() -> None:
    play = Play(
        plan(
            step("triage", "decision", options=OPTIONS, on={"leave": "close"}),
            step("next", "action", do="x", after=("triage",)),
            step("busy", "action", do="x"),
        )
    )
    play.answer("triage", "choice", "leave")
    play.back("triage", "triage", "it is something")
    play.answer("busy", "done", "done")
    assert play.incident.closed_at is None
    play.answer("triage", "choice", "open")
    assert play.keys("next") == ["done"]


def test_a_loop_between_two_steps_goes_round_as_often_as_people_say() -> None:
    play = Play(
        plan(
            step("work", "action", do="x"),
            step(
                "check", "decision", options={"good": "Good", "again": "Again"}, on={"again": "work"}, after=("work",)
            ),
        )
    )
    for _ in range(5):
        play.answer("work", "done", "done")
        play.answer("check", "choice", "again")
    assert play.step("work").round == 6
    assert play.step("work").why_again == ""


def test_one_step_for_each_value_that_applies() -> None:
    each = [
        step(f"recall.{one}", "action", do="x", title=f"Recall: {one}", when=Condition(fact="sold_in", is_=one))
        for one in ("dk", "us")
    ]
    play = Play(plan(*each, step("all-told", "action", do="x", after=("recall.dk", "recall.us"))))
    play.fact("sold_in", ["dk"])
    assert where(play) == {"recall.dk": "started", "recall.us": "moot", "all-told": "blocked"}
    play.answer("recall.dk", "done", "done")
    assert where(play)["all-told"] == "started"
    play.fact("sold_in", ["dk", "us"])
    assert where(play)["recall.us"] == "started"


def test_a_route_back_to_what_is_done_for_each_value_reopens_all_that_were_chosen() -> None:
    each = [
        step(f"recall.{one}", "action", do="x", group="recall", when=Condition(fact="sold_in", is_=one))
        for one in ("dk", "us", "de")
    ]
    each = [but(one, on={"not-done": one.id}) for one in each]
    gate = step(
        "gate",
        "decision",
        options={"ok": "Good", "again": "Again"},
        on={"again": "recall.dk"},
        after=[one.id for one in each],
    )
    places = Fact(
        type="choice-many", prompt="Where?", options={"dk": "Denmark", "us": "United States", "de": "Germany"}
    )
    play = Play(plan(*each, gate, facts={"sold_in": places}))
    play.fact("sold_in", ["us", "de"])
    for one in ("us", "de"):
        play.answer(f"recall.{one}", "done", "done")
    play.answer("gate", "choice", "again")
    assert play.open_steps() == ["recall.us", "recall.de"]
    play.answer("recall.us", "done", "done")
    play.answer("recall.de", "done", "not-done")
    play.answer("recall.de", "why", "nobody there")
    assert play.open_steps() == ["recall.de"]
    play.answer("recall.de", "done", "done")
    assert where(play) == {"recall.dk": "moot", "recall.us": "finished", "recall.de": "finished", "gate": "started"}


# ── the plan itself ──


def test_the_most_specific_body_is_taken() -> None:
    made = message()
    body = PlannedMessage(
        use=made.use, title="t", source_language="en", bodies={"en": "long", "en.x": "short"}, facts=()
    )
    assert body.body("x", "en") == ("en.x", "short")
    assert body.body("website", "en") == ("en", "long")
    assert body.body("x", "da") is None


def test_between_two_steps_lie_those_on_a_way_from_the_one_to_the_other() -> None:
    made = plan(
        step("a", "action", do="x"),
        step("b", "action", do="x", after=("a",)),
        step("c", "action", do="x", after=("a",)),
        step("d", "action", do="x", after=("b",)),
    )
    assert made.between("a", "d") == ("a", "b", "d")
    assert made.between("c", "d") == ("c", "d")


@pytest.mark.parametrize(("severity", "name"), [("SEV1", "safety"), ("SEV3", "public")])
def test_a_message_may_have_a_chain_for_each_severity(severity: str, name: str) -> None:
    made = plan(
        messages={"holding": message(approval={"SEV1": "safety", "": "public"})},
        approvals={"public": chain(), "safety": chain(quorum=1)},
    )
    assert made.chain_for("holding", severity)[0] == name


def test_without_a_usual_chain_the_first_one_named_serves() -> None:
    made = plan(messages={"holding": message(approval={"SEV1": "safety"})}, approvals={"safety": chain()})
    assert made.chain_for("holding", "SEV3")[0] == "safety"
