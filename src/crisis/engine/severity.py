"""Which severity the playbook proposes, and why. A person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crisis.engine.conditions import Truth, World, judge, judge_all
from crisis.playbook.model import SeverityRule
from crisis.playbook.values import SEVERITIES, SEVERITY_WORDS


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed severity, its reason in words, and the rule it comes from (`severity.SEV1.any[1]`)."""

    severity: str
    because: str
    rule: str = ""

    def __str__(self) -> str:
        rule = f", rule {self.rule}" if self.rule else ""
        return f"{self.severity} {SEVERITY_WORDS[self.severity]} ({self.because}{rule})"


def propose(rules: Mapping[str, SeverityRule], world: World) -> Proposal:
    """The worst severity a rule speaks for; where a fact was asked and is not known yet, the higher one."""
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
                    suffix = "" if truth is Truth.YES else "; if unsure, the higher"
                    return Proposal(severity, f"{verdict.because}{suffix}", name)
    lowest = max((level for level in SEVERITIES if level in rules), default="SEV4")
    return Proposal(lowest, "no rule for a worse one holds")
