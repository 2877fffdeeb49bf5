"""What the debrief said: causes, lessons, the playbook's questions, and who does what by when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.plan import Plan
from crisis.kinds.debrief import USUAL
from crisis.projections.progress import rounds_of


class Answered(Struct, frozen=True, kw_only=True):
    """A question of the debrief with its answer; an empty one was left open. `debrief`: which, of several."""

    key: str
    question: str
    answer: str
    debrief: str = ""

    def __str__(self) -> str:
        return f"{self.debrief}: {self.answer}" if self.debrief else self.answer


class Action(Struct, frozen=True, kw_only=True):
    """Something that will be done, by whom, by when; what was not said is empty."""

    action: str
    owner: str
    due: str


def answers_of(plan: Plan, events: Iterable[Recorded]) -> tuple[Answered, ...]:
    """Every question of the debrief, answered or not: the last word on it, from each debrief."""
    held = tuple(_held(plan, events))
    asked = {**USUAL, **{f"question:{number}": text for number, text in enumerate(plan.questions)}}
    found: list[Answered] = []
    for key, question in asked.items():
        said = [(title, str(answers[key])) for title, answers in held if answers.get(key)] or [("", "")]
        found += [
            Answered(key=key, question=question, answer=answer, debrief=title if len(held) > 1 else "")
            for title, answer in said
        ]
    return tuple(found)


def actions_of(plan: Plan, events: Iterable[Recorded]) -> tuple[Action, ...]:
    """The action items of each debrief, in the order in which they were given."""
    return tuple(action for _, said in _held(plan, events) for action in _actions(said))


def _actions(said: Mapping[str, ev.Json]) -> Iterator[Action]:
    for key, value in said.items():
        kind, _, number = key.partition(":")
        for row in value if kind in ("action", "actions") and isinstance(value, list) else ():
            if isinstance(row, dict):
                # What was not written with the action was asked for on its own.
                asked = {column: said.get(f"{column}:{number}", "") for column in ("owner", "due")}
                yield Action(**{"action": "", **asked, **row})


def _held(plan: Plan, events: Iterable[Recorded]) -> Iterator[tuple[str, Mapping[str, ev.Json]]]:
    """Each debrief that was begun: what it is called, and what was said in it."""
    latest = rounds_of(plan, events)
    for step in plan.steps:
        if step.kind_name == "debrief" and step.id in latest:
            answers = latest[step.id].answers.items()
            yield step.title, {key: one.event.value for key, one in answers if isinstance(one.event, ev.Answered)}
