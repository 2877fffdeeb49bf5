"""How far the steps of an incident have come, and who did what: read off the events, honestly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from msgspec import Struct, field

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.graph import Status, statuses, world_of
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.state import Incident
from crisis.engine.steps import UNDONE
from crisis.projections.irregular import WITHOUT
from crisis.projections.names import Names
from crisis.projections.times import said_at


class Round(Struct):
    """What happened in the latest round of a step."""

    began: Recorded
    answers: dict[str, Recorded] = field(default_factory=dict)
    doers: dict[str, None] = field(default_factory=dict)
    ended: Recorded | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """One step: ticked only where its work is done; `result` says what became of it, by whom and when.

    `applies`: as things stand there is something to do in it, or there was.
    """

    done: bool
    result: str
    round: Round | None = None
    applies: bool = True


class Run(Struct, frozen=True, kw_only=True):
    """An incident with what its checklist and post-mortem need to know."""

    plan: Plan
    incident: Incident
    names: Names
    steps: Mapping[str, Progress]
    zone: tzinfo | None

    def when(self, moment: datetime) -> str:
        """A moment in the zone of the team."""
        return said_at(moment, self.zone)

    def by(self, recorded: Recorded) -> str:
        """`Bo Lind, 2026-03-07 02:53 CET`."""
        return f"{self.names.person(recorded.who)}, {self.when(recorded.at)}"


def run_of(plan: Plan, incident: Incident, events: Iterable[Recorded], zone: tzinfo | None) -> Run:
    """The progress of every step of the plan."""
    names = Names.of(plan, incident)
    rounds = rounds_of(plan, events)
    where = statuses(plan, incident, world_of(plan, incident))
    bare = Run(plan=plan, incident=incident, names=names, steps={}, zone=zone)
    steps = {step.id: _progress(step, rounds.get(step.id), where[step.id], bare) for step in plan.steps}
    return Run(plan=plan, incident=incident, names=names, steps=steps, zone=zone)


def is_done(step: PlannedStep, outcome: str) -> bool:
    """Whether that outcome means that what the step is for has been done."""
    return bool(outcome) and outcome not in UNDONE and outcome not in step.kind.stops


def rounds_of(plan: Plan, events: Iterable[Recorded]) -> Mapping[str, Round]:
    """The latest round of each step that has begun."""
    found: dict[str, Round] = {}
    by_message: dict[str, list[str]] = {}
    by_fact: dict[str, list[str]] = {}
    written_in: dict[str, str] = {}
    for step in plan.steps:
        by_message.setdefault(step.message, []).append(step.id)
        for fact in getattr(step.spec, "facts", ()):
            by_fact.setdefault(fact, []).append(step.id)
    for recorded in events:
        event = recorded.event
        if isinstance(event, ev.Started):
            found[event.step] = Round(recorded)
            continue
        if isinstance(event, ev.Drafted):
            written_in[event.message] = event.step
        if isinstance(event, ev.FactSet):
            concerned = by_fact.get(event.fact, [])
        else:
            concerned = [getattr(event, "step", ""), *_steps_of_message(plan, event, by_message, written_in)]
        for name in concerned:
            latest = found.get(name)
            if latest is None:
                continue
            if isinstance(event, ev.Answered):
                latest.answers[event.ask] = recorded
            if isinstance(event, ev.Finished):
                latest.ended = recorded
            if recorded.who and not isinstance(event, ev.SentBack):
                latest.doers[event.person if isinstance(event, ev.Decided) else recorded.who] = None
    return found


def _steps_of_message(
    plan: Plan, event: ev.Event, by_message: Mapping[str, list[str]], written_in: Mapping[str, str]
) -> list[str]:
    match event:
        case ev.Drafted():
            kind = "draft"
        case ev.Decided() | ev.ApprovalWaived() | ev.LastResortTaken():
            kind = "approve"
        case ev.Published() | ev.LeftOut() | ev.Locked():
            kind = "publish"
        case _:
            return []
    draft = written_in.get(event.message, "")
    of_kind = (name for name in by_message.get(event.message, []) if plan.by_id[name].kind_name == kind)
    return [name for name in of_kind if not draft or draft in plan.texts_of[name]]


def _progress(step: PlannedStep, latest: Round | None, status: Status, run: Run) -> Progress:
    state = run.incident.steps.get(step.id)
    if state is None or latest is None:
        moot = status == "moot"
        result = "does not apply as things stand" if moot else "not begun"
        return Progress(done=False, result=result, applies=not moot)
    if state.status == "reopened":
        return Progress(done=False, result=f"to be done again: {state.why_again}", round=latest)
    if state.status == "dropped":
        return Progress(done=False, result="no longer applies", round=latest, applies=False)
    if state.status == "started" or latest.ended is None:
        closed = run.incident.closed_at is not None
        since = run.when(state.started_at)
        return Progress(
            done=False, result=f"left open, begun {since}" if closed else f"open since {since}", round=latest
        )
    return _ended(step, latest, latest.ended, run)


def _ended(step: PlannedStep, latest: Round, ended: Recorded, run: Run) -> Progress:
    finished = ended.event
    assert isinstance(finished, ev.Finished)  # noqa: S101  # rounds_of has put no other there
    outcome, because = finished.outcome, f": {finished.because}" if finished.because else ""
    people = ", ".join(run.names.person(one) for one in latest.doers)
    by = f" by {people}" if people else ""
    said = outcome.replace("-", " ")
    message = run.incident.message(step.message)
    if step.kind_name == "approve" and outcome == "approved" and (message.waived or message.last_resort):
        said = WITHOUT
    if step.kind_name == "decision":
        said = f"chosen: {step.spec.options.get(outcome, outcome)}"
    if is_done(step, outcome):
        return Progress(done=True, result=f"{said}, {run.when(ended.at)}{by}{because}", round=latest)
    return Progress(done=False, result=f"{said.upper()}{because} ({run.when(ended.at)}{by})", round=latest)
