"""What may be known where a condition is asked: everything that the conditions of a playbook can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise, product

from msgspec import Struct

from crisis.checks.graph import Node
from crisis.engine.conditions import Truth, World, judge
from crisis.engine.events import Reading
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Fact
from crisis.playbook.values import SEVERITIES

_MOST_GUESSES = 300
_ALL_TRIED = 4  # of so many options of one fact every combination is tried; of more only none, few, and all
_PAIRS_TRIED = 12
_MOST_READINGS = 500

_OTHER = "something else"

_NO, _OPEN, _YES = 0, 1, 2


class Guesses(Struct, frozen=True, dict=True):
    """What the conditions of `nodes` ask. What is known is told by variables, each with one of a few values."""

    nodes: tuple[Node, ...]
    facts: Mapping[str, Fact]

    def keys(self, node: Node) -> tuple[str, ...]:
        """What the step's `when` and `for_each` ask, as names of variables."""
        named = [f"any {node.for_each}"] if node.for_each else []
        for _, part in node.when.parts() if node.when is not None else ():
            if part.fact:
                named.append(f"fact {part.fact}")
                if part.is_ is not None and self._is_many(part.fact):
                    named.append(f"fact {part.fact}={part.is_}")
            elif part.severity:
                named.append("severity")
            elif part.signal:
                named.append(f"signal {part.signal}")
        return tuple(sorted(dict.fromkeys(named), key=_option_last))

    def are_too_many(self, keys: tuple[str, ...], known: Mapping[str, str]) -> bool:
        """Whether there is more that may be known of `keys` than can be tried."""
        number, options = 1, dict[str, int]()
        for key in keys:
            fact = _fact_of_option(key)
            if key not in known and fact:
                options[fact] = options.get(fact, 0) + 1
            elif key not in known:
                number *= len(self._domain(key))
        for count in options.values():
            tried = count * (count - 1) // 2 if _most_chosen(count) == 2 else 0
            number *= 2**count if count <= _ALL_TRIED else 2 + count + tried
        return number > _MOST_GUESSES

    def of(self, keys: tuple[str, ...], known: dict[str, str]) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
        """Everything that may be known of `keys`, with what of it had to be chosen now."""
        open_keys = [key for key in keys if key not in known]
        if not open_keys:
            yield known, ()
            return
        key, *rest = open_keys
        for value in self._values(key, keys, known):
            said = self._said(key, value, rest)
            for more, unusual in self.of(keys, known | {key: value}):
                yield more, ((said, *unusual) if said else unusual)

    def applies(self, node: Node, known: Mapping[str, str], outcomes: Mapping[str, str]) -> bool:
        """Whether the step applies where this is known, and steps ended so."""
        if not node.is_certain:
            return True
        if node.for_each and not known[f"any {node.for_each}"]:
            return False
        return node.when is None or self._judge(node.when, known, outcomes) == _YES

    def _is_many(self, fact: str) -> bool:
        return fact in self.facts and self.facts[fact].type == "choice-many"

    def _may_be_none(self, name: str) -> bool:
        """Whether it is a number that may be 0, which is taken for no."""
        fact = self.facts.get(name)
        return fact is not None and fact.type == "number" and (fact.minimum is None or fact.minimum <= 0)

    @cached_property
    def _parts(self) -> tuple[tuple[Condition, bool], ...]:
        """Every part of a condition, and whether it stands under a `not`."""
        return tuple(part for node in self.nodes if node.when is not None for part in _with_not(node.when, False))

    @cached_property
    def _values_asked(self) -> Mapping[str, tuple[str, ...]]:
        """The values with which facts are compared."""
        found: dict[str, dict[str, None]] = {}
        for part, _ in self._parts:
            if part.fact and part.is_ is None and self._may_be_none(part.fact):
                found.setdefault(part.fact, {})["0"] = None
            elif part.fact and part.is_ is not None:
                found.setdefault(part.fact, {})[_same(part.is_, self.facts.get(part.fact))] = None
        return {name: tuple(values) for name, values in found.items()}

    @cached_property
    def _tests(self) -> Mapping[str, Mapping[str, int]]:
        """For each signal the tests of it, with their number."""
        found: dict[str, dict[str, int]] = {}
        for part, _ in self._parts:
            if part.signal:
                tests = found.setdefault(part.signal, {})
                tests.setdefault(str(part), len(tests))
        return found

    @cached_property
    def _readings(self) -> Mapping[str, tuple[str, ...]]:
        """For each signal what its tests may say together, each a letter; empty: none of them says anything."""
        return {name: self._said_together(name) for name in self._tests}

    def _said_together(self, signal: str) -> tuple[str, ...]:
        tests = {str(part): part for part, _ in self._parts if part.signal == signal}
        is_denied = any(denied for part, denied in self._parts if part.signal == signal)
        no = "n" if is_denied else "?"  # only a `not` tells apart what is not so from what is not known
        letters = {Truth.YES: "y", Truth.NO: no}
        said: dict[str, None] = {}
        for reading in _such_readings(tests.values()):
            world = World(facts={}, signals={signal: reading}, severity="", outcomes={})
            said["".join(letters.get(judge(test, world).truth, "?") for test in tests.values())] = None
        known = sorted((one for one in said if one.strip("?")), key=lambda one: -one.count("y"))
        return (*known, "")

    def _domain(self, key: str) -> tuple[str, ...]:
        sort, _, name = key.partition(" ")
        if sort == "severity":
            return SEVERITIES
        if sort == "signal":
            return self._readings[name]
        if sort == "any" or name not in self.facts:
            return ("yes", "")
        match self.facts[name].type:
            case "yes-no":
                return ("yes", "no", "")
            case "choice":
                return (*self.facts[name].options, "")
            case "choice-many":
                return ("some", "none", "") if name in self._asked_bare else ("some", "")
            case _:
                return (*self._values_asked.get(name, ()), _OTHER, "")

    @cached_property
    def _asked_bare(self) -> frozenset[str]:
        """The facts of which it is asked whether there is anything to them."""
        return frozenset(part.fact for part, _ in self._parts if part.fact and part.is_ is None)

    def _values(self, key: str, keys: tuple[str, ...], known: Mapping[str, str]) -> tuple[str, ...]:
        fact = _fact_of_option(key)
        if not fact:
            return self._domain(key)
        if known.get(f"fact {fact}") != "some":
            return ("no",)
        asked = [one for one in keys if _fact_of_option(one) == fact]
        so_far = [known[one] for one in asked if one in known]
        chosen, most = so_far.count("yes"), _most_chosen(len(asked))
        if chosen > most:
            return ("yes",)  # if not few, then all
        return ("yes", "no") if chosen < most or chosen == len(so_far) else ("no",)

    def _said(self, key: str, value: str, rest: Iterable[str]) -> str:
        sort, _, name = key.partition(" ")
        if sort == "any":
            return "nothing is chosen"
        if sort == "signal":
            is_so = "is" if "y" in value else "is not"
            return f"{name.replace('_', ' ')} {is_so} as a step asks" if value else "a signal is not there"
        if fact := _fact_of_option(key):
            return f"{fact.replace('_', ' ')} is {name.partition('=')[2]}" if value == "yes" else ""
        if value == "some" and any(_fact_of_option(one) == name for one in rest):
            return ""
        return f"{name.replace('_', ' ') or key} is {value or 'not known'}"

    def _judge(self, condition: Condition, known: Mapping[str, str], outcomes: Mapping[str, str]) -> int:
        """As `engine.conditions.judge` does, for what little is known here."""
        if condition.fact:
            return self._judge_fact(condition.fact, condition.is_, known)
        if condition.signal:
            said = known.get(f"signal {condition.signal}")
            letter = said[self._tests[condition.signal][str(condition)]] if said else "?"
            return {"y": _YES, "n": _NO}.get(letter, _OPEN)
        if condition.severity:
            value = known.get("severity", "SEV1")
            level = condition.severity.removesuffix("-or-worse")
            return _YES if value == level or (condition.severity != level and value < level) else _NO
        if condition.outcome:
            ends = condition.outcome.items()
            return _YES if all(outcomes.get(step, "") in (end, "?") for step, end in ends) else _NO
        if condition.any_ is not None:
            return max((self._judge(one, known, outcomes) for one in condition.any_), default=_NO)
        if condition.all_ is not None:
            return min((self._judge(one, known, outcomes) for one in condition.all_), default=_YES)
        if condition.not_ is not None:
            return {_YES: _NO, _NO: _YES}.get(self._judge(condition.not_, known, outcomes), _OPEN)
        return _YES

    def _judge_fact(self, name: str, wanted: str | None, known: Mapping[str, str]) -> int:
        value = known.get(f"fact {name}", "")
        if not value:
            return _OPEN
        if wanted is None:
            is_no = value in ("no", "none") or (value == "0" and self._may_be_none(name))
            return _NO if is_no else _YES
        if name not in self.facts:
            return _NO if wanted == "no" else _YES
        if (option := known.get(f"fact {name}={wanted}")) is not None:
            return _YES if option == "yes" else _NO
        return _YES if value == _same(wanted, self.facts[name]) else _NO


def _option_last(key: str) -> bool:
    return bool(_fact_of_option(key))


def _fact_of_option(key: str) -> str:
    """The fact of which the variable is one option; empty where it is something else."""
    name, is_option, _ = key.removeprefix("fact ").partition("=")
    return name if is_option else ""


def _most_chosen(options: int) -> int:
    if options <= _ALL_TRIED:
        return options
    return 2 if options <= _PAIRS_TRIED else 1


def _with_not(condition: Condition, is_denied: bool) -> Iterator[tuple[Condition, bool]]:
    yield condition, is_denied
    for part in (*(condition.any_ or ()), *(condition.all_ or ())):
        yield from _with_not(part, is_denied)
    if condition.not_ is not None:
        yield from _with_not(condition.not_, True)


def _same(value: str, fact: Fact | None) -> str:
    """The value, written as it always is: `yes` for `true`, and `3` for `3.0`."""
    if fact is None or fact.type == "yes-no":
        return {"true": "yes", "false": "no"}.get(value, value)
    try:
        return f"{float(value):.15g}" if fact.type == "number" else value
    except ValueError:
        return value


def _such_readings(tests: Iterable[Condition]) -> Iterator[Reading]:
    """A reading on every side of every bound."""
    amounts: dict[bool, set[float]] = {}
    for bound in [one for test in tests for one in (test.at_least, test.at_most) if one is not None]:
        amounts.setdefault(bound.endswith("x"), set()).add(float(bound.removesuffix("x")))
    around = {sort: (*_around(of_sort), *([None] if len(amounts) > 1 else [])) for sort, of_sort in amounts.items()}
    lasting = {0.0, *(test.for_.total_seconds() for test in tests if test.for_ is not None)}
    counts = {0, *(test.min_count for test in tests if test.min_count is not None)}
    such = product(around.get(True, (None,)), around.get(False, (None,)), sorted(lasting), sorted(counts))
    for _, (ratio, value, seconds, count) in zip(range(_MOST_READINGS), such, strict=False):
        yield Reading(value=value, ratio=ratio, lasting=seconds, count=count)


def _around(amounts: set[float]) -> tuple[float, ...]:
    points = sorted(amounts)
    between = [(one + other) / 2 for one, other in pairwise(points)]
    return (*points, *between, points[0] - 1, points[-1] + 1)
