"""Who approved which text."""

from __future__ import annotations

from playing import PEOPLE, Play, chain, message, plan, statement

from crisis.engine.events import Member
from crisis.playbook.model import Translation
from crisis.projections.names import Names
from crisis.projections.said import statements


def test_each_text_names_those_whose_yes_counted_for_it() -> None:
    rule = chain(of=("legal", "executive"), translation=Translation(of=("native-reader",)))
    holding = message(channels=("x",), languages=("en", "da"))
    pia = Member(id="pia", name="Pia", roles=("native-reader",), languages=("da",))
    play = Play(
        plan(statement("holding", "holding"), approvals={"public": rule}, messages={"holding": holding}), (*PEOPLE, pia)
    )
    play.draft({"x/en": "Stop using it.", "x/da": "Brug den ikke."})
    for person in ("ana", "eva"):
        play.decide(person)
    play.decide("pia", heard_by="kim")
    play.publish()
    names = Names.of(play.plan, play.incident)
    found = {one.language: one for one in statements(play.plan, play.events, names, lambda _: "")}
    assert [one.person for one in found["en"].approved_by] == ["Ana", "Eva"]
    assert [one.person for one in found["da"].approved_by] == ["Ana", "Eva", "Pia"]


def approved_by(play: Play) -> list[str]:
    names = Names.of(play.plan, play.incident)
    (one,) = statements(play.plan, play.events, names, lambda _: "")
    return [yes.person for yes in one.approved_by]


def holding_of(**of_chain: object) -> Play:
    holding = message(channels=("x",), languages=("en",))
    people = (*PEOPLE, Member(id="leo", name="Leo", roles=("legal",)))
    steps = statement("holding", "holding")
    return Play(plan(steps, approvals={"public": chain(**of_chain)}, messages={"holding": holding}), people)


def test_who_took_their_yes_back_approved_nothing() -> None:
    play = holding_of(of=("legal", "executive", "crisis-lead"), quorum=2, required=())
    play.draft({"x/en": "Stop using it."})
    play.decide("eva")
    play.back("holding.draft", "holding.approve", "to be read once more")
    play.draft({"x/en": "Stop using it."})
    play.decide("eva", "no")
    play.decide("ana")
    play.decide("kim")
    play.publish()
    assert approved_by(play) == ["Ana", "Kim"]


def test_whose_text_became_another_and_the_same_again_did_not_approve_it() -> None:
    play = holding_of(of=("legal", "executive"), quorum=2, required=())
    play.draft({"x/en": "A"})
    play.decide("ana")
    for text in ("B", "A"):
        play.back("holding.draft", "holding.approve", "another text")
        play.draft({"x/en": text})
    play.decide("leo")
    play.decide("eva")
    play.publish()
    assert approved_by(play) == ["Leo", "Eva"]
