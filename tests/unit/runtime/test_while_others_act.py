"""Nothing must be answered: what is out can be corrected all the same, and what waits can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import pytest

from crisis.adapters import templates
from crisis.engine import shapes
from crisis.kernel.errors import Interrupted
from crisis.runtime.scene import LeaveOut, Meanwhile, Question, Reply, Return, Say
from crisis.runtime.walk import Walk


@dataclass
class Alone:
    """Does what it can until others are waited for, goes back from there, and leaves at the next question."""

    to: str
    offered: list[str] = field(default_factory=list)
    asked_then: str = ""
    present = True
    via = "terminal"

    def ask(self, question: Question, watch: object) -> Reply:
        if self.offered:
            self.asked_then = question.step
            raise Interrupted("You left.")
        if question.can_skip:
            return LeaveOut("nobody is there for it")
        wants = question.open_ask.ask.wants
        return Say("acknowledged" if isinstance(wants, shapes.Reach) else question.open_ask.ask.suggested)

    def wait(self, meanwhile: Meanwhile, watch: object) -> Reply:
        assert not self.offered, "gone back to nowhere"
        self.offered = list(meanwhile.around.can_go_back)
        return Return(self.to, "the number was wrong")

    def tell(self, news: object) -> None:
        """Nobody listens."""

    def refuse(self, why: Exception) -> None:
        raise why


def test_a_text_that_others_are_asked_for_can_be_taken_back_while_they_are_waited_for(story: Any) -> None:
    story.opened().drafted()
    operator = Alone("holding.draft")
    with pytest.raises(Interrupted):
        Walk(story.desk, operator, "kim", templates, UTC).run(story.id)  # type: ignore[arg-type]
    assert "holding.draft" in operator.offered
    assert operator.asked_then == "holding.draft"
