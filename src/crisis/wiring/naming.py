"""Who is meant by a name that somebody typed: people are called by their first names, and names are mistyped."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import Usage
from crisis.kernel.names import folded, is_me
from crisis.kernel.text import one_line, quoted


def exactly(said: str, people: Mapping[str, str]) -> str | None:
    """The id of the one whose id or name it is. `people` has the name of each id."""
    for person, name in people.items():
        if folded(said) in (folded(person), folded(name)):
            return person
    return None


def meant(said: str, people: Mapping[str, str]) -> str | None:
    """The same, else of the only one who has all of what was said in their name.

    Raises Usage where several have, and where it is no name: whoever types `me` is not somebody called so.
    """
    if is_me(said):
        raise Usage(f"{quoted(said, 60)} is nobody's name", hint="write the name, as --as NAME or CRISIS_AS")
    found = exactly(said, people)
    alike = [] if found is not None else called(said, people)
    if len(alike) > 1:
        hint = f"say which with --as: {_listed(alike, people)}"
        raise Usage(f"{quoted(said, 60)} could be any of {len(alike)} people", hint=hint)
    return alike[0] if alike else found


def called(said: str, people: Mapping[str, str]) -> list[str]:
    """The ids of all who have every word of what was said in their name."""
    words = set(folded(said).split())
    return [person for person, name in people.items() if words and words <= set(folded(name).split())]


def how_understood(said: str, who: str, people: Mapping[str, str]) -> str:
    """As whom something is recorded, where that may be another than whoever said it means; else empty."""
    if who not in people:
        near = nearest(said[:100], [*people, *people.values()])
        guess = f": {near}" if near.startswith("did you mean") else "."
        # Where only the lead is known, everybody else is somebody new.
        is_odd = len(people) > 1 or len(guess) > 1
        return f"Recorded as {one_line(who, 80)}, who is not on the roster{guess}" if is_odd else ""
    if exactly(said, people) is None:
        return f"Recorded as {one_line(people[who], 80)} ({who})."
    if others := [one for one in called(said, people) if one != who]:
        return f"Recorded as {who}, who is not {_listed(others, people)}."
    return ""


def _listed(ids: list[str], people: Mapping[str, str]) -> str:
    return ", ".join(f"{one_line(people[one], 60)} ({one})" for one in ids)
