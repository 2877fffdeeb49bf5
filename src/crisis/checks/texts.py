"""unapproved-text, undrafted-text, drafted-twice: a text that could go out, or be lost, on a way nobody thought of."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.graph import Node
from crisis.checks.survey import Survey
from crisis.checks.ways import Explorer, Reaches, TooManyWays
from crisis.kernel.diagnostics import Diagnostic


def unapproved(survey: Survey) -> Iterator[Diagnostic]:
    """unapproved-text: there is a way to publishing a message that passes no approval of it."""
    yield from _without(survey, "publish", "approve", ("approved", "skipped"), "unapproved-text", "was not approved")


def undrafted(survey: Survey) -> Iterator[Diagnostic]:
    """undrafted-text: there is a way to approving a message that passes no draft of it."""
    yield from _without(survey, "approve", "draft", ("drafted", "skipped"), "undrafted-text", "was not drafted")


def _without(
    survey: Survey, kind: str, needs: str, passing: tuple[str, ...], code: str, said: str
) -> Iterator[Diagnostic]:
    graph = survey.graph
    for name, node in graph.nodes.items():
        message = _message(node)
        if node.step.head.kind != kind or not message or not node.is_certain or name in graph.in_circles:
            continue
        if any(not graph.nodes[one].is_certain for one in graph.ancestors[name]):
            continue  # what leads here has faults of its own
        try:
            ways = Explorer(graph, survey.playbook.facts, _of(message, needs, passing)).ways_to(name)
        except TooManyWays as unknown:
            yield unknown.told(f"whether {name} could {kind} {message!r} although it {said} is not known")
            continue
        if ways:
            told = " and ".join(choice.said for choice in ways[0].choices)
            when = f" when {told}" if told else ""
            hint = f"let {name} follow only the step that {needs}s {message}, or use one step of kind statement"
            text = f"{name} could {kind} {message!r} although it {said}{when}"
            yield Diagnostic(code, text, ("steps", node.step.index), hint)


def _of(message: str, needs: str, passing: tuple[str, ...]) -> Reaches:
    def reaches(node: Node, outcome: str) -> bool:
        if _message(node) != message:
            return False
        if node.step.head.kind == "statement":
            return outcome == "published" or needs == "draft"
        return node.step.head.kind == needs and outcome in passing

    return reaches


def _message(node: Node) -> str:
    name: str = getattr(node.step.spec, "message", "")
    return name


def drafted_twice(survey: Survey) -> Iterator[Diagnostic]:
    """drafted-twice: two steps that do not follow each other write the same message, each over the other."""
    graph = survey.graph
    drafting: dict[str, list[Node]] = {}
    for node in graph.nodes.values():
        if node.step.head.kind in ("draft", "statement") and _message(node):
            drafting.setdefault(_message(node), []).append(node)
    for message, nodes in drafting.items():
        for n, other in enumerate(nodes):
            after = graph.ancestors[other.id]
            one = next(
                (one for one in nodes[:n] if one.id not in after and other.id not in graph.ancestors[one.id]), None
            )
            if one is not None:
                text = f"{one.id} and {other.id} both write {message!r}, and neither follows the other"
                hint = "use two messages with the same template, or let one step follow the other"
                yield Diagnostic("drafted-twice", text, ("steps", other.step.index, "message"), hint)


def held_for_itself(survey: Survey) -> Iterator[Diagnostic]:
    """held-for-itself: publishing waits for a step that only comes after it."""
    graph = survey.graph
    for name, node in graph.nodes.items():
        hold = getattr(node.step.spec, "hold_until", None)
        for path, part in hold.parts(("steps", node.step.index, "hold_until")) if hold else ():
            for step in part.outcome or ():
                whole = step.partition(".")[0]
                if whole in graph.nodes and (whole == name or name in graph.ancestors[whole]):
                    text = f"{name} is held until {whole} is done, and {whole} comes after it"
                    yield Diagnostic("held-for-itself", text, (*path, "outcome", step), "wait for an earlier step")
