"""Floor 5: what would hurt a walk, one rule at a time. A new rule is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from crisis.checks import (
    chains,
    clocks,
    closing,
    conditions,
    facts,
    lengths,
    order,
    routes,
    steps,
    templates,
    texts,
    unknown_names,
    unknown_steps,
    unused,
)
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic
from crisis.plan.book import Book

Rule = Callable[[Survey], Iterator[Diagnostic]]

#: Every rule that looks at one playbook.
RULES: tuple[Rule, ...] = (
    steps.duplicate_steps,
    unknown_steps.unknown_steps,
    unknown_steps.unknown_outcomes,
    unknown_names.unknown_facts,
    unknown_names.unknown_roles,
    unknown_names.unknown_chains,
    unknown_names.unknown_messages,
    templates.unknown_templates,
    clocks.unknown_clocks,
    clocks.countries,
    clocks.signals,
    steps.empty_steps,
    steps.optional_predecessors,
    steps.unknown_options,
    steps.keys_without_effect,
    steps.for_each,
    conditions.one_test,
    conditions.stray_keys,
    conditions.values,
    conditions.unknown_criteria,
    order.cycles,
    order.never_runs,
    order.conditional_predecessors,
    routes.stops_without_route,
    routes.routes_forward,
    routes.no_way_on,
    routes.endless_routes,
    closing.never_closes,
    closing.dead_ends,
    texts.unapproved,
    texts.undrafted,
    texts.drafted_twice,
    texts.held_for_itself,
    chains.quorum,
    chains.roles,
    chains.eats_clock,
    clocks.first_statements,
    clocks.escalations,
    facts.options,
    facts.bounds,
    facts.aware_at,
    facts.sensitive,
    facts.never_asked,
    templates.places,
    templates.facts_of_templates,
    lengths.lengths,
    unused.unused,
)


#: Those of them that also ask who uses it; the others say the same for everybody.
OF_ORGANISATION: tuple[Rule, ...] = (templates.places, lengths.lengths)


def rules(book: Book) -> Iterator[Diagnostic]:
    """All findings of all rules; of what was left out because it is faulty nothing more is said."""
    return _findings(RULES, book)


def rules_of_organisation(book: Book) -> Iterator[Diagnostic]:
    """The findings that another organisation may have with a playbook that was found sound for one."""
    return _findings(OF_ORGANISATION, book)


def _findings(asked: Iterable[Rule], book: Book) -> Iterator[Diagnostic]:
    survey = Survey(book)
    for rule in asked:
        for one in rule(survey):
            if not any(one.path[:end] in book.faulty for end in range(1, len(one.path) + 1)):
                yield one
