"""unused-fact, unused-role, unused-chain, unused-message: declared, and never used."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic
from crisis.playbook.values import AWARE_AT


def unused(survey: Survey) -> Iterator[Diagnostic]:
    """unused-…: something is declared and nothing uses it; often the trace of a name that is wrong elsewhere."""
    playbook = survey.playbook
    if playbook.abstract or any(path[0] != "facts" for path in survey.book.faulty):
        return  # what uses it may be what was set aside
    templates = [survey.book.templates.get(use.template) for use in playbook.messages.values()]
    facts = {use.name for use in survey.facts_used} | {AWARE_AT}
    facts |= {name for template in templates if template for name in template.message.facts}
    for what, section, used in (
        ("fact", "facts", facts),
        ("role", "roles", {use.name for use in survey.roles_used} | {playbook.about.owner}),
        ("chain", "approvals", {use.name for use in survey.chains_used}),
        ("message", "messages", {use.name for use in survey.messages_used}),
    ):
        for name in survey.names(section) - used:
            message = f"{name} is declared, and nothing uses it"
            yield Diagnostic(f"unused-{what}", message, (section, name), "use it, or remove it", "warning", at_key=True)
