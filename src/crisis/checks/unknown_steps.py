"""unknown-step, unknown-outcome: a step or an outcome that there is not."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.graph import CLOSE, outcomes_of, parts_of
from crisis.checks.survey import Survey, Use
from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kernel.ids import KEBAB
from crisis.kernel.text import quoted
from crisis.kinds import KINDS

# Likeness costs time for every pair of names.
_MOST_COMPARED, _MOST_COMPARISONS = 100, 5_000


def unknown_steps(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-step: `after`, `on` or a condition names a step that does not exist."""
    if survey.is_unread("steps"):
        return
    book = survey.book
    comparisons = _MOST_COMPARISONS
    in_conditions = set(book.step_ids) | {part for step in book.steps for part in parts_of(step, book)}
    for name, path in _steps_named(survey):
        known = in_conditions if "outcome" in path else book.step_ids.keys()
        if name in known or (path[2] == "on" and name == CLOSE):
            continue
        if not KEBAB.fullmatch(name.replace(".", "-")) and any(one[2:] in ((), ("id",)) for one in book.faulty):
            continue  # the step of that name is there, and its id is what is wrong with it
        wanted = {*book.step_ids, CLOSE} if path[2:3] == ("on",) else book.step_ids.keys()
        comparisons -= len(wanted)
        near = nearest(name[:_MOST_COMPARED], wanted) if comparisons > 0 else ""
        hint = near or "write the id of a step of this playbook"
        yield Diagnostic("unknown-step", f"no step is called {quoted(name, 60)}", path, hint)


def _steps_named(survey: Survey) -> Iterator[Use]:
    for step in survey.book.steps:
        for n, edge in enumerate(step.head.after):
            yield Use(edge.step, ("steps", step.index, "after", n))
        for outcome, target in step.head.on.items():
            yield Use(target, ("steps", step.index, "on", outcome))
    for test in survey.tests:
        for name in test.condition.outcome or ():
            yield Use(name, (*test.path, "outcome", name))


def unknown_outcomes(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-outcome: `after`, `on` or a condition waits for an outcome that the step cannot come to."""
    book, nodes = survey.book, survey.graph.nodes
    for step in book.steps:
        for n, edge in enumerate(step.head.after):
            possible = nodes[edge.step].outcomes if edge.step in nodes else None
            for outcome in edge.outcomes if possible is not None else ():
                yield from _unless_possible(edge.step, outcome, possible or (), ("steps", step.index, "after", n))
        own = outcomes_of(step)
        if own is not None:
            routable = (*own, "rejected") if step.head.kind == "statement" else own
            for outcome in step.head.on:
                yield from _unless_possible(
                    step.head.id, outcome, routable, ("steps", step.index, "on", outcome), at_key=True
                )
    for test in survey.tests:
        for name, outcome in (test.condition.outcome or {}).items():
            whole, _, part = name.partition(".")
            node = nodes.get(whole)
            possible = node.outcomes if node else None
            if node is not None and node.step.head.kind == "statement" and part in ("draft", "approve", "publish"):
                possible = (*KINDS[part].outcomes(None), "skipped")
            if possible is not None:
                yield from _unless_possible(name, outcome, possible, (*test.path, "outcome", name))


def _unless_possible(
    name: str, outcome: str, possible: tuple[str, ...], path: tuple[str | int, ...], *, at_key: bool = False
) -> Iterator[Diagnostic]:
    if outcome not in possible:
        message = f"{name} never ends on {quoted(outcome, 60)}"
        hint = nearest(outcome[:_MOST_COMPARED], possible)
        yield Diagnostic("unknown-outcome", message, path, hint, at_key=at_key)
