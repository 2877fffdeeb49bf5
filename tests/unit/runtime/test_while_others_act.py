"""Nothing must be answered: what is out can be corrected all the same, and what waits can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import pytest

from crisis.adapters import templates
from crisis.adapters.journal.memory import MemoryJournal
from crisis.engine import shapes
from crisis.engine.commands import Note
from crisis.engine.events import Member
from crisis.kernel.errors import Interrupted
from crisis.kernel.fingerprints import salted
from crisis.runtime.ports import Blob
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


def test_of_two_people_of_one_name_the_number_of_the_one_who_is_waited_for_is_given(cases: Any) -> None:
    numbers = {name: b'{"phone": "+45 %s"}' % name for name in (b"1", b"2")}
    blobs = [Blob(key=salted(data, name), data=data, salt=name) for name, data in numbers.items()]
    people = (
        Member(id="ana", name="Ana Berg", roles=("legal",), contact=blobs[0].key),
        Member(id="ana-2", name="Ana Berg", roles=("community-manager",), contact=blobs[1].key),
        *(one for one in cases.PEOPLE if one.id not in ("ana", "bo")),
    )
    story = cases.Story(MemoryJournal(), people=people).opened().drafted()
    story.desk.execute(story.id, Note(text="their numbers"), who="kim", via="terminal", blobs=blobs)
    walk = Walk(story.desk, Alone(""), "kim", templates, UTC)  # type: ignore[arg-type]
    waiting = walk.stage.scene(story.case, story.desk.ahead(story.id)).waiting
    assert any("Ana Berg" in one and "+45 1" in one for one in waiting)
    assert not any("+45 2" in one for one in waiting)
