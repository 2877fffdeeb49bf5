"""Rule 7: clocks are derived; a breach is an event and stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from playing import FACTS, START, Play, but, chain, hours, message, minutes, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine.clocks import due_with_severity, promised_updates, update_interval
from crisis.engine.commands import Close, ReadSignals, SetFact, Tick
from crisis.engine.evolve import fold
from crisis.engine.plan import PlannedClock
from crisis.kernel.errors import Usage
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import LegalClock
from crisis.playbook.model import ClockUse, Escalation, Fact, Rung, SeverityRule
from crisis.playbook.values import Cadence, Item

RULES = {
    "SEV1": SeverityRule(first_statement=minutes(30), update_every=(Cadence(hours(1)),)),
    "SEV2": SeverityRule(first_statement=hours(1)),
    "SEV3": SeverityRule(first_statement=hours(4)),
    "SEV4": SeverityRule(),
}
LIGHT = {"public": chain(of=("legal",), quorum=1, required=())}


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ([], None),
        ([(0, 60)], 60),
        ([(5, None)], None),
        ([(0, 60), (10, 15)], 25),  # raised: ten and fifteen
        ([(0, 60), (50, 30)], 60),  # raised late: no longer than before
        ([(0, 15), (5, 60)], 60),  # lowered: from the anchor again
        ([(0, 30), (5, 60), (20, 30)], 30),  # lowered and raised again: no time is won by it
        ([(0, 15), (2, 30), (4, 60), (20, 30)], 30),
        ([(0, 60), (50, 15), (55, 30)], 60),  # lowered: never sooner than it was
        ([(0, 60), (50, 30), (55, 30)], 60),  # the same limit under another name changes nothing
        ([(0, 60), (5, None)], None),
        ([(0, None), (50, 30)], 80),  # there was none: from the raise
        ([(0, 60), (5, None), (50, 30)], 80),
        ([(0, 30), (40, 60)], 30),  # missed, then lowered: it stays missed by as much
        ([(0, 30), (30, 60)], 30),
        ([(0, 30), (40, None), (50, 60)], 30),
    ],
)
def test_raising_shortens_and_lowering_counts_from_the_anchor_again(changes: Any, due: float | None) -> None:
    made = [(START + minutes(at), None if limit is None else minutes(limit)) for at, limit in changes]
    assert due_with_severity(START, made) == (None if due is None else START + minutes(due))


def test_the_first_statement_counts_from_when_it_was_first_known() -> None:
    play = Play(plan(statement("holding", "holding"), severity=RULES))
    assert play.clock("first-statement") is None
    play.severity("SEV2")
    play.fact("aware_at", (START - minutes(25)).isoformat())
    assert play.clock("first-statement").due == START + minutes(35)
    play.fact("aware_at", (START + minutes(-30)).isoformat())
    assert play.clock("first-statement").due == START + minutes(30)


def test_a_breach_is_recorded_once_and_stays_though_it_is_met_later() -> None:
    play = Play(plan(statement("holding", "holding"), severity=RULES, approvals=LIGHT))
    play.severity("SEV1")
    passed = play.later(hours(9))
    assert [one.name for one in of_type(passed, ev.ClockBreached)] == ["First statement"]
    play.draft()
    play.decide("ana")
    play.publish()
    clock = play.clock("first-statement")
    assert clock.met_at == play.now
    assert clock.is_breached(play.now)
    assert len(of_type([one.event for one in play.events], ev.ClockBreached)) == 1


@pytest.mark.parametrize(("after", "limit"), [(20, 30), (118, 30)])
@pytest.mark.parametrize("then", ["SEV2", "SEV4"])
def test_a_severity_decided_after_the_first_statement_rewrites_no_clock(after: float, limit: float, then: str) -> None:
    play = Play(plan(statement("holding", "holding"), severity=RULES, approvals=LIGHT))
    play.severity("SEV1")
    play.later(minutes(after))
    play.draft()
    play.decide("ana")
    play.publish()
    before = play.clock("first-statement")
    assert (before.due, before.met_at) == (START + minutes(limit), play.now)
    play.later(minutes(5))
    play.severity(then)
    play.severity("SEV1")
    assert play.clock("first-statement") == before


def test_a_first_statement_before_any_severity_is_measured_against_the_first() -> None:
    play = Play(plan(statement("holding", "holding"), severity=RULES, approvals=LIGHT))
    play.draft()
    play.decide("ana")
    play.publish()
    play.later(minutes(5))
    play.severity("SEV2")
    assert play.clock("first-statement").due == START + hours(1)
    play.severity("SEV3")
    assert play.clock("first-statement").due == START + hours(1)


def test_what_is_met_too_late_is_a_breach_though_nobody_looked_in_between() -> None:
    play = Play(plan(step("verify", "checklist", items=(Item("a"),), within=minutes(10))))
    play.later(minutes(11), tick=False)
    events = play.answer("verify", "items", [0])
    assert [type(one).__name__ for one in events] == ["ClockBreached", "Answered", "Finished"]


def test_what_is_met_in_time_is_no_breach() -> None:
    play = Play(plan(step("verify", "checklist", items=(Item("a"),), within=minutes(10))))
    play.later(minutes(9))
    play.answer("verify", "items", [0])
    assert play.later(hours(9)) == ()
    assert play.clock("step").met_at == START + minutes(9)


def test_the_clock_of_what_is_skipped_ends_and_says_that_nothing_was_met() -> None:
    play = Play(plan(step("verify", "checklist", items=(Item("a"),), within=minutes(10))))
    assert not play.clock("step").skipped
    play.later(minutes(9))
    play.skip("verify", "nobody can be reached")
    assert play.later(hours(9)) == ()
    assert (play.clock("step").skipped, play.clock("step").met_at) == (True, START + minutes(9))


def test_what_is_due_now_is_breached_now_and_wakes_nobody_again() -> None:
    play = Play(plan(step("verify", "checklist", items=(Item("a"),), within=minutes(10))))
    play.later(minutes(10), tick=False)
    assert play.agenda.wakes_at == play.now
    assert len(of_type(play.do(Tick(), ""), ev.ClockBreached)) == 1
    assert play.agenda.wakes_at is None


def test_a_step_that_is_done_again_has_a_new_clock() -> None:
    play = Play(
        plan(
            step("verify", "checklist", items=(Item("a"),), within=minutes(10)),
            step("next", "action", do="x", after=("verify",)),
        )
    )
    play.later(minutes(10))
    play.answer("verify", "items", [0])
    play.back("verify", "next", "wrong")
    assert play.clock("step").due == play.now + minutes(10)
    assert len(of_type(play.later(minutes(10)), ev.ClockBreached)) == 1


def test_keys_do_not_depend_on_the_time_zone_of_whoever_wrote() -> None:
    play = Play(plan(step("verify", "checklist", items=(Item("a"),), within=minutes(10))))
    there = [but(one, at=one.at.astimezone(timezone(timedelta(hours=5)))) for one in play.events]
    elsewhere = fold(there)
    assert elsewhere == play.incident
    before = play.clock("step").key
    play.incident = elsewhere
    assert play.clock("step").key == before


# ── approvals ──


def test_an_approval_that_was_refused_in_time_is_no_breach() -> None:
    play = Play(plan(statement("holding", "holding")))
    play.draft()
    play.decide("ana", "no")
    assert of_type(play.later(hours(1)), ev.ClockBreached) == []


def test_a_sheet_that_was_taken_back_has_no_clock() -> None:
    play = Play(plan(statement("holding", "holding")))
    play.draft()
    play.fact("product", "Kettle 4")
    assert play.clock("approval") is None
    assert of_type(play.later(hours(1)), ev.ClockBreached) == []


def test_an_approval_that_expired_is_asked_with_a_fresh_clock() -> None:
    play = Play(plan(statement("holding", "holding"), approvals=LIGHT))
    play.draft()
    play.decide("ana")
    passed = play.later(hours(2))
    assert of_type(passed, ev.ClockBreached) == []
    assert play.clock("approval").due == play.now + minutes(10)


# ── promised updates ──


def promising(texts: Mapping[str, str] | None = None, end: str = "") -> Play:
    play = Play(
        plan(
            statement("holding", "holding"),
            statement("news", "news", after=("holding.publish",)),
            statement("staff", "staff", after=("holding.publish",)),
            statement("update", "update", repeat_as_promised=True, repeat_until=Condition(outcome={"over": "done"})),
            step("over", "action", do="x"),
            *([step("end", end)] if end else []),
            severity=RULES,
            approvals=LIGHT,
            messages={
                "holding": message(facts=(), languages=("en", "da")),
                "news": message(facts=(), channels=("press-release",), audience="media"),
                "staff": message(facts=(), channels=("internal",), audience="employees"),
                "update": message(facts=(), languages=("en", "da")),
            },
        )
    )
    play.draft(texts or {"x/en": "One", "website/en": "Two"}, promises=START + hours(1))
    play.decide("ana")
    play.publish()
    return play


def test_a_promised_update_is_a_clock_of_its_own() -> None:
    play = promising()
    assert play.clock("next-update").due == START + hours(1)
    breached = of_type(play.later(hours(1)), ev.ClockBreached)
    assert [one.name for one in breached] == ["Promised update (holding statement)"]


def test_a_promise_is_kept_by_the_next_text_that_reaches_the_same_people() -> None:
    play = promising()
    play.later(minutes(30))
    play.draft({"internal/en": "For staff"}, of="staff")
    play.decide("ana", name="staff")
    play.publish("staff")
    assert play.clock("next-update").met_at is None, "staff are other people"
    play.draft({"x/en": "Three", "website/en": "Four"}, of="update")
    play.decide("ana", name="update")
    play.publish("update")
    assert play.clock("next-update").met_at == START + minutes(30)
    assert of_type(play.later(hours(1)), ev.ClockBreached) == []


def test_a_promise_is_kept_in_every_language_in_which_it_was_made() -> None:
    play = promising({"x/en": "One", "x/da": "En"})
    for place, minute in (("x/en", 30), ("website/da", 35)):
        assert play.clock("next-update").met_at is None, "nobody who reads Danish was told"
        play.later(START + minutes(minute) - play.now)
        if minute == 35:
            play.back("update.draft", "update.draft", "the Danish is missing")
        play.draft({place: "More"}, of="update")
        play.decide("ana", name="update")
        play.publish("update")
    assert play.clock("next-update").met_at == START + minutes(35)


def test_whoever_calls_it_over_is_told_of_a_promise_that_was_not_kept() -> None:
    play = promising(end="stand-down")
    (ask,) = [one.ask for one in play.asks("end")]
    assert ask.advice[0].startswith("!! An update was promised in public, and has not been given yet")
    play.draft({"x/en": "Three", "website/en": "Four"}, of="update")
    play.decide("ana", name="update")
    play.publish("update")
    (ask,) = [one.ask for one in play.asks("end")]
    assert not any(line.startswith("!!") for line in ask.advice)


def test_a_newer_text_of_the_same_message_takes_the_place_of_its_promise() -> None:
    play = promising()
    play.later(minutes(20))
    play.back("holding.draft", "holding.publish", "more is known")
    play.draft({"x/en": "Three", "website/en": "Four"}, promises=play.now + hours(2))
    play.decide("ana")
    play.publish()
    assert play.clock("next-update").due == START + minutes(20) + hours(2)


def test_a_channel_that_promises_nothing_does_not_end_the_promise_of_another() -> None:
    play = Play(plan(statement("holding", "holding"), approvals=LIGHT, messages={"holding": message(facts=())}))
    play.draft({"x/en": "One", "website/en": "Two"}, promises=START + hours(1))
    texts = play.message().texts
    bare = but(texts[1], promises=None)
    play.incident = but(play.incident, messages={"holding": but(play.message(), texts=(texts[0], bare))})
    state = play.message()
    promise = ev.Published(message="holding", line=texts[0].line, link="l", promises=START + hours(1))
    silent = ev.Published(message="holding", line=bare.line, link="l")
    records = [
        ev.Recorded(seq=play.incident.version + n, at=START, who="bo", via="", command="c", event=one)
        for n, one in enumerate((promise, silent), 1)
    ]
    incident = fold(records, play.incident)
    assert incident is not None
    assert incident.message("holding").promise.promises == START + hours(1)
    assert state.promise is None


def test_a_promise_outlives_that_it_is_over_until_somebody_keeps_it() -> None:
    play = promising()
    play.answer("over", "done", "done")
    assert play.clock("next-update").due == START + hours(1)
    play.later(minutes(70))
    play.draft({"x/en": "All is well", "website/en": "All is well"}, of="update")
    play.decide("ana", name="update")
    play.publish("update")
    assert play.clock("next-update").met_at == START + minutes(70)


def test_when_it_is_closed_nothing_is_promised_any_more() -> None:
    play = promising()
    play.do(Close(reason="enough"))
    assert play.clock("next-update") is None
    (promised,) = promised_updates(play.plan, play.incident)
    assert (promised.due, promised.met_at) == (START + hours(1), None)


def test_every_promise_is_told_with_when_it_was_kept() -> None:
    play = promising()
    for after, promises in ((30, hours(1)), (70, None)):
        play.later(minutes(after))
        play.back("holding.draft", "holding.publish", "more is known")
        made = None if promises is None else play.now + promises
        play.draft({"x/en": f"After {after}", "website/en": f"After {after}"}, promises=made)
        play.decide("ana")
        play.publish()
    told = [(one.due - START, one.met_at - START) for one in promised_updates(play.plan, play.incident)]
    assert told == [(hours(1), minutes(30)), (minutes(90), minutes(100))]
    assert play.clock("next-update") is None, "the last text promised nothing"


def test_the_cadence_follows_the_time_since_it_was_known() -> None:
    rule = SeverityRule(update_every=(Cadence(hours(1), until=hours(4)), Cadence(hours(4), until=hours(8))))
    play = Play(plan(step("a", "action", do="x"), severity={"SEV1": rule, "SEV4": SeverityRule()}))
    assert update_interval(play.plan, play.incident, START) is None
    play.severity("SEV1")
    assert [update_interval(play.plan, play.incident, START + hours(n)) for n in (0, 4, 9)] == [
        hours(1),
        hours(4),
        hours(4),
    ]
    play.severity("SEV4")
    assert update_interval(play.plan, play.incident, START) is None


# ── legal ──


def legal(due: str = "72h", *, starts: Condition | None = None, met_with: Condition | None = None, **more: Any) -> Play:
    clock = LegalClock(id="gdpr-33", title="Tell the authority", due=due, source="https://example.org", **more)
    use = ClockUse(use="gdpr-33", starts_with=starts or Condition(fact="injury"), for_="sold_in", met_with=met_with)
    return Play(plan(step("a", "action", do="x"), clocks=(PlannedClock(clock=clock, use=use),), severity=RULES))


def test_what_was_done_in_part_says_so_beside_its_clock() -> None:
    play = Play(plan(step("board", "checklist", items=(Item("Chair called"),), within=hours(4)), severity=RULES))
    play.answer("board", "items", [])
    play.answer("board", "rest", "without")
    play.answer("board", "why", "later")
    clock = play.clock("step")
    assert (clock.met_at, clock.note) == (START, "done in part")


def test_a_legal_clock_moves_with_the_time_from_which_its_fact_was_known() -> None:
    play = legal("24h")
    play.fact("injury", True)
    play.later(minutes(30))
    play.fact("injury", False)
    play.fact("injury", True)
    assert play.clock("legal").due == START + minutes(30) + hours(24)
    play.fact("injury", True, since=START - hours(10))
    assert play.clock("legal").due == START + hours(14)


@pytest.mark.parametrize("since", [START + minutes(1), datetime(1, 1, 1, tzinfo=UTC), datetime(1899, 6, 1, tzinfo=UTC)])
def test_nothing_is_known_since_a_time_to_come_or_since_time_immemorial(since: datetime) -> None:
    play = legal()
    with pytest.raises(Usage, match="give a time that has passed"):
        play.fact("injury", True, since=since)


def test_a_limit_that_was_lifted_and_set_again_wins_no_time() -> None:
    half = minutes(30)
    changes = [(START, half), (START + minutes(29), None), (START + hours(3), half)]
    assert due_with_severity(START, changes) == START + half


def test_a_legal_clock_starts_with_its_fact_and_when_it_was_known() -> None:
    play = legal()
    assert play.clock("legal") is None
    play.fact("injury", True, since=START - hours(1))
    assert play.clock("legal").due == START + hours(71)


def test_saying_a_fact_again_does_not_restart_a_legal_clock() -> None:
    play = legal()
    play.fact("injury", True)
    play.later(hours(10))
    play.fact("injury", True)
    assert play.clock("legal").due == START + hours(72)


@pytest.mark.parametrize(
    ("starts", "hour"),
    [
        (Condition(any_=(Condition(fact="injury"), Condition(fact="media"))), 1),
        (Condition(all_=(Condition(fact="injury"), Condition(fact="media"))), 5),
        (Condition(any_=(Condition(fact="media"), Condition(fact="product", is_="Kettle 3"))), 5),
        (Condition(not_=Condition(fact="injury", is_="no")), 1),
        (Condition(not_=Condition(outcome={"a": "not-done"})), 0),
        (Condition(severity="SEV2-or-worse"), 0),
        (Condition(all_=(Condition(fact="injury"), Condition(severity="SEV2-or-worse"))), 1),
        (Condition(all_=(Condition(fact="injury"), Condition(severity="SEV2"))), 6),
        (Condition(any_=(Condition(fact="media"), Condition(severity="SEV2"))), 5),
        (Condition(outcome={"a": "done"}), 2),
    ],
)
def test_a_legal_clock_counts_from_when_its_condition_first_held(starts: Condition, hour: float) -> None:
    play = legal(starts=starts)
    play.severity("SEV1")
    play.later(hours(1))
    play.fact("injury", True)
    play.later(hours(1))
    play.answer("a", "done", "done")
    play.later(hours(3))
    play.fact("media", True)
    play.fact("product", "Kettle 4")
    play.later(hours(1))
    play.severity("SEV2")
    assert play.clock("legal").anchor == START + hours(hour)


@pytest.mark.parametrize(
    ("starts", "first", "then"),
    [
        (Condition(fact="sold_in", is_="dk"), ["dk"], ["dk", "us"]),
        (Condition(fact="sold_in"), ["dk"], ["us"]),
        (Condition(fact="product"), "Kettle 3", "Kettle 4"),
        (Condition(not_=Condition(fact="sold_in", is_="us")), ["dk"], []),
    ],
)
def test_a_legal_clock_that_was_missed_starts_again_for_nothing_else_that_a_fact_comes_to_say(
    starts: Condition, first: Any, then: Any
) -> None:
    play = legal(starts=starts)
    name = "product" if isinstance(first, str) else "sold_in"
    play.fact(name, first)
    play.later(hours(80))
    before = play.clock("legal")
    play.fact(name, then)
    assert play.clock("legal") == before
    assert before.is_breached(play.now)


@pytest.mark.parametrize(("since", "from_"), [(0.25, 0.25), (-10, -10), (None, 1)])
def test_what_was_said_in_between_counts_no_more_once_it_is_said_since_when(since: float | None, from_: float) -> None:
    play = legal()
    play.fact("injury", True)
    play.later(hours(0.5))
    play.fact("injury", False)
    play.later(hours(0.5))
    play.fact("injury", True, **({} if since is None else {"since": START + hours(since)}))
    assert play.clock("legal").anchor == START + hours(from_)


def test_a_legal_clock_that_two_facts_start_goes_on_while_one_of_them_holds() -> None:
    play = legal(starts=Condition(any_=(Condition(fact="injury"), Condition(fact="media"))))
    play.fact("injury", True)
    play.later(hours(70))
    play.fact("media", True)
    play.fact("injury", False)
    assert play.clock("legal").anchor == START


def test_a_legal_clock_starts_again_for_no_step_that_comes_to_the_same_again() -> None:
    play = legal(starts=Condition(outcome={"a": "done"}))
    play.answer("a", "done", "done")
    play.later(hours(80))
    before = play.clock("legal")
    play.back("a", "a", "who it was is put right")
    assert play.clock("legal") == before, "it does not rest while somebody looks again"
    play.answer("a", "done", "done")
    assert play.clock("legal") == before
    play.back("a", "a", "it was nothing")
    play.answer("a", "done", "not-done")
    play.answer("a", "why", "nothing had happened")
    assert play.clock("legal") is None


@pytest.mark.parametrize("due", ["72h", "asap"])
def test_a_legal_clock_is_met_when_what_shows_it_comes_about(due: str) -> None:
    play = legal(due, met_with=Condition(outcome={"a": "done"}))
    play.fact("injury", True)
    play.later(hours(1))
    assert play.clock("legal").met_at is None
    play.answer("a", "done", "done")
    play.later(hours(100))
    assert play.clock("legal").met_at == START + hours(1)
    assert [one for one in play.events if isinstance(one.event, ev.ClockBreached)] == []


def test_what_was_done_before_a_duty_was_known_does_not_show_that_it_was_met() -> None:
    play = legal(met_with=Condition(outcome={"a": "done"}))
    play.answer("a", "done", "done")
    play.later(hours(1))
    play.fact("injury", True)
    assert play.clock("legal").met_at is None, "a notification that was filed says nothing of what came later"
    play.fact("injury", True, since=START - hours(1))
    assert play.clock("legal").met_at == START


def test_a_duty_that_began_does_not_rest_because_somebody_is_no_longer_sure() -> None:
    play = legal("24h")
    play.fact("injury", True)
    play.later(hours(2))
    play.do(SetFact(fact="injury", known=False))
    assert play.clock("legal").due == START + hours(24)
    play.later(hours(2))
    play.fact("injury", True)
    assert play.clock("legal").due == START + hours(24)
    play.fact("injury", False)
    assert play.clock("legal") is None
    play.do(SetFact(fact="injury", known=False))
    assert play.clock("legal") is None


def test_a_legal_clock_may_start_when_a_severity_is_decided() -> None:
    play = legal(starts=Condition(severity="SEV2-or-worse"))
    play.severity("SEV3")
    assert play.clock("legal") is None
    play.later(hours(1))
    play.severity("SEV2")
    play.later(hours(1))
    play.severity("SEV1")
    assert play.clock("legal").anchor == START + hours(1)


def test_a_legal_clock_that_was_met_stays_met_when_what_met_it_is_done_again() -> None:
    clock = LegalClock(id="gdpr-33", title="Tell the authority", due="4h", source="https://example.org")
    use = ClockUse(use="gdpr-33", starts_with=Condition(fact="injury"), met_with=Condition(outcome={"tell": "done"}))
    repeated = step("tell", "action", do="x", repeat_every=hours(3))
    play = Play(plan(repeated, clocks=(PlannedClock(clock=clock, use=use),), severity=RULES))
    play.fact("injury", True)
    play.later(hours(1))
    play.answer("tell", "done", "done")
    play.later(hours(5))
    play.answer("tell", "done", "done")
    assert play.step("tell").round == 2
    assert play.clock("legal").met_at == START + hours(1)


def told_the_market() -> Play:
    clock = LegalClock(id="mar-17", title="Tell the market", due="4h", source="https://example.org")
    use = ClockUse(
        use="mar-17", starts_with=Condition(fact="injury"), met_with=Condition(outcome={"holding": "published"})
    )
    steps = (statement("holding", "holding"), step("watch", "action", do="x"))
    play = Play(plan(*steps, clocks=(PlannedClock(clock=clock, use=use),), approvals=LIGHT))
    play.fact("injury", True)
    play.later(hours(1))
    play.draft()
    play.decide("ana")
    play.publish()
    assert play.step("holding.publish").outcome == "published"
    return play


def test_a_legal_clock_is_met_by_a_statement_of_several_parts() -> None:
    assert told_the_market().clock("legal").met_at == START + hours(1)


@pytest.mark.parametrize("again", ["published", "not-published", "skipped"])
def test_a_legal_clock_that_was_met_by_a_text_stays_met_whatever_becomes_of_its_correction(again: str) -> None:
    play = told_the_market()
    before = play.clock("legal")
    play.later(hours(80))
    play.back("holding.draft", "holding.publish", "a word is misspelt")
    assert play.clock("legal") == before, "what went out is out, while it is put right too"
    play.draft({"x/en": "Stop using it!", "website/en": "Stop!"})
    play.decide("ana")
    if again == "published":
        play.publish()
    elif again == "skipped":
        play.skip("holding.publish")
    else:
        play.answer("holding.publish", "release", "post", "bo")
        while links := play.keys("holding.publish"):
            play.answer("holding.publish", links[0], {"left_out": "it can stay"}, "bo")
    assert play.step("holding.publish").outcome == again
    assert play.clock("legal") == before
    assert not play.incident.breaches


@pytest.mark.parametrize(("again", "met"), [("done", True), ("skipped", True), ("not-done", False)])
def test_a_legal_clock_that_was_met_by_a_step_stays_met_until_somebody_says_it_was_not_done(
    again: str, met: bool
) -> None:
    play = legal("24h", met_with=Condition(outcome={"a": "done"}))
    play.fact("injury", True)
    play.later(hours(1))
    play.answer("a", "done", "done")
    before = play.clock("legal")
    assert before.met_at == START + hours(1)
    play.later(hours(80))
    play.back("a", "a", "the number of the report is wrong")
    if again == "skipped":
        play.skip("a")
    else:
        play.answer("a", "done", again)
        if again == "not-done":
            play.answer("a", "why", "it was another report")
    assert play.step("a").outcome == again
    assert (play.clock("legal") == before) is met
    assert bool(play.incident.breaches) is not met


def test_a_legal_clock_that_was_met_by_a_fact_stays_met_when_the_fact_is_put_right() -> None:
    play = legal("24h", met_with=Condition(fact="product"))
    play.fact("injury", True)
    play.later(hours(1))
    play.fact("product", "Report 17")
    play.later(hours(80))
    play.fact("product", "Report 71")
    assert play.clock("legal").met_at == START + hours(1)
    assert not play.incident.breaches


@pytest.mark.parametrize(
    ("met_with", "hour"),
    [
        (Condition(severity="SEV1"), 2),
        (Condition(all_=(Condition(fact="media"), Condition(severity="SEV2-or-worse"))), 2),
        (Condition(any_=(Condition(fact="product", is_="Kettle 4"), Condition(severity="SEV2"))), 3),
        (Condition(not_=Condition(fact="product", is_="Kettle 3")), 3),
        (Condition(not_=Condition(severity="SEV3")), 2),
        (Condition(all_=(Condition(outcome={"a": "done"}), Condition(not_=Condition(fact="media")))), None),
        (Condition(signal="rate", at_least="5x"), None),
        (Condition(not_=Condition(signal="rate", at_least="9x")), None),
        (Condition(any_=(Condition(signal="rate", at_least="5x"), Condition(outcome={"a": "done"}))), 4),
    ],
)
def test_a_legal_clock_is_met_when_all_that_shows_it_came_true(met_with: Condition, hour: float | None) -> None:
    play = legal(met_with=met_with)
    play.severity("SEV3")
    play.fact("injury", True)
    play.later(hours(1))
    play.do(ReadSignals(readings={"rate": ev.Reading(ratio=6.0)}))
    play.fact("media", True)
    play.fact("product", "Kettle 3")
    play.later(hours(1))
    play.severity("SEV1")
    play.later(hours(1))
    play.fact("product", "Kettle 4")
    play.later(hours(1))
    play.answer("a", "done", "done")
    play.later(hours(80))
    play.severity("SEV3")
    assert play.clock("legal").met_at == (None if hour is None else START + hours(hour))


def test_a_legal_clock_that_a_fact_met_is_not_met_once_the_fact_says_otherwise() -> None:
    play = legal(met_with=Condition(fact="media"))
    play.fact("injury", True)
    play.fact("media", True)
    play.later(hours(1))
    play.fact("media", False)
    assert play.clock("legal").met_at is None
    play.fact("media", True)
    assert play.clock("legal").met_at == START + hours(1)


def test_a_legal_clock_is_met_by_what_is_done_again_after_the_duty_was_known() -> None:
    play = legal(met_with=Condition(outcome={"a": "done"}))
    play.answer("a", "done", "done")
    play.later(hours(1))
    play.fact("injury", True)
    play.later(hours(1))
    play.back("a", "a", "tell them of this one too")
    assert play.clock("legal").met_at is None
    play.answer("a", "done", "done")
    assert play.clock("legal").met_at == START + hours(2)


def test_a_legal_clock_may_be_met_by_a_fact_and_too_late() -> None:
    play = legal(met_with=Condition(fact="media"))
    play.fact("injury", True)
    play.later(hours(73))
    play.fact("media", True)
    assert (play.clock("legal").met_at, play.clock("legal").is_breached(play.now)) == (play.now, True)


@pytest.mark.parametrize(
    ("countries", "sold_in", "runs"),
    [
        ((), ["us"], True),
        (("dk",), ["us"], False),
        (("dk",), ["dk", "us"], True),
        (("dk",), None, True),
    ],
)
def test_a_legal_clock_runs_for_the_countries_concerned(countries: Any, sold_in: Any, runs: bool) -> None:
    play = legal(countries=countries)
    play.fact("injury", True)
    if sold_in is not None:
        play.fact("sold_in", sold_in)
    assert (play.clock("legal") is not None) is runs


COUNTRIES = {"dk": "Denmark", "us": "United States"}


@pytest.mark.parametrize(
    ("sold_in", "said", "runs"),
    [
        (Fact(type="choice", prompt="Where?", options=COUNTRIES), {"value": "dk"}, True),
        (Fact(type="choice", prompt="Where?", options=COUNTRIES), {"value": "us"}, False),
        (Fact(type="choice-many", prompt="Where?", options=COUNTRIES, sensitive=True), {"sealed": "hash"}, True),
        (Fact(type="choice-many", prompt="Where?", options={"denmark": "Denmark"}), {"value": ["denmark"]}, True),
        (Fact(type="text", prompt="Where?"), {"value": "Denmark"}, True),
        (Fact(type="yes-no", prompt="In Denmark?"), {"value": True}, True),
    ],
)
def test_a_fact_that_cannot_tell_which_countries_are_concerned_hides_no_legal_clock(
    sold_in: Fact, said: Mapping[str, Any], runs: bool
) -> None:
    play = legal(countries=("dk",))
    play.plan = but(play.plan, facts={**play.plan.facts, "sold_in": sold_in})
    play.fact("injury", True)
    play.fact("sold_in", **{"value": None, **said})
    assert (play.clock("legal") is not None) is runs


def test_where_it_is_not_known_which_countries_the_clock_runs() -> None:
    play = legal(countries=("dk",))
    play.fact("injury", True)
    play.do(SetFact(fact="sold_in", known=False))
    assert play.clock("legal").note == "not legal advice: ask counsel"


def test_as_soon_as_possible_has_no_time_and_is_never_breached() -> None:
    play = legal("asap", verify=True)
    play.fact("injury", True)
    assert play.clock("legal").due is None
    assert not play.clock("legal").is_breached(START + hours(999))
    assert play.clock("legal").note == "verify with counsel: sources disagree"
    assert play.later(hours(999)) == ()


def test_times_are_compared_wherever_they_were_written() -> None:
    play = Play(plan(step("a", "action", do="x")))
    play.fact("aware_at", "2026-03-07T03:36:00+01:00")
    assert play.incident.known_since == datetime.fromisoformat("2026-03-07T02:36:00+00:00")
    play.do(SetFact(fact="aware_at", known=False))
    assert play.incident.known_since == START


@pytest.mark.parametrize("said", ["yesterday", "2026-03-07", "2026-03-07T02:00:00", "0001-01-01T00:00:00+05:00"])
def test_a_first_report_whose_time_cannot_be_read_moves_no_clock(said: str) -> None:
    play = Play(plan(step("a", "action", do="x"), facts=FACTS | {"aware_at": Fact(type="text", prompt="Since when?")}))
    play.fact("aware_at", said)
    assert play.incident.known_since == START


# ── acknowledgement ──


FIVE = minutes(5)


def calling(within: timedelta | None = FIVE, **spec: Any) -> Play:
    ladder = Escalation(ladder=(Rung(page=("crisis-lead", "legal"), acknowledge_within=within),))
    play = Play(
        plan(step("set", "assess"), step("it", "notify", after=("set",), **spec), escalation={"SEV1": ladder}),
    )
    play.later(minutes(1))
    play.answer("set", "severity", {"severity": "SEV1"})
    return play


def test_whoever_is_called_first_has_as_long_as_the_ladder_says_from_when_the_calling_began() -> None:
    play = calling()
    clock = play.clock("acknowledge")
    assert (clock.name, clock.due, clock.met_at) == ("It: first “I have it”", START + minutes(6), None)
    play.later(minutes(2))
    play.answer("it", "reach:legal:ana", "no-answer")
    assert play.clock("acknowledge").met_at is None
    play.answer("it", "reach:legal:cem", "acknowledged")
    assert play.clock("acknowledge").met_at == START + minutes(3)
    assert not of_type(play.later(hours(1)), ev.ClockBreached)
    assert fold(play.events) == play.incident


def test_silence_breaches_it_and_an_acknowledgement_after_that_is_late() -> None:
    play = calling()
    (breach,) = of_type(play.later(minutes(9)), ev.ClockBreached)
    assert (breach.name, breach.due) == ("It: first “I have it”", START + minutes(6))
    play.answer("it", "reach:legal:ana", "acknowledged")
    assert play.clock("acknowledge").is_breached(play.now)
    assert play.incident.breaches == {breach.clock: breach.due}


def test_where_nobody_but_the_lead_is_to_be_called_they_have_it() -> None:
    ladder = Escalation(ladder=(Rung(page=("crisis-lead",), acknowledge_within=minutes(5)),))
    play = Play(plan(step("set", "assess"), step("it", "notify", after=("set",)), escalation={"SEV1": ladder}))
    play.answer("set", "severity", {"severity": "SEV1"})
    assert play.outcomes("it") == ["acknowledged"]
    assert play.clock("acknowledge").met_at == START


def test_calls_beside_the_ladder_and_ladders_without_a_limit_have_no_such_clock() -> None:
    assert calling(roles=("legal",)).clock("acknowledge") is None
    assert calling(within=None).clock("acknowledge") is None
    early = Play(plan(step("it", "notify"), escalation={}))
    assert early.clock("acknowledge") is None
