"""Whoever takes a step up is asked all that it asks before anything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest

from crisis.adapters import templates
from crisis.engine import shapes
from crisis.engine.look import Agenda, OpenAsk
from crisis.engine.steps import Ask
from crisis.kernel.errors import Interrupted
from crisis.runtime.order import Order
from crisis.runtime.scene import LookAgain, Prefer, Question, Reply, Say
from crisis.runtime.stage import is_last
from crisis.runtime.walk import Walk


@dataclass
class Picky:
    """Takes up one step before all others, posts, and leaves when the script is over."""

    wanted: str
    answers: list[Any]
    asked: list[str] = field(default_factory=list)
    present = True
    via = "terminal"

    def ask(self, question: Question, watch: object) -> Reply:
        self.asked.append(f"{question.step} {question.open_ask.ask.key}")
        if len(self.asked) == 1:
            return Prefer(*next(one.key for one in question.around.left_to_do if one.step.id == self.wanted))
        if not self.answers:
            raise Interrupted("You left.")
        answer = self.answers.pop(0)
        if isinstance(answer, Reply):
            return answer
        return Say(answer)

    def tell(self, news: object) -> None:
        """Nobody listens."""

    def refuse(self, why: Exception) -> None:
        raise why


def walked(story: Any, wanted: str, *answers: Any) -> list[str]:
    operator = Picky(wanted, list(answers))
    walk = Walk(story.desk, operator, "kim", templates, UTC)  # type: ignore[arg-type]
    with pytest.raises(Interrupted):
        walk.run(story.id)
    return operator.asked


@pytest.fixture
def approved(story: Any) -> Any:
    return story.opened().drafted().decided("ana").decided("eva")


def test_of_a_chosen_step_all_is_asked_before_anything_else(story: Any) -> None:
    first, *frozen, after = walked(story.opened(), "freeze", {"Newsletter": "", "Ads": ""}, "Bo", "Bo")
    assert [one.split()[0] for one in (first, *frozen, after)] == ["verify", "freeze", "freeze", "freeze", "verify"]


def test_what_is_put_aside_waits_for_all_else_but_no_approved_text_does(story: Any) -> None:
    story.opened().drafted().decided("ana").decided("eva")
    frozen = {"Newsletter": "Bo", "Ads": "Bo"}
    first, *_, after = walked(story, "freeze", frozen)
    assert first == after == "holding.publish release"


def test_whoever_thinks_better_of_it_is_not_held(story: Any) -> None:
    *_, after = walked(story.opened(), "call", LookAgain())
    assert after.startswith("call"), "first in the playbook's order"
    *_, after = walked(story, "holding.draft", LookAgain())
    assert after.startswith("call")


def test_a_look_elsewhere_comes_back_to_what_was_chosen(story: Any) -> None:
    asked = walked(story.opened(), "holding.draft", LookAgain(here=True))
    assert asked[1:] == ["holding.draft texts"] * 2


def asked(step: str, key: str = "key", *, optional: bool = False) -> OpenAsk:
    ask = Ask(key=key, role="crisis-lead", prompt="?", wants=shapes.Text(), optional=optional)
    return OpenAsk(SimpleNamespace(id=step), 1, ask)  # type: ignore[arg-type]


def test_what_was_just_answered_is_not_asked_again_because_it_stays_open() -> None:
    order, keep, due = Order(), asked("approve", optional=True), asked("post")
    order.answered(keep)
    assert order.first_of([keep, due]) == due


def test_of_a_step_that_nobody_had_to_take_up_only_what_must_be_answered_follows() -> None:
    order, named, other = Order(), asked("approve", "name", optional=True), asked("approve", "sign-off", optional=True)
    order.answered(named)
    assert order.first_of([other]) is None
    due, number = asked("post"), asked("approve", "number")
    order.answered(named)
    assert order.first_of([due, other, number]) == number


def test_what_was_put_aside_comes_back_when_the_other_is_done_however_often_it_is_put_aside() -> None:
    order, aside, first, second = Order(), *map(asked, ("aside", "first", "second"))
    order.prefer(*first.key, aside)
    assert order.first_of([aside, first, second]) == first
    assert order.first_of([aside, second]) == aside
    order.prefer(*second.key, aside)
    assert order.first_of([aside, second]) == second
    assert order.first_of([aside, asked("is-it-over")]) == aside


def test_what_was_put_aside_comes_back_at_once_where_nothing_else_must_be_answered() -> None:
    order, aside, decided = Order(), asked("aside"), asked("approve", optional=True)
    order.prefer(*decided.key, aside)
    assert order.first_of([aside, decided]) == decided
    order.answered(decided)
    assert order.first_of([aside, decided]) == aside


def test_whoever_goes_back_to_a_step_is_asked_what_it_asks_before_the_rest() -> None:
    order, board, draft = Order(), asked("board"), asked("draft")
    order.prefer(*board.key)
    order.take_up("draft", 1)
    assert order.first_of([board, draft]) == draft


@pytest.mark.parametrize(
    ("others", "waiting", "last"),
    [
        ((), (), True),
        ((asked("debrief", "owner"), asked("figures", optional=True)), (), True),
        ((asked("insurer"),), (), False),
        ((), ((None, None),), False),
    ],
)
def test_a_step_closes_the_incident_only_where_nothing_else_must_be_done(
    others: tuple[OpenAsk, ...], waiting: Any, last: bool
) -> None:
    one = asked("debrief", "action:0")
    ahead = Agenda(asks=(one, *others), waiting=waiting, coming=(), clocks=(), wakes_at=None)
    assert is_last(one, ahead) is last
