"""stop-without-route, route-forward, no-way-on, endless-route: what becomes of an outcome that does not lead on."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.graph import CLOSE, Graph, Node
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic
from crisis.kinds import KINDS


def stops_without_route(survey: Survey) -> Iterator[Diagnostic]:
    """stop-without-route: an outcome that nothing follows must say where it leads back to."""
    for node in survey.graph.nodes.values():
        if survey.book.is_faulty("steps", node.step.index, "on"):
            continue
        for outcome in sorted(node.stops - node.on.keys()):
            message = f"after {outcome!r} nothing follows {node.id}: the incident would stand still"
            hint = f"add on: {{{outcome}: an earlier step, or close}}"
            yield Diagnostic("stop-without-route", message, ("steps", node.step.index), hint)


def routes_forward(survey: Survey) -> Iterator[Diagnostic]:
    """route-forward: `on` leads to a step that does not lie before; only `after` leads forward."""
    graph = survey.graph
    for name, node in graph.nodes.items():
        if survey.book.is_faulty("steps", node.step.index, "after") or name in graph.in_circles:
            continue
        for outcome, target in node.on.items():
            if target in (CLOSE, name) or target not in graph.nodes or target in graph.ancestors[name]:
                continue
            message = f"{name} cannot lead back to {target}: it does not come after it"
            hint = f"to go on with {target}, write after: [{{{name}: {outcome}}}] there; `on` only leads back"
            yield Diagnostic("route-forward", message, ("steps", node.step.index, "on", outcome), hint)


def no_way_on(survey: Survey) -> Iterator[Diagnostic]:
    """no-way-on: every outcome of a step is sent back, so it is done again for ever."""
    for node in survey.graph.nodes.values():
        outcomes = node.outcomes or ()
        back = [one for one in outcomes if node.on.get(one, CLOSE) != CLOSE]
        if outcomes and len(back) == len(outcomes):
            message = f"every outcome of {node.id} leads back: it would be done again for ever"
            hint = "let one outcome lead on: take it out of `on`"
            yield Diagnostic("no-way-on", message, ("steps", node.step.index, "on"), hint)


def endless_routes(survey: Survey) -> Iterator[Diagnostic]:
    """endless-route: a step that ends by itself leads back to where nobody is asked anything, so it ends so again."""
    graph = survey.graph
    for name, node in graph.nodes.items():
        if not node.is_certain or name in graph.in_circles:
            continue
        for outcome, target in node.on.items():
            if target != name and target not in graph.ancestors[name]:
                continue  # it leads to no step before
            if outcome in _by_itself(node) and not _somebody_is_asked(graph, target, name):
                message = f"{name} may come to {outcome!r} by itself, and from {target} on nobody is asked anything"
                hint = "it would come back at once, for ever: lead back to a step that asks, such as a draft"
                yield Diagnostic("endless-route", message, ("steps", node.step.index, "on", outcome), hint)


def _by_itself(node: Node) -> frozenset[str]:
    """The outcomes to which it may come without anybody doing anything; a statement is drafted first."""
    kind = KINDS.get(node.step.head.kind)
    return kind.by_itself(node.step.spec) if kind is not None and node.step.spec is not None else frozenset()


def _somebody_is_asked(graph: Graph, target: str, source: str) -> bool:
    """Whether a step that waits for somebody, or for some time, lies on the way whatever is the case."""
    needed, sure = _needed(graph, source), _sure(graph, target)
    between = {one for one in graph.ancestors[source] if one == target or target in graph.ancestors[one]}
    return any(not _by_itself(graph.nodes[one]) and (one in needed or one in sure) for one in between)


def _needed(graph: Graph, name: str) -> frozenset[str]:
    """The steps without which this one does not begin: every way to it leads through them."""
    found: dict[str, frozenset[str]] = {}
    for node in graph.in_order:
        ways = [found[edge.step] | {edge.step} for edge in node.edges]
        found[node.id] = frozenset.intersection(*ways) if ways else frozenset()
    return found[name]


def _sure(graph: Graph, target: str) -> frozenset[str]:
    """The steps that begin whenever `target` has ended and leads on."""
    found = {target}
    for node in graph.in_order:
        is_conditional = node.when is not None or bool(node.for_each)
        if not is_conditional and any(edge.step in found and not edge.outcomes for edge in node.edges):
            found.add(node.id)
    return frozenset(found)
