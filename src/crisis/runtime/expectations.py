"""What a drill must have shown: each expectation against what really happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.approvals import standing
from crisis.engine.conditions import judge
from crisis.engine.events import Recorded
from crisis.engine.evolve import evolve
from crisis.engine.graph import world_of
from crisis.engine.look import roster_of
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.durations import format_duration, roughly
from crisis.playbook.documents import Expectation, Never


class Failure(Struct, frozen=True, kw_only=True):
    """An expectation that was not met, at which step, and why."""

    expectation: str
    step: str
    why: str


def failures(
    expected: Sequence[Expectation], plan: Plan, incident: Incident, events: Sequence[Recorded], begins: datetime
) -> tuple[Failure, ...]:
    """The expectations that were not met."""
    kept = _as_locked(plan, events) if any(one.never is not None for one in expected) else ()
    found = []
    for one in expected:
        for step, why in _broken(one, plan, incident, events, begins, kept):
            found.append(Failure(expectation=say(one), step=step, why=why))
    return tuple(found)


def say(expected: Expectation) -> str:
    """An expectation in words."""
    if expected.published is not None:
        within = f" within {format_duration(expected.within)}" if expected.within else ""
        return f"{expected.published} published{within}"
    if expected.never is not None:
        return f"never {expected.never.published} published without {expected.never.without}"
    if expected.outcome == "closed":
        return "closed"
    if isinstance(expected.outcome, dict):
        return ", ".join(f"{step} comes to {outcome}" for step, outcome in expected.outcome.items())
    if expected.approved_by is not None:
        return ", ".join(f"{message} approved by {person}" for message, person in expected.approved_by.items())
    if expected.voided is not None:
        return f"an approval of {expected.voided} given and void again"
    if expected.severity is not None:
        return f"severity {expected.severity} at the end"
    return "the condition holds at the end"


def _broken(
    expected: Expectation,
    plan: Plan,
    incident: Incident,
    events: Sequence[Recorded],
    begins: datetime,
    locked: Sequence[_Locked],
) -> Iterator[tuple[str, str]]:
    if expected.published is not None:
        yield from _published(expected, plan, events, begins)
    if expected.never is not None:
        yield from _never(expected.never, plan, events, locked)
    if expected.outcome == "closed" and incident.closed_at is None:
        yield "", "it is still open"
    if isinstance(expected.outcome, dict):
        outcomes = world_of(plan, incident).outcomes
        for step, outcome in expected.outcome.items():
            if outcomes.get(step) != outcome:
                yield step, f"came to {outcomes.get(step) or 'no outcome'}"
    for message, person in (expected.approved_by or {}).items():
        said = [one.event for one in events if isinstance(one.event, ev.Decided) and one.event.message == message]
        if not any(one.person == person and one.verdict == "yes" for one in said):
            yes = ", ".join(one.person for one in said if one.verdict == "yes")
            yield _step_of(message, "approve", plan), f"approved by {yes or 'nobody'}"
    if expected.voided is not None and not _was_voided(expected.voided, events):
        yield _step_of(expected.voided, "approve", plan), "no approval of it was void again"
    if expected.severity is not None and incident.severity != expected.severity:
        yield "", f"it is {incident.severity or 'not decided'}"
    if expected.condition is not None:
        verdict = judge(expected.condition, world_of(plan, incident))
        if not verdict.holds:
            yield "", verdict.because


def _published(
    expected: Expectation, plan: Plan, events: Sequence[Recorded], begins: datetime
) -> Iterator[tuple[str, str]]:
    name = str(expected.published)
    step = _step_of(name, "publish", plan)
    first = next((one for one in events if isinstance(one.event, ev.Published) and one.event.message == name), None)
    if first is None:
        yield step, "it was never published"
    elif expected.within is not None and first.at - begins > expected.within:
        yield step, f"published after {roughly(first.at - begins)}"


class _Locked(Struct, frozen=True):
    """A text at the moment it was locked for posting."""

    seq: int
    message: str
    line: ev.Line
    approved: bool
    facts_known: bool


def _as_locked(plan: Plan, events: Sequence[Recorded]) -> tuple[_Locked, ...]:
    """Walk through the events again, and look at what was approved and known when each text was locked."""
    incident: Incident | None = None
    found: list[_Locked] = []
    for recorded in events:
        event = recorded.event
        if isinstance(event, ev.Locked) and incident is not None:
            message, planned = incident.message(event.message), plan.messages[event.message]
            _, chain = plan.chain_for(event.message, incident.severity)
            people, facts_known = roster_of(plan, incident), _facts_known(planned.facts, incident)
            for line in event.lines:
                how = standing(line, message, chain, people, recorded.at, planned.source_language)
                found.append(_Locked(recorded.seq, event.message, line, how.approved, facts_known))
        incident = evolve(incident, recorded)
    return tuple(found)


def _never(
    never: Never, plan: Plan, events: Sequence[Recorded], locked: Sequence[_Locked]
) -> Iterator[tuple[str, str]]:
    good = [one for one in locked if one.approved and (never.without != "known-facts" or one.facts_known)]
    for recorded in events:
        event = recorded.event
        if isinstance(event, ev.Published) and never.published in ("any", event.message):
            before = (one for one in good if one.seq < recorded.seq)
            if not any((one.message, one.line) == (event.message, event.line) for one in before):
                yield _step_of(event.message, "publish", plan), f"{event.line.place} was published so"


def _facts_known(names: Sequence[str], incident: Incident) -> bool:
    return all(incident.facts[name].known for name in names if name in incident.facts)


def _was_voided(message: str, events: Sequence[Recorded]) -> bool:
    """Whether a yes was followed by the same message being drafted or lapsing again before it was locked."""
    approved = False
    for one in events:
        match one.event:
            case ev.Decided(message=name, verdict="yes") if name == message:
                approved = True
            case ev.Locked(message=name) if name == message:
                approved = False
            case ev.SentBack(cause="lapsed" | "asked") | ev.Drafted() if approved:
                return True
            case ev.Finished(outcome="rejected") if approved:
                return True
    return False


def _step_of(message: str, kind: str, plan: Plan) -> str:
    steps = (step.id for step in plan.steps if step.kind_name == kind and step.spec.message == message)
    return next(steps, message)
