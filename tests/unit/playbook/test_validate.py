from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.kernel.diagnostics import Diagnostic
from crisis.kinds import SPECS
from crisis.playbook.documents import Message, Organisation, Scenario
from crisis.playbook.model import Chain
from crisis.playbook.validate import validate, validate_partly, validate_playbook
from crisis.playbook.values import Criterion

HEAD = {"apiVersion": "crisis/v1", "kind": "Playbook", "id": "p", "title": "P"}
CHAIN = {"of": ["legal"], "quorum": "2", "within": "10m", "expires": "2h"}
json = st.recursive(
    st.none() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=20,
)


def told(found: tuple[Diagnostic, ...]) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(one.code, one.path) for one in found]


def test_what_is_written_becomes_typed() -> None:
    made = validate(Chain, {**CHAIN, "self_approval": "true"})
    assert made.diagnostics == ()
    assert made.value is not None
    assert (made.value.of, made.value.quorum, made.value.self_approval) == (("legal",), 2, True)
    assert made.value.within.total_seconds() == 600


def test_a_criterion_of_standing_down_may_say_how_long_it_must_have_been_so() -> None:
    written = ["Safe", {"text": "Quiet for a day", "for": "24h"}]
    made = validate_playbook({**HEAD, "stand_down": {"criteria": written}}, SPECS).value
    assert made is not None
    assert made.playbook.stand_down.criteria == (Criterion("Safe"), Criterion("Quiet for a day", timedelta(hours=24)))
    for wrong in ({"text": "Quiet", "for": "a day"}, {"for": "24h"}, {"text": "Quiet", "within": "24h"}, ""):
        found = validate_playbook({**HEAD, "stand_down": {"criteria": [wrong]}}, SPECS).diagnostics
        assert told(found) == [("bad-value", ("stand_down", "criteria", 0))]


@pytest.mark.parametrize("value", ["yes", "1", "on", "True ", "", None, [], {}])
def test_only_true_and_false_are_truths(value: object) -> None:
    assert told(validate(Chain, {**CHAIN, "self_approval": value}).diagnostics) == [("wrong-type", ("self_approval",))]


@pytest.mark.parametrize("value", ["2.0", "1_0", "two", "9" * 40, "", None, "٣", ["2"]])
def test_only_whole_numbers_are_counts(value: object) -> None:
    assert told(validate(Chain, {**CHAIN, "quorum": value}).diagnostics) == [("wrong-type", ("quorum",))]


def test_an_unknown_key_names_the_nearest_right_one() -> None:
    (found,) = validate(Chain, {**CHAIN, "withing": "5m"}).diagnostics
    assert (found.code, found.path, found.at_key) == ("unknown-key", ("withing",), True)
    assert found.hint == "did you mean 'within'?"


def test_reserved_words_are_written_as_they_are() -> None:
    pause = validate_playbook(
        {**HEAD, "steps": [{"id": "a", "kind": "pause", "phase": "response", "for": "5m"}]}, SPECS
    )
    assert pause.diagnostics == ()
    assert told(validate(Message, {"from_": "x"}).diagnostics)[0] == ("unknown-key", ("from_",))


def test_keys_of_other_tools_are_left_alone_at_every_depth() -> None:
    steps = [{"id": "a", "kind": "pause", "phase": "response", "x-slide": {"n": "1"}}]
    data = {**HEAD, "x-a": [], "facts": {"x-b": "c", "d": {"type": "text", "prompt": "D?", "x-e": "f"}}, "steps": steps}
    made = validate_playbook(data, SPECS)
    assert made.diagnostics == ()
    assert made.value is not None
    assert list(made.value.playbook.facts) == ["d"]


def test_one_fault_hides_no_other() -> None:
    data = {
        **HEAD,
        "facts": {"a": {"type": "txt", "prompt": "A?", "required": "perhaps"}, "B": {"type": "text", "prompt": "B?"}},
        "severity": {"SEV1": {"first_statement": "30", "any": [{"fact": "a", "at_least": "many"}]}},
        "approvals": {"public": {"of": "legal", "within": "soon", "quorum": "x"}},
    }
    assert told(validate_playbook(data, SPECS).diagnostics) == [
        ("bad-value", ("facts", "a", "type")),
        ("wrong-type", ("facts", "a", "required")),
        ("bad-value", ("facts", "B")),
        ("bad-value", ("severity", "SEV1", "first_statement")),
        ("bad-value", ("severity", "SEV1", "any", 0, "at_least")),
        ("wrong-type", ("approvals", "public", "of")),
        ("bad-value", ("approvals", "public", "within")),
        ("wrong-type", ("approvals", "public", "quorum")),
        ("missing-key", ("approvals", "public")),
    ]


def test_what_is_faulty_is_named_and_what_is_beside_it_is_kept() -> None:
    steps = [
        {"id": "a", "kind": "action", "phase": "soon", "do": "A", "after": ["b"], "within": "10"},
        {"id": "b", "kind": "action", "phase": "response"},
        {"kind": "action", "phase": "response", "do": "C"},
        "d",
    ]
    made = validate_playbook({**HEAD, "steps": steps}, SPECS).value
    assert made is not None
    first, second, without_id = made.steps
    assert without_id.index == 2
    assert [edge.step for edge in first.head.after] == ["b"]
    assert (first.head.within, first.spec is None, second.head.id) == (None, False, "b")
    wanted = {("steps", 0, "phase"), ("steps", 0, "within"), ("steps", 1, "do"), ("steps", 2, "id"), ("steps", 3)}
    assert wanted <= made.faulty


def test_a_list_with_a_faulty_item_is_left_out_whole_so_that_places_stay_right() -> None:
    made = validate_partly(Organisation, {**HEAD, "kind": "Organisation", "name": "F", "languages": ["en", [], "da"]})
    assert told(made.diagnostics) == [
        ("unknown-key", ("id",)),
        ("unknown-key", ("title",)),
        ("wrong-type", ("languages", 1)),
    ]
    assert made.value is not None
    assert made.value.languages == ()


def test_a_step_of_an_unknown_kind_is_told_of_its_kind_alone() -> None:
    steps = [{"id": "a", "kind": "acton", "phase": "response", "do": "A"}]
    (found,) = validate_playbook({**HEAD, "steps": steps}, SPECS).diagnostics
    assert (found.code, found.path, found.hint) == ("unknown-kind", ("steps", 0, "kind"), "did you mean 'action'?")


@pytest.mark.parametrize("data", [None, "text", [], ["a"]])
def test_what_is_no_map_is_no_playbook(data: object) -> None:
    made = validate_playbook(data, SPECS)
    assert made.value is None
    assert told(made.diagnostics) == [("wrong-type", ())]


@given(json)
def test_no_data_makes_it_stumble(data: object) -> None:
    for cls in (Organisation, Message, Scenario):
        made = validate(cls, data)
        assert (made.value is None) == bool(made.diagnostics)


@given(
    st.dictionaries(st.sampled_from(["facts", "severity", "roles", "approvals", "messages", "steps", "clocks"]), json)
)
def test_a_playbook_is_made_of_any_data(data: dict[str, object]) -> None:
    made = validate_playbook({**HEAD, **data}, SPECS)
    assert made.value is not None
    for one in made.diagnostics:
        assert one.message


def test_hostile_values_are_shown_short_and_safe() -> None:
    (found,) = validate(Chain, {**CHAIN, "quorum": "\x1b[31m" + "x" * 10_000}).diagnostics
    assert "\x1b" not in found.message
    assert len(found.message) < 200
