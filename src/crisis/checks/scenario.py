"""What is looked at in a drill: everything it names is in its playbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crisis.checks.graph import outcomes_of, parts_of
from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.kernel.durations import format_duration
from crisis.kernel.text import quoted
from crisis.plan.book import Book
from crisis.playbook.documents import Expectation, Scenario

_ANY = "any"
_CLOSED = "closed"


def scenario_rules(scenario: Scenario, book: Book) -> Iterator[Diagnostic]:
    """All findings in a scenario whose playbook could be read."""
    facts, messages = book.playbook.facts, book.playbook.messages
    if book.playbook.abstract:
        text = f"{scenario.playbook} is abstract: it is only built on, never started"
        yield Diagnostic("abstract-playbook", text, ("playbook",), "rehearse a playbook that extends it")
    for name in scenario.facts:
        yield from _known("fact", name, facts, ("facts", name), at_key=True)
    steps = {name for step in book.steps for name in (step.head.id, *parts_of(step, book))}
    for name in scenario.answers:
        yield from _known("step", name, steps, ("answers", name), at_key=True)
    for n, inject in enumerate(scenario.injects):
        for name in inject.facts:
            yield from _known("fact", name, facts, ("injects", n, "facts", name), at_key=True)
    yield from _duplicates(scenario)
    yield from _too_late(scenario)
    people = _people(scenario)
    for name, person in scenario.people.items():
        yield from _known("person", name, people, ("people", name), at_key=True)
        for n, message in enumerate(person.rejects):
            yield from _known("message", message, messages, ("people", name, "rejects", n))
    if scenario.organisation is not None and scenario.operator not in people:
        yield from _known("person", scenario.operator, people, ("operator",))
    for n, one in enumerate(scenario.expect):
        yield from _expectation(one, ("expect", n), scenario, book, steps, people)
    if not scenario.expect:
        hint = "write at least expect: [{outcome: closed}]"
        yield Diagnostic("expectation", "this drill expects nothing, so it could not fail", ("expect",), hint)


def _people(scenario: Scenario) -> set[str]:
    ours = {person.id for person in scenario.organisation.people} if scenario.organisation else set(scenario.people)
    return ours | {scenario.operator} if scenario.organisation is None else ours


def _duplicates(scenario: Scenario) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for n, inject in enumerate(scenario.injects):
        if inject.id in seen:
            text = f"an inject is called {inject.id!r} already"
            yield Diagnostic("duplicate-id", text, ("injects", n, "id"), "give each its own id")
        seen.add(inject.id)


def _too_late(scenario: Scenario) -> Iterator[Diagnostic]:
    if scenario.lasts is None:
        return
    lasts = format_duration(scenario.lasts)
    for n, inject in enumerate(scenario.injects):
        if inject.at > scenario.lasts:
            text = f"{inject.id} comes after {format_duration(inject.at)}, and the drill is over after {lasts}"
            yield Diagnostic("too-late", text, ("injects", n, "at"), "let it come sooner, or the drill last longer")
    for n, one in enumerate(scenario.expect):
        if one.within is not None and one.within > scenario.lasts:
            text = f"within {format_duration(one.within)} cannot be told of a drill that is over after {lasts}"
            yield Diagnostic("too-late", text, ("expect", n, "within"), "ask for less, or let the drill last longer")


def _expectation(
    one: Expectation, path: Path, scenario: Scenario, book: Book, steps: set[str], people: set[str]
) -> Iterator[Diagnostic]:
    messages = book.playbook.messages
    named = ("published", "never", "outcome", "approved_by", "voided", "severity", "condition")
    said = [name for name in named if getattr(one, name) is not None]
    if len(said) != 1:
        what = f"it has {len(said)}: {', '.join(said)}" if said else "it has none"
        text = f"an expectation says exactly one thing, and {what}"
        yield Diagnostic("expectation", text, path, f"write one of {', '.join(named)}")
    if one.within is not None and one.published is None:
        text = "`within` belongs to `published`"
        yield Diagnostic("expectation", text, (*path, "within"), "write published: beside it", at_key=True)
    for key, name in (("published", one.published), ("voided", one.voided)):
        if name is not None:
            yield from _known("message", name, messages, (*path, key))
    if one.never is not None and one.never.published != _ANY:
        yield from _known("message", one.never.published, messages, (*path, "never", "published"))
    for name, person in (one.approved_by or {}).items():
        yield from _known("message", name, messages, (*path, "approved_by", name), at_key=True)
        yield from _known("person", person, people, (*path, "approved_by", name))
    if one.objective and one.objective not in scenario.objectives:
        yield from _known("objective", one.objective, scenario.objectives, (*path, "objective"))
    if one.outcome is not None:
        yield from _outcome(one.outcome, (*path, "outcome"), book, steps)
    for at, part in one.condition.parts((*path, "condition")) if one.condition else ():
        if part.fact:
            yield from _known("fact", part.fact, book.playbook.facts, (*at, "fact"))
        for name in part.outcome or ():
            yield from _known("step", name, steps, (*at, "outcome", name), at_key=True)


def _outcome(value: object, path: Path, book: Book, steps: set[str]) -> Iterator[Diagnostic]:
    if isinstance(value, str):
        if value != _CLOSED:
            text = f"{quoted(value, 60)} is no outcome of an incident"
            yield Diagnostic("expectation", text, path, "write closed, or a step and its outcome: {triage: open}")
        return
    for name, outcome in value.items() if isinstance(value, dict) else ():
        yield from _known("step", name, steps, (*path, name), at_key=True)
        step = book.step_ids.get(name)
        possible = outcomes_of(step) if step is not None else None
        if possible is not None and outcome not in possible:
            text = f"{name} never ends on {quoted(str(outcome), 60)}"
            yield Diagnostic("unknown-outcome", text, (*path, name), nearest(str(outcome)[:100], possible))


def _known(what: str, name: str, known: Iterable[str], path: Path, *, at_key: bool = False) -> Iterator[Diagnostic]:
    names = list(known)
    if name not in names:
        hint = nearest(name[:100], names)
        yield Diagnostic(f"unknown-{what}", f"no {what} is called {quoted(name, 60)}", path, hint, at_key=at_key)
