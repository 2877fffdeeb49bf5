"""What the debrief said: causes, lessons, the playbook's questions, and who does what by when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.plan import Plan
from crisis.kinds.debrief import USUAL
from crisis.projections.progress import rounds_of


class Answered(Struct, frozen=True, kw_only=True):
    """A question of the debrief with its answer; an empty one was left open."""

    key: str
    question: str
    answer: str


class Action(Struct, frozen=True, kw_only=True):
    """Something that will be done, by whom, by when; what was not said is empty."""

    action: str
    owner: str
    due: str


def answers_of(plan: Plan, events: Iterable[Recorded]) -> tuple[Answered, ...]:
    """Every question of the debrief, answered or not; of several rounds the last word counts."""
    said = dict(_said(plan, events))
    asked = {**USUAL, **{f"question:{number}": text for number, text in enumerate(plan.questions)}}
    return tuple(
        Answered(key=key, question=question, answer=str(said.get(key) or "")) for key, question in asked.items()
    )


def actions_of(plan: Plan, events: Iterable[Recorded]) -> tuple[Action, ...]:
    """The action items of the last debrief, in the order in which they were given."""
    said = dict(_said(plan, events))
    found = []
    for key, value in said.items():
        kind, _, number = key.partition(":")
        for row in value if kind in ("action", "actions") and isinstance(value, list) else ():
            if isinstance(row, dict):
                # What was not written with the action was asked for on its own.
                asked = {column: said.get(f"{column}:{number}", "") for column in ("owner", "due")}
                found.append(Action(**{"action": "", **asked, **row}))
    return tuple(found)


def _said(plan: Plan, events: Iterable[Recorded]) -> Iterator[tuple[str, ev.Json]]:
    latest = rounds_of(plan, events)
    for step in plan.steps:
        if step.kind_name == "debrief" and step.id in latest:
            for key, recorded in latest[step.id].answers.items():
                if isinstance(recorded.event, ev.Answered):
                    yield key, recorded.event.value
