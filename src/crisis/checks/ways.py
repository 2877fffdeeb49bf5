"""Every way a playbook can go, explored exhaustively but folded: what no later step can tell apart is one state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from crisis.checks.graph import Graph, Node
from crisis.checks.guesses import Guesses
from crisis.kernel.diagnostics import Diagnostic, Path
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Fact

#: More states than this at one step: the playbook is too wide to be explored.
MOST_STATES = 3_000

_MOST_ASKED = 4


class Choice(NamedTuple):
    """Something that went one way and not another: where, and in words."""

    path: Path
    said: str


class Way(Struct, frozen=True):
    """A way through the playbook, by the choices in it that were not the usual ones."""

    choices: tuple[Choice, ...]


class TooManyWays(Exception):  # no error: nothing is wrong with the playbook; it is only not known
    """Not every way could be tried; `step` is the index of the one at which there were too many."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step

    def told(self, unknown: str) -> Diagnostic:
        """That for this reason nobody knows of something."""
        text = f"by here there are more ways than can be tried: {unknown}"
        hint = "let fewer conditions be asked again later, or part the playbook in two"
        return Diagnostic("too-many-ways", text, ("steps", self.step), hint, "warning")


class _State(NamedTuple):
    live: frozenset[str]
    """The coming steps that something leads to already."""
    known: frozenset[tuple[str, str]]
    """What conditions have been told so far, as far as a later one asks again."""
    outcomes: frozenset[tuple[str, str]]
    """How steps ended, as far as a later condition asks."""
    reached: bool


class _Link(NamedTuple):
    cost: int
    choices: tuple[Choice, ...]


class _Later(NamedTuple):
    """The steps that come after one, and what their conditions ask."""

    nodes: tuple[Node, ...] = ()
    asked: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    """Of these the outcome is kept: what was foretold of a step, until it is looked at."""


_Layer: TypeAlias = dict[_State, _Link]
_Pairs: TypeAlias = frozenset[tuple[str, str]]
Reaches = Callable[[Node, str], bool]


class Explorer(Struct, frozen=True, dict=True):
    """Explores the ways to some steps: `reaches` says which outcome of which step is what is looked for."""

    graph: Graph
    facts: Mapping[str, Fact]
    reaches: Reaches

    @cached_property
    def guesses(self) -> Guesses:
        """What may be known."""
        return Guesses(tuple(node for node in self.graph.nodes.values() if node.is_certain), self.facts)

    def ways_past(self, targets: frozenset[str]) -> tuple[Way, ...]:
        """The ways to the end of `targets` and of all before them on which it is not reached; the simplest ones.

        Raises TooManyWays.
        """
        layer: _Layer = {_State(frozenset(), frozenset(), frozenset(), False): _Link(0, ())}
        for node, later in self._with_later(self._relevant(targets)):
            layer = self._advance(node, later, layer)
            if len(layer) > MOST_STATES:
                raise TooManyWays(node.step.index)
        return _simplest([link for state, link in layer.items() if not state.reached])

    def ways_to(self, target: str) -> tuple[Way, ...]:
        """The ways on which `target` begins although it was not reached before; the simplest ones.

        Raises TooManyWays.
        """
        layer: _Layer = {_State(frozenset(), frozenset(), frozenset(), False): _Link(0, ())}
        *earlier, (node, _) = self._with_later(self._relevant(frozenset({target})))
        for one, later in earlier:
            layer = self._advance(one, later, layer)
            if len(layer) > MOST_STATES:
                raise TooManyWays(one.step.index)
        begun = [
            link
            for state, before in layer.items()
            for _, _, link, runs in self._entered(node, state, before)
            if runs and not state.reached
        ]
        return _simplest(begun)

    def _relevant(self, targets: frozenset[str]) -> tuple[Node, ...]:
        wanted = targets.union(*(self.graph.ancestors[one] for one in targets))
        return tuple(node for node in self.graph.in_order if node.id in wanted)

    def _with_later(self, nodes: tuple[Node, ...]) -> list[tuple[Node, _Later]]:
        found: list[tuple[Node, _Later]] = []
        later = _Later()
        for node in reversed(nodes):
            found.append((node, later))
            asked, steps = later.asked.union(self.guesses.keys(node)), _steps_in(node.when) if node.when else set[str]()
            later = _Later((node, *later.nodes), asked, later.outcomes | {node.id} | steps)
        return found[::-1]

    def _advance(self, node: Node, later: _Later, layer: _Layer) -> _Layer:
        names = {one.id for one in later.nodes}
        led_to = {outcome: _led_to(node, outcome, later) for outcome in _ends(node)} | {"": frozenset[str]()}
        following: _Layer = {}
        for state, link in layer.items():
            for known, outcomes, entered, runs in self._entered(node, state, link):
                foretold = dict(outcomes).get(node.id)
                for outcome, ended in self._endings(node, entered) if runs else [("", entered)]:
                    if foretold is not None and outcome != foretold:
                        continue  # an earlier condition has assumed that it ends otherwise
                    live = (state.live & names) | led_to[outcome]
                    outcomes = outcomes | {(node.id, outcome)}
                    after = _State(
                        live,
                        frozenset(pair for pair in known if pair[0] in later.asked),
                        frozenset(pair for pair in outcomes if pair[0] in later.outcomes),
                        state.reached or (bool(outcome) and self.reaches(node, outcome)),
                    )
                    if after not in following or ended.cost < following[after].cost:
                        following[after] = ended
        return following

    def _entered(self, node: Node, state: _State, link: _Link) -> Iterator[tuple[_Pairs, _Pairs, _Link, bool]]:
        """What becomes of the step: it runs, or it does not apply, for all that may be known."""
        if node.edges and node.id not in state.live and node.is_certain:
            yield state.known, state.outcomes, link, False
            return
        keys = self.guesses.keys(node) if node.is_certain else ()
        asked = _steps_in(node.when) if node.when and node.is_certain else set()
        if self.guesses.are_too_many(keys, dict(state.known)) or len(asked) > _MOST_ASKED:
            # A condition over so much may hold or not; what that says of the next one is not followed.
            told = Choice(("steps", node.step.index, "when"), f"{node.id} does not apply")
            yield state.known, state.outcomes, link, True
            yield state.known, state.outcomes, _Link(link.cost + 1, (*link.choices, told)), False
            return
        for outcomes in self._foretold(sorted(asked), dict(state.outcomes)):
            for known, unusual in self.guesses.of(keys, dict(state.known)):
                runs = self.guesses.applies(node, known, outcomes)
                longer = link
                if unusual and not runs:
                    told = Choice(("steps", node.step.index), ", ".join(unusual))
                    longer = _Link(link.cost + len(unusual), (*link.choices, told))
                elif not runs and asked:
                    told = Choice(("steps", node.step.index, "when"), f"{node.id} does not apply")
                    longer = _Link(link.cost, (*link.choices, told))
                yield frozenset(known.items()), frozenset(outcomes.items()), longer, runs

    def _foretold(self, steps: list[str], outcomes: dict[str, str]) -> Iterator[dict[str, str]]:
        """Every way in which the steps may end that a condition asks for before they are looked at."""
        open_steps = [name for name in steps if name not in outcomes]
        if not open_steps:
            yield outcomes
            return
        node = self.graph.nodes.get(open_steps[0])
        for outcome in (*(node.final if node else ("?",)), ""):
            yield from self._foretold(open_steps[1:], outcomes | {open_steps[0]: outcome})

    def _endings(self, node: Node, link: _Link) -> Iterator[tuple[str, _Link]]:
        for n, outcome in enumerate(_ends(node)):
            if n == 0:
                yield outcome, link
            else:
                told = Choice(("steps", node.step.index), f"{node.id} ends on {outcome!r}")
                yield outcome, _Link(link.cost + 1, (*link.choices, told))


def _ends(node: Node) -> tuple[str, ...]:
    """How the step may end for good; `?` where that cannot be told."""
    return ("?",) if node.outcomes is None else node.final


def _led_to(node: Node, outcome: str, later: _Later) -> frozenset[str]:
    return frozenset(
        one.id
        for one in later.nodes
        for edge in one.edges
        if edge.step == node.id and (outcome == "?" or node.leads_on(outcome, edge))
    )


def _simplest(links: list[_Link]) -> tuple[Way, ...]:
    """Of all bad ways those with the fewest unusual choices, one for each last choice."""
    least = min((link.cost for link in links), default=0)
    found: dict[Choice | None, Way] = {}
    for link in links:
        if link.cost == least:
            found.setdefault(link.choices[-1] if link.choices else None, Way(link.choices))
    return tuple(found.values())


def _steps_in(condition: Condition) -> set[str]:
    return {step for _, part in condition.parts() for step in part.outcome or ()}
