"""What may still be up in public, and what of it is no longer so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from crisis.adapters.journal.codec import encode
from crisis.adapters.journal.memory import MemoryJournal
from crisis.engine.commands import SetFact, Tick
from crisis.engine.events import Drafted, DraftedText, Line
from crisis.playbook.values import Edge
from crisis.projections.out_there import as_they_were, out_there


def out(story: Any) -> list[tuple[str, str, bool]]:
    """Each text that may be up: its link, what it has wrong, and whether a later one puts it right."""
    found = out_there(story.plan, story.case.incident)
    return [(one.publication.link[-1], ",".join(one.outdated), one.replaced) for one in found]


def said(story: Any, text: str, link: str, message: str = "holding") -> Any:
    """A text of the message is written, approved and posted on X."""
    story.drafted({"x": text}, message=message)
    return posted(story.decided("eva", message=message).decided("ana", message=message), link, message)


def posted(story: Any, link: str, message: str = "holding") -> Any:
    story.answer(f"{message}.publish", "release", "post", "bo")
    return story.answer(f"{message}.publish", "link:x/en", {"link": f"https://x.example/{link}"}, "bo")


def corrected(story: Any, text: str, link: str) -> Any:
    story.back("holding.draft", "holding.publish", "it was wrong")
    return said(story, text, link)


@pytest.fixture
def story(cases: Any) -> Any:
    return cases.Story(MemoryJournal()).opened()


def test_a_text_and_its_correction_may_both_be_up(story: Any) -> None:
    corrected(said(story, "Stop using Kettle 3.", "1"), "Stop using batch 12.", "2")
    assert out(story) == [("1", "", True), ("2", "", False)]


def test_a_text_that_is_posted_again_word_for_word_is_not_called_replaced(story: Any) -> None:
    corrected(corrected(said(story, "Stop.", "1"), "Stop using batch 12.", "2"), "Stop.", "3")
    assert out(story) == [("2", "", True), ("3", "", False)]


def test_a_correction_that_was_refused_once_is_a_correction_still(story: Any) -> None:
    said(story, "Stop using Kettle 3.", "1")
    story.back("holding.draft", "holding.publish", "it was wrong")
    story.drafted({"x": "Stop using it."}).decided("ana", "no", reason="which one?")
    assert out(said(story, "Stop using batch 12.", "2")) == [("1", "", True), ("2", "", False)]


def test_a_text_is_wrong_about_the_facts_that_it_says_and_about_no_other(story: Any) -> None:
    texts = {"x": "Stop using it.", "facebook": "Stop using Kettle 3."}
    story.drafted(texts, says={"x": (), "facebook": ("product",)}).decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    for n, place in enumerate(("x/en", "facebook/en"), 1):
        story.answer("holding.publish", f"link:{place}", {"link": f"https://x.example/{n}"}, "bo")
    story.do(SetFact(fact="product", value="Kettle 4"))
    assert out(story) == [("1", "", False), ("2", "product", False)]


@pytest.fixture
def hourly(cases: Any) -> Any:
    """The holding statement is said anew every hour."""
    plan = cases.make_plan()
    steps = tuple(
        replace(one, repeat_every=timedelta(hours=1), repeat_from="holding.draft")
        if one.id == "holding.publish"
        else one
        for one in plan.steps
    )
    return cases.Story(MemoryJournal(), plan=replace(plan, steps=steps)).opened()


def test_an_update_whose_turn_came_round_leaves_nothing_to_take_down(hourly: Any) -> None:
    said(hourly, "Stop using Kettle 3.", "1").later(61).do(Tick(), "")
    hourly.drafted({"x": "Stop using it."}).decided("ana", "no", reason="which one?")
    assert out(said(hourly, "Still: stop using Kettle 3.", "2")) == [("2", "", False)]


def test_a_text_that_said_what_is_no_longer_so_may_be_up_after_the_next_update(hourly: Any) -> None:
    said(hourly, "Stop using Kettle 3.", "1").do(SetFact(fact="product", value="Kettle 4"))
    assert out(hourly) == [("1", "product", False)]
    hourly.later(61).do(Tick(), "")
    assert out(said(hourly, "Stop using Kettle 4.", "2")) == [("1", "", True), ("2", "", False)]


def test_a_fact_that_has_changed_is_told_until_a_corrected_text_is_out_there(story: Any) -> None:
    said(story, "Stop using Kettle 3.", "1").do(SetFact(fact="product", value="Kettle 4"))
    wrong = ("Holding statement says product as it was, and is out (x/en)",)
    assert as_they_were(out_there(story.plan, story.case.incident)) == wrong
    story.back("holding.draft", "holding.publish", "it is Kettle 4")
    story.drafted({"x": "Stop using Kettle 4."}).decided("eva").decided("ana")
    assert as_they_were(out_there(story.plan, story.case.incident)) == wrong, "it is written, and not out"
    posted(story, "2")
    assert as_they_were(out_there(story.plan, story.case.incident)) == ()


def test_a_slip_that_is_put_right_is_told_no_more(story: Any) -> None:
    said(story, "Stop using Kettle 3.", "1").do(SetFact(fact="product", value="Kettel"))
    assert out(story) == [("1", "product", False)]
    story.do(SetFact(fact="product", value="Kettle 3"))
    assert out(story) == [("1", "", False)]


def test_another_message_puts_right_what_it_says_in_the_same_place(cases: Any) -> None:
    plan = cases.make_plan()
    update = {"message": "update"}
    more = (
        cases.step("update.draft", "draft", "Update", after=(Edge("holding.publish"),), spec=update),
        cases.step("update.approve", "approve", "Update", after=(Edge("update.draft"),), spec=update),
        cases.step("update.publish", "publish", "Update", after=(Edge("update.approve"),), spec=update),
    )
    messages = {**plan.messages, "update": replace(plan.messages["holding"], title="Update")}
    plan = replace(plan, steps=(*plan.steps, *more), messages=messages)
    story = said(cases.Story(MemoryJournal(), plan=plan).opened(), "Stop using Kettle 3.", "1")
    story.do(SetFact(fact="product", value="Kettle 4"))
    assert out(said(story, "Stop using Kettle 4.", "2", "update")) == [("1", "", True), ("2", "", False)]


def test_an_older_journal_comes_out_with_the_hashes_it_has() -> None:
    line = Line(channel="x", language="en", sha256="0" * 64)
    event = Drafted(message="holding", texts=(DraftedText(line=line),))
    assert "again" not in encode(event)
