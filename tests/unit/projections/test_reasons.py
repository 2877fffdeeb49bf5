from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.engine.conditions import World, judge
from crisis.engine.events import Reading
from crisis.playbook.conditions import Condition
from crisis.playbook.values import SEVERITIES
from crisis.projections.names import Names
from crisis.projections.reasons import in_words, may_hold

LEVELS = [*SEVERITIES, "SEV2-or-worse", "SEV3-or-worse", "SEV4-or-worse"]
LEAVES = st.one_of(
    st.builds(Condition, severity=st.sampled_from(LEVELS)),
    st.builds(Condition, signal=st.just("negative_rate"), at_least=st.just("5x")),
    st.builds(Condition, outcome=st.just({"verify": "real"})),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Condition, any_=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Condition, all_=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Condition, not_=inner),
    ),
    max_leaves=8,
)
WORLDS = st.builds(
    World,
    facts=st.just({}),
    signals=st.sampled_from([{}, {"negative_rate": Reading(ratio=9.0)}, {"negative_rate": Reading(ratio=1.0)}]),
    severity=st.sampled_from(SEVERITIES),
    outcomes=st.sampled_from([{}, {"verify": "real"}, {"verify": "rumour"}]),
)


@given(CONDITIONS, WORLDS)
def test_what_holds_at_a_severity_may_hold_at_it(condition: Condition, world: World) -> None:
    if judge(condition, world).holds:
        assert may_hold(condition, world.severity)


@pytest.mark.parametrize(
    ("condition", "severity", "expected"),
    [
        (Condition(severity="SEV2-or-worse"), "SEV1", True),
        (Condition(severity="SEV2-or-worse"), "SEV3", False),
        (Condition(not_=Condition(severity="SEV1")), "SEV1", False),
        (Condition(all_=(Condition(fact="injury"), Condition(severity="SEV1"))), "SEV2", False),
        (Condition(any_=(Condition(fact="injury"), Condition(severity="SEV1"))), "SEV2", True),
        (Condition(not_=Condition(fact="injury")), "SEV4", True),
        (Condition(not_=Condition(any_=(Condition(fact="injury"), Condition(severity="SEV1")))), "SEV1", False),
        (Condition(not_=Condition(all_=(Condition(severity="SEV1"), Condition(severity="SEV1")))), "SEV1", False),
        (Condition(not_=Condition(not_=Condition(severity="SEV1"))), "SEV2", False),
    ],
)
def test_a_condition_is_ruled_out_only_where_the_severity_decides(condition, severity, expected) -> None:
    assert may_hold(condition, severity) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(fact="injury"), "injury is yes"),
        (Condition(fact="stop_use", is_="no"), "stop use is no"),
        (Condition(severity="SEV2-or-worse"), "severity is SEV2 serious or worse"),
        (Condition(severity="SEV1"), "severity is SEV1 critical"),
        (Condition(outcome={"holding": "published"}), "“Holding statement” came to “published”"),
        (Condition(outcome={"gone": "done"}), "“gone” came to “done”"),
        (
            Condition(signal="negative_rate", at_least="5x", at_most="0.5", for_=timedelta(minutes=15), min_count=60),
            "negative rate is at least 5 times the baseline is at most 0.5 for 15 min with at least 60 mentions",
        ),
        (
            Condition(all_=(Condition(any_=(Condition(fact="a"), Condition(fact="b"))), Condition(fact="c"))),
            "(a is yes or b is yes) and c is yes",
        ),
        (Condition(not_=Condition(fact="injury")), "not (injury is yes)"),
        (Condition(), "always"),
    ],
)
def test_conditions_are_said_in_words(cases, condition, expected) -> None:
    assert in_words(condition, Names.of(cases.make_plan())) == expected


def test_what_a_step_came_to_is_said_as_people_read_it(cases) -> None:
    names = Names.of(cases.make_plan())
    chosen = Condition(outcome={"triage": "no-answer"})
    assert in_words(chosen, names) == "“Open the playbook?” came to “Do not respond”"
    assert in_words(Condition(outcome={"insurer": "not-done"}), names) == "“Insurer” came to “not done”"
