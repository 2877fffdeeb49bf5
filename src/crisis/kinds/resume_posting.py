"""`kind: resume-posting`: what was stopped is let go again deliberately, class by class."""

from __future__ import annotations

from crisis.engine.shapes import Accounts
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored


@authored
class ResumePostingSpec:
    """Nothing to say: what was frozen is offered."""


def advance(spec: ResumePostingSpec, seen: Seen) -> Next:
    """Ask which of the frozen accounts post again; what is left stays frozen, and is named."""
    left = {key: seen.accounts.get(key, key) for key in seen.frozen if key not in seen.resumed}
    if "accounts" not in seen.answers and left:
        advice = ("Nothing that has gone stale: read each queue before you let it go.",)
        wants = Accounts(accounts=left, resume=True)
        return Open(
            asks=(
                Ask(
                    key="accounts",
                    role=seen.role,
                    prompt=seen.title,
                    wants=wants,
                    advice=advice,
                    suggested=dict.fromkeys(left, ""),
                ),
            )
        )
    if not left:
        return Done("resumed")
    return Done("partly", because=f"still stopped: {', '.join(left.values())}")


KIND = StepKind(
    ResumePostingSpec,
    advance,
    outcomes=lambda spec: ("resumed", "partly"),
    by_itself=lambda spec: frozenset({"resumed"}),  # where nothing is frozen
    summary="let posting go again, class by class",
    asks=lambda spec: ("accounts",),
)
