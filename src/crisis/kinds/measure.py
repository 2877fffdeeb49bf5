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
ANOTHER = "another"


@authored
class MeasureSpec:
    """Which export, and whether it must be."""

    export: str = described("Which export: the tool, the query, the time; shown above the question.", default="")
    optional: bool = described(
        "`true`: offered while others are waited for; nobody is asked, and nothing may follow it.", default=False
    )


def advance(spec: MeasureSpec, seen: Seen) -> Next:
    """Ask for the files; what was read is shown, and how it goes is for a person to say. Or: it was the wrong one."""
    nth, wrong = 1, ()
    while seen.answers.get(_key("choice", nth)) == ANOTHER:
        wrong = tuple(seen.answers[_key("export", nth)]["files"])
        nth += 1
    export = seen.answers.get(_key("export", nth))
    if export is None:
        ask = Ask(
            key=_key("export", nth),
            role=seen.role,
            prompt=f"{seen.title} · Which exported file?",
            wants=Export(instead=wrong),
            advice=(spec.export,) if spec.export else (),
            optional=spec.optional and not wrong,
        )
        return Open(asks=(ask,))
    if "not_now" in export:
        return Done(NOT_NOW, because=export["not_now"])
    choice = seen.answers.get(_key("choice", nth))
    if choice is None:
        # What the figures say is only what Enter takes: one number more or less is not how it goes.
        wants = Choice(options={**OPTIONS, ANOTHER: "That was the wrong export: name another"})
        suggested = export.get("trend") or "no-change"
        prompt = f"{seen.title} · How does it go?"
        return Open(
            asks=(Ask(key=_key("choice", nth), role=seen.role, prompt=prompt, wants=wants, suggested=suggested),)
        )
    return Done(choice)


def _key(what: str, nth: int) -> str:
    return what if nth == 1 else f"{what}:{nth}"


KIND = StepKind(
    MeasureSpec,
    advance,
    outcomes=lambda spec: (*OPTIONS, NOT_NOW),
    summary="read an export of the monitoring tool, and say how it goes",
    asks=lambda spec: ("export", "choice"),
)
