"""`kind: question`: find out facts; what is not known yet is asked again at its time."""

from __future__ import annotations

from crisis.engine.events import Json
from crisis.engine.shapes import FactValue
from crisis.engine.state import FactState
from crisis.engine.steps import Ask, Done, Lapsed, Next, Open, Seen, Stands, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import AWARE_AT, FactName


@authored
class QuestionSpec:
    """Which facts are asked, in this order."""

    facts: tuple[FactName, ...] = described("Facts of this playbook.")


def advance(spec: QuestionSpec, seen: Seen) -> Next:
    """One question for each fact that is not settled; all of them when the step itself is done again."""
    asks = tuple(_ask(name, seen) for name in spec.facts if _is_open(seen.facts.get(name), seen))
    if not asks:
        return Done("answered")
    again = (state.ask_again_at for name in spec.facts if (state := seen.facts.get(name)) and not state.known)
    return Open(asks=asks, until=min((at for at in again if at is not None and at > seen.now), default=None))


def stands(spec: QuestionSpec, seen: Seen) -> Stands | Lapsed:
    """Until the time to ask again for what was not known."""
    unknown = [(name, seen.facts[name]) for name in spec.facts if name in seen.facts and not seen.facts[name].known]
    for name, state in unknown:
        if state.ask_again_at is not None and state.ask_again_at <= seen.now:
            return Lapsed(f"{name.replace('_', ' ')} was not known yet", quietly=True)
    return Stands(min((state.ask_again_at for _, state in unknown if state.ask_again_at), default=None))


def _is_open(state: FactState | None, seen: Seen) -> bool:
    if state is None:
        return True
    if not state.known and state.ask_again_at is not None and state.ask_again_at <= seen.now:
        return True
    return seen.again in ("asked", "route", "repeat") and state.seq < seen.started_seq


def _ask(name: str, seen: Seen) -> Ask:
    fact = seen.fact_specs[name]
    state = seen.facts.get(name)
    suggested: Json = None
    if state is not None and state.known and not state.sealed:
        suggested = {"value": state.value}
    elif name == AWARE_AT and fact.type == "time":
        suggested = {"value": seen.started_at.isoformat(timespec="seconds")}
    advice = (fact.help,) if fact.help else ()
    return Ask(
        key=name,
        role=seen.role,
        prompt=fact.prompt,
        wants=FactValue(name=name, fact=fact),
        advice=advice,
        suggested=suggested,
    )


KIND = StepKind(
    QuestionSpec,
    advance,
    outcomes=lambda spec: ("answered",),
    stands=stands,
    skippable=False,
    reads_facts=True,
    summary="find out facts",
    asks=lambda spec: spec.facts,
)
