"""The agenda: what can be done now, who is waited for, when time alone will change something. A pure read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from crisis.engine.clocks import Clock
from crisis.engine.graph import publish_step
from crisis.engine.memory import Memory
from crisis.engine.outlook import Outlook, roster_of
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.shapes import FactValue, Link, Release
from crisis.engine.state import Incident
from crisis.engine.steps import Ask, Open, Stands, Waiting
from crisis.playbook.conditions import Condition


class OpenAsk(Struct, frozen=True):
    """A question that is open, with the step and the round it belongs to."""

    step: PlannedStep
    round: int
    ask: Ask
    no_longer_applies: bool = False

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells it apart from every other question of the incident."""
        return self.step.id, self.round, self.ask.key

    @property
    def is_for_posting(self) -> bool:
        """Whether approved texts wait for it: they reach nobody, and their approval and promise run out meanwhile."""
        return isinstance(self.ask.wants, Release | Link)

    def told_in(self, zone: tzinfo) -> OpenAsk:
        """The same, with its moment said in that zone."""
        return self if self.ask.at is None else replace(self, ask=self.ask.told_in(zone))


class Agenda(Struct, frozen=True, kw_only=True):
    """What can be done now, who is waited for, what comes next, and when time alone will change something.

    What may be posted is asked first, then what an approved text is held for, the rest in the playbook's order.
    """

    asks: tuple[OpenAsk, ...]
    waiting: tuple[tuple[PlannedStep, Waiting], ...]
    coming: tuple[PlannedStep, ...]
    clocks: tuple[Clock, ...]
    wakes_at: datetime | None


def agenda(plan: Plan, incident: Incident, now: datetime, memory: Memory | None = None) -> Agenda:
    """What can be done now. Reads only; nothing is recorded."""
    return agenda_of(Outlook(plan, incident, now, memory or Memory()))


def agenda_of(outlook: Outlook) -> Agenda:
    """The agenda of an outlook."""
    incident = outlook.incident
    if incident.closed_at is not None:
        return Agenda(asks=(), waiting=(), coming=(), clocks=outlook.clocks, wakes_at=None)
    urgent: list[OpenAsk] = []
    asks: list[OpenAsk] = []
    waiting: list[tuple[PlannedStep, Waiting]] = []
    holds: list[Condition] = []
    moments: list[datetime | None] = [clock.due for clock in outlook.at_stake if clock.met_at is None]
    moments += _ends_of_what_is_done(outlook)
    for step in outlook.where.started:
        following = outlook.next_of(step)
        if isinstance(following, Open):
            number, late = incident.steps[step.id].round, step.id in outlook.outdated
            opened = [OpenAsk(step, number, ask, no_longer_applies=late) for ask in following.asks]
            (urgent if opened and opened[0].is_for_posting else asks).extend(opened)
            waiting += [(step, one) for one in following.waiting]
            if step.hold_until is not None and following.waiting:
                holds.append(step.hold_until)
            moments.append(following.until)
        else:
            moments.append(outlook.now)  # its time came while nobody looked
    return Agenda(
        asks=(*urgent, *_held_for_first(asks, holds, outlook.plan)),
        waiting=tuple(waiting),
        coming=outlook.where.coming,
        clocks=outlook.clocks,
        wakes_at=min((moment for moment in moments if moment is not None), default=None),
    )


def _held_for_first(asks: list[OpenAsk], holds: list[Condition], plan: Plan) -> list[OpenAsk]:
    """Those that the conditions ask for come before the rest: meanwhile an approved text reaches nobody."""
    if not holds:
        return asks
    parts = [part for hold in holds for _, part in hold.parts()]
    facts = {part.fact for part in parts if part.fact}
    steps = {step for part in parts for step in part.outcome or ()}
    steps |= {before for step in steps for before in plan.ancestors.get(step, ())}

    def is_held_for(one: OpenAsk) -> bool:
        return one.step.id in steps or (isinstance(one.ask.wants, FactValue) and one.ask.wants.name in facts)

    return sorted(asks, key=lambda one: not is_held_for(one))


def _ends_of_what_is_done(outlook: Outlook) -> list[datetime | None]:
    """When what is finished lapses or comes again."""
    if kept := outlook.kept:
        return [kept.until]
    moments: list[datetime | None] = []
    for step in outlook.plan.may_come_again:
        if outlook.where.of[step.id] == "finished":
            held = outlook.stands(step)
            moments += [outlook.repeats_at(step), held.until if isinstance(held, Stands) else outlook.now]
    return moments


def started(plan: Plan, incident: Incident) -> tuple[PlannedStep, ...]:
    """The steps that have begun and are not done, in the playbook's order."""
    states = incident.steps
    return tuple(one for one in plan.steps if one.id in states and states[one.id].status == "started")


def ways_back(plan: Plan, incident: Incident, here: Collection[PlannedStep]) -> tuple[str, ...]:
    """The steps that led to one of `here`, and these themselves, as far as they have been done, nearest last."""
    before = {one.id for one in here}.union(*(plan.ancestors.get(one.id, frozenset()) for one in here))
    states = incident.steps
    return tuple(one.id for one in plan.steps if one.id in before and one.id in states and states[one.id].touched)


def correctable(plan: Plan, incident: Incident, besides: Collection[str]) -> tuple[str, ...]:
    """The drafts of what is out, which may be wrong, but those of `besides`."""
    return tuple(
        one.id
        for one in plan.steps
        if one.kind_name == "draft"
        and one.id not in besides
        and incident.message(one.message).history
        and incident.message(one.message).drafted_in in ("", one.id)
        and (state := incident.steps.get(one.id)) is not None
        and state.status == "finished"
    )


def way_back(plan: Plan, incident: Incident, to: str, here: Collection[PlannedStep]) -> str:
    """The step from which one goes back to `to`: one of `here` if that led to it, else where its text was posted."""
    for step in here:
        if to == step.id or to in plan.ancestors.get(step.id, frozenset()):
            return step.id
    return publish_step(plan, incident, to)


__all__ = ["Agenda", "OpenAsk", "agenda", "agenda_of", "correctable", "roster_of", "started", "way_back", "ways_back"]
