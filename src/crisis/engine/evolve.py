"""The fold: an incident after one more event. It needs no plan, and nothing else builds an `Incident`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import assert_never

from msgspec.structs import replace

from crisis.engine import events as ev
from crisis.engine.events import Line, Recorded
from crisis.engine.monitoring import counts_now, known_without
from crisis.engine.state import (
    CameTo,
    Decision,
    FactState,
    Incident,
    MessageState,
    Publication,
    Sheet,
    StepState,
    approvals,
)
from crisis.kernel.moments import as_moment
from crisis.playbook.values import AWARE_AT

StepEvent = ev.Started | ev.Answered | ev.Finished | ev.Dropped | ev.Reached | ev.HoldOverridden
MessageEvent = (
    ev.Drafted
    | ev.SheetIssued
    | ev.Decided
    | ev.ApprovalWaived
    | ev.LastResortTaken
    | ev.Locked
    | ev.Published
    | ev.LinkCorrected
    | ev.LeftOut
    | ev.Withdrawn
)


def fold(events: Iterable[Recorded], incident: Incident | None = None) -> Incident | None:
    """The incident after `events`, from nothing or from `incident`."""
    for recorded in events:
        incident = evolve(incident, recorded)
    return incident


def evolve(incident: Incident | None, recorded: Recorded) -> Incident:
    """The incident after one more event."""
    event = recorded.event
    if isinstance(event, ev.Opened):
        return _opened(event, recorded)
    if incident is None:
        raise ValueError(f"an incident begins with Opened, not with {type(event).__name__}")
    then = partial(replace, incident, version=recorded.seq, at=recorded.at)
    if incident.out_of_reach or isinstance(event, ev.Reached):
        then = partial(then, out_of_reach=_out_of_reach(incident, recorded))
    match event:
        case ev.Noted() | ev.Injected() | ev.Erased():
            return then()
        case ev.Answered() | ev.Reached() | ev.HoldOverridden():
            return then(steps=_with_step(incident, event, recorded))
        case ev.Started():
            return then(steps=_with_step(incident, event, recorded), began=recorded.seq)
        case ev.Finished() | ev.Dropped():
            after = then(steps=_with_step(incident, event, recorded), ended=recorded.seq)
            return _reopen(after, event.reopens, "route", event.because) if isinstance(event, ev.Finished) else after
        case ev.SentBack(step=step, reopens=reopens, cause=cause, why=why):
            # What relies on a step that merely repeats goes on; within a statement, each part waits for the one before.
            after = then(ended=recorded.seq)
            return _reopen(after, reopens, cause, why, keeps=step if cause in ("repeat", "outdated") else "")
        case ev.FactSet():
            fact = _fact(incident.facts.get(event.fact), event, recorded)
            facts = {**incident.facts, event.fact: fact}
            known_since = _known_since(fact, incident) if event.fact == AWARE_AT else incident.known_since
            return then(facts=facts, known_since=known_since, steps=_touched(incident.steps, event.step, event.fact))
        case ev.SignalsRead(readings=readings, measured=measured, instead=wrong):
            known = known_without(incident.measured, wrong)
            # What the wrong export said of a signal that the right one knows nothing of goes with it.
            gone = incident.measured.figures if incident.measured is not None and known is None else {}
            kept = {name: one for name, one in incident.signals.items() if name not in gone}
            after = then(signals={**kept, **readings})
            if measured is None or not counts_now(measured, recorded.at, known, incident.measured_at):
                return after
            return replace(after, measured=measured, measured_at=recorded.at)
        case ev.SeverityDecided(severity=severity, ground=ground):
            considered = incident.considered | {ground}
            if severity == incident.severity:
                return then(considered=considered)
            changes = (*incident.severities, (recorded.at, severity))
            return then(severity=severity, severities=changes, considered=considered)
        case (
            ev.Drafted()
            | ev.SheetIssued()
            | ev.Decided()
            | ev.ApprovalWaived()
            | ev.LastResortTaken()
            | ev.Locked()
            | ev.Published()
            | ev.LinkCorrected()
            | ev.LeftOut()
            | ev.Withdrawn()
        ):
            message = _message(incident.message(event.message), event, recorded, incident.facts)
            return then(messages={**incident.messages, event.message: message})
        case ev.RosterChanged(member=member):
            return then(roster={**incident.roster, member.id: member})
        case ev.PostingFrozen(account=account, evidence=evidence):
            return then(frozen={**incident.frozen, account: evidence}, resumed=incident.resumed - {account})
        case ev.PostingResumed(account=account):
            return then(resumed=incident.resumed | {account})
        case ev.ClockBreached(clock=clock, due=due):
            return then(breaches={**incident.breaches, clock: due})
        case ev.Closed():
            return then(closed_at=recorded.at)
        case _:
            assert_never(event)


def _opened(event: ev.Opened, recorded: Recorded) -> Incident:
    return Incident(
        id=event.incident,
        uid=event.uid,
        playbook=event.playbook,
        title=event.title,
        plan=event.plan,
        lead=event.lead,
        drill=event.drill,
        opened_at=recorded.at,
        known_since=recorded.at,
        version=recorded.seq,
        at=recorded.at,
        roster={member.id: member for member in event.roster},
    )


def _touched(steps: Mapping[str, StepState], step: str, fact: str) -> Mapping[str, StepState]:
    state = steps.get(step)
    if state is None:
        return steps
    # The value stands with the facts alone: it may be sensitive.
    touched = replace(state, answers={**state.answers, fact: True}, touched=True)
    return {**steps, step: touched}


def _fact(before: FactState | None, event: ev.FactSet, recorded: Recorded) -> FactState:
    said = (event.known, event.value, event.sealed)
    same = before if before is not None and said == (before.known, before.value, before.sealed) else None
    # Saying it again moves no clock and outdates no text.
    since = event.since or (same.since if same else recorded.at)
    said_before = () if before is None else before.earlier if same else (*before.earlier, replace(before, earlier=()))
    # What is said now takes the place of all that was said of the time since then.
    earlier = tuple(one if one.since < since else replace(one, since=since) for one in said_before)
    return FactState(
        value=event.value,
        known=event.known,
        at=recorded.at,
        since=since,
        seq=recorded.seq,
        changed=same.changed if same else recorded.seq,
        ask_again_at=event.ask_again_at,
        sealed=event.sealed,
        earlier=earlier,
    )


def _known_since(aware_at: FactState, incident: Incident) -> datetime:
    moment = as_moment(aware_at.value) if aware_at.known else None
    return min(moment, incident.opened_at) if moment is not None else incident.opened_at


def _with_step(incident: Incident, event: StepEvent, recorded: Recorded) -> Mapping[str, StepState]:
    return {**incident.steps, event.step: _step(incident.steps.get(event.step), event, recorded)}


def _step(state: StepState | None, event: StepEvent, recorded: Recorded) -> StepState:
    if isinstance(event, ev.Started):
        return StepState(
            round=event.round,
            status="started",
            started_at=recorded.at,
            started_seq=recorded.seq,
            previous=(state.answers or state.previous) if state else {},
            stands=state.stands if state else "",
            came_to=state.came_to if state else (),
            why_again=state.why_again if state else "",
            again=state.again if state else "",
            overridden_before=(state.hold_overridden or state.overridden_before) if state else "",
        )
    if state is None:
        raise ValueError(f"{event.step} was never started")
    match event:
        case ev.Answered(ask=ask, value=value):
            return replace(state, answers={**state.answers, ask: value}, touched=True)
        case ev.Reached(role=role, person=person, answer=answer):
            answers = {**state.answers, f"reach:{role}:{person}": answer}
            first = state.acknowledged_at or (recorded.at if answer == "acknowledged" else None)
            return replace(state, answers=answers, touched=True, acknowledged_at=first)
        case ev.HoldOverridden(reason=reason):
            return replace(state, hold_overridden=reason, touched=True)
        case ev.Finished(outcome=outcome):
            one = CameTo(at=recorded.at, seq=recorded.seq, outcome=outcome, corrects=state.again == "asked")
            return replace(
                state,
                status="finished",
                outcome=outcome,
                stands=outcome,
                came_to=(*state.came_to, one),
                finished_at=recorded.at,
            )
        case ev.Dropped():
            return replace(state, status="dropped", finished_at=recorded.at)
        case _:
            assert_never(event)


def _reopen(incident: Incident, names: tuple[str, ...], cause: ev.Cause, why: str, keeps: str = "") -> Incident:
    if not names:
        return incident
    steps = dict(incident.steps)
    for name in names:
        state = steps.get(name)
        if state is not None:
            kept = state.stands if name == keeps else ""
            steps[name] = replace(state, status="reopened", stands=kept, why_again=why, again=cause)
    return replace(incident, steps=steps)


def _still_the_same(decisions: tuple[Decision, ...], lines: set[Line]) -> tuple[Decision, ...]:
    """The decisions, for the texts that are the same to the byte; for one that was changed and changed back no more."""
    cut = (replace(one, lines=tuple(line for line in one.lines if line in lines)) for one in decisions)
    return tuple(one for one in cut if one.lines)


def _without(line: Line, message: MessageState) -> str:
    if line in message.last_resort:
        return "last resort"
    return "waived" if line in message.waived else ""


def _corrects(message: MessageState, again: ev.Cause | None) -> bool:
    """Whether texts written `again` put right what is out: what was first to lead back after it went out decides."""
    is_first_since = bool(message.history) and message.history[-1].draft == message.drafted_seq
    return again not in (None, "repeat") if is_first_since else message.corrects


def _chain_of(message: MessageState) -> str:
    return message.sheet.chain if message.sheet is not None else ""


def _out_of_reach(incident: Incident, recorded: Recorded) -> frozenset[str]:
    """Whoever does something, decides or answers the telephone is there after all."""
    match recorded.event:
        case ev.Reached(person=person, answer="nobody"):
            return incident.out_of_reach | {person}
        case ev.Reached(person=person, answer="acknowledged") | ev.Decided(person=person):
            return incident.out_of_reach - {person, recorded.who}
        case _:
            return incident.out_of_reach - {recorded.who}


def _message(
    message: MessageState, event: MessageEvent, recorded: Recorded, facts: Mapping[str, FactState]
) -> MessageState:
    match event:
        case ev.Drafted(texts=texts, again=again, step=step):
            lines = {text.line for text in texts}
            by = {line.sha256: message.drafted_by.get(line.sha256, recorded.who) for line in lines}
            return replace(
                message,
                texts=texts,
                drafted_by=by,
                drafted_at=recorded.at,
                drafted_seq=recorded.seq,
                drafted_in=step,
                drafted_from=facts,
                made_beside={line: message.made_beside.get(line, tuple(lines)) for line in lines},
                corrects=_corrects(message, again),
                sheet=None,
                decisions=_still_the_same(message.decisions, lines),
                waived=tuple(line for line in message.waived if line in lines),
                last_resort=tuple(line for line in message.last_resort if line in lines),
                published=tuple(one for one in message.published if one.line in lines),
                locked=(),
                left_out=(),
            )
        case ev.SheetIssued(sheet=sheet, lines=issued, chain=chain, due=due):
            made = Sheet(id=sheet, lines=issued, chain=chain, issued_at=recorded.at, due=due, seq=recorded.seq)
            return replace(message.under(chain), sheet=made)
        case ev.Decided():
            decision = Decision(
                person=event.person,
                verdict=event.verdict,
                roles=event.roles,
                lines=event.lines,
                sheet=event.sheet,
                at=recorded.at,
                proof=event.proof,
                reason=event.reason,
            )
            is_review = message.review is not None and message.review.id == event.sheet
            reviewed_at = message.reviewed_at or (recorded.at if is_review else None)
            return replace(message, decisions=(*message.decisions, decision), reviewed_at=reviewed_at)
        case ev.ApprovalWaived(lines=waived):
            return replace(message, waived=(*message.waived, *waived), without_under=_chain_of(message))
        case ev.LastResortTaken(lines=taken, review_due=review_due):
            return replace(
                message,
                last_resort=(*message.last_resort, *taken),
                without_under=_chain_of(message),
                review=message.sheet,
                review_due=review_due,
                reviewed_at=None,
            )
        case ev.Locked(lines=locked):
            return replace(message, locked=(*message.locked, *locked))
        case ev.Withdrawn():
            return replace(message, locked=(), left_out=())
        case ev.LeftOut(line=line):
            return replace(message, left_out=(*message.left_out, line), left_out_seq=recorded.seq)
        case ev.Published():
            out = Publication(
                line=event.line,
                link=event.link,
                at=recorded.at,
                who=recorded.who,
                seq=recorded.seq,
                draft=message.drafted_seq,
                promises=event.promises,
                drafted_from=message.drafted_from,
                approvals=approvals(event.line, message.decisions),
                without=_without(event.line, message),
                corrects=message.corrects,
                says=message.says(event.line),
                only_asked=message.only_asked_in(event.line),
            )
            left_out = tuple(line for line in message.left_out if line != event.line)
            published, history = (*message.published, out), (*message.history, out)
            return replace(message, published=published, history=history, left_out=left_out)
        case ev.LinkCorrected(line=line, link=link):
            last = message.last_of(line)
            if last is None:
                raise ValueError(f"{line.place} was never posted")
            published, history = (
                tuple(replace(one, link=link) if one.seq == last.seq else one for one in each)
                for each in (message.published, message.history)
            )
            return replace(message, published=published, history=history)
        case _:
            assert_never(event)
