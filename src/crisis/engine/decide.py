"""A command becomes events: what was said, and all that follows from it, until quiet."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from crisis.engine.allowed import LONGEST_ANSWER, fits_fact
from crisis.engine.answers import NoLongerOpen, answered, check_aware_at, signals_read
from crisis.engine.commands import (
    AddPerson,
    Answer,
    By,
    Close,
    Command,
    CorrectLink,
    Decide,
    Erase,
    GoBack,
    Inject,
    Note,
    Open,
    PostAfterAll,
    ReadSignals,
    SetFact,
    SetSeverity,
    Skip,
    Tick,
    Withdraw,
)
from crisis.engine.events import (
    Closed,
    Erased,
    Event,
    FactSet,
    Finished,
    Injected,
    LeftOut,
    Noted,
    Opened,
    Recorded,
    RosterChanged,
    SentBack,
    SeverityDecided,
    Withdrawn,
)
from crisis.engine.evolve import evolve
from crisis.engine.graph import publish_step, reopening
from crisis.engine.links import corrected, posted_after_all
from crisis.engine.look import Agenda, agenda_of, started
from crisis.engine.memory import Memory, once
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan
from crisis.engine.settle import Livelock, consequences
from crisis.engine.signoff import signed
from crisis.engine.state import Incident
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import NotFound, Refused, Usage
from crisis.kernel.moments import is_moment
from crisis.kernel.text import is_blank
from crisis.playbook.values import SEVERITIES


class Outcome(Struct, frozen=True, dict=True):
    """What a command comes to: the events with their envelopes, and the incident after them."""

    events: tuple[Recorded, ...]
    outlook: Outlook

    @property
    def incident(self) -> Incident:
        """The incident after them."""
        return self.outlook.incident

    @once
    def ahead(self) -> Agenda:
        """What can be done after them."""
        ahead = agenda_of(self.outlook)
        self.outlook.rests_until(ahead.wakes_at)
        return ahead


def decide(plan: Plan, incident: Incident | None, command: Command, by: By, memory: Memory | None = None) -> Outcome:
    """The events of `command` on this state at `by.at`. Where it raises, nothing happened.

    What time alone has brought about by then comes first: nobody answers a question that is over.
    `memory` has what was read off this incident before; without it all is read afresh.
    """
    memory = memory or Memory()
    events: list[Recorded] = []

    def record(event: Event, who: str, incident: Incident | None) -> Incident:
        recorded = Recorded(
            seq=(incident.version if incident else 0) + 1,
            at=by.at,
            who=who,
            via=by.via if who else "",
            command=by.id,
            event=event,
            on_behalf_of=by.on_behalf_of if who else "",
        )
        events.append(recorded)
        return evolve(incident, recorded)

    def settled(incident: Incident) -> Outlook:
        for _ in range(100 + 20 * len(plan.steps)):
            outlook = Outlook(plan, incident, by.at, memory)
            if not (following := consequences(outlook)):
                return outlook
            for event in following:
                incident = record(event, "", incident)
        raise Livelock(f"{plan.playbook} does not come to rest after {type(command).__name__}")

    if incident is None:
        outlook = settled(record(_opened(command), by.who, None))
    else:
        outlook = settled(incident)
        if said := _said(outlook, command, by):
            incident = outlook.incident
            for event in said:
                incident = record(event, by.who, incident)
            outlook = settled(incident)
    return Outcome(tuple(events), outlook)


def _opened(command: Command) -> Opened:
    if not isinstance(command, Open):
        raise NotFound("there is no such incident")
    return Opened(
        incident=command.incident,
        uid=command.uid,
        playbook=command.playbook,
        title=command.title,
        plan=command.plan,
        sources=command.sources,
        roster=command.roster,
        lead=command.lead,
        drill=command.drill,
    )


def _said(outlook: Outlook, command: Command, by: By) -> tuple[Event, ...]:
    plan, incident = outlook.plan, outlook.incident
    if incident.closed_at is not None and not isinstance(command, Note | Erase | Tick):
        raise Refused(f"{incident.id} is closed", hint="notes can still be added; open a new incident for new trouble")
    match command:
        case Open():
            raise Refused(f"{incident.id} is open already")
        case Answer():
            return answered(outlook, command, by)
        case Decide():
            return signed(outlook, command, by)
        case SetFact():
            return (_fact(plan, incident, command, by),)
        case SetSeverity():
            return (_severity(outlook, command),)
        case ReadSignals():
            return (signals_read(incident, command, by),)
        case Note(text=text):
            if is_blank(text) or len(text) > LONGEST_ANSWER:
                raise Usage(f"a note is 1 to {LONGEST_ANSWER:,} characters; this one is {len(text):,}")
            return (Noted(text=text),)
        case AddPerson(member=member):
            return (RosterChanged(member=member),)
        case Skip():
            return _skip(outlook, command)
        case GoBack():
            return _go_back(plan, incident, command)
        case Withdraw():
            return _withdraw(plan, incident, command)
        case CorrectLink():
            return (corrected(incident, command, by),)
        case PostAfterAll():
            return (posted_after_all(incident, command, by),)
        case Inject(inject=inject, source=source, text=text):
            if not incident.drill:
                raise Refused(f"{incident.id} is no drill: nothing may be made up in it")
            return (Injected(inject=inject, source=source, text=text),)
        case Erase(fact=fact, reason=reason):
            if fact not in incident.facts or not incident.facts[fact].sealed:
                raise Refused(
                    f"{fact} holds nothing that can be erased", hint="only sensitive facts lie outside the chain"
                )
            return (Erased(fact=fact, reason=reason),)
        case Close(reason=reason):
            if is_blank(reason):
                raise Usage("closing needs a reason")
            return (Closed(reason=reason, left_open=open_steps(plan, incident)),)
        case Tick():
            return ()
        case _:
            assert_never(command)


def open_steps(plan: Plan, incident: Incident) -> tuple[str, ...]:
    """The titles of steps that have begun and are not done."""
    return tuple(step.title for step in started(plan, incident))


def _fact(plan: Plan, incident: Incident, command: SetFact, by: By) -> Event:
    spec = plan.facts.get(command.fact)
    if spec is None:
        raise NotFound(f"{incident.playbook} has no fact {command.fact!r}", hint=nearest(command.fact, plan.facts))
    if command.known and not command.sealed and (why := fits_fact(spec, command.value)):
        raise Usage(f"{command.fact} cannot be that: {why}")
    if spec.sensitive and command.known and not command.sealed:
        raise Refused(f"{command.fact} is sensitive and may not stand in the chain")
    if command.known:
        check_aware_at(command.fact, command.value, by)
    if command.since is not None and (command.since > by.at or not is_moment(command.since.isoformat())):
        raise Usage("since then it cannot be known: give a time that has passed", hint='such as "2h ago"')
    return FactSet(
        fact=command.fact,
        value=command.value if command.known and not command.sealed else None,
        known=command.known,
        ask_again_at=command.ask_again_at,
        since=command.since,
        sealed=command.sealed,
    )


def _severity(outlook: Outlook, command: SetSeverity) -> Event:
    if command.severity not in SEVERITIES:
        raise Usage(f"{command.severity!r} is not a severity", hint=f"one of {', '.join(SEVERITIES)}")
    proposal = outlook.proposal
    if command.severity > proposal.severity and is_blank(command.reason):
        raise Usage(f"the playbook proposes {proposal}; a less severe one needs a reason", hint="add --reason")
    return SeverityDecided(
        severity=command.severity,
        reason=command.reason,
        proposed=proposal.severity,
        because=str(proposal),
        ground=proposal.ground,
    )


def _skip(outlook: Outlook, command: Skip) -> tuple[Event, ...]:
    step, state = outlook.plan.by_id.get(command.step), outlook.incident.steps.get(command.step)
    if step is None or state is None or state.status != "started":
        raise Refused(f"{command.step!r} is not open now")
    if state.round != command.round:
        raise NoLongerOpen
    if not step.kind.skippable and step.id not in outlook.outdated:
        raise Refused(f"{step.title!r} cannot be skipped: the rest of the playbook depends on its answer")
    if is_blank(command.reason):
        raise Usage("skipping a step needs a reason")
    # Nobody has said that a text which came back is right after all: it must not go on as it was.
    lines = outlook.incident.message(step.message).open_lines() if step.kind_name == "draft" else ()
    left_out = (LeftOut(message=step.message, line=line, reason=command.reason) for line in lines)
    return (*left_out, Finished(step=step.id, round=state.round, outcome="skipped", because=command.reason))


def _go_back(plan: Plan, incident: Incident, command: GoBack) -> tuple[Event, ...]:
    begun = incident.steps
    if command.to not in begun or command.source not in begun:
        raise Refused(f"{command.to!r} has not been done, so there is nothing to go back to")
    if begun[command.source].round != command.round or begun[command.source].status == "reopened":
        raise NoLongerOpen
    if command.to != command.source and command.to not in plan.ancestors.get(command.source, frozenset()):
        raise Refused(f"{command.to!r} does not lead to {command.source!r}")
    reopens = reopening(plan, incident, command.to, command.source)
    names = dict.fromkeys(plan.by_id[one].message for one in reopens)
    posting = [name for name in names if incident.message(name).is_being_posted()]
    back = SentBack(step=command.source, to=command.to, why=command.why, cause="asked", reopens=reopens)
    return (*(Withdrawn(message=name, why=command.why) for name in posting), back)


def _withdraw(plan: Plan, incident: Incident, command: Withdraw) -> tuple[Event, ...]:
    if not incident.message(command.message).is_being_posted():
        raise Refused(f"nothing of {command.message!r} is about to be posted")
    draft = incident.message(command.message).drafted_in or plan.drafts[command.message][0]
    publish = publish_step(plan, incident, draft)
    reopens = reopening(plan, incident, draft, publish)
    return (
        Withdrawn(message=command.message, why=command.why),
        SentBack(step=publish, to=draft, why=command.why, cause="asked", reopens=reopens),
    )
