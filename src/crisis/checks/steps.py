"""Faults of single steps: written twice, empty, or with keys that have no effect there."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kinds.checklist import ChecklistSpec
from crisis.kinds.decision import DecisionSpec
from crisis.kinds.measure import MeasureSpec
from crisis.kinds.question import QuestionSpec


def duplicate_steps(survey: Survey) -> Iterator[Diagnostic]:
    """duplicate-step: two steps have the same id, so nobody can tell which of them is meant."""
    for step in survey.book.steps:
        first = survey.book.step_ids[step.head.id]
        if step is not first:
            message = f"a step is called {step.head.id!r} already (number {first.index + 1} in the list)"
            yield Diagnostic("duplicate-step", message, ("steps", step.index, "id"), "give each step its own id")


def empty_steps(survey: Survey) -> Iterator[Diagnostic]:
    """empty-step: a step that asks nothing, or a decision without a choice."""
    for step in survey.book.steps:
        path = ("steps", step.index)
        match step.spec:
            case ChecklistSpec(items=()):
                message, hint = "this checklist has no lines: there is nothing to do", "write items: or remove the step"
                yield Diagnostic("empty-step", message, (*path, "items"), hint)
            case QuestionSpec(facts=()):
                message, hint = "this question asks for no fact", "write facts: or remove the step"
                yield Diagnostic("empty-step", message, (*path, "facts"), hint)
            case DecisionSpec() if len(step.spec.options) < 2:
                message = "a decision needs at least two options"
                yield Diagnostic("empty-step", message, (*path, "options"), "one thing to do is a step of kind action")


def optional_predecessors(survey: Survey) -> Iterator[Diagnostic]:
    """waits-for-optional: a step follows a measure that nobody is asked for, and may wait for ever."""
    for step in survey.book.steps:
        for n, edge in enumerate(step.head.after):
            before = survey.book.step_ids.get(edge.step)
            if before is not None and isinstance(before.spec, MeasureSpec) and before.spec.optional:
                message = f"{edge.step} is optional: nobody is asked for it, and what follows it may wait for ever"
                hint = f"take optional out of {edge.step}, or follow what comes before it"
                yield Diagnostic("waits-for-optional", message, ("steps", step.index, "after", n), hint)


def unknown_options(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-option: a decision wants a reason for a choice that it does not offer."""
    for step in survey.book.steps:
        if isinstance(step.spec, DecisionSpec):
            for n, name in enumerate(step.spec.reasons):
                if name not in step.spec.options:
                    message = f"{step.head.id} has no option {name!r}"
                    hint = nearest(name, step.spec.options)
                    yield Diagnostic("unknown-option", message, ("steps", step.index, "reasons", n), hint)


def keys_without_effect(survey: Survey) -> Iterator[Diagnostic]:
    """without-effect: a statement with `within` or `for_each`, which it cannot keep."""
    for step in survey.book.steps:
        if step.head.kind != "statement":
            continue
        if step.head.within is not None:
            message = "a statement has no `within`: its approval has one in the chain, and the clocks watch the rest"
            hint = "remove it; set `within` of the approval chain, or `first_statement` of the severity"
            yield Diagnostic("without-effect", message, ("steps", step.index, "within"), hint, at_key=True)
        if step.head.for_each is not None:
            message = "a statement is one text: it cannot be done once for each value"
            hint = "write one message and one step for each, with `when: {fact: …, is: …}`"
            yield Diagnostic("without-effect", message, ("steps", step.index, "for_each"), hint, at_key=True)


def for_each(survey: Survey) -> Iterator[Diagnostic]:
    """for-each: a step is to be done once for each value of a fact that is no choice-many."""
    for step in survey.book.steps:
        fact = survey.playbook.facts.get(step.head.for_each or "")
        if fact is not None and fact.type != "choice-many":
            message = f"{step.head.for_each} is of type {fact.type}: it has no list of values to go through"
            hint = "only a fact of type choice-many has one"
            yield Diagnostic("for-each", message, ("steps", step.index, "for_each"), hint)
        is_message: bool = hasattr(step.spec, "message")
        if fact is not None and is_message and step.head.kind != "statement":
            message = "a message has one text for all: it cannot be drafted, approved or published for each value"
            hint = "write one message and its steps for each value"
            yield Diagnostic("for-each", message, ("steps", step.index, "for_each"), hint)
    for test in survey.tests:
        for name in test.condition.outcome or ():
            named = survey.book.step_ids.get(name)
            each = survey.playbook.facts.get(named.head.for_each or "") if named is not None else None
            if named is not None and each is not None:
                message = f"{name} is done once for each value of {named.head.for_each}: it has no single outcome"
                one = next(iter(each.options), "…")
                hint = f"name one of them, such as {name}.{one}"
                yield Diagnostic("for-each", message, (*test.path, "outcome", name), hint)
