"""chain-quorum, chain-role, approval-eats-clock: an approval that cannot be had, or not in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic, Path
from crisis.kernel.durations import format_duration
from crisis.playbook.model import Chain, MessageUse


def quorum(survey: Survey) -> Iterator[Diagnostic]:
    """chain-quorum: more people must say yes than there are roles that may."""
    for name, chain in survey.playbook.approvals.items():
        roles = len(set(chain.of))
        path: Path = ("approvals", name, "quorum")
        if chain.quorum < 1:
            yield Diagnostic(
                "chain-quorum", f"a quorum of {chain.quorum} would approve by itself", path, "write 1 or more"
            )
        elif chain.quorum > roles and not survey.book.is_faulty("approvals", name, "of"):
            many = "1 role" if roles == 1 else f"{roles} roles"
            message = f"{chain.quorum} people must approve, and only {many} may: {name} can never be met"
            yield Diagnostic("chain-quorum", message, path, "lower the quorum, or name more roles under of:")


def roles(survey: Survey) -> Iterator[Diagnostic]:
    """chain-role: a required or vetoing role that is not among those who are asked."""
    for name, chain in survey.playbook.approvals.items():
        if survey.book.is_faulty("approvals", name, "of"):
            continue
        for key, named in (("required", chain.required), ("veto", chain.veto)):
            for n, role in enumerate(named):
                if role not in chain.of:
                    what = "must approve" if key == "required" else "may veto"
                    message = f"{role} {what}, and is never asked: it does not stand under `of`"
                    hint = f"asked are {', '.join(chain.of)}; add {role} to of:, or take it out here"
                    yield Diagnostic("chain-role", message, ("approvals", name, key, n), hint)


def eats_clock(survey: Survey) -> Iterator[Diagnostic]:
    """approval-eats-clock: one approver may take as long as the whole first statement may."""
    found: dict[str, Diagnostic] = {}
    playbook = survey.playbook
    for message, use in playbook.messages.items():
        if not use.first_statement:
            continue
        for level, rule in playbook.severity.items():
            for name, limit in (
                (_chain_at(use, level), rule.first_statement),
                (use.cleared_approval, rule.first_statement_cleared or rule.first_statement),
            ):
                chain = playbook.approvals.get(name or "")
                if chain is None or limit is None or name is None or chain.within * 2 < limit:
                    continue
                one = _too_slow(name, chain, message, level, limit)
                if name not in found or one.severity == "error" != found[name].severity:
                    found[name] = one
    yield from found.values()


def _too_slow(name: str, chain: Chain, message: str, level: str, limit: timedelta) -> Diagnostic:
    within, whole = format_duration(chain.within), format_duration(limit)
    is_all = chain.within >= limit
    part = "all of" if is_all else "half of" if chain.within * 2 == limit else "more than half of"
    text = f"an approver has {within} before the deputy is asked: {part} the {whole} that {message!r} has at {level}"
    hint = f"shorten it, or give {level} a shorter chain: approval: {{{level}: …, otherwise: {name}}}"
    path: Path = ("approvals", name, "within")
    return Diagnostic("approval-eats-clock", text, path, hint, "error" if is_all else "warning")


def _chain_at(use: MessageUse, level: str) -> str:
    return use.approval.get(level) or use.approval.get("") or next(iter(use.approval.values()))
