"""Nothing must be answered: what is out can be corrected all the same, and what waits can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import pytest
from msgspec.structs import replace

from crisis.adapters import templates
from crisis.adapters.journal.memory import MemoryJournal
from crisis.engine import shapes
from crisis.engine.commands import Note, SetFact
from crisis.engine.events import FactSet, Member, Noted
from crisis.kernel.errors import CrisisError, Interrupted, Refused
from crisis.kernel.fingerprints import salted
from crisis.playbook.conditions import Condition
from crisis.projections.brief import brief_of
from crisis.runtime.drafts import as_sent
from crisis.runtime.ports import Blob
from crisis.runtime.scene import (
    Around,
    Correction,
    LeaveOut,
    Meanwhile,
    Question,
    Reply,
    Return,
    Say,
    SayableFact,
    SayFact,
    SayLink,
)
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


@dataclass
class Correcting(Alone):
    """Says a fact from the page that waits for others, or from the menu of a question, then leaves."""

    to: str = ""
    from_menu: bool = False
    name: str = ""
    value: Any = None
    facts: tuple[SayableFact, ...] = ()
    told: list[str] = field(default_factory=list)

    def wait(self, meanwhile: Meanwhile, watch: object) -> Reply:
        if self.facts:
            raise Interrupted("You left.")
        self.facts = meanwhile.around.facts
        self.offered = ["said"]
        return SayFact(self.name, self.value, next(one.changed for one in self.facts if one.name == self.name))

    def ask(self, question: Question, watch: object) -> Reply:
        if not self.from_menu or self.facts:
            return super().ask(question, watch)
        return self.wait(question, watch)  # type: ignore[arg-type]

    def tell(self, news: Any) -> None:
        self.told += [one.text for one in news]


def corrected(story: Any, name: str, value: Any, *, from_menu: bool = False) -> Correcting:
    operator = Correcting(name=name, value=value, from_menu=from_menu)
    with pytest.raises(Interrupted):
        Walk(story.desk, operator, "kim", templates, UTC).run(story.id)  # type: ignore[arg-type]
    return operator


def test_a_fact_is_corrected_while_others_are_waited_for_and_what_follows_is_said(story: Any) -> None:
    operator = corrected(story.opened().drafted(), "product", {"value": "Kettle 4"})
    last = [one for one in story.case.events if isinstance(one.event, FactSet)][-1]
    assert (last.event.fact, last.event.value, last.who, last.via) == ("product", "Kettle 4", "kim", "terminal")
    assert operator.asked_then == "holding.draft", "the text that says it is written again"
    assert any(line.endswith(": product is Kettle 4") for line in operator.told), "it was taken in"
    assert any("Holding statement: to be done again, product has changed" in line for line in operator.told)


def test_a_fact_that_makes_wrong_what_is_out_may_be_said_from_the_menu(story: Any) -> None:
    story.opened().drafted().decided("ana").decided("eva").published()
    operator = corrected(story, "product", {"value": "Kettle 4"}, from_menu=True)
    assert operator.asked_then == "verify", "one goes on where one was"
    assert any("holding statement is out and says it as it was" in line for line in operator.told)


def test_what_somebody_else_said_meanwhile_is_not_taken_back_unseen(story: Any) -> None:
    class Late(Correcting):
        def wait(self, meanwhile: Meanwhile, watch: object) -> Reply:
            reply = super().wait(meanwhile, watch)
            story.do(SetFact(fact="product", value="Kettle 5"), "bo")
            return reply

    operator = Late(name="product", value={"value": "Kettle 3"})
    with pytest.raises(Refused, match="somebody has said this meanwhile"):
        Walk(story.opened().drafted().desk, operator, "kim", templates, UTC).run(story.id)  # type: ignore[arg-type]
    assert story.case.incident.facts["product"].value == "Kettle 5"


def test_a_place_that_is_out_and_wrong_is_not_left_out_of_its_correction(story: Any) -> None:
    story.opened().drafted().decided("ana").decided("eva").published()
    story.do(SetFact(fact="product", value="Kettle 4"))
    story.back("holding.draft", "holding.publish", "wrong")
    story.drafted({"facebook": "Stop using Kettle 4."})
    story.back("holding.draft", "holding.draft", "x is still wrong")
    former = as_sent(story.case, "holding", story.journal.blob, story.clock.now())
    assert "x/en" not in former.left_out


def test_a_sensitive_value_that_is_said_in_the_walk_stands_outside_the_chain(story: Any) -> None:
    operator = corrected(story.opened().drafted(), "victims", {"value": "Ida Dahl"})
    last = [one.event for one in story.case.events if isinstance(one.event, FactSet)][-1]
    assert (last.fact, last.value) == ("victims", None)
    assert story.journal.blob(last.sealed) == b'"Ida Dahl"'
    assert {one.name: one.known_now for one in operator.facts}["victims"] == "not known yet"
    (victims,) = [one for one in corrected_facts(story) if one.name == "victims"]
    assert (victims.known_now, victims.suggested) == ("kept outside the log", None)


def corrected_facts(story: Any) -> tuple[SayableFact, ...]:
    walk = Walk(story.desk, Alone(""), "kim", templates, UTC)  # type: ignore[arg-type]
    return walk.stage.meanwhile(story.case, story.desk.ahead(story.id)).around.facts


def test_what_a_text_waits_for_is_offered_first_then_what_is_not_known(cases: Any) -> None:
    plan = cases.make_plan()
    held = [
        replace(one, hold_until=Condition(fact="injury")) if one.kind_name == "publish" else one for one in plan.steps
    ]
    story = cases.Story(MemoryJournal(), plan=replace(plan, steps=tuple(held)))
    story.answer("facts", "product", {"again": cases.START.isoformat()})
    assert [one.name for one in corrected_facts(story)] == ["product", "aware_at", "injury", "victims"]
    story.facts(injury=False).assessed("SEV3").answer("triage", "choice", "open")
    assert [one.name for one in corrected_facts(story)] == ["victims", "aware_at", "product", "injury"]
    story.drafted().decided("ana").decided("eva")
    assert [(one.name, one.known_now) for one in corrected_facts(story)][:2] == [
        ("injury", "no"),
        ("victims", "not known yet"),
    ]


def around_now(story: Any, operator: Any = None) -> Around:
    walk = Walk(story.desk, operator or Alone(""), "kim", templates, UTC)  # type: ignore[arg-type]
    return walk.stage.meanwhile(story.case, story.desk.ahead(story.id)).around


def test_what_is_out_and_wrong_can_be_corrected_until_its_correction_is_on_the_way(story: Any) -> None:
    story.opened().drafted().decided("ana").decided("eva").published()
    assert around_now(story).to_correct == ()
    story.do(SetFact(fact="product", value="Kettle 4"))
    (one,) = around_now(story).to_correct
    assert one == Correction("holding.draft", "Holding statement", "says product as it was")
    story.back("holding.draft", "holding.publish", "it says product as it was")
    assert around_now(story).to_correct == (), "its draft is asked for"
    story.drafted({"x": "Stop using Kettle 4.", "facebook": "Stop using Kettle 4."})
    assert around_now(story).to_correct == (), "its correction waits for approval"


def test_whoever_is_waited_for_is_called_you_where_they_read_it_and_by_name_where_nobody_does(story: Any) -> None:
    class Unattended(Alone):
        present = False

    story.opened().drafted()
    waiting = [*around_now(story).scene.waiting, *around_now(story, Unattended("")).scene.waiting]
    assert not any("you" in one for one in waiting)
    waiting = [
        Walk(story.desk, one(""), "eva", templates, UTC).stage.scene(story.case, story.desk.ahead(story.id)).waiting
        for one in (Alone, Unattended)
    ]
    assert any(one.startswith("you (legal or executive)") for one in waiting[0])
    assert any(one.startswith("Eva Holm (legal or executive)") for one in waiting[1])


def test_the_link_of_a_post_that_was_taken_back_meanwhile_is_kept_and_told_of(story: Any) -> None:
    class Posting(Alone):
        refused: str = ""

        def ask(self, question: Question, watch: object) -> Reply:
            if question.open_ask.ask.key != "link:x/en" or self.refused:
                raise Interrupted("You left.")
            story.back("holding.draft", "holding.publish", "a mistake in it", "bo")
            return Say({"link": "https://x.example/9"})

        def refuse(self, why: CrisisError) -> None:
            self.refused = why.message

    story.opened().drafted().decided("ana").decided("eva").answer("holding.publish", "release", "post", "bo")
    operator = Posting("")
    with pytest.raises(Interrupted):
        Walk(story.desk, operator, "kim", templates, UTC).run(story.id)  # type: ignore[arg-type]
    assert operator.refused == "x/en was taken back or posted meanwhile; your link is kept as a note"
    notes = [one.event.text for one in story.case.events if isinstance(one.event, Noted)]
    assert notes == ["x/en was posted as well, though not waited for any more: https://x.example/9"]


def test_a_link_that_is_refused_for_another_reason_is_no_post(story: Any) -> None:
    """A pipe proves nothing, and what it says was posted stands nowhere."""

    class Piped(Alone):
        present = False
        asked: int = 0

        def ask(self, question: Question, watch: object) -> Reply:
            self.asked += 1
            if question.open_ask.ask.key != "link:x/en" or self.asked > 1:
                raise Interrupted("You left.")
            return Say({"link": "https://x.example/9"})

        def refuse(self, why: CrisisError) -> None:
            assert "needs a person at a terminal" in why.message

    story.opened().drafted().decided("ana").decided("eva").answer("holding.publish", "release", "post", "bo")
    operator = Piped("")
    with pytest.raises(Interrupted):
        Walk(story.desk, operator, "kim", templates, UTC).run(story.id)  # type: ignore[arg-type]
    assert operator.asked == 2
    assert not [one for one in story.case.events if isinstance(one.event, Noted)]


def test_a_link_is_corrected_from_the_menu_and_one_goes_on_where_one_was(story: Any) -> None:
    @dataclass
    class Relinking(Correcting):
        def wait(self, meanwhile: Meanwhile, watch: object) -> Reply:
            if self.facts:
                raise Interrupted("You left.")
            (known,), self.facts = meanwhile.around.links, meanwhile.around.facts
            self.offered = [known.link, known.line.place]
            return SayLink(known, "https://x.example/right")

    story.opened().drafted().decided("ana").decided("eva").published()
    operator = Relinking(from_menu=True)
    with pytest.raises(Interrupted):
        Walk(story.desk, operator, "kim", templates, UTC).run(story.id)  # type: ignore[arg-type]
    assert operator.offered == ["https://x.example/1", "x/en"]
    assert operator.asked_then == "verify"
    assert any("link of x/en corrected: https://x.example/right" in line for line in operator.told)
    (out,) = brief_of(story.case.plan, story.case.incident, story.desk.ahead(story.id))["published"]
    assert out["link"] == "https://x.example/right"
