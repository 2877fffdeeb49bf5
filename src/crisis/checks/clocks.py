"""missing-clock, unknown-clock, clock-signal, clock-countries, escalation: deadlines nobody would see or could meet."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.survey import Survey
from crisis.engine.allowed import tells_countries
from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.messages.localised import country_called


def first_statements(survey: Survey) -> Iterator[Diagnostic]:
    """missing-clock: a severity that does not say how soon the first statement is due."""
    playbook = survey.playbook
    if playbook.abstract:
        return
    for level, rule in playbook.severity.items():
        if rule.first_statement is None and not survey.book.is_faulty("severity", level, "first_statement"):
            message = f"{level} does not say how soon the first statement is due: no clock would run"
            yield Diagnostic("missing-clock", message, ("severity", level), "add first_statement: 30m")
    if playbook.messages and playbook.severity and not any(use.first_statement for use in playbook.messages.values()):
        if survey.book.is_faulty("messages"):
            return
        message = "no message is the first statement: its clock could never be met"
        hint = "add first_statement: true to the message that goes out first"
        yield Diagnostic("missing-clock", message, ("messages",), hint)


def unknown_clocks(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-clock: a legal clock that no knowledge file describes."""
    known = {clock.id for clock in survey.book.clocks.clocks} if survey.book.clocks else set()
    for n, use in enumerate(survey.playbook.clocks):
        if use.use not in known:
            hint = nearest(use.use, known) or "describe it in playbooks/knowledge/*.yaml, in a file of kind Clocks"
            yield Diagnostic("unknown-clock", f"no legal clock is called {use.use!r}", ("clocks", n, "use"), hint)


def countries(survey: Survey) -> Iterator[Diagnostic]:
    """clock-countries: the fact under `for` does not say which of the countries of that clock are concerned."""
    clocks = survey.book.clocks.clocks if survey.book.clocks else ()
    where_of = {clock.id: clock.countries for clock in clocks}
    for n, use in enumerate(survey.playbook.clocks):
        where, name = where_of.get(use.use, ()), use.for_ or ""
        fact = survey.playbook.facts.get(name)
        if fact is None or not where or survey.book.is_faulty("facts", name):
            continue
        path: Path = ("clocks", n, "for")
        if fact.sensitive or fact.type not in ("choice", "choice-many"):
            what = "is sensitive" if fact.sensitive else f"is of type {fact.type}"
            message = f"{name} {what}: nobody can tell from it which countries {use.use} concerns"
            yield Diagnostic("clock-countries", message, path, "name a choice-many of countries, or leave `for` out")
            continue
        if not fact.options:
            continue
        if not tells_countries(fact, where):
            options = ", ".join(fact.options)
            message = f"{use.use} would never run: no option of {name} is one of its countries: {options}"
            yield Diagnostic("clock-countries", message, path, f"it knows {', '.join(where)}")
            continue
        for option, label in fact.options.items():
            meant = {country_called(option), country_called(label)}.intersection(where)
            if option not in where and meant:
                message = f"{use.use} would not run for {option}: it calls that country {min(meant)}"
                hint = f"write {min(meant)} in place of {option} under options of {name}"
                yield Diagnostic("clock-countries", message, path, hint)


def signals(survey: Survey) -> Iterator[Diagnostic]:
    """clock-signal: a deadline in law is to be met by a signal, of which nobody knows since when it has been so."""
    for n, use in enumerate(survey.playbook.clocks):
        for path, part in use.met_with.parts(("clocks", n, "met_with")) if use.met_with is not None else ():
            if part.signal is not None:
                message = f"nobody knows since when {part.signal.replace('_', ' ')} is so: it never meets {use.use}"
                hint = "name the step that does it: outcome: {STEP: done}"
                yield Diagnostic("clock-signal", message, (*path, "signal"), hint)


def escalations(survey: Survey) -> Iterator[Diagnostic]:
    """escalation: a ladder nobody stands on, or more acknowledgements than there are roles to give them."""
    for level, escalation in survey.playbook.escalation.items():
        roles = {role for rung in escalation.ladder for role in rung.page}
        if not roles and not survey.book.is_faulty("escalation", level):
            message = f"nobody is paged at {level}"
            yield Diagnostic("escalation", message, ("escalation", level, "ladder"), "add {page: [crisis-lead]}")
        elif escalation.acknowledge.isdigit() and int(escalation.acknowledge) > len(roles):
            message = f"{escalation.acknowledge} must acknowledge, and only {len(roles)} are paged"
            yield Diagnostic("escalation", message, ("escalation", level, "acknowledge"), "write any, all, or fewer")
