"""Facts as they might be: what texts are filled with to see how long they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, product

from crisis.playbook.documents import Organisation
from crisis.playbook.model import Fact

#: So many combinations of facts are tried for a text; beyond them, each fact is varied by itself.
MOST_COMBINATIONS = 64


class Option(str):
    """The value of a choice: a text may test which one it is."""

    __slots__ = ()


_NOW = datetime(2026, 9, 30, 21, 40, tzinfo=UTC)
_SHORT, _LONG = "Kettle 3", "Kettle 3 Premium, model K3-2026"


def combinations(
    used: Sequence[str], facts: Mapping[str, Fact], organisation: Organisation | None, *, long: bool
) -> Iterator[Mapping[str, object]]:
    """Values for the names that a body uses, each as `long` or as short as it may be, known or not.

    All combinations; where there are too many, each fact varied by itself, and some of the rest.
    """
    choices = {
        name: _of_size(values_of(name, facts.get(name), organisation), long=long, is_given=name not in facts)
        for name in sorted(used)
    }
    number = 1
    for values in choices.values():
        number *= len(values)
    given: Mapping[str, object] = {"now": _NOW}
    if number <= MOST_COMBINATIONS:
        yield from ({**given, **dict(zip(choices, chosen, strict=True))} for chosen in product(*choices.values()))
        return
    for n in range(max(len(values) for values in choices.values())):
        whole = {name: values[min(n, len(values) - 1)] for name, values in choices.items()}
        yield {**given, **whole}
        for name, values in choices.items():
            yield from ({**given, **whole, name: value} for value in values if value != whole[name])
    # What comes first in a product varies last: the other way round, other corners are seen.
    turned = islice(product(*reversed(choices.values())), MOST_COMBINATIONS)
    yield from ({**given, **dict(zip(reversed(choices), chosen, strict=True))} for chosen in turned)


def _of_size(values: tuple[object, ...], *, long: bool, is_given: bool) -> tuple[object, ...]:
    """Of the values that differ in length alone the longest or the shortest; what the text may test stays."""
    sized = [value for value in values if value is not None and not isinstance(value, bool)]
    if not sized or all(isinstance(value, Option) for value in sized):
        return values
    one = (max if long else min)(sized, key=lambda value: len(str(value)))
    if None not in values or (is_given and long):
        return (one,)
    return (None,) if is_given else (one, None)


def unknown(used: Sequence[str], facts: Mapping[str, Fact], organisation: Organisation | None) -> Mapping[str, object]:
    """Only what is known from the first minute: the facts nobody can begin without."""
    values: dict[str, object] = {"now": _NOW}
    for name in used:
        fact = facts.get(name)
        is_given = fact is None or fact.required
        values[name] = values_of(name, fact, organisation)[0] if is_given else None
    return values


def values_of(name: str, fact: Fact | None, organisation: Organisation | None) -> tuple[object, ...]:
    """What the fact may be, None where it may be unknown; `fact` is None for what is always given."""
    if fact is None:
        return _given(name, organisation)
    unknown: tuple[None, ...] = () if fact.required else (None,)
    match fact.type:
        case "yes-no":
            return (True, False, *unknown)
        case "choice":
            return (*map(Option, fact.options), *unknown)
        case "choice-many":
            return (list(fact.options), list(fact.options)[:1], *unknown)
        case "number":
            return (12_500, 3, *unknown)
        case "time":
            return (_NOW - timedelta(hours=3), *unknown)
    return (_LONG, _SHORT, *unknown)


def _given(name: str, organisation: Organisation | None) -> tuple[object, ...]:
    match name:
        case "next_update":
            return (_NOW + timedelta(hours=8), _NOW + timedelta(hours=1))
        case "now":
            return (_NOW,)
        case "brand":
            return (organisation.name,) if organisation else ("Fjord & Birch",)
        case "website":
            own = organisation.website if organisation else ""
            return (own,) if own else ("www.example.com/safety", None)
        case "hotline":
            own = organisation.hotline if organisation else ""
            return (own,) if own else ("+45 70 10 20 30", None)
    return (_LONG, None)
