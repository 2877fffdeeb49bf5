"""One incident with everything in it that the rules are about: design 3, the first test of the engine."""

from __future__ import annotations

import pytest
from playing import FACTS, START, Play, chain, hours, message, minutes, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine.commands import Answer, By
from crisis.engine.decide import decide
from crisis.engine.graph import statuses, world_of
from crisis.kernel.errors import Refused
from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule
from crisis.playbook.values import Edge, Item


def test_an_incident_with_loops_quorum_deputies_expiry_severity_changes_and_a_conflict() -> None:
    play = Play(
        plan(
            step("facts", "question", facts=("product", "injury")),
            step("assess", "assess", after=("facts",)),
            step(
                "triage",
                "decision",
                after=("assess",),
                options={"open": "Open it", "leave": "Leave it"},
                on={"leave": "close"},
            ),
            statement("holding", "holding", after=(Edge("triage", ("open",)),)),
            step(
                "authority",
                "checklist",
                after=(Edge("triage", ("open",)),),
                items=(Item("Phoned"),),
                when=Condition(fact="injury"),
            ),
            step("over", "stand-down", after=("holding.publish",), on={"not-yet": "over"}),
            step("debrief", "debrief", after=("over",), on={"done": "close"}),
            severity={
                "SEV1": SeverityRule(any_=(Condition(fact="injury"),), first_statement=minutes(30)),
                "SEV3": SeverityRule(first_statement=hours(4)),
            },
            facts=FACTS,
            criteria=("Nothing new for a day",),
            messages={"holding": message(channels=("x", "website", "email"))},
            approvals={"public": chain()},
        )
    )

    # Facts and severity. Nobody knows yet whether anyone is hurt: to be asked again.
    play.answer("facts", "product", {"value": "Kettle 3"})
    play.answer("facts", "injury", {"again": (START + minutes(20)).isoformat()})
    assert play.keys("assess") == ["severity"]
    play.answer("assess", "severity", {"severity": "SEV3", "reason": "no sign of it yet"})
    assert play.clock("first-statement").due == START + hours(4)
    play.answer("triage", "choice", "open")
    assert play.open_steps() == ["holding.draft"], "nobody is known to be hurt, so no authority is told"

    # A draft; legal refuses it, and it comes back to the draft with the reason.
    texts = {"x/en": "A fault.", "website/en": "A fault, in full.", "email/en": "Dear all"}
    play.draft(texts)
    refused = play.decide("ana", "no", reason="say what to do first")
    (finished,) = of_type(refused, ev.Finished)
    assert (finished.outcome, finished.reopens) == ("rejected", ("holding.draft", "holding.approve"))
    assert play.step("holding.draft").why_again == "Ana: say what to do first"
    play.draft({"x/en": "Stop using it.", "website/en": "Stop using it, in full.", "email/en": "Dear all"})

    # Quorum: the executive alone is not enough. Legal is silent; her deputy may not answer before the time is up.
    play.decide("eva")
    assert play.step("holding.approve").status == "started"
    with pytest.raises(Refused, match="Ana has 10 min left"):
        play.decide("cem")
    breached = of_type(play.later(minutes(10)), ev.ClockBreached)
    assert [one.name for one in breached] == ["Approval of holding statement"]
    assert play.agenda.waiting[0][1].people == ("ana", "cem")
    (decided,) = of_type(play.decide("cem"), ev.Decided)
    assert decided.deputy_for == "ana"
    assert play.step("holding.approve").outcome == "approved"

    # One variant is changed: only that one loses its approval.
    play.answer("holding.publish", "release", "edit")
    play.draft({"x/en": "Stop using it!", "website/en": "Stop using it, in full.", "email/en": "Dear all"})
    assert [line.place for line in play.message().sheet.lines] == ["x/en"]
    play.decide("ana")
    play.decide("eva")
    assert play.keys("holding.publish") == ["release"]

    # Two hours later nobody has posted it: the older approvals expire, the texts go before the approvers again.
    # Meanwhile it was time to ask about injuries again; nothing waited for that.
    passed = play.later(hours(2))
    assert {one.to for one in of_type(passed, ev.SentBack)} == {"facts", "holding.approve"}
    assert {line.place for line in play.message().sheet.lines} == {"x/en", "website/en", "email/en"}
    assert play.keys("facts") == ["injury"]

    # Somebody is hurt: worse is proposed, decided, and the clock is shorter; what depended on it may begin.
    play.answer("facts", "injury", {"value": True})
    assert play.keys("assess") == ["severity"]
    raised_at = play.now
    play.answer("assess", "severity", {"severity": "SEV1", "reason": ""})
    assert play.clock("first-statement").due == raised_at + minutes(30)
    assert "authority" in play.open_steps()

    # A conflict: somebody decided the same question on an older state. The command is decided again, and refused.
    version, late = play.step("holding.approve").round, play.now
    play.decide("ana")
    play.decide("eva")
    stale = Answer(step="holding.approve", round=version, ask="sign-off", value={"verdict": "no", "person": "kim"})
    with pytest.raises(Refused, match="no longer open"):
        decide(play.plan, play.incident, stale, By(who="kim", at=late, id="again"))

    # Posted, too late for the clock of SEV1 if it had stayed; a correction of the fact lowers it again.
    play.later(minutes(5))
    play.publish()
    assert play.clock("first-statement").met_at == play.now
    assert not play.clock("first-statement").is_breached(play.now)
    play.fact("injury", False)
    assert "authority" not in play.open_steps(), "nobody had touched it, and it no longer applies"
    assert statuses(play.plan, play.incident, world_of(play.plan, play.incident))["authority"] == "moot"
    play.severity("SEV3")
    assert play.clock("first-statement").due == START + hours(4)

    # Not over yet; then over. The debrief ends it.
    play.answer("over", "criteria", [])
    play.answer("over", "choice", "not-yet")
    play.answer("over", "again", (play.now + hours(12)).isoformat())
    play.later(hours(12))
    assert play.step("over").round == 2
    assert play.keys("over") == ["criteria"]
    play.answer("over", "criteria", [0])
    play.answer("over", "choice", "agreed")
    for key in ("cause", "impact", "worked", "failed"):
        play.answer("debrief", key, "")
    assert play.incident.closed_at is None
    while play.incident.closed_at is None:
        play.answer("debrief", play.keys("debrief")[0], [])
    assert play.incident.closed_at == play.now
    assert [one.place for one in (out.line for out in play.message().published)] == ["x/en", "website/en", "email/en"]
