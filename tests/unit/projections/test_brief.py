from __future__ import annotations

import json
from datetime import timedelta, timezone

import pytest

from crisis.adapters.journal.codec import encode_brief
from crisis.adapters.journal.memory import MemoryJournal
from crisis.engine.commands import SetFact, Skip
from crisis.engine.evolve import fold
from crisis.engine.look import agenda
from crisis.projections.brief import brief_of


def rebuilt(story):
    events = story.journal.read(story.id)
    incident = fold(events)
    return json.loads(encode_brief(brief_of(story.plan, incident, agenda(story.plan, incident, events[-1].at))))


@pytest.mark.parametrize("hours", [0, 1, -8])
def test_the_brief_is_the_same_when_it_is_rebuilt_whatever_the_zone_of_the_writer(cases, hours: int) -> None:
    story = cases.Story(MemoryJournal())
    story.clock.time = story.clock.time.astimezone(timezone(timedelta(hours=hours)))
    story.opened().drafted().later(1).decided("eva")
    assert story.journal.head(story.id).brief == rebuilt(story)


def test_what_waits_for_approval_is_not_said_to_be_approved(story) -> None:
    story.opened().drafted().decided("eva")
    (first, _) = story.journal.head(story.id).brief["not_posted"]
    assert (first["state"], [one["by"] for one in first["approvals"]]) == ("waits for approval", ["Eva Holm"])


def test_an_approved_text_is_still_said_not_to_be_posted(story) -> None:
    story.opened().drafted().decided("eva").decided("ana")
    brief = story.journal.head(story.id).brief
    assert [one["state"] for one in brief["not_posted"]] == ["approved", "approved"]
    story.answer("holding.publish", "release", "post", "bo")
    brief = story.journal.head(story.id).brief
    assert ([one["state"] for one in brief["not_posted"]], brief["published"]) == (["being posted"] * 2, [])


def test_a_text_whose_approval_was_skipped_waits_for_nothing(story) -> None:
    story.opened().drafted().decided("eva")
    story.do(Skip(step="holding.approve", round=1, reason="it is over"))
    assert {one["state"] for one in story.journal.head(story.id).brief["not_posted"]} == {"skipped"}


def test_what_is_out_names_who_posted_and_who_approved_it(closed) -> None:
    (out,) = closed.journal.head(closed.id).brief["published"]
    assert (out["by"], out["approved_by"], out["fingerprint"]) == (
        "Bo Lind",
        ["Eva Holm", "Ana Berg"],
        out["sha256"][:8] + "…",
    )


def test_a_text_that_is_to_be_written_anew_waits_for_no_approval(story) -> None:
    story.opened().drafted().decided("eva")
    story.do(SetFact(fact="product", value="Kettle 4"))
    texts = story.journal.head(story.id).brief["not_posted"]
    assert {one["state"] for one in texts} == {"to be written anew"}
    assert [one["approvals"] for one in texts] == [[], []], "nobody has said yes to what is not written yet"


def test_a_waiver_stays_with_the_text_that_is_out_while_its_correction_is_written(cases) -> None:
    story = cases.Story(MemoryJournal(), people=cases.PEOPLE[:1]).opened().drafted(who="kim")
    story.answer("holding.approve", "name:0", {}).answer("holding.approve", "name:1", {})
    story.answer("holding.approve", "waiver", "alone at night").published()
    story.back("holding.draft", "holding.publish", "the batch is known")
    story.drafted({"x": "Batch 12 of Kettle 3."}, who="kim")
    (out,) = story.journal.head(story.id).brief["published"]
    assert (out["without_approval"], out["approved_by"]) == ("waived", [])


def test_a_waiver_is_shown_with_its_reason(cases) -> None:
    alone = cases.PEOPLE[:1]
    story = cases.Story(MemoryJournal(), people=alone).opened().drafted(who="kim")
    story.answer("holding.approve", "name:0", {}).answer("holding.approve", "name:1", {})
    story.answer("holding.approve", "waiver", "alone at night")
    shown = story.journal.head(story.id).brief["without_approval"]
    assert shown == [
        {"title": "Holding statement", "place": place, "how": "waived", "reason": "alone at night"}
        for place in ("x/en", "facebook/en")
    ]


def test_what_is_not_posted_there_goes_nowhere_without_approval(cases) -> None:
    story = cases.Story(MemoryJournal(), people=cases.PEOPLE[:1]).opened().drafted(who="kim")
    story.answer("holding.approve", "name:0", {}).answer("holding.approve", "name:1", {})
    story.answer("holding.approve", "waiver", "alone at night")
    story.answer("holding.publish", "release", "post")
    story.answer("holding.publish", "link:facebook/en", {"left_out": "no account there"})
    assert [one["place"] for one in story.journal.head(story.id).brief["without_approval"]] == ["x/en"]


def test_who_was_called_and_what_they_said_is_told(story) -> None:
    story.opened().answer("call", "reach:legal:ana", "no-answer")
    assert story.journal.head(story.id).brief["told"] == [{"who": "Ana Berg", "role": "legal", "answer": "no-answer"}]


def test_criteria_are_shown_as_they_were_last_ticked(closed, story) -> None:
    assert [one["seen"] for one in story.journal.head(story.id).brief["stand_down"]] == [False, False]
    assert [one["seen"] for one in closed.journal.head(closed.id).brief["stand_down"]] == [True, True]


def test_the_approvers_of_a_text_that_is_out_are_told_while_its_correction_is_written(story) -> None:
    story.opened().drafted().decided("eva").decided("ana").published()
    story.back("holding.draft", "holding.publish", "the batch is known")
    story.drafted({"x": "Batch 12 of Kettle 3."})
    (out,) = story.journal.head(story.id).brief["published"]
    assert (out["link"], out["approved_by"]) == ("https://x.example/1", ["Eva Holm", "Ana Berg"])
