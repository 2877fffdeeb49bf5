"""Which steps may begin: a playbook is a graph, and `after` is its only forward edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from crisis.engine.conditions import Verdicts, World, judge
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.state import Incident

#: Where a step is. `blocked` and `moot` (it does not apply) are derived, and can change again.
Status = Literal["blocked", "moot", "ready", "started", "finished"]


class Whereabouts(Struct, frozen=True):
    """Where every step is; and, in the playbook's order, those under way, those that may begin, all not begun."""

    of: Mapping[str, Status]
    started: tuple[PlannedStep, ...]
    ready: tuple[PlannedStep, ...]
    coming: tuple[PlannedStep, ...]


def world_of(plan: Plan, incident: Incident) -> World:
    """What conditions can be about, now."""
    return world(incident, outcomes(plan, incident), plan.titles)


def world(
    incident: Incident, came_to: Mapping[str, str], titles: Mapping[str, str], verdicts: Verdicts | None = None
) -> World:
    """What conditions can be about, the outcomes of steps being these."""
    return World(
        facts=incident.facts,
        signals=incident.signals,
        severity=incident.severity,
        outcomes=came_to,
        titles=titles,
        verdicts=verdicts,
    )


def outcomes(plan: Plan, incident: Incident) -> Mapping[str, str]:
    """What every step came to on which those after it rely."""
    found: dict[str, str] = {}
    for step in plan.steps:
        state = incident.steps.get(step.id)
        if state is not None and state.stands:
            found[step.id] = state.stands
            if step.stands_for:
                found[step.stands_for] = state.stands
    return found


def whereabouts(plan: Plan, incident: Incident, world: World) -> Whereabouts:
    """Where every step is."""
    return _gathered(plan, statuses(plan, incident, world))


def once_begun(plan: Plan, before: Whereabouts, incident: Incident) -> Whereabouts:
    """Where every step is after those that could begin have begun: for the others that alone changes nothing."""
    states = incident.steps
    begun = [one.id for one in before.ready if one.id in states and states[one.id].status == "started"]
    return _gathered(plan, {**before.of, **dict.fromkeys(begun, "started")}) if begun else before


def _gathered(plan: Plan, where: Mapping[str, Status]) -> Whereabouts:
    started, ready, coming = [], [], []
    for step in plan.steps:
        status = where[step.id]
        if status == "started":
            started.append(step)
        elif status == "ready":
            ready.append(step)
            coming.append(step)
        elif status == "blocked":
            coming.append(step)
    return Whereabouts(where, tuple(started), tuple(ready), tuple(coming))


def applies(step: PlannedStep, world: World) -> bool:
    """Whether `when` holds; what is not known does not."""
    return step.when is None or judge(step.when, world).holds


def statuses(plan: Plan, incident: Incident, world: World) -> Mapping[str, Status]:
    """The status of every step, in an order in which each comes after all it follows."""
    found: dict[str, Status] = {}
    begun = incident.steps
    for step in plan.in_order:
        state = begun.get(step.id)
        if state is not None and (state.status == "started" or state.status == "finished"):
            found[step.id] = state.status
        else:
            found[step.id] = _may_begin(step, plan, incident, world, found)
    return found


def no_longer_apply(plan: Plan, incident: Incident, world: World, where: Whereabouts) -> frozenset[str]:
    """The started steps that would not be started now: `when` turned false, or what led to them came out otherwise."""
    return frozenset(step.id for step in where.started if _may_begin(step, plan, incident, world, where.of) == "moot")


def approve_step(plan: Plan, incident: Incident, message: str) -> PlannedStep | None:
    """The step in which the text that the message has now is, or was last, put before its approvers."""
    asked = plan.approvals_of.get(message, ())
    if len(asked) == 1:
        return asked[0]
    written_in = incident.message(message).drafted_in
    begun = [step for step in asked if step.id in incident.steps]
    for_it = [step for step in begun if not written_in or written_in in plan.texts_of[step.id]]
    return max(for_it, key=lambda step: incident.steps[step.id].started_seq, default=asked[0] if asked else None)


def publish_step(plan: Plan, incident: Incident, draft: str) -> str:
    """The step in which what was drafted in that one is, or was last, to be posted; where there is none, the draft."""
    posting = [step.id for step in plan.steps if step.kind_name == "publish" and draft in plan.texts_of[step.id]]
    begun = [name for name in posting if name in incident.steps]
    return max(begun, key=lambda name: incident.steps[name].started_seq, default=posting[0] if posting else draft)


def reopening(plan: Plan, incident: Incident, to: str, source: str, *, is_repeat: bool = False) -> tuple[str, ...]:
    """What must be done again on the way back from `source` to `to`, as far as it has begun.

    That is both, what lies between, and the later parts of a statement: they rely on the text as it was. So do those
    of a later statement of the same message, unless it is done: what goes back goes before it. Only a repeat waits.
    """
    between = set(plan.between(to, source))
    drafts = (step for step in plan.steps if step.kind_name == "draft" and step.id in between and not is_repeat)
    rewritten = {step.message for step in drafts}
    going = {step.group for step in plan.steps if _is_started(step.id, incident)}
    for step in plan.in_order:
        earlier = [plan.by_id[one] for one in plan.ancestors[step.id] & between if one in plan.by_id]
        state = incident.steps.get(step.id)
        is_going = state is not None and state.status in ("started", "finished")
        is_later_part = any(one.group == step.group for one in earlier)
        is_of_later_text = step.message in rewritten and step.group in going and bool(earlier)
        if is_going and step.group and (is_later_part or is_of_later_text):
            between.add(step.id)
    return tuple(step.id for step in plan.steps if step.id in between and step.id in incident.steps)


def _may_begin(step: PlannedStep, plan: Plan, incident: Incident, world: World, found: Mapping[str, Status]) -> Status:
    live = False
    begun = incident.steps
    for edge in step.after:
        before = begun.get(edge.step)
        if before is not None and before.stands:
            outcomes = edge.outcomes
            live |= before.stands in outcomes if outcomes else plan.by_id[edge.step].follows_on(before.stands)
        elif found.get(edge.step, "blocked") != "moot":
            return "blocked"
    if (step.after and not live) or not applies(step, world):
        return "moot"
    return "blocked" if _is_another_text_under_way(step, plan, incident, found) else "ready"


def _is_another_text_under_way(step: PlannedStep, plan: Plan, incident: Incident, found: Mapping[str, Status]) -> bool:
    """Whether another statement of the message is not done: each would write over the text of the other."""
    if step.kind_name != "draft" or len(plan.drafts[step.message]) == 1:
        return False
    others = [one.id for one in plan.steps if one.message == step.message and one.group != step.group]
    return any(_is_started(one, incident) or found.get(one) == "ready" for one in others)


def _is_started(name: str, incident: Incident) -> bool:
    state = incident.steps.get(name)
    return state is not None and state.status == "started"
