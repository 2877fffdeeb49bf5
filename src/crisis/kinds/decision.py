"""`kind: decision`: a named role chooses; the choice is the outcome."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.engine.shapes import Choice, Text
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import Id


@authored
class DecisionSpec:
    """Between what is chosen."""

    options: Mapping[Id, str] = described("Each choice with what it means.")
    reasons: tuple[Id, ...] = described("The choices that need a reason.", default=())


def advance(spec: DecisionSpec, seen: Seen) -> Next:
    """Ask for the choice, and for its reason where one is due."""
    choice = seen.answers.get("choice")
    if choice is None:
        # Enter alone decides nothing; what was decided before is offered again.
        suggested = seen.previous.get("choice")
        wants = Choice(options=spec.options)
        return Open(asks=(Ask(key="choice", role=seen.role, prompt=seen.title, wants=wants, suggested=suggested),))
    if choice in spec.reasons and "reason" not in seen.answers:
        prompt = f"Why: {spec.options[choice].lower()}?"
        return Open(asks=(Ask(key="reason", role=seen.role, prompt=prompt, wants=Text()),))
    return Done(choice, because=seen.answers.get("reason", ""))


KIND = StepKind(
    DecisionSpec,
    advance,
    outcomes=lambda spec: tuple(spec.options),
    skippable=False,
    summary="a named role chooses",
    asks=lambda spec: ("choice", "reason"),
)
