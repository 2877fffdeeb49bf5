"""Whoever takes a step up is asked all that it asks before anything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import pytest

from crisis.adapters import templates
from crisis.engine import shapes
from crisis.kernel.errors import Interrupted
from crisis.runtime.scene import LookAgain, Prefer, Question, Reply, Say
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
        if isinstance(question.open_ask.ask.wants, shapes.Link):
            return Say({"link": f"https://x.example/{len(self.asked)}"})
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


def test_what_was_chosen_is_posted_to_its_end_before_anything_else_is_asked(approved: Any) -> None:
    first, *posted, after = walked(approved, "holding.publish", "post", "link", "link")
    assert posted == ["holding.publish release", "holding.publish link:x/en", "holding.publish link:facebook/en"]
    assert first.split()[0] == "verify"
    assert after.split()[0] not in ("verify", "holding.publish"), "what was put aside waits until the rest is done"


def test_whoever_thinks_better_of_it_is_not_held(approved: Any) -> None:
    *_, after = walked(approved, "holding.publish", LookAgain())
    assert not after.startswith("holding.publish")


def test_a_look_elsewhere_comes_back_to_what_was_chosen(approved: Any) -> None:
    asked = walked(approved, "holding.publish", "post", "link", LookAgain(here=True))
    assert asked[-2:] == ["holding.publish link:facebook/en"] * 2
