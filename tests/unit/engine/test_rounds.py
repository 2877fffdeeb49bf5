"""Rule 4: steps are visited in rounds, and going back is one mechanism."""

from __future__ import annotations

import pytest
from playing import START, Play, but, chain, hours, message, minutes, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine.commands import AddPerson, SetFact, Withdraw
from crisis.engine.events import Member
from crisis.kernel.errors import Refused
from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule
from crisis.playbook.values import Cadence, Edge, Item

OPTIONS = {"open": "Open", "leave": "Leave"}
LIGHT = {"public": chain(of=("legal",), quorum=1, required=())}


def test_going_back_to_a_question_asks_all_of_it_again_at_the_same_instant() -> None:
    play = Play(
        plan(step("facts", "question", facts=("product", "injury")), step("next", "action", do="x", after=("facts",)))
    )
    play.answer("facts", "product", {"value": "Kettle 3"})
    play.answer("facts", "injury", {"value": False})
    play.back("facts", "next", "wrong product")
    assert play.keys("facts") == ["product", "injury"]
    assert play.asks("facts")[0].ask.suggested == {"value": "Kettle 3"}
    play.answer("facts", "product", {"value": "Kettle 3"})
    assert play.keys("facts") == ["injury"], "none is asked twice in a round"
    play.fact("injury", True)
    assert play.step("facts").outcome == "answered", "what another terminal answers is answered"


@pytest.mark.parametrize(
    ("kind", "more", "answers"),
    [
        ("checklist", {"items": (Item("one"),)}, {"items": [0]}),
        ("decision", {"options": OPTIONS}, {"choice": "leave"}),
        ("assess", {}, {"severity": {"severity": "SEV3", "reason": "x"}}),
        ("action", {"do": "x"}, {"done": "done"}),
        ("pause", {}, {"until": (START + hours(1)).isoformat(), "end": "now"}),
    ],
)
def test_going_back_asks_again_with_an_empty_round(kind: str, more: dict, answers: dict) -> None:
    play = Play(plan(step("it", kind, **more), step("next", "action", do="x", after=("it",))))
    for key, value in answers.items():
        play.answer("it", key, value)
    play.back("it", "next", "wrong")
    assert play.keys("it") == [next(iter(answers))]
    state = play.step("it")
    assert (state.round, state.answers, state.previous) == (2, {}, {key: answers[key] for key in answers})
    assert play.incident.steps["next"].status == "reopened"


def test_the_last_choice_is_the_default_of_the_next_round() -> None:
    play = Play(plan(step("triage", "decision", options=OPTIONS)))
    play.answer("triage", "choice", "leave")
    play.back("triage", "triage", "more is known")
    assert play.asks("triage")[0].ask.suggested == "leave"


def test_a_round_that_nobody_answered_keeps_the_defaults_of_the_one_before() -> None:
    play = Play(plan(step("triage", "decision", options=OPTIONS)))
    play.answer("triage", "choice", "leave")
    play.back("triage", "triage", "more is known")
    play.back("triage", "triage", "again")
    assert play.asks("triage")[0].ask.suggested == "leave"


def test_an_answer_of_an_earlier_round_is_refused() -> None:
    play = Play(plan(step("triage", "decision", options=OPTIONS)))
    play.answer("triage", "choice", "leave")
    play.back("triage", "triage", "wrong")
    with pytest.raises(Refused, match="no longer open"):
        play.answer("triage", "choice", "open", round=1)


def test_going_back_reopens_what_lies_between_and_leaves_parallel_branches() -> None:
    play = Play(
        plan(
            step("a", "action", do="x"),
            step("b", "action", do="x", after=("a",)),
            step("c", "action", do="x", after=("b",)),
            step("beside", "action", do="x", after=("a",)),
        )
    )
    for one in ("a", "b", "beside"):
        play.answer(one, "done", "done")
    (back, started) = play.back("a", "c", "wrong")
    assert back.reopens == ("a", "b", "c")
    assert started.step == "a"
    assert play.step("beside").status == "finished"


def test_a_wrong_triage_takes_along_what_nobody_had_touched() -> None:
    opened = (Edge("triage", ("open",)),)
    play = Play(
        plan(
            step("triage", "decision", options=OPTIONS),
            step("fresh", "action", do="x", after=opened),
            step("begun", "checklist", items=(Item("a"), Item("b")), after=opened),
            step("look", "action", do="x", after=(Edge("triage", ("leave",)),)),
        )
    )
    play.answer("triage", "choice", "open")
    play.answer("begun", "items", [0])
    play.back("triage", "triage", "it is nothing")
    assert play.step("fresh").status == "started", "until it is decided again"
    (dropped,) = of_type(play.answer("triage", "choice", "leave"), ev.Dropped)
    assert (dropped.step, dropped.why) == ("fresh", "what led to it came out otherwise")
    (marked,) = play.asks("begun")
    assert marked.no_longer_applies
    assert play.keys("look") == ["done"]
    play.skip("begun", "no longer needed")
    play.back("triage", "triage", "it is something")
    play.answer("triage", "choice", "open")
    assert play.step("fresh").round == 2


def test_what_no_longer_applies_may_be_skipped_even_where_it_usually_may_not() -> None:
    play = Play(plan(step("facts", "question", facts=("product", "media"), when=Condition(fact="injury"))))
    play.fact("injury", True)
    play.answer("facts", "product", {"value": "Kettle 3"})
    with pytest.raises(Refused, match="cannot be skipped"):
        play.skip("facts", "no")
    play.fact("injury", False)
    assert play.asks("facts")[0].no_longer_applies
    play.skip("facts", "nobody is hurt")
    assert play.step("facts").outcome == "skipped"


# ── repeats ──


def test_a_statement_that_repeats_goes_from_draft_to_publish_in_order() -> None:
    play = Play(
        plan(
            statement("update", "holding", repeat_every=hours(1)),
            step("rest", "action", do="x", after=("update.publish",)),
            approvals=LIGHT,
            messages={"holding": message(facts=())},
        )
    )
    for text in ("First", "Second"):
        assert play.open_steps()[0] == "update.draft"
        assert "update.approve" not in play.open_steps()
        play.draft({"x/en": text, "website/en": text}, of="update")
        play.decide("ana")
        play.publish("update")
        assert play.keys("rest") == ["done"], "what follows the statement does not wait for its next round"
        back = of_type(play.later(hours(1)), ev.SentBack)
        assert [(one.to, one.cause) for one in back] == [("update.draft", "repeat")]
    assert play.outcomes("update.publish") == ["published", "published"]
    assert play.outcomes("update.approve") == ["approved", "approved"]


def test_an_update_is_due_again_in_time_to_be_written_and_approved() -> None:
    rule = SeverityRule(update_every=(Cadence(hours(1), until=hours(4)), Cadence(hours(4))))
    play = Play(plan(step("measure", "action", do="x", repeat_as_promised=True), severity={"SEV1": rule}))
    play.answer("measure", "done", "done")
    assert play.agenda.wakes_at is None, "no severity, no promise"
    play.severity("SEV1")
    assert play.agenda.wakes_at == START + minutes(40)
    play.later(minutes(40))
    assert play.step("measure").round == 2
    play.later(hours(5))
    play.answer("measure", "done", "done")
    assert play.agenda.wakes_at == play.now + hours(4) - minutes(20)


def test_a_round_that_is_left_out_does_not_end_the_cadence() -> None:
    play = Play(plan(step("measure", "action", do="x", repeat_every=hours(1))))
    play.skip("measure", "nothing new")
    play.later(hours(1))
    assert play.keys("measure") == ["done"]


def test_an_update_that_is_left_out_comes_round_again_at_its_time_and_not_at_once() -> None:
    rule = SeverityRule(update_every=(Cadence(hours(1)),))
    play = Play(
        plan(
            statement("update", "holding", repeat_as_promised=True),
            approvals=LIGHT,
            messages={"holding": message(facts=())},
            severity={"SEV1": rule},
        )
    )
    play.severity("SEV1")
    play.draft({"x/en": "First", "website/en": "First"}, of="update", promises=START + hours(1))
    play.decide("ana")
    play.publish("update")
    play.later(minutes(40))
    assert play.keys("update.draft") == ["texts"]
    play.skip("update.draft", "nothing new, and said so on the phone")
    assert play.keys("update.draft") == []
    play.later(minutes(40))
    assert play.keys("update.draft") == ["texts"]


def test_it_repeats_until_its_condition_holds() -> None:
    until = Condition(outcome={"over": "done"})
    play = Play(
        plan(
            step("measure", "action", do="x", repeat_every=hours(1), repeat_until=until), step("over", "action", do="x")
        )
    )
    play.answer("measure", "done", "done")
    play.answer("over", "done", "done")
    assert play.later(hours(9)) == ()


def test_a_step_that_led_back_or_away_does_not_repeat() -> None:
    play = Play(
        plan(
            step("work", "action", do="x", repeat_every=hours(1), on={"not-done": "close"}),
            step("rest", "action", do="x"),
        )
    )
    play.answer("work", "done", "not-done")
    play.answer("work", "why", "no means")
    assert play.later(hours(9)) == ()


def test_a_repeated_question_is_asked_again_and_what_follows_goes_on() -> None:
    play = Play(
        plan(
            step("facts", "question", facts=("product",), repeat_every=hours(4)),
            step("next", "action", do="x", after=("facts",)),
        )
    )
    play.answer("facts", "product", {"value": "Kettle 3"})
    play.later(hours(4))
    assert play.keys("facts") == ["product"]
    assert play.keys("next") == ["done"]


# ── not known yet ──


def test_what_was_not_known_is_asked_again_at_its_time_and_nothing_waits_for_it() -> None:
    play = Play(
        plan(step("facts", "question", facts=("product", "injury")), step("next", "action", do="x", after=("facts",)))
    )
    play.answer("facts", "product", {"value": "Kettle 3"})
    play.answer("facts", "injury", {"again": (START + minutes(15)).isoformat()})
    assert play.agenda.wakes_at == START + minutes(15)
    assert play.keys("next") == ["done"]
    play.later(minutes(15))
    assert play.keys("facts") == ["injury"], "only what is not known"
    assert play.step("facts").stands == "answered"


def test_a_fact_that_is_unknown_without_a_time_is_not_asked_again() -> None:
    play = Play(plan(step("facts", "question", facts=("injury",))))
    play.do(SetFact(fact="injury", known=False))
    assert play.step("facts").outcome == "answered"
    assert play.agenda.wakes_at is None


# ── texts that lapse ──


def drafted(**more: object) -> Play:
    play = Play(
        plan(
            step("facts", "question", facts=("product",)),
            statement("holding", "holding", after=("facts",)),
            approvals=LIGHT,
            **more,
        )
    )
    play.answer("facts", "product", {"value": "Kettle 3"})
    return play


def test_a_changed_fact_sends_its_texts_back_to_the_draft() -> None:
    play = drafted()
    play.draft()
    play.decide("ana")
    (back,) = of_type(play.fact("product", "Kettle 4"), ev.SentBack)
    assert back.reopens == ("holding.draft", "holding.approve", "holding.publish")
    assert play.step("holding.draft").why_again == "product has changed since this text was written"
    assert play.asks("holding.draft")[0].ask.advice == (), "why it is asked again stands above every step"


def test_a_fact_that_is_put_right_again_outdates_no_text_that_says_it() -> None:
    play = drafted()
    play.draft()
    play.fact("product", "Kettel 3")
    play.fact("product", "Kettle 3")
    (advice,) = play.asks("holding.draft")[0].ask.advice
    assert advice == "It is put right since, and is as the text says it."
    play.draft()
    assert play.step("holding.draft").status == "finished"
    play.fact("product", "Kettle 4")
    assert play.asks("holding.draft")[0].ask.advice == ()


def test_that_a_fact_is_not_known_yet_outdates_no_text_that_was_written_without_it() -> None:
    play = Play(plan(statement("holding", "holding"), approvals=LIGHT))
    play.draft()
    play.do(SetFact(fact="product", known=False, ask_again_at=START + minutes(25)))
    assert play.step("holding.draft").round == 1


def test_a_fact_that_is_said_again_outdates_nothing() -> None:
    play = drafted()
    play.draft()
    assert of_type(play.fact("product", "Kettle 3"), ev.SentBack) == []
    assert play.step("holding.approve").status == "started"


def test_what_is_still_not_known_outdates_nothing() -> None:
    play = Play(plan(statement("holding", "holding"), approvals=LIGHT))
    play.do(SetFact(fact="product", known=False, ask_again_at=START + minutes(5)))
    play.draft()
    play.do(SetFact(fact="product", known=False, ask_again_at=START + minutes(25)))
    assert play.step("holding.draft").round == 1


def test_once_it_is_being_posted_a_text_is_not_sent_back() -> None:
    play = drafted()
    play.draft()
    play.decide("ana")
    play.answer("holding.publish", "release", "post")
    play.fact("product", "Kettle 4")
    assert play.keys("holding.publish") == ["link:x/en", "link:website/en"]


@pytest.mark.parametrize(("promised", "stale_after"), [(90, 60), (60, 30), (40, 20)])
def test_a_promise_that_can_no_longer_be_kept_sends_the_text_back(promised: float, stale_after: float) -> None:
    play = drafted()
    play.draft(promises=START + minutes(promised))
    play.decide("ana")
    play.later(minutes(stale_after - 1))
    assert play.keys("holding.publish") == ["release"]
    play.later(minutes(1))
    assert play.keys("holding.draft") == ["texts"]


def test_a_stale_promise_is_not_released_even_where_nobody_looked_in_between() -> None:
    play = drafted()
    play.draft(promises=START + minutes(60))
    play.decide("ana")
    play.later(minutes(31), tick=False)
    with pytest.raises(Refused, match="no longer open"):
        play.answer("holding.publish", "release", "post")


@pytest.mark.parametrize("voided_by", ["time", "fact"])
def test_skipping_a_void_text_releases_nothing(voided_by: str) -> None:
    play = drafted()
    play.draft(promises=START + minutes(60))
    play.decide("ana")
    play.later(minutes(31)) if voided_by == "time" else play.fact("product", "Kettle 4")
    play.skip("holding.draft", "good enough")
    assert play.keys("holding.publish") == []
    assert play.outcomes("holding.publish") == ["not-published"]


def test_withdrawing_unlocks_the_texts_and_opens_the_draft() -> None:
    play = drafted()
    play.draft()
    play.decide("ana")
    play.answer("holding.publish", "release", "post")
    play.answer("holding.publish", "link:x/en", {"link": "https://example.org/1"})
    play.do(Withdraw(message="holding", why="a typo"))
    assert play.keys("holding.draft") == ["texts"]
    assert play.message().locked == ()
    assert [one.line.place for one in play.message().published] == ["x/en"], "what is out is out"


def test_going_back_over_texts_that_are_being_posted_withdraws_them() -> None:
    play = drafted()
    play.draft()
    play.decide("ana")
    play.answer("holding.publish", "release", "post")
    events = play.back("facts", "holding.draft", "wrong product")
    assert [type(one).__name__ for one in events[:2]] == ["Withdrawn", "SentBack"]
    assert events[1].reopens == ("facts", "holding.draft", "holding.approve", "holding.publish")


def test_a_person_corrected_midway_is_known_by_their_new_name() -> None:
    play = drafted()
    play.do(AddPerson(member=but(play.incident.roster["ana"], name="Ana Berg")))
    play.do(AddPerson(member=Member(id="new", name="New")))
    assert play.incident.roster["ana"].name == "Ana Berg"
