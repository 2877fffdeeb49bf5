"""unknown-fact, unknown-role, unknown-chain, unknown-message: a name that the playbook does not declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crisis.checks.survey import Survey, Use
from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kernel.text import quoted

# Likeness costs time for every pair of names.
_MOST_COMPARED, _MOST_COMPARISONS = 100, 5_000


def unknown_facts(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-fact: a question, a condition or a step names a fact that is not declared."""
    yield from _unknown(survey, "fact", "facts", survey.facts_used)


def unknown_roles(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-role: a step, a chain or a ladder names a role that is not declared, so nobody would be asked."""
    yield from _unknown(survey, "role", "roles", survey.roles_used)


def unknown_chains(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-chain: a message is to be approved by a chain that is not declared."""
    yield from _unknown(survey, "chain", "approvals", survey.chains_used)


def unknown_messages(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-message: a step drafts, approves or publishes a message that is not declared."""
    yield from _unknown(survey, "message", "messages", survey.messages_used)


def _unknown(survey: Survey, what: str, section: str, uses: Iterable[Use]) -> Iterator[Diagnostic]:
    if survey.is_unread(section):
        return
    known = survey.names(section)
    comparisons = _MOST_COMPARISONS
    for name, path in uses:
        if name not in known:
            called = "approval chain" if what == "chain" else what
            comparisons -= len(known)
            near = nearest(name[:_MOST_COMPARED], known) if comparisons > 0 else ""
            hint = near or f"declare it under {section}:"
            yield Diagnostic(f"unknown-{what}", f"no {called} is called {quoted(name, 60)}", path, hint)
