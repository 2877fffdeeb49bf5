"""never-closes, dead-end: an incident that could never be closed."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.graph import CLOSE, Node
from crisis.checks.survey import Survey
from crisis.checks.ways import Explorer, TooManyWays, Way
from crisis.kernel.diagnostics import Diagnostic

_MOST = 5


def never_closes(survey: Survey) -> Iterator[Diagnostic]:
    """never-closes: no outcome of any step closes the incident."""
    steps = survey.book.steps
    unread = any(survey.book.is_faulty("steps", step.index, "on") for step in steps)
    if survey.playbook.abstract or unread or survey.is_unread("steps") or _closers(survey):
        return
    message = "nothing closes the incident" if steps else "this playbook has no steps"
    hint = "give the last step on: {done: close}" if steps else "write steps:, or extends: base"
    yield Diagnostic("never-closes", message, ("steps",), hint)


def dead_ends(survey: Survey) -> Iterator[Diagnostic]:
    """dead-end: there is a way through the playbook that ends before the step that closes it."""
    closers = _closers(survey)
    if survey.playbook.abstract or not closers:
        return
    try:
        ways = Explorer(survey.graph, survey.playbook.facts, _closes).ways_past(frozenset(closers))
    except TooManyWays as unknown:
        yield unknown.told("whether one of them ends before it is closed is not known")
        return
    for way in ways[:_MOST]:
        yield _finding(way, closers)


def _finding(way: Way, closers: list[str]) -> Diagnostic:
    reached = " or ".join(closers)
    told = " and ".join(choice.said for choice in way.choices[-3:])
    when = f"when {told}, nothing closes it" if told else "on some way nothing closes it"
    hint = f"it is closed by {reached}: let that follow another step as well, or route this outcome with `on`"
    path = way.choices[-1].path if way.choices else ("steps",)
    return Diagnostic("dead-end", f"the incident could never be closed: {when}", path, hint)


def _closes(node: Node, outcome: str) -> bool:
    return node.on.get(outcome) == CLOSE or outcome == "?"


def _closers(survey: Survey) -> list[str]:
    return [name for name, node in survey.graph.nodes.items() if CLOSE in node.on.values()]
