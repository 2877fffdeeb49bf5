"""`kind: checklist`: lines to tick off, some with evidence. A tick is never given for something not done."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.engine.events import Json
from crisis.engine.shapes import Choice, Text, Ticks
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import ChecklistItem

#: What Enter takes comes first, and never ticks anything.
REST = {
    "more": "Tick more",
    "without": "Go on without the rest (say why)",
    "done": "All of it is done now: tick every line",
}


@authored
class ChecklistSpec:
    """What is ticked off."""

    items: tuple[ChecklistItem, ...] = described("The lines; one with `evidence: true` asks for a link or a few words.")


def ticking(spec: ChecklistSpec, answers: Mapping[str, Json]) -> Mapping[int, str]:
    """By the number of each line that is ticked: the answer that ticked it."""
    by: dict[int, str] = {}
    for key, value in answers.items():
        match key.partition(":")[0]:
            case "items":
                by |= dict.fromkeys(value, key)
            case "rest" if value == "done":
                by |= {n: key for n in range(len(spec.items)) if n not in by}
    return by


def advance(spec: ChecklistSpec, seen: Seen) -> Next:
    """Ask for the ticks, then for evidence, then what becomes of the rest."""
    ticked = ticking(spec, seen.answers)
    tries, decided = (sum(key.partition(":")[0] == name for key in seen.answers) for name in ("items", "rest"))
    if not tries or (tries == decided and seen.answers[_key("rest", decided - 1)] == "more"):
        wants = Ticks(items=spec.items, ticked=tuple(sorted(ticked)))
        ask = Ask(key=_key("items", tries), role=seen.role, prompt=seen.title, wants=wants, suggested=list(wants.left))
        return Open(asks=(ask,))
    for n in sorted(ticked):
        key = f"evidence:{n}"
        if spec.items[n].evidence and key not in seen.answers:
            prompt = f"Where does one see it? {spec.items[n].text}"
            return Open(asks=(Ask(key=key, role=seen.role, prompt=prompt, wants=Text()),))
    undone = tuple(f"not done: {item.text}" for n, item in enumerate(spec.items) if n not in ticked)
    if not undone:
        return Done("done")
    if tries > decided:
        prompt = f"{len(undone)} of {len(spec.items)} not ticked. What about {'it' if len(undone) == 1 else 'them'}?"
        wants_rest = Choice(options=REST)
        key = _key("rest", decided)
        ask = Ask(key=key, role=seen.role, prompt=prompt, wants=wants_rest, advice=undone, suggested=next(iter(REST)))
        return Open(asks=(ask,))
    if "why" not in seen.answers:
        return Open(asks=(Ask(key="why", role=seen.role, prompt="Why go on without?", wants=Text(), advice=undone),))
    return Done("partly", because=f"{seen.answers['why']} ({'; '.join(undone)})")


def _key(name: str, number: int) -> str:
    """The first is asked in most walks, and is the only one in those that were kept before there were more."""
    return f"{name}:{number}" if number else name


KIND = StepKind(
    ChecklistSpec,
    advance,
    outcomes=lambda spec: ("done", "partly"),
    summary="lines to tick off, some with evidence",
    asks=lambda spec: ("items", "evidence", "rest", "why"),
)
