"""`kind: stand-down`: the decision that it is over, by criteria shown ticked or not."""

from __future__ import annotations

from datetime import datetime

from crisis.engine.shapes import Choice, Text, Ticks, When
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored
from crisis.playbook.values import Item

OPTIONS = {"agreed": "It is over: stand down", "not-yet": "Not yet: look again later"}


@authored
class StandDownSpec:
    """Nothing to say: the criteria stand under `stand_down`."""


def advance(spec: StandDownSpec, seen: Seen) -> Next:
    """Tick the criteria, decide, and if it is not over say when to look again."""
    if seen.criteria and "criteria" not in seen.answers:
        wants = Ticks(items=tuple(Item(f"{text}{_contrary(text, seen)}") for text in seen.criteria))
        # Nobody has seen "none for a day" an hour after the first report.
        prompt = "Which of these do you see now? The first report came"
        ask = Ask(
            key="criteria",
            role=seen.role,
            prompt=prompt,
            at=seen.known_since,
            wants=wants,
            suggested=[],
            advice=_owed(seen),
        )
        return Open(asks=(ask,))
    ticked = set(seen.answers.get("criteria", ()))
    against = [
        f"{text}{_contrary(text, seen)}"
        for n, text in enumerate(seen.criteria)
        if n in ticked and text in seen.contrary
    ]
    choice = seen.answers.get("choice")
    if choice is None:
        shown = tuple(
            f"{'[x]' if n in ticked else '[ ]'} {text}{_contrary(text, seen)}" for n, text in enumerate(seen.criteria)
        )
        # Nothing is suggested, whatever is ticked: Enter alone does not end it.
        ask = Ask(
            key="choice",
            role=seen.role,
            prompt=seen.title,
            wants=Choice(options=OPTIONS),
            advice=(*_owed(seen), *shown),
        )
        return Open(asks=(ask,))
    if choice == "agreed":
        open_ = [text for n, text in enumerate(seen.criteria) if n not in ticked]
        but = [f"seen against the figures: {'; '.join(against)}"] if against else []
        if not open_:
            return Done("agreed", because="; ".join(but))
        if "why" not in seen.answers:
            prompt = f"{len(open_)} of {len(seen.criteria)} signs are not seen. Why is it over all the same?"
            advice = tuple(f"[ ] {text}" for text in open_)
            return Open(asks=(Ask(key="why", role=seen.role, prompt=prompt, wants=Text(), advice=advice),))
        said = "; ".join([f"not seen: {'; '.join(open_)}", *but])
        return Done("agreed", because=f"{seen.answers['why']} ({said})")
    if "again" not in seen.answers:
        return Open(asks=(Ask(key="again", role=seen.role, prompt="When to look again?", wants=When()),))
    again = datetime.fromisoformat(seen.answers["again"])
    if again <= seen.now or "now" in seen.answers:
        return Done("not-yet")
    wants_now = Choice(options={"now": "Look again now"})
    prompt = f"{seen.title} Looks again"
    ask = Ask(key="now", role=seen.role, prompt=prompt, at=again, wants=wants_now, suggested="now", optional=True)
    return Open(asks=(ask,), until=again)


def _owed(seen: Seen) -> tuple[str, ...]:
    """That it is over keeps no promise."""
    owed = "!! An update was promised in public, and has not been given yet: whoever was told to wait still waits."
    return (owed,) if seen.owes_update else ()


def _contrary(criterion: str, seen: Seen) -> str:
    """What was last measured against it; a person decides all the same."""
    return f" (!! last measured: {seen.contrary[criterion]})" if criterion in seen.contrary else ""


KIND = StepKind(
    StandDownSpec,
    advance,
    outcomes=lambda spec: ("agreed", "not-yet"),
    stops=frozenset({"not-yet"}),
    skippable=False,
    summary="decide that it is over, by criteria",
    asks=lambda spec: ("criteria", "choice", "why", "again", "now"),
)
