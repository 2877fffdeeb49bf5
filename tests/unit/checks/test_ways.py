from __future__ import annotations

import itertools
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from crisis.checks import rules
from crisis.checks.closing import dead_ends
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic
from crisis.kinds import SPECS
from crisis.plan.book import Book
from crisis.playbook.validate import validate_playbook

FACTS = ("rain", "wind")
ANSWERS = ("yes", "no", "")
Step = dict[str, object]


def book_of(steps: list[Step]) -> Book:
    data = {
        "apiVersion": "crisis/v1",
        "kind": "Playbook",
        "id": "p",
        "title": "P",
        "facts": {name: {"type": "yes-no", "prompt": f"{name}?"} for name in FACTS},
        "roles": {"crisis-lead": {}},
        "steps": steps,
    }
    made = validate_playbook(data, SPECS)
    assert made.diagnostics == ()
    assert made.value is not None
    return Book(playbook=made.value.playbook, steps=made.value.steps)


@st.composite
def playbooks(draw: st.DrawFn) -> list[Step]:
    """Decisions between left and right, some under a condition, each after some of those before; the last closes."""
    steps: list[Step] = []
    count = draw(st.integers(2, 5))
    for n in range(count):
        step: Step = {"id": f"s{n}", "kind": "decision", "phase": "response", "options": {"left": "L", "right": "R"}}
        before = draw(st.lists(st.integers(0, n - 1), unique=True, max_size=2)) if n else []
        after: list[object] = []
        for one in before:
            outcome = draw(st.sampled_from(["", "left", "right"]))
            after.append({f"s{one}": outcome} if outcome else f"s{one}")
        if after:
            step["after"] = after
        test = draw(st.sampled_from([None, "rain", "wind"]))
        if test:
            plain = {"fact": test}
            step["when"] = draw(st.sampled_from([plain, {"not": plain}, {"fact": test, "is": "no"}]))
        if n == count - 1:
            step["on"] = {"left": "close", "right": "close"}
        steps.append(step)
    return steps


def runs(step: Step, facts: Mapping[str, str], ended: Mapping[str, str]) -> bool:
    after = step.get("after", [])
    assert isinstance(after, list)
    edges = [one if isinstance(one, dict) else {one: ""} for one in after]
    led = [ended[name] != "" and wanted in ("", ended[name]) for edge in edges for name, wanted in edge.items()]
    when = step.get("when")
    if edges and not any(led):
        return False
    if not isinstance(when, dict):
        return True
    inner = when.get("not", when)
    value = facts[inner["fact"]]
    holds = value == inner.get("is", "yes")
    return value != "" and (not holds if "not" in when else holds)


def may_stay_open(steps: list[Step]) -> bool:
    """The same by trying everything there is, one after the other."""
    for answers in itertools.product(ANSWERS, repeat=len(FACTS)):
        facts = dict(zip(FACTS, answers, strict=True))
        for choices in itertools.product(("left", "right"), repeat=len(steps)):
            ended: dict[str, str] = {}
            for step, choice in zip(steps, choices, strict=True):
                ended[str(step["id"])] = choice if runs(step, facts, ended) else ""
            if not ended[str(steps[-1]["id"])]:
                return True
    return False


@given(playbooks())
def test_a_dead_end_is_found_if_and_only_if_there_is_one(steps: list[Step]) -> None:
    assert bool(list(dead_ends(Survey(book_of(steps))))) == may_stay_open(steps)


def test_a_wide_playbook_is_explored_or_left_alone_in_short_time() -> None:
    steps: list[Step] = [
        {
            "id": f"s{n}",
            "kind": "decision",
            "phase": "response",
            "options": {"left": "L", "right": "R"},
            "after": [{f"s{k}": "left"} for k in range(max(0, n - 3), n)],
        }
        for n in range(120)
    ]
    steps[0].pop("after")
    steps[-1]["on"] = {"left": "close", "right": "close"}
    found = [one.code for one in rules(book_of(steps))]
    assert "dead-end" in found


def test_many_independent_facts_do_not_explode() -> None:
    steps: list[Step] = [
        {
            "id": f"s{n}",
            "kind": "decision",
            "phase": "response",
            "options": {"left": "L", "right": "R"},
            "when": {"any": [{"signal": f"signal_{n}_{k}", "at_least": "2x"} for k in range(12)]},
        }
        for n in range(6)
    ]
    steps.append(
        {
            "id": "end",
            "kind": "action",
            "phase": "recovery",
            "do": "End",
            "after": [f"s{n}" for n in range(6)],
            "on": {"done": "close"},
        }
    )
    assert "never-runs" not in [one.code for one in rules(book_of(steps))]


def action(name: str, **more: object) -> Step:
    return {"id": name, "kind": "action", "phase": "response", "do": "x", **more}


def wide(count: int, last: list[Step]) -> Book:
    """Steps under a condition each, all of which are asked again: two states for each."""
    names = [f"f{n}" for n in range(count)]
    data = {
        "apiVersion": "crisis/v1",
        "kind": "Playbook",
        "id": "p",
        "title": "P",
        "facts": {name: {"type": "yes-no", "prompt": f"{name}?"} for name in names},
        "roles": {"crisis-lead": {}},
        "steps": [
            *(action(f"first-{name}", when={"fact": name}) for name in names),
            *(action(f"then-{name}", when={"fact": name}, after=[f"first-{one}" for one in names]) for name in names),
            *last,
        ],
    }
    made = validate_playbook(data, SPECS)
    assert made.value is not None
    return Book(playbook=made.value.playbook, steps=made.value.steps)


def test_of_ways_that_are_too_many_to_be_tried_nothing_is_taken_for_known() -> None:
    def found(count: int) -> list[Diagnostic]:
        after = [f"then-f{n}" for n in range(count)]
        return list(dead_ends(Survey(wide(count, [action("end", after=after, on={"done": "close"})]))))

    assert {one.code for one in found(3)} == {"dead-end"}, "it may not be done"
    (unknown,) = found(13)
    assert (unknown.code, unknown.severity) == ("too-many-ways", "warning")
    assert "whether one of them ends before it is closed is not known" in unknown.message
