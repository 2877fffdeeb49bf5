"""stop-without-route, route-forward, no-way-on: what becomes of an outcome that does not lead on."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.graph import CLOSE
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic


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
