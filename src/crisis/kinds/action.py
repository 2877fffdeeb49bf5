"""`kind: action`: something to be done; until a plug-in does it, a person does it and says so."""

from __future__ import annotations

from crisis.engine.shapes import Choice, Text
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described

OPTIONS = {"done": "Done", "not-done": "It cannot be done (say why)"}


@authored
class ActionSpec:
    """What to do."""

    do: str = described("In one sentence, what is done.")


def advance(spec: ActionSpec, seen: Seen) -> Next:
    """Ask whether it is done, and why if it cannot be."""
    choice = seen.answers.get("done")
    if choice is None:
        wants = Choice(options=OPTIONS)
        return Open(
            asks=(Ask(key="done", role=seen.role, prompt=seen.title, wants=wants, advice=(spec.do,), suggested="done"),)
        )
    if choice == "not-done" and "why" not in seen.answers:
        return Open(asks=(Ask(key="why", role=seen.role, prompt="Why can it not be done?", wants=Text()),))
    return Done(choice, because=seen.answers.get("why", ""))


KIND = StepKind(
    ActionSpec,
    advance,
    outcomes=lambda spec: ("done", "not-done"),
    summary="one thing to do, ticked off by a person",
    asks=lambda spec: ("done", "why"),
)
