"""What follows by itself from what is known: steps begin and end, results lapse, clocks are breached."""

from __future__ import annotations

from datetime import datetime

from crisis.engine.conditions import World, judge
from crisis.engine.events import Cause, ClockBreached, Closed, Dropped, Event, Finished, SentBack, Started
from crisis.engine.graph import applies, reopening
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.state import Incident
from crisis.engine.steps import UNDONE, Done, Lapsed, Record
from crisis.kernel.errors import CrisisError, Exit

_FEW = 3
"""Steps that are called by their names when they were not done; of more there are only so many."""


class Livelock(CrisisError):
    """A playbook whose steps send each other back without end; a bug in it, or in us."""

    exit = Exit.BUG


def consequences(outlook: Outlook) -> tuple[Event, ...]:
    """The next things that follow; empty when all is quiet. Every one changes the state."""
    if outlook.incident.closed_at is not None or outlook.rests:
        return ()
    if breached := _breaches(outlook):
        return breached
    if sent_back := _sent_back(outlook):
        return (sent_back,)
    return _starting(outlook) or _moved_on(outlook)


def _breaches(outlook: Outlook) -> tuple[Event, ...]:
    return tuple(
        ClockBreached(clock=clock.key, name=clock.name, anchor=clock.anchor, due=clock.due)
        for clock in outlook.at_stake
        if clock.due is not None and clock.is_breached(outlook.now)
    )


def _sent_back(outlook: Outlook) -> Event | None:
    if outlook.kept:
        return None
    plan, incident = outlook.plan, outlook.incident
    moments: list[datetime | None] = []
    for step in plan.may_come_again:
        state = incident.steps.get(step.id)
        if state is None or state.status != "finished":
            continue
        held = outlook.stands(step)
        if isinstance(held, Lapsed):
            cause: Cause = "outdated" if held.quietly else "lapsed"
            back = reopening(plan, incident, step.id, step.id)
            return SentBack(step=step.id, to=step.id, why=held.why, cause=cause, reopens=back)
        again = outlook.repeats_at(step)
        if again is not None and again <= outlook.now:
            first = step.repeat_from or step.id
            back = reopening(plan, incident, first, step.id, is_repeat=True)
            return SentBack(step=step.id, to=first, why="it is time again", cause="repeat", reopens=back)
        moments += (held.until, again)
    outlook.kept_until(moments)
    return None


def _starting(outlook: Outlook) -> tuple[Event, ...]:
    begun = outlook.incident.steps
    return tuple(
        Started(step=step.id, round=begun[step.id].round + 1 if step.id in begun else 1, phase=step.phase)
        for step in outlook.where.ready
    )


def _moved_on(outlook: Outlook) -> tuple[Event, ...]:
    plan, incident = outlook.plan, outlook.incident
    busy = False
    for step in outlook.where.started:
        state = incident.steps[step.id]
        if step.id in outlook.outdated and not state.touched:
            return (Dropped(step=step.id, round=state.round, why=_why_not(step, outlook.world)),)
        following = outlook.next_of(step)
        if isinstance(following, Record):
            return (following.event,)
        if isinstance(following, Done):
            return (_finished(step, state.round, following, plan, incident),)
        busy |= following.is_work
    return () if busy or not _leads_to_close(plan, incident) else (Closed(reason=_all_done(plan, incident)),)


def _all_done(plan: Plan, incident: Incident) -> str:
    """Why it is over, with which steps ended without their work being done, or how many if they are more than a few."""
    undone: dict[str, list[str]] = {"skipped": [], "not done in full": []}
    for step in plan.steps:
        state = incident.steps.get(step.id)
        if state is not None and state.status == "finished" and state.outcome in UNDONE:
            undone["skipped" if state.outcome == "skipped" else "not done in full"].append(step.title)
    without = [
        f"{len(titles)} that {'was' if len(titles) == 1 else 'were'} {how}"
        + (f" ({', '.join(titles)})" if len(titles) <= _FEW else "")
        for how, titles in undone.items()
        if titles
    ]
    return f"every step is done{', but for ' if without else ''}{' and '.join(without)}"


def _why_not(step: PlannedStep, world: World) -> str:
    if step.when is not None and not applies(step, world):
        return judge(step.when, world).because
    return "what led to it came out otherwise"


def _finished(step: PlannedStep, number: int, done: Done, plan: Plan, incident: Incident) -> Event:
    target = step.on.get(done.outcome, "")
    # Back to what is done for each of some values: to all that were chosen, from one of them only to that one.
    targets = () if target in ("", "close") else (target,) if target == step.id else plan.whole(target)
    again = {one for each in targets for one in reopening(plan, incident, each, step.id)}
    reopens = tuple(one.id for one in plan.steps if one.id in again)
    return Finished(step=step.id, round=number, outcome=done.outcome, because=done.because, reopens=reopens)


def _leads_to_close(plan: Plan, incident: Incident) -> bool:
    for step in plan.steps:
        state = incident.steps.get(step.id)
        if state is not None and state.status == "finished" and step.on.get(state.outcome) == "close":
            return True
    return False
