"""What a step sees, what it says is next, and the agenda that follows. A pure read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crisis.engine.clocks import Clock, clocks, time_before_update, update_interval
from crisis.engine.conditions import World, judge
from crisis.engine.graph import Status, no_longer_apply, statuses, world_of
from crisis.engine.people import Roster
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.severity import propose
from crisis.engine.state import Incident
from crisis.engine.steps import Ask, Lapsed, MessageView, Next, Open, Seen, Stands, Waiting


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """A question that is open, with the step and the round it belongs to."""

    step: PlannedStep
    round: int
    ask: Ask
    no_longer_applies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What can be done now, who is waited for, what comes next, and when time alone will change something."""

    asks: tuple[OpenAsk, ...]
    waiting: tuple[tuple[PlannedStep, Waiting], ...]
    coming: tuple[PlannedStep, ...]
    clocks: tuple[Clock, ...]
    wakes_at: datetime | None


def roster_of(plan: Plan, incident: Incident) -> Roster:
    """The people, with the playbook's word on which role stands in for which."""
    return Roster(incident.roster, {name: role.deputy for name, role in plan.roles.items() if role.deputy})


def seen_by(step: PlannedStep, plan: Plan, incident: Incident, now: datetime, world: World | None = None) -> Seen:
    """All that `step` may look at."""
    world = world or world_of(plan, incident)
    state = incident.steps.get(step.id)
    people = roster_of(plan, incident)
    name = getattr(step.spec, "message", "")
    view = None
    if name:
        message = incident.message(name)
        cleared = bool(message.texts) and all(text.cleared and not text.edited for text in message.texts)
        chain_name, chain = plan.chain_for(name, incident.severity, cleared=cleared)
        planned = plan.messages[name]
        view = MessageView(
            name=name,
            use=planned.use,
            title=planned.title,
            source_language=planned.source_language,
            chain_name=chain_name,
            chain=chain,
            state=message,
            template_facts=planned.facts,
            attachments=tuple(planned.attachments.values()),
        )
    hold = judge(step.hold_until, world) if step.hold_until is not None else None
    escalation = plan.escalation.get(incident.severity)
    interval = update_interval(plan, incident, now)
    return Seen(
        now=now,
        step=step.id,
        role=step.role,
        title=step.title,
        round=state.round if state else 0,
        started_at=state.started_at if state else now,
        started_seq=state.started_seq if state else incident.version,
        answers=state.answers if state else {},
        previous=state.previous if state else {},
        facts=incident.facts,
        fact_specs=plan.facts,
        severity=incident.severity,
        considered=incident.considered,
        proposal=propose(plan.severity, world),
        people=people,
        lead=incident.lead,
        again=state.again if state else "",
        why_again=state.why_again if state else "",
        message=view,
        danger=bool(view and view.chain.last_resort and judge(view.chain.last_resort.when, world).holds),
        ladder=tuple(rung.page for rung in escalation.ladder) if escalation else (),
        acknowledge=escalation.acknowledge if escalation else "any",
        held="" if hold is None or hold.holds else hold.because,
        hold_overridden=state.hold_overridden if state else "",
        accounts=plan.accounts,
        frozen=incident.frozen,
        resumed=incident.resumed,
        criteria=plan.criteria,
        questions=plan.questions,
        update_interval=interval,
    )


def next_of(step: PlannedStep, plan: Plan, incident: Incident, now: datetime, world: World | None = None) -> Next:
    """What a started step says is next."""
    return step.kind.advance(step.spec, seen_by(step, plan, incident, now, world))


def stands(step: PlannedStep, plan: Plan, incident: Incident, now: datetime, world: World) -> Stands | Lapsed:
    """Whether a finished step's result still holds. What was left out, or led back or away, relies on nothing."""
    state = incident.steps[step.id]
    if step.kind.stands is None or state.outcome == "skipped" or not step.follows_on(state.outcome):
        return Stands()
    return step.kind.stands(step.spec, seen_by(step, plan, incident, now, world))


def repeats_at(step: PlannedStep, plan: Plan, incident: Incident, world: World) -> datetime | None:
    """When a finished step is due again; None when it is not."""
    state = incident.steps.get(step.id)
    repeats = step.repeat_every is not None or step.repeat_as_promised
    if not repeats or state is None or state.status != "finished" or state.finished_at is None:
        return None
    if not step.follows_on(state.outcome):
        return None
    if step.repeat_until is not None and judge(step.repeat_until, world).holds:
        return None
    if step.repeat_every is not None:
        return state.finished_at + step.repeat_every
    interval = update_interval(plan, incident, state.finished_at)
    if interval is None:
        return None
    return state.finished_at + time_before_update(interval)


def agenda(plan: Plan, incident: Incident, now: datetime) -> Agenda:
    """What can be done now. Reads only; nothing is recorded."""
    world = world_of(plan, incident)
    running = clocks(plan, incident, world)
    if incident.closed_at is not None:
        return Agenda(asks=(), waiting=(), coming=(), clocks=running, wakes_at=None)
    where = statuses(plan, incident, world)
    outdated = no_longer_apply(plan, incident, world, where)
    asks: list[OpenAsk] = []
    waiting: list[tuple[PlannedStep, Waiting]] = []
    moments: list[datetime | None] = [
        clock.due for clock in running if clock.met_at is None and clock.key not in incident.breaches
    ]
    for step in plan.steps:
        status = where[step.id]
        if status is Status.FINISHED:
            held = stands(step, plan, incident, now, world)
            moments += [repeats_at(step, plan, incident, world), held.until if isinstance(held, Stands) else None]
        elif status is Status.STARTED:
            following = next_of(step, plan, incident, now, world)
            if isinstance(following, Open):
                number, late = incident.steps[step.id].round, step.id in outdated
                asks += [OpenAsk(step, number, ask, no_longer_applies=late) for ask in following.asks]
                waiting += [(step, one) for one in following.waiting]
                moments.append(following.until)
    coming = tuple(step for step in plan.steps if where[step.id] in (Status.BLOCKED, Status.READY))
    return Agenda(
        asks=tuple(asks),
        waiting=tuple(waiting),
        coming=coming,
        clocks=running,
        wakes_at=min((moment for moment in moments if moment is not None), default=None),
    )
