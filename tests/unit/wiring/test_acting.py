"""What is said when an incident is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crisis.engine.commands import Close, SetFact
from crisis.wiring.acting import what_goes_on


def test_closing_names_what_is_out_and_wrong_before_the_legal_duties(story: Any) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    told = what_goes_on(story.desk.case(story.id))
    assert told[0].startswith("Legal duties do not end")
    story.do(SetFact(fact="product", value="Kettle 4"))
    wrong, *duties = what_goes_on(story.desk.case(story.id))
    assert wrong.startswith("!! Holding statement says product as it was, and is out (x/en): take it down")
    assert duties == told


def test_a_legal_duty_that_was_met_is_only_named_as_done(story: Any) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    story.answer("authority", "items", [0, 1])
    assert what_goes_on(story.desk.case(story.id)) == [
        "Legal duties that stand here as done: Tell the authority of an accident"
    ]


def test_closing_names_an_update_that_was_promised_and_not_given_before_the_legal_duties(story: Any) -> None:
    due = story.clock.time + timedelta(minutes=60)
    story.opened().drafted(promises=due).decided("eva").decided("ana").published()
    story.do(Close(reason="it was a hoax"))
    promised, which, *duties = what_goes_on(story.desk.case(story.id))
    assert promised.startswith("Promised updates do not end with the incident")
    assert which == "  Promised update (holding statement): by Sat 07 Mar 03:50"
    assert duties[0].startswith("Legal duties do not end")
