"""cycle, never-runs, conditional-predecessor: steps that wait for each other, or for what never comes."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.graph import Graph, Node
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic
from crisis.playbook.conditions import Condition
from crisis.playbook.values import PHASES


def cycles(survey: Survey) -> Iterator[Diagnostic]:
    """cycle: steps that follow each other in a circle; none of them can ever begin."""
    for circle in survey.graph.circles:
        first = survey.graph.nodes[circle[0] if len(circle) == 1 else min(circle, key=list(survey.graph.nodes).index)]
        names = (*circle, circle[0])
        message = f"these steps wait for each other: {' → '.join(names)}"
        hint = "take one `after` out; to go back to an earlier step, write on: {outcome: step}"
        yield Diagnostic("cycle", message, ("steps", first.step.index, "after"), hint)


def never_runs(survey: Survey) -> Iterator[Diagnostic]:
    """never-runs: no outcome of the steps before leads to this one, or it waits for what comes after it."""
    graph = survey.graph
    runs = _runnable(graph)
    for node in graph.in_order:
        if node.id in runs or any(edge.step not in runs for edge in node.edges):
            continue  # of a chain of such steps the first is enough
        led_to = not node.edges or any(
            _leads(graph.nodes[edge.step], edge_n, node) for edge_n, edge in enumerate(node.edges)
        )
        if led_to:
            message = f"{node.id} can never run: its `when` waits for a step that comes after it"
            yield Diagnostic("never-runs", message, ("steps", node.step.index, "when"), "wait for an earlier step")
        else:
            befores = ", ".join(dict.fromkeys(edge.step for edge in node.edges))
            message = f"{node.id} can never run: no outcome of {befores} leads on to it"
            hint = "an outcome with a route under `on` leads there, and not here; name one that has none"
            yield Diagnostic("never-runs", message, ("steps", node.step.index, "after"), hint)


def _runnable(graph: Graph) -> set[str]:
    runs: set[str] = set()
    while True:
        more = {node.id for node in graph.nodes.values() if node.id not in runs and _may_run(node, runs, graph)}
        if not more:
            return runs
        runs |= more


def _may_run(node: Node, runs: set[str], graph: Graph) -> bool:
    if not node.is_certain:
        return True
    led_to = not node.edges or any(
        edge.step in runs and _leads(graph.nodes[edge.step], n, node) for n, edge in enumerate(node.edges)
    )
    return led_to and (node.when is None or _may_hold(node.when, runs, graph))


def _leads(before: Node, n: int, node: Node) -> bool:
    if before.outcomes is None:
        return True
    return any(before.leads_on(outcome, node.edges[n]) for outcome in before.outcomes)


def _may_hold(condition: Condition, runs: set[str], graph: Graph) -> bool:
    if condition.outcome:
        return all(
            name.partition(".")[0] in runs or name.partition(".")[0] not in graph.nodes for name in condition.outcome
        )
    if condition.any_:
        return any(_may_hold(one, runs, graph) for one in condition.any_)
    if condition.all_:
        return all(_may_hold(one, runs, graph) for one in condition.all_)
    return True


def conditional_predecessors(survey: Survey) -> Iterator[Diagnostic]:
    """conditional-predecessor: a phase begins only after steps that may turn out not to apply; then it never begins."""
    graph = survey.graph
    for node in graph.in_order:
        befores = [graph.nodes[edge.step] for edge in node.edges if not edge.outcomes]
        if not befores or len(befores) < len(node.edges) or not node.is_certain:
            continue  # whoever names an outcome knows that there are others
        is_conditional = node.when is not None or bool(node.for_each)
        may_be_moot = all(one.when is not None or one.for_each for one in befores)
        begins_phase = all(_phase(one) < _phase(node) for one in befores)
        if may_be_moot and begins_phase and not is_conditional:
            names = list(dict.fromkeys(one.id for one in befores))
            neither = f"{names[0]} does not apply" if len(names) == 1 else f"neither {' nor '.join(names)} applies"
            message = f"where {neither}, {node.id} does not apply either"
            hint = "let it follow an unconditional step as well; if it is meant so, give it a `when` of its own"
            yield Diagnostic("conditional-predecessor", message, ("steps", node.step.index, "after"), hint, "warning")


def _phase(node: Node) -> int:
    return PHASES.index(node.step.head.phase)
