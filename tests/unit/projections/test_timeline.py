from __future__ import annotations

import json

from crisis.adapters.journal.memory import MemoryJournal
from crisis.engine.commands import Note, SetFact
from crisis.engine.events import Drafted, Finished
from crisis.projections.irregular import Irregular
from crisis.projections.timeline import as_json, timeline


def lines(story):
    case = story.case
    return timeline(case.plan, case.incident, case.events, None)


def test_every_event_is_there_once_and_in_order(closed) -> None:
    assert [one.seq for one in lines(closed)] == list(range(1, closed.case.incident.version + 1))


def test_what_nobody_did_is_the_playbooks(closed) -> None:
    for entry, event in zip(lines(closed), closed.case.events, strict=True):
        assert (entry.who == "the playbook") == (event.who == "")


def test_people_go_by_their_names(closed) -> None:
    assert {one.who for one in lines(closed)} == {"the playbook", "Kim Dahl", "Bo Lind", "Eva Holm", "Ana Berg"}


def test_whoever_writes_for_another_is_named_with_them(closed) -> None:
    (heard,) = [one for one in lines(closed) if one.on_behalf_of]
    assert (heard.who, heard.on_behalf_of) == ("Kim Dahl", "Ana Berg")


def test_somebody_who_is_not_on_the_roster_keeps_the_id(story) -> None:
    story.do(Note(text="hello"), "stranger")
    assert lines(story)[-1].who == "stranger"


def test_a_drill_is_marked_in_every_line(cases) -> None:
    story = cases.Story(MemoryJournal(), drill=True, incident="DRILL-2026-0001").facts()
    assert all(one.drill for one in lines(story))


def test_the_json_is_a_list_of_events_with_their_moments_in_utc(closed) -> None:
    listed = json.loads(json.dumps(as_json(lines(closed))))
    assert listed[0] == {
        "seq": 1,
        "at": "2026-03-07T01:50:00+00:00",
        "type": "Opened",
        "who": "Kim Dahl",
        "via": "terminal",
        "on_behalf_of": "",
        "text": "Opened INC-2026-0007: Product defect or safety problem; Kim Dahl leads",
        "drill": False,
    }


def test_an_approval_that_came_about_is_called_so(closed) -> None:
    assert "“Holding statement (approval)” ended: approved" in {one.text for one in lines(closed)}


def test_a_text_that_was_written_anew_after_a_waiver_is_approved_like_any_other(cases) -> None:
    story = cases.Story(MemoryJournal(), people=cases.PEOPLE[:1]).opened().drafted(who="kim")
    story.answer("holding.approve", "name:0", {}).answer("holding.approve", "name:1", {})
    story.answer("holding.approve", "waiver", "alone at night")
    follows = Irregular(story.case.plan)
    said = [follows.after(one.event) for one in story.case.events]
    assert "without a full approval" in said
    follows.after(Drafted(message="holding", texts=()))
    assert follows.after(Finished(step="holding.approve", round=2, outcome="approved")) == ""


def test_a_fact_that_changes_says_what_it_was(story) -> None:
    story.opened().do(SetFact(fact="product", value="Kettle 4"))
    story.do(SetFact(fact="product", value="Kettle 4"))
    story.do(SetFact(fact="product", known=False))
    told = [one.text for one in lines(story) if one.text.startswith("Product")]
    assert told == [
        "Product: Kettle 3",
        "Product: Kettle 4 (was Kettle 3)",
        "Product: Kettle 4",
        "Product: not known yet (was Kettle 4)",
    ]
