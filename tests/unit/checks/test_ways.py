from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.checks import rules
from crisis.checks.closing import dead_ends
from crisis.checks.survey import Survey
from crisis.engine.conditions import World, judge
from crisis.engine.events import Reading
from crisis.engine.state import FactState
from crisis.kernel.diagnostics import Diagnostic
from crisis.kinds import SPECS
from crisis.plan.book import Book
from crisis.playbook.validate import validate_playbook

FACTS = ("rain", "wind")
ANSWERS = ("yes", "no", "")
ENDS = ("done", "not-done", "skipped")
NOW = datetime(2026, 3, 7, tzinfo=UTC)
Step = dict[str, object]


def book_of(steps: list[Step], facts: Mapping[str, object] | None = None) -> Book:
    data = {
        "apiVersion": "crisis/v1",
        "kind": "Playbook",
        "id": "p",
        "title": "P",
        "facts": facts or {name: {"type": "yes-no", "prompt": f"{name}?"} for name in FACTS},
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


ASKED: list[dict[str, object]] = [
    {"fact": "places", "is": "dk"},
    {"fact": "places", "is": "us"},
    {"fact": "places"},
    {"fact": "count", "is": "1"},
    {"fact": "count", "is": "2.0"},
    {"fact": "count"},
    {"signal": "rate", "at_least": "2x"},
    {"signal": "rate", "at_least": "5x", "min_count": 10},
    {"signal": "rate", "at_most": "2x"},
]
OF_PLACES = {"places": {"type": "choice-many", "prompt": "?", "options": {"dk": "D", "us": "U", "nl": "N"}}}
OF_COUNT = {"count": {"type": "number", "prompt": "?"}}


@st.composite
def asking(draw: st.DrawFn) -> list[Step]:
    """Steps under conditions of all sorts, and an end that is not reached where some of them were done together."""
    test = st.sampled_from(ASKED)
    one = st.one_of(test, test.map(lambda one: {"not": one}))
    some = st.lists(one, min_size=2, max_size=3)
    when = st.one_of(one, some.map(lambda all_: {"all": all_}), some.map(lambda any_: {"not": {"any": any_}}))
    names = [f"s{n}" for n in range(draw(st.integers(1, 3)))]
    together = [{"outcome": {name: "done"}} for name in names]
    return [
        action("first"),
        *(action(name, after=["first"], when=draw(when)) for name in names),
        action(
            "end",
            after=["first", *names],
            when={"not": {"all": together}},
            on={"done": "close", "not-done": "close", "skipped": "close"},
        ),
    ]


def worlds() -> Iterator[World]:
    """Everything that may be known, on every side of what is asked."""
    for places, count, rate, number in itertools.product(
        (None, [], ["dk"], ["us"], ["nl"], ["dk", "us"]), (None, 0, 1, 2, 3), (None, 1.0, 2.0, 3.0, 6.0), (5, 10)
    ):
        known = {"places": places, "count": count}
        facts = {
            name: FactState(value=value, known=True, at=NOW, since=NOW, seq=1, changed=1)
            for name, value in known.items()
            if value is not None
        }
        signals = {} if rate is None else {"rate": Reading(ratio=rate, count=number)}
        yield World(facts=facts, signals=signals, severity="", outcomes={})


def all_run_somewhere(book: Book) -> bool:
    conditions = [step.head.when for step in book.steps if step.head.id.startswith("s")]
    return any(all(one is not None and judge(one, world).holds for one in conditions) for world in worlds())


@given(asking())
def test_a_signal_that_says_no_and_two_values_of_one_fact_are_tried(steps: list[Step]) -> None:
    book = book_of(steps, {**OF_PLACES, **OF_COUNT})
    assert bool(list(dead_ends(Survey(book)))) == all_run_somewhere(book)


@pytest.mark.parametrize(
    "when",
    [
        {"not": {"signal": "rate", "at_least": "5x"}},
        {"all": [{"fact": "places", "is": "us"}, {"not": {"fact": "places", "is": "dk"}}]},
    ],
)
def test_what_only_a_condition_on_an_outcome_tells_apart_is_found(when: dict[str, object]) -> None:
    steps = [
        action("quiet", when=when),
        action("respond", after=["quiet", "first"], when={"not": {"outcome": {"quiet": "done"}}}),
        action("end", after=["respond"], on={"done": "close", "not-done": "close", "skipped": "close"}),
    ]
    assert [one.code for one in dead_ends(Survey(book_of([action("first"), *steps], OF_PLACES)))] == ["dead-end"]


@pytest.mark.parametrize("count", [4, 6, 14])
def test_of_many_values_of_one_fact_none_few_and_all_are_tried(count: int) -> None:
    options = {f"c{n}": f"Country {n}" for n in range(count + 1)}
    named = [{"fact": "places", "is": f"c{n}"} for n in range(count)]
    anywhere: dict[str, object] = {"any": named}

    def found(*when: dict[str, object]) -> list[str]:
        names = [f"s{n}" for n in range(len(when))]
        steps = [action(name, after=["first"], when=one) for name, one in zip(names, when, strict=True)]
        together = {"not": {"all": [{"outcome": {name: "done"}} for name in names]}}
        end = action("end", after=["first", *names], when=together, on=dict.fromkeys(ENDS, "close"))
        facts = {"places": {"type": "choice-many", "prompt": "?", "options": options}}
        return [one.code for one in dead_ends(Survey(book_of([action("first"), *steps, end], facts)))]

    assert found(anywhere, {"not": anywhere}) == []
    assert found(anywhere, {"not": {"all": named}}) == ["dead-end"]
    assert found({"all": named}) == ["dead-end"]
    assert found({"all": [anywhere, *({"not": one} for one in named[1:])]}) == ["dead-end"]


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
