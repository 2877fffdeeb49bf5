"""Since when a condition holds: judged again with everything that ever came about of what it mentions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from crisis.engine.conditions import Mentioned, World, judge
from crisis.engine.plan import Plan
from crisis.engine.state import CameTo, FactState, Incident
from crisis.playbook.conditions import Condition


class _Change(NamedTuple):
    """One thing that came about: a fact was known to be so, a step came to something, or a severity was decided."""

    at: datetime
    name: str
    what: FactState | CameTo | str


def held_since(condition: Condition, mentioned: Mentioned, plan: Plan, incident: Incident) -> datetime | None:
    """Since when it has held all along; None where it does not hold.

    That a fact says something else with which it holds too ends nothing, nor that a step is done again.
    """
    since = None
    for at, world in _worlds(mentioned, plan, incident):
        since = (since or at) if judge(condition, world).holds else None
    return since


def _worlds(mentioned: Mentioned, plan: Plan, incident: Incident) -> Iterator[tuple[datetime, World]]:
    """How the world stood from each moment on, as far as it is `mentioned`. Signals are as they are now."""
    world = World(facts={}, signals=incident.signals, severity="", outcomes={})
    changes = sorted(_changes(mentioned, plan, incident), key=lambda one: one.at)
    yield min([incident.opened_at, *(one.at for one in changes)]), world
    for at, name, what in changes:
        match what:
            case FactState():
                world = replace(world, facts={**world.facts, name: what})
            case CameTo():
                world = replace(world, outcomes={**world.outcomes, name: what.outcome})
            case str():
                world = replace(world, severity=what)
        yield at, world


def _changes(mentioned: Mentioned, plan: Plan, incident: Incident) -> Iterator[_Change]:
    for name in mentioned.facts:
        state = incident.facts.get(name)
        for said in (*state.earlier, state) if state is not None else ():
            yield _Change(said.since, name, said)
    for name in mentioned.outcomes:
        step = incident.steps.get(plan.counts_as.get(name, name))
        for one in step.came_to if step is not None else ():
            yield _Change(one.at, name, one)
    for at, severity in incident.severities if mentioned.severity else ():
        yield _Change(at, "", severity)
