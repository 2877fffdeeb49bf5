"""Since when a condition holds: judged again with everything that ever came about of what it mentions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from crisis.engine.conditions import Mentioned, World, judge
from crisis.engine.events import Reading
from crisis.engine.plan import Plan
from crisis.engine.state import CameTo, FactState, Incident
from crisis.playbook.conditions import Condition


class _Change(NamedTuple):
    """One thing that came about: a fact was known to be so, a step came to something, or a severity was decided."""

    at: datetime
    seq: int
    name: str
    what: FactState | CameTo | str


def held_since(condition: Condition, mentioned: Mentioned, plan: Plan, incident: Incident) -> datetime | None:
    """Since when it has held all along; None where it does not hold.

    That a fact says something else with which it holds too ends nothing, nor that a step is done again, nor that
    somebody is no longer sure.
    """
    since = None
    changes = (one for one in _changes(mentioned, plan, incident) if not _is_doubt(one, incident))
    for at, _, world in _worlds(changes, incident, incident.signals):
        since = (since or at) if judge(condition, world).holds else None
    return since


def met_since(
    condition: Condition, mentioned: Mentioned, anchor: datetime, plan: Plan, incident: Incident
) -> datetime | None:
    """Since when it is shown that a duty that began at `anchor` was done.

    What first showed it goes on to, though a step is done again or another severity is decided: only a fact that
    says otherwise takes it back, and whoever goes back to say that a step came to something else. What a step came
    to before anyone knew of the duty shows nothing of it, nor does a signal, of which nobody knows since when.
    """
    changes = [
        one for one in _changes(mentioned, plan, incident) if one.at >= anchor or not isinstance(one.what, CameTo)
    ]
    met, held = None, False
    shown: World | None = None  # the world that showed it, as far as nobody has taken that back
    for at, change, world in _worlds(changes, incident, {}):
        holds = judge(condition, world).holds
        if shown is None:
            if holds and not held and (at >= anchor or not mentioned.outcomes):
                met, shown = at, world
        else:
            shown = _without(shown, change, plan)
            kept = replace(world, severity=shown.severity, outcomes={**world.outcomes, **shown.outcomes})
            if not holds and not judge(condition, kept).holds:
                met = shown = None
        held = holds
    return met


def _without(shown: World, change: _Change | None, plan: Plan) -> World:
    """What was shown, without the outcome that is taken back with `change`."""
    if change is None or not isinstance(change.what, CameTo) or change.name not in shown.outcomes:
        return shown
    # What was left out the second time was done the first; and a text that went out stays out.
    is_out = plan.by_id[plan.counts_as.get(change.name, change.name)].kind_name == "publish"
    if is_out or not change.what.corrects or change.what.outcome in ("skipped", shown.outcomes[change.name]):
        return shown
    return replace(shown, outcomes={name: one for name, one in shown.outcomes.items() if name != change.name})


def _worlds(
    changes: Iterable[_Change], incident: Incident, signals: Mapping[str, Reading]
) -> Iterator[tuple[datetime, _Change | None, World]]:
    """How the world stood after each of the changes, as far as they tell; the signals always were as they are now."""
    world = World(facts={}, signals=signals, severity="", outcomes={})
    in_order = sorted(changes, key=lambda one: (one.at, one.seq))
    yield min([incident.opened_at, *(one.at for one in in_order)]), None, world
    for change in in_order:
        match change.what:
            case FactState() as said:
                world = replace(world, facts={**world.facts, change.name: said})
            case CameTo(outcome=outcome):
                world = replace(world, outcomes={**world.outcomes, change.name: outcome})
            case str() as severity:
                world = replace(world, severity=severity)
        yield change.at, change, world


def _is_doubt(change: _Change, incident: Incident) -> bool:
    """Whether a fact that was known came not to be known any more."""
    said = change.what
    return (
        isinstance(said, FactState) and not said.known and last_known(incident.facts[change.name], said.seq) is not None
    )


def last_known(state: FactState, before: int) -> FactState | None:
    """The last word on a fact, before that version, with which it was known."""
    return next((one for one in reversed(state.earlier) if one.known and one.seq < before), None)


def _changes(mentioned: Mentioned, plan: Plan, incident: Incident) -> Iterator[_Change]:
    for name in mentioned.facts:
        state = incident.facts.get(name)
        for said in (*state.earlier, state) if state is not None else ():
            yield _Change(said.since, said.seq, name, said)
    for name in mentioned.outcomes:
        step = incident.steps.get(plan.counts_as.get(name, name))
        for one in step.came_to if step is not None else ():
            yield _Change(one.at, one.seq, name, one)
    for n, (at, severity) in enumerate(incident.severities if mentioned.severity else ()):
        yield _Change(at, n, "", severity)
