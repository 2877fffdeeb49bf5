"""Conditions that do not say what they seem to say: no test or several, and values that can never hold."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from crisis.checks.survey import Survey, Test
from crisis.engine.allowed import out_of_bounds
from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kernel.text import quoted
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Fact

_TRUTHS = ("yes", "no", "true", "false")


def one_test(survey: Survey) -> Iterator[Diagnostic]:
    """condition-tests: a condition has exactly one test; `any`, `all` and `not` combine several."""
    for condition, path in survey.tests:
        if survey.book.is_faulty(*path):
            continue
        tests = condition.tests()
        if not tests:
            hint = "write fact:, signal:, severity:, outcome:, any:, all: or not:"
            yield Diagnostic("condition-tests", "this condition tests nothing", path, hint)
        elif len(tests) > 1:
            message = f"this condition has {len(tests)} tests: {', '.join(tests)}"
            yield Diagnostic("condition-tests", message, path, "put each in a line of its own under all: or any:")
        elif () in (condition.any_, condition.all_) or condition.outcome == {}:
            yield Diagnostic("condition-tests", f"nothing stands under {tests[0]}:", path, "write what is tested")


def stray_keys(survey: Survey) -> Iterator[Diagnostic]:
    """condition-stray: `is` without a fact, or `at_least`, `at_most`, `for`, `min_count` without a signal."""
    for condition, path in survey.tests:
        if survey.book.is_faulty(*path):
            continue
        if condition.is_ is not None and condition.fact is None:
            message = "`is` belongs to a fact"
            yield Diagnostic("condition-stray", message, (*path, "is"), "write fact: beside it", at_key=True)
        if condition.signal is None:
            for key in _bounds(condition):
                message = f"`{key}` belongs to a signal"
                yield Diagnostic("condition-stray", message, (*path, key), "write signal: beside it", at_key=True)
        elif condition.at_least is None and condition.at_most is None:
            message = f"how much {condition.signal.replace('_', ' ')} is not said: any would do"
            yield Diagnostic("condition-stray", message, (*path, "signal"), "add at_least: 5x or at_most: 0.4")


def _bounds(condition: Condition) -> Iterator[str]:
    for key, value in (
        ("at_least", condition.at_least),
        ("at_most", condition.at_most),
        ("for", condition.for_),
        ("min_count", condition.min_count),
    ):
        if value is not None:
            yield key


def unknown_criteria(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-criterion: under `contrary` stands something that is no criterion, so it would never be said."""
    stand_down = survey.playbook.stand_down
    criteria = [one.text for one in stand_down.criteria]
    for written in stand_down.contrary:
        if written not in criteria:
            message = f"{quoted(written, 60)} is no criterion: what monitoring says against it would never be seen"
            # The whole list is long, and what is close to none of it was meant for none.
            close = get_close_matches(written[:200], criteria, n=1, cutoff=0.6)
            hint = f"in its own words: {quoted(close[0], 120)}" if close else "add it under stand_down: criteria:"
            path = ("stand_down", "contrary", written)
            yield Diagnostic("unknown-criterion", message, path, hint, at_key=True)


def values(survey: Survey) -> Iterator[Diagnostic]:
    """condition-value: a fact is compared with a value that it can never have."""
    for test in survey.tests:
        name, wanted = test.condition.fact, test.condition.is_
        fact = survey.playbook.facts.get(name or "")
        if fact is None or wanted is None or survey.book.is_faulty("facts", str(name)):
            continue
        possible = _possible(fact)
        if possible is not None and wanted not in possible:
            yield _never(test, f"{name} is never {wanted!r}", nearest(wanted, possible))
        elif fact.type == "number" and not _is_number(wanted):
            yield _never(test, f"{name} is a number, and {wanted!r} is none", "write a number")
        elif fact.type == "number" and (why := out_of_bounds(fact, float(wanted))):
            yield _never(test, f"{name} is never {wanted!r}", why)
        elif fact.type == "time":
            yield _never(
                test,
                f"{name} is a moment: it cannot be compared",
                "leave `is` out: it then tests whether the time is known",
            )


def _possible(fact: Fact) -> tuple[str, ...] | None:
    match fact.type:
        case "yes-no":
            return _TRUTHS
        case "choice" | "choice-many":
            return tuple(fact.options)
    return None


def _never(test: Test, message: str, hint: str) -> Diagnostic:
    return Diagnostic("condition-value", message, (*test.path, "is"), hint)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
