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
