"""Every outcome of every kind that a person alone brings to its end."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from playing import PEOPLE, START, Play, but, hours, minutes, plan, step

from crisis.engine.commands import AddPerson, ReadSignals, SetFact
from crisis.engine.events import Member, Reading
from crisis.kinds import KINDS, SPECS
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Escalation, Rung, SeverityRule
from crisis.playbook.values import AWARE_AT, Cadence, Item
from crisis.projections.debriefing import actions_of

ITEMS = (Item("Seen", evidence=True), Item("Asked"))


def walk(kind: str, answers: list[tuple[str, Any]], /, *, on: dict[str, Any] | None = None, **spec: Any) -> Play:
    """A plan of one step, and the answers to it, each to the only question that is open."""
    play = Play(plan(step("it", kind, **spec), **on or {}))
    for key, value in answers:
        assert key in play.keys("it"), play.keys("it")
        play.answer("it", key, value)
    return play


@pytest.mark.parametrize(
    ("kind", "spec", "answers", "outcome", "because"),
    [
        ("action", {"do": "x"}, [("done", "done")], "done", ""),
        ("action", {"do": "x"}, [("done", "not-done"), ("why", "no key")], "not-done", "no key"),
        ("checklist", {"items": ITEMS}, [("items", [0, 1]), ("evidence:0", "a link")], "done", ""),
        ("checklist", {"items": ITEMS}, [("items", [1]), ("rest", "done"), ("evidence:0", "a link")], "done", ""),
        (
            "checklist",
            {"items": ITEMS},
            [("items", [0]), ("evidence:0", "a link"), ("rest", "without"), ("why", "asleep")],
            "partly",
            "asleep (not done: Asked)",
        ),
        (
            "checklist",
            {"items": ITEMS},
            [("items", []), ("rest", "more"), ("items:1", [1]), ("rest:1", "without"), ("why", "asleep")],
            "partly",
            "asleep (not done: Seen)",
        ),
        (
            "checklist",
            {"items": ITEMS},
            [("items", [1]), ("rest", "more"), ("items:1", [0]), ("evidence:0", "a link")],
            "done",
            "",
        ),
        ("checklist", {"items": (Item("a"),)}, [("items", [0])], "done", ""),
        ("decision", {"options": {"a": "A", "b": "B"}}, [("choice", "b")], "b", ""),
        (
            "decision",
            {"options": {"a": "A", "b": "B"}, "reasons": ("a",)},
            [("choice", "a"), ("reason", "so it is")],
            "a",
            "so it is",
        ),
        ("question", {"facts": ("product",)}, [("product", {"value": "Kettle 3"})], "answered", ""),
        ("assess", {}, [("severity", {"severity": "SEV2", "reason": "so it is"})], "assessed", ""),
        ("freeze", {"items": ("ads",)}, [("accounts:0", {"ads": "paused by Bo"})], "frozen", ""),
        (
            "freeze",
            {"items": ("ads", "queue")},
            [("accounts:0", {"ads": "x"}), ("rest:0", "more"), ("accounts:1", {"queue": "x"})],
            "frozen",
            "",
        ),
        (
            "freeze",
            {"items": ("ads", "queue")},
            [("accounts:0", {"ads": "x"}), ("rest:0", "without"), ("why", "no key")],
            "partly",
            "no key (still posts: queue)",
        ),
        ("stand-down", {}, [("choice", "agreed")], "agreed", ""),
        ("resume-posting", {}, [], "resumed", ""),
        ("notify", {}, [], "acknowledged", "nobody else is to be called"),
        ("pause", {"for_": timedelta(hours=1)}, [("end", "now")], "over", ""),
    ],
)
def test_answers_bring_it_to_its_outcome(
    kind: str, spec: dict[str, Any], answers: list[tuple[str, Any]], outcome: str, because: str
) -> None:
    play = walk(kind, answers, **spec)
    assert play.outcomes("it") == [outcome]
    assert play.events[-1].event.because == because


def test_every_kind_says_what_it_is_and_what_it_may_come_to() -> None:
    for name, kind in KINDS.items():
        assert kind.summary, name
        assert kind.spec.__doc__, name
        assert SPECS[name] is kind.spec
    assert set(SPECS) - set(KINDS) == {"statement"}


def test_an_action_says_what_is_to_be_done() -> None:
    assert walk("action", [], do="Phone the insurer").asks("it")[0].ask.advice == ("Phone the insurer",)


def test_what_is_ticked_is_not_offered_again() -> None:
    play = walk("checklist", [("items", [1]), ("rest", "more")], items=ITEMS)
    wants = play.asks("it")[0].ask.wants
    assert wants.left == (0,)
    assert wants.illegal([1]) == "tick of lines 0, each once"
    assert not wants.illegal([0])


def test_a_tick_is_not_given_for_what_was_not_done() -> None:
    play = walk("checklist", [("items", [])], items=ITEMS)
    assert play.keys("it") == ["rest"]
    assert play.asks("it")[0].ask.advice == ("not done: Seen", "not done: Asked")


# ── assess ──

RULES = {
    "SEV1": SeverityRule(any_=(Condition(fact="injury"),)),
    "SEV2": SeverityRule(any_=(Condition(fact="media"),)),
    "SEV4": SeverityRule(),
}


def test_a_severity_decided_beforehand_on_the_same_facts_is_enough() -> None:
    play = Play(
        plan(step("facts", "question", facts=("media",)), step("it", "assess", after=("facts",)), severity=RULES)
    )
    play.severity("SEV2")
    play.answer("facts", "media", {"value": True})
    assert play.outcomes("it") == ["assessed"]


def test_what_is_worse_than_was_weighed_asks_again_and_holds_nothing_up() -> None:
    play = Play(plan(step("it", "assess"), step("next", "action", do="x", after=("it",)), severity=RULES))
    play.answer("it", "severity", {"severity": "SEV4"})
    play.fact("media", True)
    assert play.keys("it") == ["severity"]
    assert play.keys("next") == ["done"]
    play.answer("it", "severity", {"severity": "SEV4", "reason": "one small paper"})
    play.fact("media", True)
    assert play.keys("it") == [], "weighed once, it does not come back by itself"
    play.fact("injury", True)
    assert play.asks("it")[0].ask.suggested == {"severity": "SEV1", "reason": ""}


def test_what_was_only_possible_asks_again_once_it_is_certain() -> None:
    from crisis.engine.commands import SetFact

    play = Play(plan(step("it", "assess"), severity=RULES))
    play.do(SetFact(fact="injury", known=False))
    assert "if unsure, the higher" in play.asks("it")[0].ask.advice[0]
    play.answer("it", "severity", {"severity": "SEV4", "reason": "a rumour"})
    play.fact("injury", True)
    assert play.keys("it") == ["severity"]


def test_a_milder_proposal_asks_nothing() -> None:
    play = Play(plan(step("it", "assess"), severity=RULES))
    play.fact("injury", True)
    play.answer("it", "severity", {"severity": "SEV1"})
    play.fact("injury", False)
    assert play.keys("it") == []


# ── pause, stand-down ──


def test_a_pause_ends_by_itself() -> None:
    play = walk("pause", [], for_=timedelta(hours=1))
    assert play.agenda.wakes_at == START + hours(1)
    play.later(hours(1))
    assert play.outcomes("it") == ["over"]


def test_a_pause_without_a_length_asks_until_when() -> None:
    play = walk("pause", [("until", (START + hours(2)).isoformat())])
    assert play.asks("it")[0].ask.optional
    play.later(hours(2))
    assert play.outcomes("it") == ["over"]


def test_a_pause_may_last_until_the_next_update_must_be_prepared() -> None:
    rule = {"SEV1": SeverityRule(update_every=(Cadence(hours(1)),))}
    play = Play(plan(step("it", "pause", until_update=True), severity=rule))
    assert play.keys("it") == ["until"], "nothing is promised yet"
    play.severity("SEV1")
    assert play.agenda.wakes_at == START + minutes(40)
    play.later(minutes(40))
    assert play.outcomes("it") == ["over"]


def standing_down(*criteria: str) -> Play:
    return Play(plan(step("it", "stand-down", on={"not-yet": "it"}), criteria=criteria))


def test_standing_down_although_something_was_not_seen_says_so() -> None:
    play = standing_down("No new cases", "Quiet for a day")
    play.answer("it", "criteria", [0])
    ask = play.asks("it")[0].ask
    assert ask.advice == ("[x] No new cases", "[ ] Quiet for a day")
    play.answer("it", "choice", "agreed")
    assert play.keys("it") == ["why"], "a sign that is not seen wants a reason, as an unticked line does"
    play.answer("it", "why", "The recall reached everyone")
    assert play.events[-1].event.because == "The recall reached everyone (not seen: Quiet for a day)"


CONTRARY = {"Quiet": Condition(signal="mention_rate", at_least="2x")}


@pytest.mark.parametrize("all_ticked", [True, False])
def test_a_sign_that_figures_speak_against_says_so_before_it_is_ticked_and_after(all_ticked: bool) -> None:
    play = Play(plan(step("it", "stand-down", on={"not-yet": "it"}), criteria=("Safe", "Quiet"), contrary=CONTRARY))
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == ["Safe", "Quiet"], "nothing is measured"
    play.do(ReadSignals(readings={"mention_rate": Reading(ratio=6.0)}))
    against = "Quiet (!! last measured: mention rate is 6× the baseline)"
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == ["Safe", against]
    play.answer("it", "criteria", [0, 1] if all_ticked else [1])
    ask = play.asks("it")[0].ask
    assert ask.advice[1] == f"[x] {against}"
    play.answer("it", "choice", "agreed")
    if not all_ticked:
        play.answer("it", "why", "nobody is")
    said = f"seen against the figures: {against}"
    assert play.events[-1].event.because == (said if all_ticked else f"nobody is (not seen: Safe; {said})")


def test_figures_that_say_the_same_as_who_ticks_say_nothing() -> None:
    play = Play(plan(step("it", "stand-down", on={"not-yet": "it"}), criteria=("Quiet",), contrary=CONTRARY))
    play.do(ReadSignals(readings={"mention_rate": Reading(ratio=1.1)}))
    play.answer("it", "criteria", [0])
    assert play.asks("it")[0].ask.advice == ("[x] Quiet",)


FOR = {"Quiet for a day": hours(24)}
FEW = "Quiet for a day (!! the first report came less than 24 h ago)"


def test_a_sign_that_takes_a_day_cannot_be_seen_minutes_after_the_first_report() -> None:
    play = Play(plan(step("it", "stand-down", on={"not-yet": "it"}), criteria=("Quiet for a day",), criteria_for=FOR))
    play.later(minutes(12))
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == [FEW]
    assert play.agenda.wakes_at == START + hours(24), "then it can be seen, and stands there as another question"
    play.answer("it", "criteria", [0])
    assert play.asks("it")[0].ask.advice == (f"[x] {FEW}",)
    play.answer("it", "choice", "agreed")
    why = "Quiet for a day (!! the first report came 12 min ago, and this asks for 24 h)"
    assert play.events[-1].event.because == f"seen too early: {why}"


def test_a_first_report_that_was_earlier_than_thought_counts_at_once() -> None:
    over = step("it", "stand-down", on={"not-yet": "it"})
    play = Play(plan(over, criteria=("Quiet for a day",), criteria_for=FOR))
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == [FEW]
    play.do(SetFact(fact=AWARE_AT, value=(START - hours(25)).isoformat()))
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == ["Quiet for a day"]


def test_what_cannot_be_seen_yet_and_is_not_measured_says_both() -> None:
    play = Play(
        plan(
            step("it", "stand-down", on={"not-yet": "it"}),
            criteria=("Quiet",),
            contrary=CONTRARY,
            criteria_for={"Quiet": hours(72)},
        )
    )
    play.do(ReadSignals(readings={"mention_rate": Reading(ratio=6.0)}))
    against = "Quiet (!! last measured: mention rate is 6× the baseline; the first report came less than 3 d ago)"
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == [against]


def test_after_a_day_nothing_speaks_against_a_sign_that_takes_one() -> None:
    play = Play(plan(step("it", "stand-down", on={"not-yet": "it"}), criteria=("Quiet for a day",), criteria_for=FOR))
    play.later(hours(24))
    assert [one.text for one in play.asks("it")[0].ask.wants.items] == ["Quiet for a day"]
    play.answer("it", "criteria", [0])
    play.answer("it", "choice", "agreed")
    assert play.events[-1].event.because == ""


@pytest.mark.parametrize("ticked", [[], [0]])
def test_enter_alone_does_not_decide_that_it_is_over_whatever_is_seen(ticked: list[int]) -> None:
    play = standing_down("No new cases")
    play.answer("it", "criteria", ticked)
    assert play.asks("it")[0].ask.suggested is None


@pytest.mark.parametrize("early", [True, False])
def test_not_yet_looks_again_at_its_time_or_when_somebody_says_so(early: bool) -> None:
    play = standing_down("Quiet")
    play.answer("it", "criteria", [])
    play.answer("it", "choice", "not-yet")
    play.answer("it", "again", (START + hours(6)).isoformat())
    assert [one.ask.optional for one in play.asks("it")] == [True]
    if early:
        play.answer("it", "now", "now")
    else:
        play.later(hours(6))
    assert play.step("it").round == 2
    assert play.keys("it") == ["criteria"]


# ── freeze, resume ──


def test_the_accounts_of_the_organisation_are_frozen_with_the_rest() -> None:
    play = Play(plan(step("it", "freeze", items=("ads",)), accounts={"x": "x @brand"}))
    assert play.asks("it")[0].ask.wants.accounts == {"x": "x @brand", "ads": "ads"}


def test_what_was_frozen_is_let_go_class_by_class_and_the_rest_named() -> None:
    play = Play(
        plan(step("stop", "freeze", items=("ads", "queue")), step("it", "resume-posting", after=("stop",))), drill=False
    )
    play.answer("stop", "accounts:0", {"ads": "by Bo", "queue": "by Bo"})
    play.answer("it", "accounts", {"ads": "read"})
    assert play.outcomes("it") == ["partly"]
    assert play.events[-1].event.because == "still stopped: queue"
    play.back("it", "it", "the rest now")
    assert set(play.asks("it")[0].ask.wants.accounts) == {"queue"}
    play.answer("it", "accounts", {"queue": "read"})
    assert play.outcomes("it") == ["partly", "resumed"]


def test_what_was_let_go_can_be_frozen_again() -> None:
    play = Play(
        plan(
            step("stop", "freeze", items=("ads",)),
            step("go", "resume-posting", after=("stop",)),
            step("again", "freeze", items=("ads",), after=("go",)),
        )
    )
    play.answer("stop", "accounts:0", {"ads": "by Bo"})
    play.answer("go", "accounts", {"ads": ""})
    assert play.keys("again") == ["accounts:0"]
    play.answer("again", "accounts:0", {"ads": "by Bo"})
    assert play.incident.resumed == frozenset()


def test_a_tick_without_a_word_asks_for_what_shows_it() -> None:
    play = walk("freeze", [("accounts:0", {"ads": ""})], items=("ads",))
    assert play.keys("it") == ["evidence:ads"]
    play.answer("it", "evidence:ads", "")
    assert play.outcomes("it") == ["frozen"]


# ── notify ──


def calling(acknowledge: str = "any", *, roles: tuple[str, ...] = (), people: Any = PEOPLE) -> Play:
    ladder = Escalation(
        ladder=(Rung(page=("crisis-lead", "legal")), Rung(page=("executive", "legal"))), acknowledge=acknowledge
    )
    play = Play(
        plan(
            step("set", "assess"),
            step("it", "notify", after=("set",), roles=roles, say="Kettle 3"),
            escalation={"SEV1": ladder},
        ),
        people,
    )
    play.answer("set", "severity", {"severity": "SEV1"})
    return play


def test_everyone_on_the_ladder_is_called_but_not_who_leads() -> None:
    play = calling()
    assert play.keys("it") == ["reach:legal:ana", "reach:executive:eva"]
    assert play.asks("it")[0].ask.advice == ("Say: Kettle 3",)


def test_who_does_not_answer_is_followed_by_the_deputy() -> None:
    play = calling("all")
    play.answer("it", "reach:legal:ana", "no-answer")
    assert play.keys("it") == ["reach:legal:cem", "reach:executive:eva"]
    play.answer("it", "reach:legal:cem", "acknowledged")
    play.answer("it", "reach:executive:eva", "acknowledged")
    assert play.outcomes("it") == ["acknowledged"]


@pytest.mark.parametrize(
    ("acknowledge", "eva", "outcome"),
    [
        ("any", "acknowledged", "acknowledged"),
        ("all", "acknowledged", "unreached"),
        ("1", "acknowledged", "acknowledged"),
        ("2", "acknowledged", "unreached"),
        ("9", "acknowledged", "unreached"),
        ("any", "nobody", "unreached"),
    ],
)
def test_how_many_must_have_it(acknowledge: str, eva: str, outcome: str) -> None:
    play = calling(acknowledge)
    play.answer("it", "reach:executive:eva", eva)
    play.answer("it", "reach:legal:ana", "nobody")
    play.answer("it", "reach:legal:cem", "no-answer")
    assert play.outcomes("it") == [outcome]
    assert play.events[-1].event.because.startswith("not reached: legal")


def test_more_than_can_be_called_are_not_waited_for() -> None:
    play = calling("9", roles=("executive", "crisis-lead"))
    play.answer("it", "reach:executive:eva", "acknowledged")
    assert play.outcomes("it") == ["acknowledged"]


def test_for_a_role_without_anyone_somebody_is_named_and_called() -> None:
    play = calling(roles=("scribe",))
    play.answer("it", "name:scribe", {"name": "Ida"}, member=Member(id="ida", name="Ida", roles=("scribe",)))
    assert play.keys("it") == ["reach:scribe:ida"]
    play.answer("it", "reach:scribe:ida", "acknowledged")
    assert play.outcomes("it") == ["acknowledged"]


def test_whoever_holds_two_roles_is_called_once() -> None:
    both = [but(one, roles=("legal", "executive")) if one.id == "ana" else one for one in PEOPLE if one.id != "eva"]
    play = calling("all", people=both)
    (call,) = play.asks("it")
    assert (call.ask.key, call.ask.prompt) == ("reach:legal:ana", "Call Ana (legal, executive)")
    play.answer("it", "reach:legal:ana", "acknowledged")
    assert play.outcomes("it") == ["acknowledged"]


def test_whoever_did_not_answer_is_not_called_again_in_another_role() -> None:
    both = [but(one, roles=("legal", "executive")) if one.id == "ana" else one for one in PEOPLE if one.id != "eva"]
    play = calling("all", people=both)
    play.answer("it", "reach:legal:ana", "no-answer")
    assert play.keys("it") == ["reach:legal:cem"]
    play.answer("it", "reach:legal:cem", "acknowledged")
    assert play.events[-1].event.because == "not reached: executive"


def test_a_role_that_nobody_has_is_not_reached() -> None:
    play = calling(roles=("scribe",))
    play.answer("it", "name:scribe", {})
    assert play.outcomes("it") == ["unreached"]


def test_someone_who_joins_is_called_too() -> None:
    play = calling(roles=("scribe", "legal"))
    play.do(AddPerson(member=Member(id="ida", name="Ida", roles=("scribe",))))
    assert play.keys("it") == ["reach:scribe:ida", "reach:legal:ana"]


def test_whoever_is_asked_whether_it_is_over_is_told_when_the_first_report_came() -> None:
    play = Play(plan(step("it", "stand-down"), criteria=("No new report of harm for 24 hours",)))
    (one,) = play.asks("it")
    assert one.ask.told_in(UTC).prompt == "Which of these do you see now? The first report came Sat 02:50 UTC"


# ── debrief ──


def test_what_was_not_said_of_an_action_is_asked_one_by_one_so_that_nothing_of_it_is_lost() -> None:
    play = Play(plan(step("it", "debrief", on={"done": "close"})))
    for key in ("cause", "impact", "worked", "failed"):
        play.answer("it", key, "")
    play.answer("it", "action:0", [{"action": "Ask care"}])
    assert play.keys("it") == ["owner:0"]
    play.answer("it", "owner:0", "Bo")
    assert play.keys("it") == ["due:0"]
    play.answer("it", "due:0", "2026-04-01")
    play.answer("it", "action:1", [{"action": "Seal it", "owner": "Ana"}])
    assert play.keys("it") == ["due:1"]
    play.answer("it", "due:1", "")
    play.answer("it", "action:2", [])
    assert play.outcomes("it") == ["done"]
    said = [(one.action, one.owner, one.due) for one in actions_of(play.plan, play.events)]
    assert said == [("Ask care", "Bo", "2026-04-01"), ("Seal it", "Ana", "")]


def test_the_debrief_asks_the_usual_then_the_playbooks_own_then_what_changes() -> None:
    play = Play(plan(step("it", "debrief", on={"done": "close"}), questions=("When did care first have it?",)))
    asked = []
    while not play.incident.closed_at:
        (one,) = play.asks("it")
        asked.append(one.ask.key)
        is_table = one.ask.key.startswith("action:")
        rows = [{"action": "Ask care", "owner": "Bo", "due": "2026-04-01"}] if one.ask.key == "action:0" else []
        play.answer("it", one.ask.key, rows if is_table else "")
    assert asked == ["cause", "impact", "worked", "failed", "question:0", "action:0", "action:1"]
    assert play.outcomes("it") == ["done"]


# ── question ──


def test_a_sensitive_fact_is_never_suggested() -> None:
    play = Play(plan(step("it", "question", facts=("victims",)), step("next", "action", do="x", after=("it",))))
    play.answer("it", "victims", {"value": "Ida"}, sealed="5a17")
    play.back("it", "next", "more")
    assert play.asks("it")[0].ask.suggested is None


def test_the_first_report_is_suggested_to_be_now() -> None:
    play = walk("question", [], facts=("aware_at",))
    assert play.asks("it")[0].ask.suggested == {"value": START.isoformat()}


def test_a_help_text_stands_above_its_question() -> None:
    from playing import FACTS, but

    play = Play(
        plan(step("it", "question", facts=("product",)), facts={"product": but(FACTS["product"], help="With batch")})
    )
    assert play.asks("it")[0].ask.advice == ("With batch",)


def test_a_step_that_needs_a_message_says_so_where_there_is_none() -> None:
    from crisis.engine.outlook import Outlook
    from crisis.kinds.draft import message_of

    play = Play(plan(step("it", "action", do="x")))
    with pytest.raises(ValueError, match="it has no message"):
        message_of(Outlook(play.plan, play.incident, play.now).seen_by(play.plan.by_id["it"]))
