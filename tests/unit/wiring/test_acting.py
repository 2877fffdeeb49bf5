"""What is said when an incident is closed."""

from __future__ import annotations

from typing import Any

from crisis.engine.commands import SetFact
from crisis.wiring.acting import what_goes_on


def test_closing_names_what_is_out_and_wrong_before_the_legal_duties(story: Any) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    told = what_goes_on(story.desk.case(story.id))
    assert told[0].startswith("Legal duties do not end")
    story.do(SetFact(fact="product", value="Kettle 4"))
    wrong, *duties = what_goes_on(story.desk.case(story.id))
    assert wrong.startswith("!! Holding statement says product as it was, and is out (x/en): take it down")
    assert duties == told
