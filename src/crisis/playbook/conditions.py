"""The one grammar of conditions: data, not an expression language, so that it can be checked and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from crisis.kernel.diagnostics import Path
from crisis.playbook.authored import Parsed, authored, described
from crisis.playbook.values import SEVERITIES, Duration, FactName


def _amount(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    number = text.removesuffix("x")
    try:
        if float(number) < 0 or float(number) in (float("inf"),) or float(number) != float(number):
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is not an amount: write 200, 0.4, or 5x for five times the baseline") from None
    return text


def _severity(value: Any) -> str:
    known = [*SEVERITIES, *(f"{level}-or-worse" for level in SEVERITIES[1:])]
    if value not in known:
        raise ValueError(f"{value!r} is not a severity: write {', '.join(known)}")
    return str(value)


Amount = Annotated[str, Parsed(_amount, {"anyOf": [{"type": "string", "pattern": r"^[0-9.]+x?$"}, {"type": "number"}]})]
SeverityTest = Annotated[
    str, Parsed(_severity, {"type": "string", "pattern": "^(SEV1|SEV2|SEV3|SEV4|SEV[234]-or-worse)$"})
]


@authored
class Condition:
    """One test, or several combined with `any`, `all`, `not`. Exactly one of the tests is written."""

    fact: FactName | None = described("A fact that is yes, or that has the value of `is`.", default=None)
    is_: str | None = described("The value the fact must have; for choice-many: that it contains.", default=None)
    signal: FactName | None = described("A signal from monitoring.", default=None)
    at_least: Amount | None = described("200, 0.4, or 5x for five times the baseline.", default=None)
    at_most: Amount | None = described("An upper bound, written like `at_least`.", default=None)
    for_: Duration | None = described("How long the signal must have lasted.", default=None)
    min_count: int | None = described("How many mentions there must be at least.", default=None)
    severity: SeverityTest | None = described("SEV1, or SEV2-or-worse.", default=None)
    outcome: Mapping[str, str] | None = described("A step and the outcome it must have had.", default=None)
    any_: tuple[Condition, ...] | None = described("At least one of these.", default=None)
    all_: tuple[Condition, ...] | None = described("Every one of these.", default=None)
    not_: Condition | None = described("The opposite of this.", default=None)

    def tests(self) -> tuple[str, ...]:
        """The names of the tests that are written; a well-formed condition has exactly one."""
        names = ("fact", "signal", "severity", "outcome", "any", "all", "not")
        values = (self.fact, self.signal, self.severity, self.outcome, self.any_, self.all_, self.not_)
        return tuple(name for name, value in zip(names, values, strict=True) if value is not None)

    def parts(self, path: Path = ()) -> Iterator[tuple[Path, Condition]]:
        """The condition and all within it, each with its path."""
        yield path, self
        for key, group in (("any", self.any_), ("all", self.all_)):
            for n, part in enumerate(group or ()):
                yield from part.parts((*path, key, n))
        if self.not_ is not None:
            yield from self.not_.parts((*path, "not"))
