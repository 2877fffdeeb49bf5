"""`kind: checklist`: lines to tick off, some with evidence. A tick is never given for something not done."""

from __future__ import annotations

from crisis.engine.shapes import Choice, Text, Ticks
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import ChecklistItem

#: What Enter takes comes first, and never ticks anything.
REST = {"without": "Go on without the rest (say why)", "done": "All of it is done now: tick every line"}


@authored
class ChecklistSpec:
    """What is ticked off."""

    items: tuple[ChecklistItem, ...] = described("The lines; one with `evidence: true` asks for a link or a few words.")


def advance(spec: ChecklistSpec, seen: Seen) -> Next:
    """Ask for the ticks, then for evidence, then what becomes of the rest."""
    if "items" not in seen.answers:
        suggested = list(range(len(spec.items)))
        return Open(
            asks=(
                Ask(key="items", role=seen.role, prompt=seen.title, wants=Ticks(items=spec.items), suggested=suggested),
            )
        )
    ticked = set(seen.answers["items"])
    rest = [n for n in range(len(spec.items)) if n not in ticked]
    if seen.answers.get("rest") == "done":
        ticked, rest = set(range(len(spec.items))), []
    for n in sorted(ticked):
        key = f"evidence:{n}"
        if spec.items[n].evidence and key not in seen.answers:
            prompt = f"Where does one see it? {spec.items[n].text}"
            return Open(asks=(Ask(key=key, role=seen.role, prompt=prompt, wants=Text()),))
    if not rest:
        return Done("done")
    undone = tuple(f"not done: {spec.items[n].text}" for n in rest)
    if "rest" not in seen.answers:
        prompt = f"{len(rest)} of {len(spec.items)} not ticked. What about {'it' if len(rest) == 1 else 'them'}?"
        return Open(asks=(Ask(key="rest", role=seen.role, prompt=prompt, wants=Choice(options=REST), advice=undone),))
    if "why" not in seen.answers:
        return Open(asks=(Ask(key="why", role=seen.role, prompt="Why go on without?", wants=Text(), advice=undone),))
    return Done("partly", because=f"{seen.answers['why']} ({'; '.join(undone)})")


KIND = StepKind(
    ChecklistSpec,
    advance,
    outcomes=lambda spec: ("done", "partly"),
    summary="lines to tick off, some with evidence",
    asks=lambda spec: ("items", "evidence", "rest", "why"),
)
