from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crisis.engine import events as ev
from crisis.engine.events import Line, Member, Reading
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.projections.names import Names
from crisis.projections.words import sentence

AT = datetime(2026, 3, 7, 2, 5, tzinfo=UTC)
CET = timezone(timedelta(hours=1), "CET")
LINE = Line(channel="x", language="en", sha256="ab" * 32)
SAID = {
    "Opened INC-1: a drill, Kettle trouble; Kim Dahl leads": ev.Opened(
        incident="INC-1",
        uid="u",
        playbook="p",
        title="Kettle trouble",
        plan="h",
        sources={},
        roster=(),
        lead="kim",
        drill=True,
    ),
    "Put Dee Poe (Legal) on the roster": ev.RosterChanged(member=Member(id="dee", name="Dee Poe", roles=("legal",))),
    "Injury: yes (known since 2026-03-07 03:05 CET)": ev.FactSet(fact="injury", value=True, since=AT),
    "Monitoring: mention rate 14 times the baseline, 300 mentions; reach no value, 0 mentions": ev.SignalsRead(
        readings={"mention_rate": Reading(ratio=14, count=300), "reach": Reading()}
    ),
    "Decided SEV2 serious, not what was proposed: old (proposed: SEV1 critical (injury: yes))": ev.SeverityDecided(
        severity="SEV2", reason="old", proposed="SEV1", because="SEV1 critical (injury: yes)"
    ),
    "“Is it real?” began again (round 2)": ev.Started(step="verify", round=2, phase="detection"),
    "“Open the playbook?”: chose “Do not respond”": ev.Answered(
        step="triage", round=1, ask="choice", value="no-answer"
    ),
    "“Open the playbook?” ended: Do not respond: a hoax; to be done again: Is it real?": ev.Finished(
        step="triage", round=1, outcome="no-answer", because="a hoax", reopens=("verify",)
    ),
    "“Holding statement (draft)” must be done again: the product changed": ev.SentBack(
        step="holding.publish", to="holding.draft", why="the product changed", cause="lapsed", reopens=()
    ),
    "“Authority” no longer applies: injury: no": ev.Dropped(step="authority", round=1, why="injury: no"),
    "Wrote Holding statement: x/en abababab…; not for facebook/en": ev.Drafted(
        message="holding", texts=(ev.DraftedText(line=LINE),)
    ),
    "Holding statement sent for approval, sheet 0123abcd…, until 2026-03-07 03:05 CET: x/en abababab…": ev.SheetIssued(
        message="holding", sheet="0123abcd4567", lines=(LINE,), chain="public", due=AT
    ),
    "Cem Aydin (Legal), deputy for Ana Berg, REFUSED Holding statement, sheet 0123abcd…, verbal sign-off, "
    "heard by Kim Dahl: too soon (x/en abababab…)": ev.Decided(
        message="holding",
        sheet="0123abcd4567",
        verdict="no",
        person="cem",
        roles=("legal",),
        lines=(LINE,),
        proof="verbal",
        heard_by="kim",
        reason="too soon",
        deputy_for="ana",
    ),
    "Holding statement goes out WITHOUT A FULL APPROVAL (no legal): alone at night (x/en abababab…)": ev.ApprovalWaived(
        message="holding", sheet="s", lines=(LINE,), rules=("no legal",), reason="alone at night"
    ),
    "Holding statement goes out as a LAST RESORT, to be reviewed by 2026-03-07 03:05 CET: "
    "fire (x/en abababab…)": ev.LastResortTaken(
        message="holding", sheet="s", lines=(LINE,), reason="fire", review_due=AT
    ),
    "Began to post Holding statement: x/en abababab…": ev.Locked(message="holding", lines=(LINE,)),
    "Posted Holding statement on x/en abababab…: https://x.example/1; "
    "promises an update by 2026-03-07 03:05 CET": ev.Published(
        message="holding", line=LINE, link="https://x.example/1", promises=AT
    ),
    "Holding statement: link of x/en corrected: https://x.example/2 (was https://x.example/1)": ev.LinkCorrected(
        message="holding", line=LINE, link="https://x.example/2", was="https://x.example/1"
    ),
    "Holding statement was not posted on x/en abababab…: page down": ev.LeftOut(
        message="holding", line=LINE, reason="page down"
    ),
    "Took Holding statement back before it was posted: a typo": ev.Withdrawn(message="holding", why="a typo"),
    "“Holding statement (publishing)” did not wait for what should come first: fire": ev.HoldOverridden(
        step="holding.publish", reason="fire"
    ),
    "Stopped what is scheduled on Newsletter: Bo paused it": ev.PostingFrozen(
        account="Newsletter", evidence="Bo paused it"
    ),
    "Let posting go again on Newsletter": ev.PostingResumed(account="Newsletter"),
    "Called Ana Berg (Legal): did not answer": ev.Reached(
        step="call", round=1, role="legal", person="ana", answer="no-answer"
    ),
    "Note: counsel is on the line": ev.Noted(text="counsel is on the line"),
    "From outside (journalist): is it true?": ev.Injected(inject="i", source="journalist", text="is it true?"),
    "Clock breached: First statement, was due 2026-03-07 03:05 CET": ev.ClockBreached(
        clock="k", name="First statement", anchor=AT, due=AT
    ),
    "The value of victims was erased: asked for": ev.Erased(fact="victims", reason="asked for"),
    "Closed: it is over; left open: Insurer, Authority": ev.Closed(
        reason="it is over", left_open=("Insurer", "Authority")
    ),
}


@pytest.fixture(scope="module")
def names(cases) -> Names:
    plan: Plan = cases.make_plan()
    incident = Incident(
        id="INC-1", uid="u", playbook="p", title="t", plan="h", lead="kim", drill=False, opened_at=AT,
        known_since=AT, version=1, at=AT,
        roster={member.id: member for member in cases.PEOPLE},
    )  # fmt: skip
    return Names.of(plan, incident)


def test_every_type_of_event_is_tried() -> None:
    assert {type(event).__name__ for event in SAID.values()} == set(ev.EVENT_TYPES)


@pytest.mark.parametrize("expected", SAID)
def test_an_event_is_one_plain_sentence_with_names(names: Names, expected: str) -> None:
    assert sentence(SAID[expected], names, CET) == expected


def test_a_sensitive_value_is_not_said(names: Names) -> None:
    assert (
        sentence(ev.FactSet(fact="victims", sealed="ff" * 32), names, CET) == "Victims: recorded, kept outside this log"
    )


def test_not_known_yet_is_said_with_the_time_to_ask_again(names: Names) -> None:
    event = ev.FactSet(fact="injury", known=False, ask_again_at=AT)
    assert sentence(event, names, CET) == "Injury: not known yet, ask again at 2026-03-07 03:05 CET"


def test_a_time_is_told_in_the_zone_of_the_reader(names: Names) -> None:
    event = ev.FactSet(fact="aware_at", value="2026-03-07T01:36:00+00:00")
    assert sentence(event, names, CET) == "Aware at: 2026-03-07 02:36 CET"


@pytest.mark.parametrize(
    ("step", "ask", "value", "expected"),
    [
        ("verify", "items", [0], "ticked 1 of 2: Capture the first post"),
        ("verify", "items", [], "ticked 0 of 2"),
        ("verify", "evidence:0", "https://x.example/1", "Capture the first post: https://x.example/1"),
        ("verify", "evidence:9", "?", "9: ?"),
        ("verify", "rest", "done", "all of it is done now: tick every line"),
        ("verify", "why", "no time", "reason: no time"),
        ("assess", "severity", {"severity": "SEV1", "reason": ""}, "answered SEV1 critical"),
        ("insurer", "done", "done", "done"),
        ("insurer", "done", "not-done", "it cannot be done"),
        ("over", "criteria", [1], "sees 1 of 2 criteria: Negative share back to normal"),
        ("over", "choice", "not-yet", "chose “Not yet: look again later”"),
        ("over", "again", "2026-03-08T10:00:00+01:00", "looks again at 2026-03-08 10:00 CET"),
        ("over", "again", "soon", "looks again at soon"),
        ("over", "now", "now", "does not wait any longer"),
        ("freeze", "accounts:0", {"Ads": ""}, "ticked Ads"),
        ("freeze", "accounts:0", {}, "ticked nothing"),
        ("freeze", "rest:0", "without", "go on; these still post"),
        ("freeze", "evidence:Ads", "a picture", "Ads: a picture"),
        ("freeze", "evidence:Ads", "", "Ads: nothing said"),
        ("verify", "evidence:0", "", "Capture the first post: nothing said"),
        ("verify", "why", "", "reason: nothing said"),
        ("holding.draft", "texts", {"texts": ["x/en"]}, "gave the texts"),
        ("holding.publish", "release", "post", "began to post"),
        ("holding.publish", "release", "edit", "took the texts back to edit them"),
        ("holding.approve", "name:0", {"named": "ana"}, "named Ana Berg"),
        ("holding.approve", "name:0", {}, "there is nobody to name"),
        ("holding.approve", "waiver", "alone", "why it goes out without a full approval: alone"),
        ("holding.approve", "languages", {"keep": True}, "keeps every language"),
        ("holding.approve", "languages", {"leave_out": "alone"}, "leaves out what nobody has vouched for: alone"),
        ("debrief", "cause", "", "What was the root cause, as far as you know it? (no answer)"),
        ("debrief", "question:0", "Tuesday", "When did customer care first have it? Tuesday"),
        ("debrief", "action:0", [{"action": "Mend it"}], "Mend it"),
        ("debrief", "action:1", [], "no more actions"),
        ("gone", "what", {"a": [1, True]}, "what: a: 1, True"),
    ],
)
def test_an_answer_is_said_as_its_step_means_it(
    names: Names, step: str, ask: str, value: object, expected: str
) -> None:
    title = names.step(step)
    said = sentence(ev.Answered(step=step, round=1, ask=ask, value=value), names, CET)
    assert said == f"“{title}”: {expected}"
