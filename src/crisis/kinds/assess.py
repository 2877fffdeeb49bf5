"""`kind: assess`: the severity is proposed by rule after the facts, and decided by a person."""

from __future__ import annotations

from crisis.engine.shapes import SeverityChoice
from crisis.engine.steps import Ask, Done, Lapsed, Next, Open, Seen, Stands, StepKind
from crisis.playbook.authored import authored


@authored
class AssessSpec:
    """Nothing to say: the rules stand under `severity`."""


def advance(spec: AssessSpec, seen: Seen) -> Next:
    """Propose, with the reason; a decision already taken on the same facts is enough."""
    is_settled = seen.severity and not _is_worse(seen) and seen.again not in ("asked", "route", "repeat")
    if "severity" in seen.answers or is_settled:
        return Done("assessed")
    proposal = seen.proposal
    wants = SeverityChoice(proposed=proposal.severity, because=str(proposal), ground=proposal.ground)
    suggested = {"severity": proposal.severity, "reason": ""}
    return Open(
        asks=(
            Ask(
                key="severity",
                role=seen.role,
                prompt="How bad?",
                wants=wants,
                advice=(f"Proposed: {proposal}",),
                suggested=suggested,
            ),
        )
    )


def stands(spec: AssessSpec, seen: Seen) -> Stands | Lapsed:
    """Until new facts speak for worse than was considered."""
    return Lapsed(f"now proposed: {seen.proposal}", quietly=True) if _is_worse(seen) else Stands()


def _is_worse(seen: Seen) -> bool:
    # SEV1 sorts before SEV2. What was weighed and decided against does not come back by itself.
    return seen.proposal.severity < seen.severity and seen.proposal.ground not in seen.considered


KIND = StepKind(
    AssessSpec,
    advance,
    outcomes=lambda spec: ("assessed",),
    stands=stands,
    skippable=False,
    summary="decide the severity",
    asks=lambda spec: ("severity",),
)
