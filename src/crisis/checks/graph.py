"""The steps of a playbook as a graph: a node for each written step, an edge for each `after`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from crisis.kinds import KINDS
from crisis.plan.book import Book
from crisis.playbook.conditions import Condition
from crisis.playbook.validate import WrittenStep
from crisis.playbook.values import Edge

SKIPPED = "skipped"
CLOSE = "close"


class Node(Struct, frozen=True):
    """A step. `outcomes` is all it may come to, None where that cannot be told; `edges` those that lead somewhere."""

    step: WrittenStep
    outcomes: tuple[str, ...] | None
    stops: frozenset[str]
    edges: tuple[Edge, ...]
    is_certain: bool

    @property
    def id(self) -> str:
        """The step's id."""
        return self.step.head.id

    @property
    def on(self) -> Mapping[str, str]:
        """Where its outcomes are routed."""
        return self.step.head.on

    @property
    def for_each(self) -> str:
        """The fact it is done once for each value of; a statement never is."""
        return "" if self.step.head.kind == "statement" else self.step.head.for_each or ""

    @property
    def when(self) -> Condition | None:
        """The condition under which it exists."""
        return self.step.head.when

    def leads_on(self, outcome: str, edge: Edge) -> bool:
        """Whether a step with that edge to this one goes on after `outcome`."""
        if outcome in self.on and self.on[outcome] != CLOSE:
            return False  # what is sent back is done again: it does not stand
        if edge.outcomes:
            return outcome in edge.outcomes
        return outcome not in self.on and outcome not in self.stops

    @property
    def final(self) -> tuple[str, ...]:
        """The outcomes after which it is not done again."""
        ended = (one for one in self.outcomes or () if self.on.get(one, CLOSE) == CLOSE)
        return tuple(one for one in ended if one in self.on or one not in self.stops)


class Graph:
    """All nodes by id, as written. Of two steps with the same id the first counts."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes

    @cached_property
    def before(self) -> Mapping[str, frozenset[str]]:
        """For each step, those it directly follows."""
        return {name: frozenset(edge.step for edge in node.edges) for name, node in self.nodes.items()}

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """For each step, every step that leads to it; in a circle, itself too."""
        found: dict[str, frozenset[str]] = {}
        for name in self.nodes:
            seen: set[str] = set()
            todo = list(self.before[name])
            while todo:
                one = todo.pop()
                if one in seen:
                    continue
                seen.add(one)
                if one in found:
                    seen |= found[one]
                else:
                    todo += self.before[one]
            found[name] = frozenset(seen)
        return found

    @cached_property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """The circles in `after`, one for each knot of steps, each beginning with the step written first."""
        found: list[tuple[str, ...]] = []
        done: set[str] = set()
        for name in self.nodes:
            if name in done or name not in self.ancestors[name]:
                continue
            knot = {one for one in self.ancestors[name] if name in self.ancestors[one]}
            done |= knot
            found.append(self._circle(name, knot))
        return tuple(found)

    def _circle(self, start: str, knot: set[str]) -> tuple[str, ...]:
        """The shortest way from `start` back to it within the knot, in the order in which the steps would run."""
        ways: dict[str, tuple[str, ...]] = {one: (one,) for one in self.before[start] if one in knot}
        while start not in ways:
            longer: dict[str, tuple[str, ...]] = {}
            for name, way in ways.items():
                for one in self.before[name]:
                    if one in knot and one not in ways:
                        longer.setdefault(one, (one, *way))
            ways |= longer
        return ways[start]

    @cached_property
    def in_circles(self) -> frozenset[str]:
        """Every step that stands in a circle or after one."""
        knotted = {name for name in self.nodes if name in self.ancestors[name]}
        return frozenset(name for name in self.nodes if name in knotted or self.ancestors[name] & knotted)

    @cached_property
    def in_order(self) -> tuple[Node, ...]:
        """The nodes so that each stands after all it follows, without those of `in_circles`."""
        free = [node for name, node in self.nodes.items() if name not in self.in_circles]
        # Whoever leads to a step has fewer ancestors than it.
        return tuple(sorted(free, key=lambda node: len(self.ancestors[node.id])))


def draw(book: Book) -> Graph:
    """The graph of a book; edges to steps that do not exist are left out."""
    nodes = {name: _node(step, book) for name, step in book.step_ids.items()}
    return Graph(
        {name: node if _is_possible(node, nodes) else replace(node, is_certain=False) for name, node in nodes.items()}
    )


def _is_possible(node: Node, nodes: Mapping[str, Node]) -> bool:
    """Whether every outcome it waits for can come."""
    befores = ((edge, nodes[edge.step].outcomes) for edge in node.edges)
    return all(outcomes is None or set(edge.outcomes) <= set(outcomes) for edge, outcomes in befores)


def _node(step: WrittenStep, book: Book) -> Node:
    head = step.head
    edges = tuple(edge for edge in head.after if edge.step in book.step_ids)
    is_whole = len(edges) == len(head.after)
    keys = ("id", "after", "when", "on", "kind", "options")
    is_certain = is_whole and not any(book.is_faulty("steps", step.index, key) for key in keys)
    stops = KINDS[head.kind].stops if head.kind in KINDS else frozenset()
    return Node(step, outcomes_of(step), stops, edges, is_certain)


def outcomes_of(step: WrittenStep) -> tuple[str, ...] | None:
    """What the step may come to, `skipped` included where it may be skipped; None where that cannot be told."""
    if step.spec is None:
        return None
    kind = KINDS["publish" if step.head.kind == "statement" else step.head.kind]
    return (*kind.outcomes(step.spec), *((SKIPPED,) if kind.skippable else ()))


def parts_of(step: WrittenStep, book: Book) -> Iterator[str]:
    """The ids of the steps that this one becomes when it is compiled, where they differ from its own."""
    if step.head.kind == "statement":
        yield from (f"{step.head.id}.{part}" for part in ("draft", "approve", "publish"))
    elif step.head.for_each and (fact := book.playbook.facts.get(step.head.for_each)):
        yield from (f"{step.head.id}.{value}" for value in fact.options)
