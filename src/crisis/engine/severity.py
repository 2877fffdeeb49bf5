"""Which severity the playbook proposes, and why. A person decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from crisis.engine.conditions import Truth, World, judge, judge_all
from crisis.playbook.model import SeverityRule
from crisis.playbook.values import SEVERITIES, SEVERITY_WORDS


class Proposal(Struct, frozen=True):
    """A proposed severity, its reason in words, and the rule it comes from (`severity.SEV1.any[1]`), for programs.

    `is_unsure`: the rule may hold, but something it asks for is not known yet. `unknown`: the facts that nobody knows
    yet, and that alone could make it worse.
    """

    severity: str
    because: str
    rule: str = ""
    is_unsure: bool = False
    unknown: tuple[str, ...] = ()

    @property
    def ground(self) -> str:
        """What speaks for it: that a rule may hold is another ground than that it does."""
        return f"{self.rule or self.severity}{'?' if self.is_unsure else ''}"

    def __str__(self) -> str:
        return f"{self.severity} {SEVERITY_WORDS[self.severity]} ({self.because})"


def propose(rules: Mapping[str, SeverityRule], world: World) -> Proposal:
    """The worst severity a rule speaks for; where a fact was asked and is not known yet, the higher one."""
    unknown: dict[str, None] = {}
    for severity in SEVERITIES:
        rule = rules.get(severity)
        if rule is None:
            continue
        named = [(f"severity.{severity}.any[{n}]", judge(part, world)) for n, part in enumerate(rule.any_)]
        if rule.all_:
            named.append((f"severity.{severity}.all", judge_all(rule.all_, world)))
        for truth in (Truth.YES, Truth.UNKNOWN):
            for name, verdict in named:
                if verdict.truth is truth:
                    is_unsure = truth is Truth.UNKNOWN
                    suffix = "; if unsure, the higher" if is_unsure else ""
                    return Proposal(severity, f"{verdict.because}{suffix}", name, is_unsure, tuple(unknown))
        unknown |= dict.fromkeys(_not_known(rule, world))
    lowest = max((level for level in SEVERITIES if level in rules), default="SEV4")
    return Proposal(lowest, "no rule for a worse one holds", unknown=tuple(unknown))


def _not_known(rule: SeverityRule, world: World) -> Iterator[str]:
    """The facts that the rule asks for and nobody knows, where nothing else says no to it."""
    together = rule.all_ if judge_all(rule.all_, world).truth is Truth.UNASKED else ()
    for condition in (*rule.any_, *together):
        if judge(condition, world).truth is Truth.UNASKED:
            facts = (part.fact for _, part in condition.parts() if part.fact is not None)
            yield from (fact for fact in facts if fact not in world.facts)
