"""One grammar of conditions, with the reason in words; and the severity that follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playing import START

from crisis.engine.conditions import Truth, World, judge, say_value
from crisis.engine.events import Reading
from crisis.engine.severity import propose
from crisis.engine.state import FactState
from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule


def known(value: Any, *, yet: bool = True) -> FactState:
    return FactState(value=value, known=yet, at=START, since=START, seq=1, changed=1)


WORLD = World(
    facts={
        "hurt": known(True),
        "safe": known(False),
        "product": known("Kettle 3"),
        "sold_in": known(["dk", "us"]),
        "units": known(1200),
        "none": known([]),
        "said_no": known("no"),
        "death": known(None, yet=False),
    },
    signals={"rate": Reading(value=230, ratio=14.0, lasting=1200, count=240), "bare": Reading(value=3)},
    severity="SEV2",
    outcomes={"verify": "real"},
)
YES, NO, UNASKED, UNKNOWN = Truth.YES, Truth.NO, Truth.UNASKED, Truth.UNKNOWN
HURT, SAFE, DEATH, OTHER = (Condition(fact=one) for one in ("hurt", "safe", "death", "other"))


@pytest.mark.parametrize(
    ("condition", "truth", "because"),
    [
        (HURT, YES, "hurt: yes"),
        (SAFE, NO, "safe: no"),
        (DEATH, UNKNOWN, "death is not known yet"),
        (OTHER, UNASKED, "other was not asked yet"),
        (Condition(fact="hurt", is_="yes"), YES, "hurt: yes"),
        (Condition(fact="hurt", is_="no"), NO, "hurt: yes"),
        (Condition(fact="safe", is_="false"), YES, "safe: no"),
        (Condition(fact="product", is_="Kettle 3"), YES, "product: Kettle 3"),
        (Condition(fact="product", is_="Kettle 4"), NO, "product: Kettle 3"),
        (Condition(fact="sold_in", is_="dk"), YES, "sold in: dk, us"),
        (Condition(fact="sold_in", is_="de"), NO, "sold in: dk, us"),
        (Condition(fact="none"), NO, "none: none"),
        (Condition(fact="said_no"), NO, "said no: no"),
        (Condition(fact="units", is_="1200.0"), YES, "units: 1200"),
        (Condition(fact="units", is_="many"), NO, "units: 1200"),
        (
            Condition(signal="rate", at_least="10x", for_=timedelta(minutes=15), min_count=200),
            YES,
            "rate is 14× the baseline for 20 min with 240 mentions",
        ),
        (Condition(signal="rate", at_least="15x"), NO, "rate is 14× the baseline"),
        (Condition(signal="rate", at_least="200"), YES, "rate is 230"),
        (Condition(signal="rate", at_most="200"), NO, "rate is 230"),
        (Condition(signal="rate", for_=timedelta(minutes=30)), NO, "rate for 20 min"),
        (Condition(signal="rate", min_count=500), NO, "rate with 240 mentions"),
        (Condition(signal="bare", at_least="2x"), UNASKED, "bare has no baseline"),
        (Condition(signal="reach", at_least="2"), UNASKED, "reach is not measured"),
        (Condition(severity="SEV2"), YES, "severity is SEV2 serious"),
        (Condition(severity="SEV1"), NO, "severity is SEV2 serious"),
        (Condition(severity="SEV3-or-worse"), YES, "severity is SEV2 serious"),
        (Condition(outcome={"verify": "real"}), YES, "verify: real"),
        (Condition(outcome={"verify": "hoax"}), NO, "verify: real"),
        (Condition(outcome={"triage": "open", "verify": "real"}), NO, "triage is not done"),
        (Condition(any_=(SAFE, HURT)), YES, "hurt: yes"),
        (Condition(any_=(SAFE, DEATH, OTHER)), UNKNOWN, "death is not known yet"),
        (Condition(any_=()), NO, ""),
        (Condition(all_=(HURT, Condition(severity="SEV2"))), YES, "hurt: yes and severity is SEV2 serious"),
        (Condition(all_=(HURT, DEATH)), UNKNOWN, "death is not known yet"),
        (Condition(all_=(DEATH, OTHER)), UNASKED, "other was not asked yet"),
        (Condition(all_=(DEATH, SAFE)), NO, "safe: no"),
        (Condition(not_=SAFE), YES, "safe: no"),
        (Condition(not_=HURT), NO, "hurt: yes"),
        (Condition(not_=DEATH), UNKNOWN, "death is not known yet"),
        (Condition(), YES, "always"),
        (Condition(outcome={}), YES, ""),
    ],
)
def test_a_condition_says_yes_no_or_not_known_and_why(condition: Condition, truth: Truth, because: str) -> None:
    verdict = judge(condition, WORLD)
    assert (verdict.truth, verdict.because) == (truth, because)
    assert verdict.holds is (truth is YES)


def test_a_signal_without_a_value_has_none() -> None:
    world = World(facts={}, signals={"rate": Reading(ratio=2.0)}, severity="", outcomes={})
    assert judge(Condition(signal="rate", at_most="5"), world).because == "rate has no value"
    assert judge(Condition(severity="SEV1"), world).because == "no severity was decided yet"


@pytest.mark.parametrize(
    ("value", "said"), [(True, "yes"), (False, "no"), ([], "none"), (["a", "b"], "a, b"), (3, "3")]
)
def test_a_value_is_said_as_people_say_it(value: Any, said: str) -> None:
    assert say_value(value) == said


# ── severity ──


def rule(*any_: Condition, all_: tuple[Condition, ...] = ()) -> SeverityRule:
    return SeverityRule(any_=any_, all_=all_)


@pytest.mark.parametrize(
    ("rules", "said", "name"),
    [
        ({"SEV1": rule(SAFE, HURT)}, "SEV1 critical (hurt: yes)", "severity.SEV1.any[1]"),
        ({"SEV1": rule(SAFE), "SEV2": rule(HURT)}, "SEV2 serious (hurt: yes)", "severity.SEV2.any[0]"),
        (
            {"SEV1": rule(DEATH), "SEV2": rule(HURT)},
            "SEV1 critical (death is not known yet; if unsure, the higher)",
            "severity.SEV1.any[0]",
        ),
        ({"SEV1": rule(DEATH, HURT)}, "SEV1 critical (hurt: yes)", "severity.SEV1.any[1]"),
        ({"SEV1": rule(OTHER), "SEV3": rule()}, "SEV3 moderate (no rule for a worse one holds)", ""),
        (
            {"SEV1": rule(all_=(HURT, Condition(severity="SEV2")))},
            "SEV1 critical (hurt: yes and severity is SEV2 serious)",
            "severity.SEV1.all",
        ),
        ({}, "SEV4 low (no rule for a worse one holds)", ""),
    ],
)
def test_the_worst_severity_a_rule_speaks_for_is_proposed_with_its_reason(rules: Any, said: str, name: str) -> None:
    proposal = propose(rules, WORLD)
    assert (str(proposal), proposal.rule) == (said, name)


@pytest.mark.parametrize(
    ("rules", "unknown"),
    [
        ({"SEV1": rule(OTHER, SAFE), "SEV2": rule(Condition(fact="more"), OTHER), "SEV4": rule()}, ("other", "more")),
        ({"SEV1": rule(OTHER), "SEV2": rule(HURT, Condition(fact="more"))}, ("other",)),
        ({"SEV1": rule(all_=(HURT, OTHER)), "SEV4": rule()}, ("other",)),
        ({"SEV1": rule(all_=(SAFE, OTHER)), "SEV4": rule()}, ()),
        ({"SEV1": rule(Condition(signal="unheard", at_least="3")), "SEV4": rule()}, ()),
    ],
)
def test_a_proposal_names_the_facts_that_nobody_knows_and_that_could_make_it_worse(rules: Any, unknown: Any) -> None:
    assert propose(rules, WORLD).unknown == unknown


def test_that_it_may_be_so_is_another_ground_than_that_it_is() -> None:
    unsure = propose({"SEV1": rule(DEATH)}, WORLD)
    sure = propose({"SEV1": rule(HURT)}, WORLD)
    assert (unsure.ground, sure.ground) == ("severity.SEV1.any[0]?", "severity.SEV1.any[0]")
