"""Conditions in words: `injury is yes and severity is SEV2 serious or worse`."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.kernel.durations import roughly
from crisis.playbook.conditions import Condition
from crisis.projections.names import Names


def in_words(condition: Condition, names: Names) -> str:
    """What must hold, as one would say it."""
    return _said(condition, names, inside=False)


def may_hold(condition: Condition, severity: str) -> bool:
    """Whether it can hold at that severity, whatever the facts, signals and outcomes turn out to be."""
    if condition.severity is not None:
        return _is_severity(condition.severity, severity)
    if condition.any_ is not None:
        return any(may_hold(part, severity) for part in condition.any_)
    if condition.all_ is not None:
        return all(may_hold(part, severity) for part in condition.all_)
    if condition.not_ is not None:
        return not _must_hold(condition.not_, severity)
    return True


def _must_hold(condition: Condition, severity: str) -> bool:
    if condition.severity is not None:
        return _is_severity(condition.severity, severity)
    if condition.any_ is not None:
        return any(_must_hold(part, severity) for part in condition.any_)
    if condition.all_ is not None:
        return all(_must_hold(part, severity) for part in condition.all_)
    if condition.not_ is not None:
        return not may_hold(condition.not_, severity)
    return not condition.tests()


def _is_severity(wanted: str, severity: str) -> bool:
    level = wanted.removesuffix("-or-worse")
    return severity <= level if wanted.endswith("-or-worse") else severity == level


def _said(condition: Condition, names: Names, *, inside: bool) -> str:
    if condition.fact is not None:
        return f"{names.fact(condition.fact)} {_value(condition, names)}"
    if condition.signal is not None:
        return _signal(condition)
    if condition.severity is not None:
        level = condition.severity.removesuffix("-or-worse")
        worse = " or worse" if level != condition.severity else ""
        return f"severity is {names.severity(level)}{worse}"
    if condition.outcome is not None:
        return _outcomes(condition.outcome, names)
    for group, word in ((condition.any_, " or "), (condition.all_, " and ")):
        if group is not None:
            said = word.join(_said(part, names, inside=len(group) > 1) for part in group)
            return f"({said})" if inside and len(group) > 1 else said
    if condition.not_ is not None:
        return f"not ({_said(condition.not_, names, inside=False)})"
    return "always"


def _value(condition: Condition, names: Names) -> str:
    if condition.is_ is None:
        return "is yes"
    fact = names.plan.facts.get(condition.fact or "")
    label = fact.options.get(condition.is_, condition.is_) if fact is not None else condition.is_
    return f"includes {label}" if fact is not None and fact.type == "choice-many" else f"is {label}"


def _signal(condition: Condition) -> str:
    parts = [str(condition.signal).replace("_", " ")]
    for bound, word in ((condition.at_least, "at least"), (condition.at_most, "at most")):
        if bound is not None:
            times = f"{bound.removesuffix('x')} times the baseline" if bound.endswith("x") else bound
            parts.append(f"is {word} {times}")
    if condition.for_ is not None:
        parts.append(f"for {roughly(condition.for_)}")
    if condition.min_count is not None:
        parts.append(f"with at least {condition.min_count} mentions")
    return " ".join(parts)


def _outcomes(wanted: Mapping[str, str], names: Names) -> str:
    return " and ".join(_outcome(step, outcome, names) for step, outcome in wanted.items())


def _outcome(step: str, outcome: str, names: Names) -> str:
    """A written step may have become several; they share its title. What is chosen in a decision has a label."""
    planned = next((one for one in names.plan.steps if step in (one.id, one.stands_for)), None)
    labels = planned.spec.options if planned is not None and planned.kind_name == "decision" else {}
    title = planned.title if planned is not None else step
    return f"“{title}” came to “{labels.get(outcome, outcome.replace('-', ' '))}”"
