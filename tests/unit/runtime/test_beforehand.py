"""What is known already is said before somebody writes a text, or calls somebody."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from crisis.engine.commands import SetFact
from crisis.engine.events import DraftedText, Line
from crisis.engine.state import FactState, MessageState
from crisis.kernel.fingerprints import fingerprint
from crisis.playbook.authored import changed
from crisis.playbook.model import Fact
from crisis.runtime.beforehand import before_writing, spoken_to
from crisis.runtime.desk import Case
from crisis.runtime.scene import ProposedText

MADE = "Stop using it. We are sorry. More by 04:30."
STAFF = {"internal": "For you all. If they ask: “We are sorry. Nobody knows why.”", "sms": "Say nothing."}


def text(channel: str, said: str, *, cleared: bool = False) -> ProposedText:
    return ProposedText(channel=channel, language="en", text=said, cleared=cleared)


def proposed(name: str) -> list[ProposedText]:
    return [text("x", MADE)] if name == "holding" else [text(one, said) for one, said in STAFF.items()]


def told(story: Any, sent: str, *, edited: bool = True) -> tuple[str, ...]:
    """What is said before the staff line is written, this having been sent as the holding statement."""
    story.opened()
    plan = replace(
        story.plan, messages={**story.plan.messages, "staff": replace(story.plan.messages["holding"], title="Staff")}
    )
    line = Line(channel="x", language="en", sha256=fingerprint(sent))
    state = MessageState(texts=(DraftedText(line=line, edited=edited),), drafted_from=story.case.incident.facts)
    case = Case(plan, replace(story.case.incident, messages={"holding": state}), ())
    return before_writing(case, "staff", proposed, {line.sha256: sent.encode()}.get, UTC)


def test_a_sentence_that_was_taken_out_elsewhere_and_stands_here_is_quoted(story: Any) -> None:
    assert told(story, "Stop using it. We apologise. More by 05:45.") == (
        "!! The holding statement was edited by hand and no longer says “We are sorry.”; internal/en still says it.",
    )


def test_what_was_edited_elsewhere_is_said_though_no_sentence_of_it_stands_here(story: Any) -> None:
    said = "Please stop using it. We are sorry. More by 05:45."
    assert told(story, said) == ("The holding statement was edited by hand (x/en): does this still say the same?",)


def test_nothing_is_said_of_what_nobody_edited(story: Any) -> None:
    assert told(story, MADE, edited=False) == ()


@pytest.mark.parametrize("cleared", [True, False])
def test_that_editing_a_cleared_text_takes_more_approvals_is_said_before(story: Any, *, cleared: bool) -> None:
    story.opened()
    holding = story.plan.messages["holding"]
    quick = replace(holding, use=replace(holding.use, cleared_approval="quick"))
    plan = replace(
        story.plan,
        messages={"holding": quick},
        approvals={**story.plan.approvals, "quick": replace(story.plan.approvals["public"], quorum=1, required=())},
    )
    said = before_writing(
        Case(plan, story.case.incident, ()), "holding", lambda _: [text("x", MADE, cleared=cleared)], {}.get, UTC
    )
    line = "Cleared in advance: as it is, 1 person must say yes; once edited, 2 people, with legal."
    assert said == ((line,) if cleared else ())


def test_whoever_has_just_decided_has_been_spoken_to(story: Any) -> None:
    story.opened().drafted().later(11)
    at = story.clock.now()
    assert spoken_to(story.case, "cem", at, UTC) == ""
    story.decided("cem", heard_by="kim")
    soon = at + timedelta(minutes=59)
    assert spoken_to(story.case, "cem", soon, UTC) == "02:01: said yes to the holding statement by phone."
    assert spoken_to(story.case, "cem", at + timedelta(hours=1), UTC) == ""


def test_whoever_corrects_a_text_is_told_what_its_readers_were_told(story: Any) -> None:
    story.opened().drafted().later(11).decided("cem").decided("eva").published()
    assert before_writing(story.case, "holding", proposed, {}.get, UTC) == ()
    story.do(SetFact(fact="product", value="Kettle 4"))
    (said,) = before_writing(story.case, "holding", proposed, {}.get, UTC)
    assert said.startswith("!! What is out gives “")
    assert "as Kettle 3. Say here that it was wrong" in said


@pytest.mark.parametrize(
    ("sold_in", "channels", "countries"),
    [
        (["dk", "de", "gb", "nl", "eu"], ("x",), "Germany, nl"),
        (["dk", "gb"], ("x",), ""),
        (None, ("x",), ""),
        (["de"], ("internal", "sms"), ""),
    ],
)
def test_whoever_writes_is_told_which_countries_read_none_of_it(
    story: Any, sold_in: list[str] | None, channels: tuple[str, ...], countries: str
) -> None:
    incident, at = story.opened().case.incident, story.clock.now()
    (clock,), holding = story.plan.clocks, story.plan.messages["holding"]
    plan = replace(
        story.plan,
        facts={**story.plan.facts, "sold_in": Fact(type="choice-many", prompt="Where?", options={"de": "Germany"})},
        clocks=(replace(clock, use=changed(clock.use, for_="sold_in")), clock),
        messages={"holding": replace(holding, use=changed(holding.use, channels=channels))},
    )
    state = FactState(value=sold_in, known=sold_in is not None, at=at, since=at, seq=9, changed=9)
    case = Case(plan, replace(incident, facts={**incident.facts, "sold_in": state}), ())
    texts = [text("x", MADE), replace(text("x", MADE), language="da"), replace(text("x", ""), language="de")]
    why = "none of these texts (English and Danish) is in an official language there."
    said = before_writing(case, "holding", lambda _: texts, {}.get, UTC)
    assert said == ((f"!! “sold in” names {countries}: {why}",) if countries else ())
