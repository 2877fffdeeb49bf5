"""`kind: stand-down`: the decision that it is over, by criteria shown ticked or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from crisis.engine.shapes import Choice, Text, Ticks, When
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.kernel.durations import roughly
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
        return Open(asks=(ask,), until=_next_possible(seen))
    ticked = set(seen.answers.get("criteria", ()))
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
        return Open(asks=(ask,), until=_next_possible(seen))
    if choice == "agreed":
        open_ = [text for n, text in enumerate(seen.criteria) if n not in ticked]
        but = list(_all_the_same([text for n, text in enumerate(seen.criteria) if n in ticked], seen))
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
    """What speaks against it: what was last measured, or that it is too early; a person decides all the same.

    It says the same from minute to minute: what is asked would be another question otherwise.
    """
    against = [f"last measured: {seen.contrary[criterion]}"] if criterion in seen.contrary else []
    if _possible_at(criterion, seen) > seen.now:
        against.append(f"the first report came less than {_span(seen.criteria_for[criterion])} ago")
    return f" (!! {'; '.join(against)})" if against else ""


def _all_the_same(ticked: Sequence[str], seen: Seen) -> Iterator[str]:
    """What was ticked although something speaks against it, as it is recorded."""
    figures = [f"{text} (!! last measured: {seen.contrary[text]})" for text in ticked if text in seen.contrary]
    if figures:
        yield f"seen against the figures: {'; '.join(figures)}"
    ago = roughly(seen.now - seen.known_since)
    early = [
        f"{text} (!! the first report came {ago} ago, and this asks for {_span(seen.criteria_for[text])})"
        for text in ticked
        if _possible_at(text, seen) > seen.now
    ]
    if early:
        yield f"seen too early: {'; '.join(early)}"


def _possible_at(criterion: str, seen: Seen) -> datetime:
    """Before then nobody can have seen it."""
    return seen.known_since + seen.criteria_for.get(criterion, timedelta())


def _next_possible(seen: Seen) -> datetime | None:
    """When the next of the criteria can be seen that cannot be seen yet."""
    moments = [_possible_at(text, seen) for text in seen.criteria_for]
    return min((moment for moment in moments if moment > seen.now), default=None)


def _span(length: timedelta) -> str:
    """As criteria say it: `24 h`, and `3 d` from there on."""
    hours, rest = divmod(length, timedelta(hours=1))
    return f"{hours} h" if not rest and hours <= 48 else roughly(length)


KIND = StepKind(
    StandDownSpec,
    advance,
    outcomes=lambda spec: ("agreed", "not-yet"),
    stops=frozenset({"not-yet"}),
    skippable=False,
    summary="decide that it is over, by criteria",
    asks=lambda spec: ("criteria", "choice", "why", "again", "now"),
)
