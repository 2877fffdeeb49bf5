"""Random commands, legal and not, at advancing times: what must hold after each of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from random import Random  # noqa: TID251  # hypothesis makes them, and prints their seed
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import PEOPLE, Play, chain, hours, message, minutes, plan, statement, step

from crisis.engine import events as ev
from crisis.engine import shapes
from crisis.engine.approvals import standing
from crisis.engine.commands import (
    AddPerson,
    Answer,
    By,
    Close,
    Command,
    Decide,
    GoBack,
    Note,
    ReadSignals,
    SetFact,
    SetSeverity,
    Skip,
    Tick,
    Withdraw,
)
from crisis.engine.decide import decide
from crisis.engine.events import DraftedText, Line, Member, Reading
from crisis.engine.evolve import evolve, fold
from crisis.engine.look import OpenAsk, agenda, roster_of
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan, PlannedClock
from crisis.engine.settle import consequences
from crisis.kernel.errors import CrisisError, NotFound, Refused, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import LegalClock
from crisis.playbook.model import ClockUse, Escalation, LastResort, Rung, SeverityRule, Translation
from crisis.playbook.values import Cadence, Edge, Item

RULES = {
    "SEV1": SeverityRule(
        any_=(Condition(fact="injury"), Condition(signal="negative_rate", at_least="5x")),
        first_statement=minutes(30),
        update_every=(Cadence(hours(1)),),
    ),
    "SEV2": SeverityRule(any_=(Condition(fact="media"),), first_statement=hours(1), update_every=(Cadence(hours(2)),)),
    "SEV4": SeverityRule(),
}
RESORT = LastResort(after=minutes(15), when=Condition(fact="injury"), by="crisis-lead", review_within=hours(4))


def whole_plan() -> Plan:
    """Every kind, a repeated statement, translations, a last resort, a step that depends on a fact."""
    return plan(
        step("facts", "question", facts=("aware_at", "product", "injury")),
        step("assess", "assess", after=("facts",), within=minutes(20)),
        step("verify", "checklist", items=(Item("Seen", evidence=True), Item("Asked")), repeat_every=hours(4)),
        step(
            "triage",
            "decision",
            after=("assess",),
            options={"open": "Open", "leave": "Leave"},
            reasons=("leave",),
            on={"leave": "close"},
        ),
        step("call", "notify", after=(Edge("triage", ("open",)),)),
        step("freeze", "freeze", after=(Edge("triage", ("open",)),), items=("ads", "queue")),
        statement(
            "holding", "holding", after=(Edge("triage", ("open",)),), hold_until=Condition(outcome={"verify": "done"})
        ),
        step("authority", "action", after=(Edge("triage", ("open",)),), do="Phone", when=Condition(fact="injury")),
        step("wait", "pause", after=("holding.publish",), for_=minutes(30)),
        statement(
            "update",
            "update",
            after=("wait",),
            repeat_as_promised=True,
            repeat_until=Condition(outcome={"over": "agreed"}),
        ),
        step("over", "stand-down", after=("holding.publish",), on={"not-yet": "over"}),
        step("thaw", "resume-posting", after=("over",)),
        step("debrief", "debrief", after=("thaw",), on={"done": "close"}),
        severity=RULES,
        escalation={
            "SEV1": Escalation(
                ladder=(Rung(page=("legal", "executive", "scribe"), acknowledge_within=minutes(10)),), acknowledge="2"
            ),
            "SEV2": Escalation(ladder=(Rung(page=("legal",), acknowledge_within=minutes(30)),)),
        },
        approvals={
            "public": chain(last_resort=RESORT, translation=Translation(of=("native-reader",))),
            "light": chain(quorum=1, required=()),
        },
        messages={
            "holding": message(channels=("x",), languages=("en", "da")),
            "update": message(
                approval={"SEV1": "public", "": "light"}, first_statement=False, facts=("product", "injury")
            ),
        },
        criteria=("Quiet", "Quiet for a day"),
        criteria_for={"Quiet for a day": hours(24)},
        clocks=tuple(
            PlannedClock(
                clock=LegalClock(id=f"law-{n}", title="Tell the authority", due=due, source="https://example.org"),
                use=ClockUse(use=f"law-{n}", starts_with=starts, met_with=met),
            )
            for n, (due, starts, met) in enumerate(
                [
                    ("24h", Condition(fact="injury"), None),
                    ("asap", Condition(fact="injury"), Condition(outcome={"authority": "done"})),
                    ("72h", Condition(outcome={"triage": "open"}), Condition(fact="product", is_="Kettle 4")),
                ]
            )
        ),
    )


def small_plan() -> Plan:
    """One statement under a chain that one person could give, and a loop."""
    return plan(
        statement("holding", "holding"),
        step("again", "question", facts=("media",), after=("holding.publish",)),
        step(
            "more",
            "decision",
            after=("again",),
            options={"yes": "Again", "no": "Done"},
            on={"yes": "holding.draft", "no": "close"},
        ),
        approvals={"public": chain(of=("legal", "executive"), quorum=1, required=(), veto=("executive",))},
    )


PLANS = (whole_plan(), small_plan())
PERSONS = [one.id for one in PEOPLE] + ["nobody-we-know"]
TEXTS = ("Stop using it.", "Do not use it.", "We are sorry.")


def value_for(rnd: Random, one: OpenAsk, play: Play) -> Any:
    """An answer that the question wants; now and then one that it does not."""
    wants = one.ask.wants
    if rnd.randrange(20) == 0:
        return rnd.choice([None, {}, [], "", "nonsense", 7, {"value": []}])
    later = (play.now + rnd.choice([minutes(-5), minutes(20), hours(3)])).isoformat()
    match wants:
        case shapes.Choice(options=options):
            return rnd.choice(list(options))
        case shapes.Ticks(items=items):
            return rnd.choice([list(range(len(items))), [0], []])
        case shapes.FactValue(name="aware_at"):
            return {"value": (play.now - minutes(10)).isoformat()}
        case shapes.FactValue(fact=fact):
            value = rnd.random() < 0.5 if fact.type == "yes-no" else rnd.choice(["Kettle 3", "Kettle 4"])
            return rnd.choice([{"value": value}, {"value": value}, {"again": later}])
        case shapes.SeverityChoice():
            return {"severity": rnd.choice(["SEV1", "SEV2", "SEV4"]), "reason": "so it is"}
        case shapes.SignOff():
            said = {"verdict": rnd.choice(["yes", "yes", "no"]), "person": rnd.choice(PERSONS)}
            return said | {"proof": "verbal", "heard_by": "kim", "read_back": True, "reason": "so it is"}
        case shapes.NamePerson():
            return rnd.choice([{}, {"name": "Ida"}])
        case shapes.OnlyIn():
            return rnd.choice([{"keep": True}, {"leave_out": "nobody reads it"}])
        case shapes.Release():
            return rnd.choice(["post", "post", "edit"])
        case shapes.Link():
            return rnd.choice([{"link": "https://example.org"}, {"link": "https://example.org"}, {"left_out": "down"}])
        case shapes.Accounts(accounts=accounts):
            return dict.fromkeys(rnd.sample(list(accounts), rnd.randint(0, len(accounts))), "seen")
        case shapes.Reach():
            return rnd.choice(["acknowledged", "no-answer", "nobody"])
        case shapes.When():
            return later
        case shapes.Rows():
            return rnd.choice([[], [{"action": "a", "owner": "b", "due": "2026-04-01"}], [{"action": "a"}]])
        case shapes.Day():
            return rnd.choice(["", "2026-04-01"])
        case _:
            return "words"


def drafted(rnd: Random, wants: shapes.Draft, play: Play) -> tuple[Any, tuple[DraftedText, ...]]:
    promises = rnd.choice([None, None, play.now + minutes(45), play.now + hours(2)])
    cleared = rnd.random() < 0.5
    texts, said = [], []
    for channel, language in wants.places:
        text = rnd.choice(TEXTS)
        line = Line(channel=channel, language=language, sha256=fingerprint(text))
        texts.append(DraftedText(line=line, cleared=cleared, edited=not cleared, promises=promises))
        said.append({"channel": channel, "language": language, "text": text})
    return {"texts": said}, tuple(texts)


def answer(rnd: Random, play: Play) -> Command:
    asks = play.agenda.asks
    if not asks:
        return Tick()
    one = rnd.choice(asks)
    number = one.round + rnd.choice([0] * 12 + [-1, 1])
    texts: tuple[DraftedText, ...] = ()
    value = value_for(rnd, one, play)
    member = None
    if isinstance(one.ask.wants, shapes.Draft):
        value, texts = drafted(rnd, one.ask.wants, play)
    if isinstance(one.ask.wants, shapes.NamePerson) and value:
        roles = one.ask.wants.roles if rnd.random() < 0.5 else (*one.ask.wants.roles, "native-reader")
        member = Member(id=f"p{play.count}", name="Ida", roles=roles, languages=("da",))
    return Answer(step=one.step.id, round=number, ask=one.ask.key, value=value, texts=texts, member=member)


def other(rnd: Random, play: Play) -> Command:
    steps = [one.id for one in play.plan.steps]
    one, two = rnd.choice(steps), rnd.choice(steps)
    name = rnd.choice(list(play.plan.messages))
    again = rnd.choice([None, play.now + minutes(30)])
    round_of = {step: state.round for step, state in play.incident.steps.items()}
    open_steps = play.open_steps() or steps
    left_out = rnd.choice(open_steps)
    return rnd.choice(
        [
            Tick(),
            Note(text="so it is"),
            GoBack(to=one, source=two, round=round_of.get(two, 1), why="wrong"),
            GoBack(to=one, source=one, round=round_of.get(one, 1), why="wrong"),
            Skip(step=left_out, round=round_of.get(left_out, 1) - rnd.choice([0] * 9 + [1]), reason="no need"),
            Withdraw(message=name, why="wait"),
            SetFact(fact="injury", value=rnd.random() < 0.5),
            SetFact(fact="injury", value=True, since=play.now - rnd.choice([timedelta(0), minutes(7), hours(3)])),
            SetFact(fact="product", value=rnd.choice(["Kettle 3", "Kettle 4"])),
            SetFact(fact="injury", known=False, ask_again_at=again),
            SetSeverity(severity=rnd.choice(["SEV1", "SEV2", "SEV4"]), reason="so it is"),
            ReadSignals(readings={"negative_rate": Reading(ratio=rnd.choice([1.0, 9.0]))}),
            AddPerson(member=Member(id="ida", name="Ida", roles=("executive", "native-reader"), languages=("da",))),
            decision(rnd, name),
            *([Close(reason="enough")] if rnd.randrange(10) == 0 else []),
        ]
    )


def counted_when_locked(play: Play) -> None:
    """Every text that is out was approved, waived or a last resort when it was locked, to the byte, and not void."""
    incident, locked = None, {}
    for recorded in play.events:
        before, incident = incident, evolve(incident, recorded)
        match recorded.event:
            case ev.Locked(message=name, lines=lines):
                state, planned = before.message(name), play.plan.messages[name]
                written_in = next(one for one in play.plan.steps if one.kind_name == "draft" and one.message == name)
                assert state.drafted_seq > before.steps[written_in.id].started_seq, "what came back was written anew"
                cleared = all(text.cleared and not text.edited for text in state.texts)
                _, rule = play.plan.chain_for(name, before.severity, cleared=cleared)
                for line in lines:
                    how = standing(
                        line, state, rule, roster_of(play.plan, before), recorded.at, planned.source_language
                    )
                    assert how.approved
                    assert line in state.lines
                    if how.how == "approved":
                        persons = {one.person for one in how.by if set(one.roles) & set(rule.of)}
                        assert len(persons) >= rule.quorum
                        assert state.drafted_by[line.sha256] not in {one.person for one in how.by}
                    locked[name, line] = recorded.seq
            case ev.Withdrawn(message=name):
                locked = {key: seq for key, seq in locked.items() if key[0] != name}
            case ev.Published(message=name, line=line):
                assert (name, line) in locked


def towards_the_public(rnd: Random, play: Play) -> Command:
    """Write, approve, refuse, change what the text says, take it back, leave its draft out, post."""
    asks = {one.ask.key: one for one in play.agenda.asks}
    if "texts" in asks:
        one = asks["texts"]
        if one.round > 1 and rnd.random() < 0.6:
            return Skip(step=one.step.id, round=one.round, reason="it is right as it is")
        value, texts = drafted(rnd, one.ask.wants, play)
        return Answer(step=one.step.id, round=one.round, ask="texts", value=value, texts=texts)
    if "sign-off" in asks and rnd.random() < 0.8:
        return decision(rnd, "holding")
    if "release" in asks and rnd.random() < 0.4:
        one = asks["release"]
        return Answer(step=one.step.id, round=one.round, ask="release", value=rnd.choice(["post", "edit"]))
    last = max(play.incident.steps, key=lambda name: play.incident.steps[name].started_seq)
    return rnd.choice(
        [
            SetFact(fact="product", value=rnd.choice(["Kettle 3", "Kettle 4"])),
            GoBack(to="holding.draft", source=last, round=play.step(last).round, why="a typo"),
            Withdraw(message="holding", why="wait"),
            SetSeverity(severity=rnd.choice(["SEV1", "SEV4"]), reason="so it is"),
            answer(rnd, play),
        ]
    )


def decision(rnd: Random, name: str) -> Command:
    verdict = rnd.choice(["yes", "yes", "yes", "no"])
    said = {"proof": "verbal", "heard_by": "kim2", "read_back": True, "reason": "so it is"}
    return Decide(message=name, sheet="", verdict=verdict, person=rnd.choice(PERSONS), **said)


def is_no_dead_end(play: Play) -> None:
    """Somebody is asked or waited for, or time will tell, or it is over, or nothing is left but to close it."""
    ahead = play.agenda
    alive = ahead.asks or ahead.waiting or ahead.wakes_at or play.incident.closed_at
    states = play.incident.steps
    all_done = all(one.status in ("finished", "dropped") for one in states.values())
    assert alive or all_done


def nothing_before_its_time(play: Play) -> None:
    """Between now and the next moment that matters, time alone changes nothing."""
    wakes = play.agenda.wakes_at
    soon = [play.now + minutes(1), play.now + hours(1), play.now + timedelta(days=30)]
    moments = [at for at in soon if wakes is None or at < wakes]
    if wakes is not None:
        moments.append(play.now + (wakes - play.now) * 0.999)
    for at in moments:
        assert consequences(Outlook(play.plan, play.incident, at)) == ()


def command_for(rnd: Random, play: Play) -> Command:
    return answer(rnd, play) if rnd.randrange(4) else other(rnd, play)


@settings(max_examples=24, deadline=None, suppress_health_check=list(HealthCheck))
@given(on=st.sampled_from(PLANS), rnd=st.randoms(use_true_random=True), drill=st.booleans())
def test_whatever_is_commanded_the_promises_hold(on: Plan, rnd: Random, drill: bool) -> None:
    play = Play(on, drill=drill)
    for _ in range(50):
        play.now += rnd.choice([timedelta(0)] * 6 + [minutes(2), minutes(11), minutes(40), hours(2)])
        command = command_for(rnd, play)
        events, before = list(play.events), play.incident
        by = By(who=rnd.choice(PERSONS[:-1]), at=play.now, id="same")
        try:
            outcome = decide(play.plan, play.incident, command, by)
        except (Refused, Usage, NotFound):
            assert (play.events, play.incident) == (events, before)
            continue
        play.do(command, by.who)
        assert play.incident == outcome.incident, "the same command on the same state"
        is_no_dead_end(play)
        nothing_before_its_time(play)
    counted_when_locked(play)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rnd=st.randoms(use_true_random=True))
def test_what_came_back_goes_out_only_after_it_was_written_anew(rnd: Random) -> None:
    play = Play(PLANS[1])
    play.severity("SEV4")
    for _ in range(40):
        play.now += rnd.choice([timedelta(0)] * 6 + [minutes(2), minutes(40)])
        with suppress(Refused, Usage, NotFound):
            play.do(towards_the_public(rnd, play), rnd.choice(PERSONS[:-1]))
    counted_when_locked(play)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(on=st.sampled_from(PLANS), rnd=st.randoms(use_true_random=True))
def test_a_walk_cut_anywhere_and_resumed_goes_on_like_one_that_was_not(on: Plan, rnd: Random) -> None:
    play = Play(on)
    for _ in range(30):
        play.now += rnd.choice([timedelta(0), minutes(5)])
        with suppress(CrisisError):
            play.do(command_for(rnd, play))
    cut = rnd.randint(1, len(play.events))
    resumed = fold(play.events[cut:], fold(play.events[:cut]))
    assert resumed == play.incident
    assert agenda(play.plan, resumed, play.now) == play.agenda
