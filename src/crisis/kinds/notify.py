"""`kind: notify`: call these people, say this, note who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crisis.engine.events import Json
from crisis.engine.people import Roster
from crisis.engine.shapes import NamePerson, Reach
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored, described
from crisis.playbook.values import Id


@authored
class NotifySpec:
    """Whom to call; without roles, the escalation ladder of the severity."""

    roles: tuple[Id, ...] = described("Roles, in order; left out: the escalation ladder.", default=())
    say: str = described("What to say.", default="")


def advance(spec: NotifySpec, seen: Seen) -> Next:
    """One call after the other, and one to each person; who does not answer is followed by the deputy."""
    roles = spec.roles or tuple(dict.fromkeys(role for rung in seen.ladder for role in rung))
    calls: dict[str, list[str]] = {}  # whom to call, and as what
    asks: list[Ask] = []
    reached: dict[str, bool] = {}
    for role in roles:
        if _is_lead(role, seen):
            continue
        people = to_call(role, seen.people, seen.answers)
        answers = {person: answer_of(seen.answers, role, person) for person in people}
        if "acknowledged" in answers.values():
            reached[role] = True
            continue
        waiting = [person for person, answer in answers.items() if answer is None]
        if waiting:
            calls.setdefault(waiting[0], []).append(role)
        elif not people and f"name:{role}" not in seen.answers:
            prompt = f"Nobody is named as {role.replace('-', ' ')}. Who is? (name, number; leave empty for nobody)"
            wants = NamePerson(roles=(role,))
            asks.append(Ask(key=f"name:{role}", role=seen.role, prompt=prompt, wants=wants, suggested={}))
        else:
            reached[role] = False
    asks = [*(_call(person, as_what, spec, seen) for person, as_what in calls.items()), *asks]
    if asks:
        return Open(asks=tuple(asks))
    return _result(reached, seen)


def answer_of(answers: Mapping[str, Json], role: str, person: str) -> Json:
    """What came of the call to `person` as `role`; whoever was called in another role is not called again."""
    said = {key: answer for key, answer in answers.items() if key.startswith("reach:") and key.endswith(f":{person}")}
    return said.get(f"reach:{role}:{person}") or next(iter(said.values()), None)


def _is_lead(role: str, seen: Seen) -> bool:
    primaries = seen.people.primaries(role)
    return len(primaries) == 1 and primaries[0].id == seen.lead


def to_call(role: str, people: Roster, answers: Mapping[str, Json]) -> tuple[str, ...]:
    """The holders; the deputies once a holder could not be reached."""
    first = [member.id for member in people.primaries(role)]
    if any(answer_of(answers, role, person) in ("no-answer", "nobody") for person in first):
        first += [member.id for member in people.deputies(role)]
    return tuple(dict.fromkeys(first))


def _call(person: str, roles: Sequence[str], spec: NotifySpec, seen: Seen) -> Ask:
    say = (f"Say: {spec.say}",) if spec.say else ()
    return Ask(
        key=f"reach:{roles[0]}:{person}",
        role=seen.role,
        prompt=f"Call {seen.people.name(person)} ({', '.join(role.replace('-', ' ') for role in roles)})",
        wants=Reach(role=roles[0], person=person),
        advice=say,
        suggested="acknowledged",
    )


def _result(reached: dict[str, bool], seen: Seen) -> Done:
    silent = [role for role, answered in reached.items() if not answered]
    count = len(reached) - len(silent)
    needed = {"any": 1, "all": len(reached)}.get(seen.acknowledge)
    # Whoever leads has it already and is not called, so there may be fewer to call than must have it.
    enough = count >= min(len(reached), int(seen.acknowledge) if needed is None else needed)
    because = f"not reached: {', '.join(silent)}" if silent else "" if reached else "nobody else is to be called"
    return Done("acknowledged" if enough else "unreached", because=because)


KIND = StepKind(
    NotifySpec,
    advance,
    outcomes=lambda spec: ("acknowledged", "unreached"),
    by_itself=lambda spec: frozenset({"acknowledged"}),  # where nobody else is to be called
    summary="call these people, say this, note who has it",
    asks=lambda spec: ("reach", "name"),
)
