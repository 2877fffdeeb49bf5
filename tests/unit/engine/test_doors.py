"""What is refused at the door: nothing that cannot count is ever recorded."""

from __future__ import annotations

from typing import Any

import pytest
from playing import FACTS, PEOPLE, START, Play, chain, hours, message, minutes, plan, statement, step

from crisis.engine.commands import (
    AddPerson,
    Answer,
    By,
    Close,
    Erase,
    GoBack,
    Inject,
    Note,
    Open,
    ReadSignals,
    SetFact,
    SetSeverity,
    Skip,
    Tick,
    Withdraw,
)
from crisis.engine.decide import decide
from crisis.engine.events import DraftedText, Line, Member
from crisis.kernel.errors import CrisisError, NotFound, Refused, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule
from crisis.playbook.values import Item


def waiting(**more: Any) -> Play:
    """A holding statement by Bo that waits for approval."""
    play = Play(plan(statement("holding", "holding"), **more))
    play.draft()
    return play


@pytest.mark.parametrize(
    ("person", "more", "why"),
    [
        ("eva", {"sheet": "0000"}, "the text has changed"),
        ("eva", {"name": "other"}, "no message"),
        ("ida", {}, "nobody called 'ida'"),
        ("bo", {}, "holds none of the roles"),
        ("cem", {}, "Ana has 10 min left"),
        ("eva", {"proof": "signed"}, "not built yet"),
        ("eva", {"proof": "hearsay"}, "does not take"),
        ("eva", {"who": "kim"}, "only the person at the terminal"),
        ("eva", {"present": False}, "a pipe is no proof"),
        ("eva", {"proof": "verbal"}, "somebody else who heard it"),
        ("eva", {"proof": "verbal", "heard_by": "eva"}, "somebody else who heard it"),
        ("eva", {"heard_by": "kim", "read_back": False}, "read back"),
        ("eva", {"verdict": "no", "reason": " "}, "a no needs a reason"),
    ],
)
def test_a_decision_that_cannot_count_is_refused(person: str, more: dict[str, Any], why: str) -> None:
    play = waiting()
    with pytest.raises(CrisisError, match=why):
        play.decide(person, **more)
    assert play.message().decisions == ()


def test_who_may_not_approve_is_told_who_may() -> None:
    play = waiting()
    with pytest.raises(Refused) as refused:
        play.decide("bo")
    assert refused.value.hint == "it may be decided by Ana (legal), Eva (executive), Kim (crisis-lead)"


def test_nobody_approves_their_own_text() -> None:
    play = Play(plan(statement("holding", "holding")))
    play.draft(who="eva")
    with pytest.raises(Refused, match="Eva wrote this text"):
        play.decide("eva")


def test_where_self_approval_is_allowed_the_author_counts() -> None:
    play = Play(plan(statement("holding", "holding"), approvals={"public": chain(self_approval=True)}))
    play.draft(who="eva")
    play.decide("eva")
    assert [one.person for one in play.message().decisions] == ["eva"]


def test_an_author_may_approve_the_lines_of_others() -> None:
    play = waiting()
    play.decide("ana", "no")
    play.draft({"x/en": "Stop using it.", "website/en": "In full, by Eva."}, who="eva")
    play.decide("eva")
    assert [line.place for line in play.message().decisions[-1].lines] == ["x/en"]


def test_one_person_counts_once() -> None:
    play = waiting()
    play.decide("eva")
    with pytest.raises(Refused, match="already decided"):
        play.decide("eva")


def test_a_yes_that_counts_already_is_not_given_twice_on_a_new_sheet() -> None:
    severe = SeverityRule(any_=(Condition(fact="injury"),))
    chains = {"public": chain(quorum=1, required=()), "both": chain(quorum=2, required=())}
    play = waiting(
        approvals=chains,
        messages={"holding": message(approval={"SEV1": "both", "": "public"})},
        severity={"SEV1": severe},
    )
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]
    play.severity("SEV1")
    assert play.step("holding.approve").status == "started"
    with pytest.raises(Refused, match="already approved"):
        play.decide("eva")
    play.decide("ana")
    assert play.keys("holding.publish") == ["release"]


def test_after_the_decision_nothing_waits() -> None:
    play = waiting()
    play.decide("ana")
    play.decide("eva")
    with pytest.raises(Refused, match="has been decided"):
        play.decide("kim")


def test_a_text_that_is_to_be_written_anew_was_not_decided_by_anyone() -> None:
    play = waiting()
    play.back("holding.draft", "holding.approve", "a word is wrong")
    with pytest.raises(Refused, match="written anew"):
        play.decide("ana")


def test_before_a_draft_nothing_waits() -> None:
    play = Play(plan(statement("holding", "holding")))
    with pytest.raises(Refused, match="nothing of 'holding' waits"):
        play.decide("ana")


def test_a_message_without_an_approve_step_cannot_be_decided() -> None:
    play = Play(plan(step("holding.draft", "draft", message="holding")))
    with pytest.raises(Refused, match="is not approved in this playbook"):
        play.decide("ana")


def test_a_sheet_may_be_named_by_its_beginning() -> None:
    play = waiting()
    play.decide("eva", sheet=play.message().sheet.id[:6])
    assert len(play.message().decisions) == 1


@pytest.mark.parametrize(
    ("step_id", "key", "number", "value", "why"),
    [
        ("nowhere", "texts", 1, "", "no longer open"),
        ("holding.publish", "release", 1, "post", "no longer open"),
        ("holding.approve", "sign-off", 2, {}, "no longer open"),
        ("holding.approve", "waiver", 1, "why not", "no longer open"),
        ("holding.approve", "sign-off", 1, {"verdict": "maybe"}, "say yes or no"),
    ],
)
def test_an_answer_to_no_open_question_is_refused(step_id: str, key: str, number: int, value: Any, why: str) -> None:
    play = waiting()
    with pytest.raises(CrisisError, match=why):
        play.do(Answer(step=step_id, ask=key, round=number, value=value))


def test_what_binds_the_company_is_not_taken_from_a_pipe() -> None:
    play = waiting()
    with pytest.raises(Refused, match="a pipe or a file is no proof"):
        play.answer("holding.approve", "sign-off", {"verdict": "yes", "person": "eva"}, present=False)


def test_in_a_drill_a_script_may_answer_what_a_person_must() -> None:
    play = Play(plan(statement("holding", "holding")), drill=True)
    play.draft()
    said = {"verdict": "yes", "person": "eva", "proof": "verbal", "heard_by": "kim", "read_back": True}
    play.answer("holding.approve", "sign-off", said, present=False)
    play.decide("ana", present=False)
    assert play.keys("holding.publish") == ["release"]


def drafted(text: str, **more: Any) -> DraftedText:
    return DraftedText(line=Line(channel="x", language="en", sha256=fingerprint(text)), **more)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (drafted("Another text"), "not the texts that were answered"),
        (drafted("A text", promises=START - minutes(1)), "lies in the past"),
        (drafted("A text", promises=START), "lies in the past"),
    ],
)
def test_texts_are_stored_as_they_were_written_or_not_at_all(text: DraftedText, why: str) -> None:
    play = Play(plan(statement("holding", "holding")))
    said = {"texts": [{"channel": "x", "language": "en", "text": "A text"}]}
    with pytest.raises(CrisisError, match=why):
        play.answer("holding.draft", "texts", said, texts=(text,))


def test_the_pictures_of_a_message_are_part_of_what_is_approved() -> None:
    play = Play(
        plan(statement("holding", "holding"), messages={"holding": message(attachments={"label.jpg": "a" * 64})})
    )
    play.draft()
    assert {line.attachments for line in play.message().sheet.lines} == {("a" * 64,)}


def test_an_answer_about_a_text_that_changed_since_it_was_shown_is_refused() -> None:
    play = Play(plan(step("facts", "question", facts=("product",)), statement("holding", "holding")))
    play.answer("facts", "product", {"value": "Kettle 3"})
    shown = play.incident.version
    play.fact("product", "Kettle 4")
    with pytest.raises(Refused, match="has changed since it was shown"):
        play.draft(as_of=shown)
    play.draft(as_of=play.incident.version)
    shown = play.incident.version
    play.back("holding.draft", "holding.approve", "typo")
    play.draft({"x/en": "Other", "website/en": "words"})
    said = {"verdict": "yes", "person": "eva", "proof": "verbal", "heard_by": "kim", "read_back": True}
    with pytest.raises(Refused, match="has changed since it was shown"):
        play.answer("holding.approve", "sign-off", said, as_of=shown)
    shown = play.incident.version
    play.answer("holding.approve", "sign-off", said, as_of=shown)
    play.decide("ana")
    with pytest.raises(Refused, match="has changed since it was shown"):
        play.answer("holding.publish", "release", "post", as_of=1)
    play.answer("holding.publish", "release", "post", as_of=shown)
    play.answer("holding.publish", "link:x/en", {"link": "https://example.org"}, as_of=1)


# ── facts, severity, the rest ──


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (SetFact(fact="produkt", value="x"), "did you mean 'product'"),
        (SetFact(fact="injury", value="perhaps"), "yes or no"),
        (SetFact(fact="victims", value="Ida"), "may not stand in the chain"),
        (SetFact(fact="aware_at", value=(START + minutes(1)).isoformat()), "in the future"),
        (SetSeverity(severity="SEV9"), "not a severity"),  # type: ignore[arg-type]
        (SetSeverity(severity="SEV4"), "needs a reason"),
        (Note(text="  "), "a note is 1 to"),
        (Note(text="x" * 20_001), "a note is 1 to"),
        (Skip(step="facts", round=1, reason="no"), "cannot be skipped"),
        (Skip(step="list", round=1, reason=" "), "needs a reason"),
        (Skip(step="nowhere", round=1, reason="no"), "is not open now"),
        (GoBack(to="later", source="list", round=1, why="no"), "has not been done"),
        (GoBack(to="list", source="facts", round=1, why="no"), "does not lead to"),
        (Withdraw(message="holding", why="no"), "is about to be posted"),
        (Inject(inject="i", source="press", text="?"), "is no drill"),
        (Erase(fact="product", reason="gdpr"), "nothing that can be erased"),
        (Close(reason=" "), "needs a reason"),
        (
            Open(incident="i", uid="u", playbook="p", title="t", plan="p", sources={}, roster=(), lead="kim"),
            "is open already",
        ),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_with_what_to_do(command: Any, why: str) -> None:
    rules = {"SEV1": SeverityRule(any_=(Condition(fact="injury"),)), "SEV4": SeverityRule()}
    play = Play(
        plan(
            step("facts", "question", facts=("product",)),
            step("list", "checklist", items=(Item("one"),)),
            step("later", "action", do="x", after=("list",)),
            severity=rules,
        )
    )
    play.fact("injury", True)
    before = play.incident
    with pytest.raises(CrisisError) as refused:
        play.do(command)
    assert why in f"{refused.value.message} {refused.value.hint}"
    assert play.incident is before


def test_where_nothing_was_opened_there_is_no_incident() -> None:
    with pytest.raises(NotFound, match="no such incident"):
        decide(plan(), None, Tick(), By(who="kim", at=START, id="c"))


def test_a_sensitive_fact_never_stands_in_the_chain() -> None:
    play = Play(plan(step("facts", "question", facts=("victims",))))
    with pytest.raises(Refused, match="may not stand in the chain"):
        play.answer("facts", "victims", {"value": "Ida"})
    play.answer("facts", "victims", {"value": "Ida"}, sealed="5a17ed")
    assert play.incident.facts["victims"].value is None
    assert "Ida" not in str(play.events)
    play.do(Erase(fact="victims", reason="asked to"))
    play.do(SetFact(fact="victims", value="Ida", known=False))
    assert "Ida" not in str(play.events)


def test_a_person_who_was_named_stands_in_the_chain_without_their_number() -> None:
    nobody = tuple(one for one in PEOPLE if one.id in ("kim", "bo"))
    play = Play(plan(statement("holding", "holding")), nobody)
    play.draft()
    with pytest.raises(Refused, match="the person who was named is missing"):
        play.answer("holding.approve", "name:0", {"name": "Ida", "contact": "12345678"})
    ida = Member(id="ida", name="Ida", roles=("legal",), contact="5a17")
    play.answer("holding.approve", "name:0", {"name": "Ida", "contact": "12345678"}, member=ida)
    assert "12345678" not in str(play.events)
    assert play.step("holding.approve").answers["name:0"] == {"named": "ida"}


def test_a_reason_that_was_typed_in_one_round_leaves_out_no_other() -> None:
    play = Play(plan(step("list", "checklist", items=(Item("one"),)), step("next", "action", do="x", after=("list",))))
    play.answer("list", "items", [0])
    play.back("list", "next", "wrong")
    for late in (Skip(step="list", round=1, reason="x"), GoBack(to="list", source="list", round=1, why="x")):
        with pytest.raises(Refused, match="something changed meanwhile"):
            play.do(late)
    play.skip("list")
    assert play.keys("next") == ["done"]


def test_what_is_sent_back_is_not_sent_back_again_by_who_had_not_seen_it() -> None:
    play = Play(plan(step("list", "checklist", items=(Item("one"),)), step("next", "action", do="x", after=("list",))))
    play.answer("list", "items", [0])
    seen = GoBack(to="list", source="next", round=1, why="wrong")
    play.do(seen)
    with pytest.raises(Refused, match="something changed meanwhile"):
        play.do(seen)
    assert play.step("list").round == 2


def test_nobody_knew_before_it_happened() -> None:
    play = Play(plan(step("facts", "question", facts=("aware_at",))))
    with pytest.raises(Usage, match="in the future"):
        play.answer("facts", "aware_at", {"value": (START + minutes(1)).isoformat()})
    play.answer("facts", "aware_at", {"value": (START - minutes(9)).isoformat()})
    assert play.incident.known_since == START - minutes(9)


@pytest.mark.parametrize(
    "command",
    [
        SetFact(fact="product", value="x"),
        SetSeverity(severity="SEV1"),
        ReadSignals(readings={}),
        AddPerson(member=PEOPLE[0]),
        Skip(step="list", round=1, reason="x"),
        GoBack(to="list", source="list", round=1, why="x"),
        Withdraw(message="holding", why="x"),
        Close(reason="again"),
        Answer(step="list", round=1, ask="items", value=[0]),
    ],
)
def test_when_it_is_closed_only_notes_and_erasing_are_left(command: Any) -> None:
    play = Play(plan(step("list", "checklist", items=(Item("one"),)), facts=FACTS))
    play.do(SetFact(fact="victims", sealed="5a17ed"))
    play.do(Close(reason="enough"))
    closed = play.events[-1].event
    assert closed.left_open == ("List",)
    with pytest.raises(Refused, match="is closed"):
        play.do(command)
    play.do(Note(text="a word afterwards"))
    play.do(Erase(fact="victims", reason="asked to"))
    assert play.later(hours(100)) == ()
    assert play.agenda.asks == ()


def test_in_a_drill_the_world_may_speak() -> None:
    play = Play(plan(step("list", "checklist", items=(Item("one"),))), drill=True)
    play.do(Inject(inject="press", source="journalist", text="Is it true?"))
    assert play.events[-1].event.text == "Is it true?"
