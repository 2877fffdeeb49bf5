"""`kind: measure`: an export of the monitoring tool is read, and a person says how it goes. Or: not now."""

from __future__ import annotations

from crisis.engine.shapes import Choice, Export
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described

OPTIONS = {
    "calmer": "It calms down",
    "no-change": "Much as before",
    "worse": "It grows",
}
NOT_NOW = "not-now"


@authored
class MeasureSpec:
    """Which export, and whether it must be."""

    export: str = described("Which export: the tool, the query, the time; shown above the question.", default="")
    optional: bool = described(
        "`true`: offered while others are waited for; nobody is asked, and nothing may follow it.", default=False
    )


def advance(spec: MeasureSpec, seen: Seen) -> Next:
    """Ask for the files; what was read is shown, and how it goes is for a person to say."""
    export = seen.answers.get("export")
    if export is None:
        ask = Ask(
            key="export",
            role=seen.role,
            prompt=f"{seen.title} · Which exported file?",
            wants=Export(),
            advice=(spec.export,) if spec.export else (),
            optional=spec.optional,
        )
        return Open(asks=(ask,))
    if "not_now" in export:
        return Done(NOT_NOW, because=export["not_now"])
    choice = seen.answers.get("choice")
    if choice is None:
        # What the figures say is only what Enter takes: one number more or less is not how it goes.
        wants = Choice(options=OPTIONS)
        suggested = export.get("trend") or "no-change"
        prompt = f"{seen.title} · How does it go?"
        return Open(asks=(Ask(key="choice", role=seen.role, prompt=prompt, wants=wants, suggested=suggested),))
    return Done(choice)


KIND = StepKind(
    MeasureSpec,
    advance,
    outcomes=lambda spec: (*OPTIONS, NOT_NOW),
    summary="read an export of the monitoring tool, and say how it goes",
)
