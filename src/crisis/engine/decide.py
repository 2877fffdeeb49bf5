"""A command becomes events: what was said, and all that follows from it, until quiet."""

from __future__ import annotations

from dataclasses import dataclass

from crisis.engine.answers import answered
from crisis.engine.commands import (
    AddPerson,
    Answer,
    By,
    Close,
    Command,
    Decide,
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
from crisis.engine.events import (
    Closed,
    Erased,
    Event,
    FactSet,
    Finished,
    Injected,
    Noted,
    Opened,
    Recorded,
    RosterChanged,
    SentBack,
    SeverityDecided,
    SignalsRead,
    Withdrawn,
)
from crisis.engine.evolve import evolve
from crisis.engine.graph import world_of
from crisis.engine.plan import Plan
from crisis.engine.settle import Livelock, consequences
from crisis.engine.severity import propose
from crisis.engine.shapes import LONGEST_ANSWER, fits_fact
from crisis.engine.signoff import signed
from crisis.engine.state import Incident
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import NotFound, Refused, Usage
from crisis.playbook.values import AWARE_AT, SEVERITIES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command comes to: the events with their envelopes, and the incident after them."""

    events: tuple[Recorded, ...]
    incident: Incident


def decide(plan: Plan, incident: Incident | None, command: Command, by: By) -> Outcome:
    """The events of `command` on this state at `by.at`. Where it raises, nothing happened."""
    said = _said(plan, incident, command, by)
    events: list[Recorded] = []

    def record(event: Event, who: str) -> None:
        nonlocal incident
        recorded = Recorded(
            seq=(incident.version if incident else 0) + 1,
            at=by.at,
            who=who,
            via=by.via if who else "",
            command=by.id,
            event=event,
            on_behalf_of=by.on_behalf_of if who else "",
        )
        incident = evolve(incident, recorded)
        events.append(recorded)

    for event in said:
        record(event, by.who)
    for _ in range(100 + 20 * len(plan.steps)):
        if incident is None or not (following := consequences(plan, incident, by.at)):
            break
        for event in following:
            record(event, "")
    else:
        raise Livelock(f"{plan.playbook} does not come to rest after {type(command).__name__}")
    assert incident is not None  # noqa: S101  # the first event of every incident is Opened
    return Outcome(tuple(events), incident)


def _said(plan: Plan, incident: Incident | None, command: Command, by: By) -> tuple[Event, ...]:
    if isinstance(command, Open):
        if incident is not None:
            raise Refused(f"{incident.id} is open already")
        return (
            Opened(
                incident=command.incident,
                uid=command.uid,
                playbook=command.playbook,
                title=command.title,
                plan=command.plan,
                sources=command.sources,
                roster=command.roster,
                lead=command.lead,
                drill=command.drill,
            ),
        )
    if incident is None:
        raise NotFound("there is no such incident")
    if incident.closed_at is not None and not isinstance(command, Note | Erase | Tick):
        raise Refused(f"{incident.id} is closed", hint="notes can still be added; open a new incident for new trouble")
    match command:
        case Answer():
            return answered(plan, incident, command, by)
        case Decide():
            return signed(plan, incident, command, by)
        case SetFact():
            return (_fact(plan, incident, command, by),)
        case SetSeverity():
            return (_severity(plan, incident, command),)
        case ReadSignals(readings=readings):
            return (SignalsRead(readings=readings),)
        case Note(text=text):
            if not text.strip() or len(text) > LONGEST_ANSWER:
                raise Usage(f"a note is 1 to {LONGEST_ANSWER:,} characters; this one is {len(text):,}")
            return (Noted(text=text),)
        case AddPerson(member=member):
            return (RosterChanged(member=member),)
        case Skip():
            return _skip(plan, incident, command)
        case GoBack():
            return _go_back(plan, incident, command)
        case Withdraw():
            return _withdraw(plan, incident, command)
        case Inject(inject=inject, source=source, text=text):
            return (Injected(inject=inject, source=source, text=text),)
        case Erase(fact=fact, reason=reason):
            if fact not in incident.facts or not incident.facts[fact].sealed:
                raise Refused(
                    f"{fact} holds nothing that can be erased", hint="only sensitive facts lie outside the chain"
                )
            return (Erased(fact=fact, reason=reason),)
        case Close(reason=reason):
            if not reason.strip():
                raise Usage("closing needs a reason")
            return (Closed(reason=reason, left_open=open_steps(plan, incident)),)
        case Tick():
            return ()
        case _:
            raise AssertionError(f"unknown command {command!r}")


def open_steps(plan: Plan, incident: Incident) -> tuple[str, ...]:
    """The titles of steps that have begun and are not done."""
    states = incident.steps
    return tuple(step.title for step in plan.steps if step.id in states and states[step.id].status == "started")


def _fact(plan: Plan, incident: Incident, command: SetFact, by: By) -> Event:
    spec = plan.facts.get(command.fact)
    if spec is None:
        raise NotFound(f"{incident.playbook} has no fact {command.fact!r}", hint=nearest(command.fact, plan.facts))
    if command.known and not command.sealed and (why := fits_fact(spec, command.value)):
        raise Usage(f"{command.fact} cannot be that: {why}")
    if spec.sensitive and command.known and not command.sealed:
        raise Refused(f"{command.fact} is sensitive and may not stand in the chain")
    if command.fact == AWARE_AT and command.known:
        command = _not_in_the_future(command, by)
    return FactSet(
        fact=command.fact,
        value=None if command.sealed else command.value,
        known=command.known,
        ask_again_at=command.ask_again_at,
        since=command.since,
        sealed=command.sealed,
    )


def _not_in_the_future(command: SetFact, by: By) -> SetFact:
    from datetime import datetime

    if datetime.fromisoformat(command.value) > by.at:
        raise Usage("nobody can have known before it happened: that time is in the future")
    return command


def _severity(plan: Plan, incident: Incident, command: SetSeverity) -> Event:
    if command.severity not in SEVERITIES:
        raise Usage(f"{command.severity!r} is not a severity", hint=f"one of {', '.join(SEVERITIES)}")
    proposal = propose(plan.severity, world_of(plan, incident))
    if command.severity > proposal.severity and not command.reason.strip():
        raise Usage(f"the playbook proposes {proposal}; a less severe one needs a reason", hint="add --reason")
    return SeverityDecided(
        severity=command.severity, reason=command.reason, proposed=proposal.severity, because=str(proposal)
    )


def _skip(plan: Plan, incident: Incident, command: Skip) -> tuple[Event, ...]:
    step, state = plan.by_id.get(command.step), incident.steps.get(command.step)
    if step is None or state is None or state.status != "started":
        raise Refused(f"{command.step!r} is not open now")
    if not step.kind.skippable:
        raise Refused(f"{step.title!r} cannot be skipped: the rest of the playbook depends on its answer")
    if not command.reason.strip():
        raise Usage("skipping a step needs a reason")
    return (Finished(step=step.id, round=state.round, outcome="skipped", because=command.reason),)


def _go_back(plan: Plan, incident: Incident, command: GoBack) -> tuple[Event, ...]:
    begun = incident.steps
    if command.to not in begun or command.source not in begun:
        raise Refused(f"{command.to!r} has not been done, so there is nothing to go back to")
    if command.to != command.source and command.to not in plan.ancestors.get(command.source, frozenset()):
        raise Refused(f"{command.to!r} does not lead to {command.source!r}")
    reopens = tuple(one for one in plan.between(command.to, command.source) if one in begun)
    taken_back: list[Event] = []
    for one in reopens:
        name = getattr(plan.by_id[one].spec, "message", "")
        if name and _about_to_be_posted(incident, name) and name not in {getattr(e, "message", "") for e in taken_back}:
            taken_back.append(Withdrawn(message=name, why=command.why))
    back = SentBack(step=command.source, to=command.to, why=command.why, cause="asked", reopens=reopens)
    return (*taken_back, back)


def _about_to_be_posted(incident: Incident, name: str) -> bool:
    message = incident.message(name)
    return any(line not in message.left_out and not message.is_out(line) for line in message.locked)


def _withdraw(plan: Plan, incident: Incident, command: Withdraw) -> tuple[Event, ...]:
    if not _about_to_be_posted(incident, command.message):
        raise Refused(f"nothing of {command.message!r} is about to be posted")
    steps = {step.kind_name: step.id for step in plan.steps if getattr(step.spec, "message", "") == command.message}
    withdrawn = Withdrawn(message=command.message, why=command.why)
    if not {"draft", "publish"} <= set(steps):
        return (withdrawn,)
    reopens = tuple(one for one in plan.between(steps["draft"], steps["publish"]) if one in incident.steps)
    return (
        withdrawn,
        SentBack(step=steps["publish"], to=steps["draft"], why=command.why, cause="asked", reopens=reopens),
    )
