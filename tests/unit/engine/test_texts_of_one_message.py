"""Several statements, or several approvals, of one message: whose text it is, and who is asked for it."""

from __future__ import annotations

from typing import Any

from playing import Play, but, chain, hours, minutes, plan, statement, step

from crisis.engine.commands import Withdraw
from crisis.engine.look import correctable
from crisis.playbook.conditions import Condition
from crisis.playbook.values import Item

LIGHT = {"public": chain(of=("legal",), quorum=1, required=())}
HELD = Condition(outcome={"verify": "done"})
SEVERE = Condition(severity="SEV2-or-worse")
MORE = {"x/en": "More is known.", "website/en": "More is known by now."}


def two_statements(first_when: Condition | None = None, **later: Any) -> Play:
    """Two statements of one message, the second after the first."""
    first = [but(one, when=first_when) for one in statement("first", "holding", after=("assess",))]
    second = statement("second", "holding", after=("assess", "first.publish"), **later)
    checks = step("verify", "checklist", items=(Item("a"),))
    play = Play(plan(step("assess", "assess"), *first, *second, checks, approvals=LIGHT))
    play.answer("assess", "severity", {"severity": "SEV4", "reason": "small"})
    return play


def first_is_out(**later: Any) -> Play:
    play = two_statements(**later)
    play.draft(of="first")
    play.decide("ana")
    play.publish("first")
    return play


def test_a_text_is_posted_only_in_the_statement_that_drafted_it_and_a_hold_is_not_got_around() -> None:
    play = first_is_out(hold_until=HELD)
    play.draft(MORE, of="second")
    assert play.open_steps() == ["verify", "second.approve"]
    play.decide("ana")
    assert play.keys("first.publish") == []
    assert play.keys("second.publish") == ["override"]
    play.answer("verify", "items", [0])
    play.publish("second")
    assert play.outcomes("first.publish") == play.outcomes("second.publish") == ["published"]
    assert tuple(one.line for one in play.message().history[2:]) == play.message().lines


def test_what_changes_sends_back_the_statement_whose_text_it_is() -> None:
    play = first_is_out()
    play.draft(MORE, of="second")
    play.fact("product", "Kettle 5")
    assert play.open_steps() == ["verify", "second.draft"]
    assert play.step("first.draft").status == "finished"


def test_a_text_that_is_taken_back_goes_back_to_the_statement_that_drafted_it() -> None:
    play = first_is_out()
    play.draft(MORE, of="second")
    play.decide("ana")
    play.answer("second.publish", "release", "edit")
    assert play.open_steps() == ["verify", "second.draft"]
    play.draft(MORE, of="second")
    play.answer("second.publish", "release", "post")
    play.do(Withdraw(message="holding", why="not yet"))
    assert play.open_steps() == ["verify", "second.draft"]


def test_a_statement_whose_draft_was_skipped_posts_nothing_of_another() -> None:
    play = first_is_out()
    play.skip("second.draft")
    assert play.outcomes("second.approve") == ["skipped"]
    assert play.outcomes("second.publish") == ["not-published"]
    play = two_statements()
    play.skip("first.draft")
    play.draft(MORE, of="second")
    play.decide("ana")
    play.publish("second")
    assert play.outcomes("second.publish") == ["published"]


def test_a_statement_that_is_repeated_waits_for_another_of_its_message_that_is_under_way() -> None:
    play = Play(
        plan(
            *statement("first", "holding", repeat_every=hours(1)),
            *statement("second", "holding", after=("first.publish",)),
            approvals=LIGHT,
        )
    )
    play.draft(of="first")
    play.decide("ana")
    play.publish("first")
    play.draft(MORE, of="second")
    play.later(minutes(90))
    assert play.open_steps() == ["second.approve"]
    play.decide("ana")
    play.publish("second")
    assert play.open_steps() == ["first.draft"]


def test_going_back_to_the_first_statement_lets_the_second_wait() -> None:
    play = first_is_out()
    assert correctable(play.plan, play.incident, ()) == ("first.draft",)
    play.back("first.draft", "first.publish", "a typo")
    assert play.open_steps() == ["verify", "first.draft"]
    play.draft(MORE, of="first")
    play.decide("ana")
    play.publish("first")
    assert play.open_steps() == ["verify", "second.draft"]


def test_where_the_first_statement_does_not_apply_the_second_one_is_approved_and_can_be_corrected() -> None:
    play = two_statements(first_when=SEVERE)
    play.draft(MORE, of="second")
    play.decide("ana")
    play.publish("second")
    assert play.outcomes("second.publish") == ["published"]
    assert correctable(play.plan, play.incident, ()) == ("second.draft",)


def test_of_two_approvals_the_one_that_applies_is_asked_and_has_the_clock() -> None:
    asked = [
        step(name, "approve", message="holding", after=("new.draft",), on={"rejected": "new.draft"}, when=when)
        for name, when in (("severe", SEVERE), ("small", Condition(not_=SEVERE)))
    ]
    play = Play(
        plan(
            step("new.draft", "draft", message="holding"),
            *asked,
            step("new.publish", "publish", message="holding", after=("severe", "small")),
            approvals=LIGHT,
        )
    )
    play.severity("SEV4")
    play.draft(of="new")
    assert play.open_steps() == ["small"]
    assert play.clock("approval") is not None
    play.decide("ana")
    play.publish("new")
    assert play.outcomes("small") == ["approved"]
    assert play.outcomes("new.publish") == ["published"]
