"""fact-options, fact-bounds, aware-at, sensitive-fact, never-asked: what nobody can answer, is misused or not asked."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.survey import Survey
from crisis.engine.allowed import LARGEST_NUMBER
from crisis.kernel.diagnostics import Diagnostic
from crisis.playbook.values import AWARE_AT


def options(survey: Survey) -> Iterator[Diagnostic]:
    """fact-options: a choice without options, or options on a fact that is no choice."""
    for name, fact in survey.playbook.facts.items():
        if survey.book.is_faulty("facts", name):
            continue
        path = ("facts", name, "options")
        is_choice = fact.type in ("choice", "choice-many")
        if is_choice and len(fact.options) < 1:
            yield Diagnostic(
                "fact-options", f"{name} is a {fact.type} without options", path, "add options: {id: label}"
            )
        elif fact.options and not is_choice:
            message = f"{name} is of type {fact.type}: it has no options"
            yield Diagnostic("fact-options", message, path, "write type: choice", at_key=True)


def bounds(survey: Survey) -> Iterator[Diagnostic]:
    """fact-bounds: no number lies between the bounds, or bounds on a fact that is no number."""
    for name, fact in survey.playbook.facts.items():
        if survey.book.is_faulty("facts", name):
            continue
        for key, bound in (("minimum", fact.minimum), ("maximum", fact.maximum)):
            if bound is not None and fact.type != "number":
                message = f"{name} is of type {fact.type}: it has no {key}"
                yield Diagnostic("fact-bounds", message, ("facts", name, key), "write type: number", at_key=True)
            elif bound is not None and abs(bound) > LARGEST_NUMBER:
                message = f"no number may be as large as the {key} of {name}"
                yield Diagnostic("fact-bounds", message, ("facts", name, key), f"at most {LARGEST_NUMBER}")
        both = fact.minimum is not None and fact.maximum is not None
        if both and fact.type == "number" and fact.minimum > fact.maximum:  # type: ignore[operator]  # both are there
            message = f"no number is at least {fact.minimum} and at most {fact.maximum}: nobody could answer {name}"
            yield Diagnostic("fact-bounds", message, ("facts", name, "minimum"), "turn them round, or leave one out")


def aware_at(survey: Survey) -> Iterator[Diagnostic]:
    """aware-at: the fact from which the clocks count is no moment, or one that is kept from them."""
    fact = survey.playbook.facts.get(AWARE_AT)
    if fact is None or survey.book.is_faulty("facts", AWARE_AT):
        return
    if fact.type != "time":
        message = f"{AWARE_AT} is of type {fact.type}: the clocks count from it, and it is no moment"
        yield Diagnostic("aware-at", message, ("facts", AWARE_AT, "type"), "write type: time, or call it otherwise")
    elif fact.sensitive:
        message = f"{AWARE_AT} is sensitive: the clocks count from it, and could not see it"
        yield Diagnostic("aware-at", message, ("facts", AWARE_AT, "sensitive"), "leave `sensitive` out")


def sensitive(survey: Survey) -> Iterator[Diagnostic]:
    """sensitive-fact: a value that is kept apart and may be erased stands in a rule or in a text."""
    secret = {name for name, fact in survey.playbook.facts.items() if fact.sensitive}
    for test in survey.tests:
        if test.condition.fact in secret:
            message = f"{test.condition.fact} is sensitive: a rule that tests it would give it away"
            hint = "test a yes-no fact that tells nothing about a person"
            yield Diagnostic("sensitive-fact", message, (*test.path, "fact"), hint)
    for step in survey.book.steps:
        if step.head.for_each in secret:
            message = (
                f"{step.head.for_each} is sensitive: nothing reads what was chosen, so {step.head.id} is never done"
            )
            hint = "write one step for all, and say in it to go through the list"
            yield Diagnostic("sensitive-fact", message, ("steps", step.index, "for_each"), hint)
    for name, use in survey.playbook.messages.items():
        template = survey.book.templates.get(use.template)
        for fact in sorted(secret & set(template.message.facts if template else ())):
            message = f"the template {use.template} puts the sensitive fact {fact} into a text"
            hint = "take it out of the template, or ask for something that may be said"
            yield Diagnostic("sensitive-fact", message, ("messages", name, "template"), hint)


def never_asked(survey: Survey) -> Iterator[Diagnostic]:
    """never-asked: a rule or a text needs a fact that no question asks, so it stays unknown."""
    playbook = survey.playbook
    unread = any(step.head.kind == "question" and step.spec is None for step in survey.book.steps)
    if playbook.abstract or unread or survey.is_unread("steps"):
        return
    asked = {use.name for use in survey.facts_asked}
    used = {use.name for use in survey.facts_used}
    for use in playbook.messages.values():
        template = survey.book.templates.get(use.template)
        used |= set(template.message.facts) if template else set()
    for name in playbook.facts:
        if name in used - asked - {AWARE_AT}:
            message = f"no question asks for {name}: it stays unknown until somebody thinks of it"
            hint = "add it to the facts: of a step of kind question"
            yield Diagnostic("never-asked", message, ("facts", name), hint, "warning", at_key=True)
