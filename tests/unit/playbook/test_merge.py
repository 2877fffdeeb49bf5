from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.kernel.diagnostics import Position
from crisis.playbook.merge import OWN, extend
from crisis.playbook.reader import Document, read

if TYPE_CHECKING:
    from crisis.kernel.diagnostics import Diagnostic, Path
    from crisis.playbook.reader import Value


def document(name: str, text: str) -> Document:
    found, findings = read(name, text.encode())
    assert findings == ()
    assert found is not None
    return found


def merged(base: str, child: str) -> tuple[Document, tuple[Diagnostic, ...]]:
    return extend(document("base.yaml", base), document("child.yaml", child))


def data(base: str, child: str) -> Value:
    return merged(base, child)[0].data


def test_maps_merge_at_every_level_and_the_child_wins() -> None:
    base = "about: {type: product, owner: lead, sla: {first: 30m, next: 1h}}\nroles: {legal: {}}\n"
    child = "about: {owner: head, sla: {first: 15m}}\nfacts: {injury: yes-no}\n"
    assert data(base, child) == {
        "about": {"type": "product", "owner": "head", "sla": {"first": "15m", "next": "1h"}},
        "roles": {"legal": {}},
        "facts": {"injury": "yes-no"},
    }


def test_lists_and_scalars_replace_and_so_does_another_shape() -> None:
    base = "do_not: [guess, promise]\na: {b: c}\nd: [e]\nf: g\n"
    child = "do_not: [blame]\na: [h]\nd: i\nf: {j: k}\n"
    assert data(base, child) == {"do_not": ["blame"], "a": ["h"], "d": "i", "f": {"j": "k"}}


def test_a_null_in_the_child_removes_what_the_base_has() -> None:
    assert data("a: {b: c, d: e}\nf: g\nsteps: [{id: x}]\n", "a: {b: ~}\nf:\nsteps:\n") == {"a": {"d": "e"}}


def test_a_null_that_removes_nothing_stays_for_the_schema_to_see() -> None:
    assert data("a: {b: c}\n", "a: {x: ~}\nf: {g: ~}\nh: ~\n") == {
        "a": {"b": "c", "x": None},
        "f": {"g": None},
        "h": None,
    }


def test_a_null_in_the_base_is_inherited_and_overruled_like_any_value() -> None:
    assert data("a: ~\nb: ~\nc: ~\n", "b: x\nc: ~\n") == {"a": None, "b": "x"}


def test_what_a_file_says_about_itself_is_never_inherited() -> None:
    base = (
        "apiVersion: crisis/v1\nkind: Playbook\nid: base\ntitle: Base\nextends: root\nremove: [x]\nabout: {id: kept}\n"
    )
    assert data(base, "facts: {}\n") == {"about": {"id": "kept"}, "facts": {}}
    child = "apiVersion: crisis/v2\nkind: Other\nid: child\ntitle: ~\nextends: base\nremove: []\n"
    assert data(base, child) == {
        "apiVersion": "crisis/v2", "kind": "Other", "id": "child", "title": None, "extends": "base", "remove": [],
        "about": {"id": "kept"},
    }  # fmt: skip


STEPS = """\
steps:
  - id: verify
    title: Is it real?
    items: [one, two]
    on: {no: close}
  - id: triage
    after: [verify]
  - id: holding
    when: {fact: injury}
"""


def test_steps_merge_by_id_in_place_and_new_ones_are_appended_in_order() -> None:
    child = """\
steps:
  - {id: recall, after: [triage]}
  - {id: holding, when: ~, title: First words}
  - {id: verify, items: [three], on: {yes: go}}
  - {id: call}
"""
    assert data(STEPS, child) == {
        "steps": [
            {"id": "verify", "title": "Is it real?", "items": ["three"], "on": {"no": "close", "yes": "go"}},
            {"id": "triage", "after": ["verify"]},
            {"id": "holding", "title": "First words"},
            {"id": "recall", "after": ["triage"]},
            {"id": "call"},
        ]
    }


def test_removed_steps_are_gone_whether_or_not_the_child_has_steps() -> None:
    assert data(STEPS, "remove: [verify, holding]\n") == {
        "steps": [{"id": "triage", "after": ["verify"]}],
        "remove": ["verify", "holding"],
    }
    assert data(STEPS, "remove: [verify, holding]\nsteps: [{id: new}]\n") == {
        "steps": [{"id": "triage", "after": ["verify"]}, {"id": "new"}],
        "remove": ["verify", "holding"],
    }


def test_a_step_removed_and_written_anew_inherits_nothing() -> None:
    found, findings = merged(
        "steps: [{id: a, title: Old, role: legal}]\n", "remove: [a]\nsteps: [{id: a, title: New}]\n"
    )
    assert found.data == {"steps": [{"id": "a", "title": "New"}], "remove": ["a"]}
    assert findings == ()


def test_removing_a_step_that_is_not_there_is_found_with_the_nearest_name() -> None:
    found, findings = merged(
        STEPS, "id: x\nremove: [verify, holdign, nothing-like-it]\nsteps: [{id: nothing-like-it}]\n"
    )
    assert [(d.code, d.path) for d in findings] == [
        ("remove-unknown", ("remove", 1)),
        ("remove-unknown", ("remove", 2)),
    ]
    assert findings[0].hint == "did you mean 'holding'?"
    assert findings[1].hint == "known: holding, triage, verify"
    assert found.locate(findings[0].path) == Position("child.yaml", 2, 18)


def test_removing_from_a_base_without_steps_is_found() -> None:
    for base in ("a: b\n", "steps: broken\n", "steps: ~\n"):
        (finding,) = merged(base, "remove: [verify]\n")[1]
        assert finding.path == ("remove", 0)


def test_hints_stay_bounded_however_many_names_there_are() -> None:
    many = document("base.yaml", json.dumps({"steps": [{"id": f"step-{n}"} for n in range(600)]}))
    few = document("base.yaml", '{"steps": [{"id": "step-1"}, {"id": "' + "x" * 3000 + '"}]}')
    child = document("child.yaml", json.dumps({"remove": [f"stop-{n}" for n in range(500)] + ["y" * 3000]}))
    assert {d.hint for d in extend(many, child)[1]} == {""}
    findings = extend(few, child)[1]
    assert len(findings) == 501
    assert [bool(d.hint) for d in findings[:21]] == [True] * 20 + [False]
    assert max(len(d.message) for d in findings) < 120
    long_name = document("child.yaml", json.dumps({"remove": ["y" * 3000]}))
    assert extend(few, long_name)[1][0].hint == ""


@pytest.mark.parametrize(
    ("base", "child", "expected"),
    [
        ("steps: [{id: a}]", "steps: broken", {"steps": "broken"}),
        ("steps: [{id: a}]", "steps: {a: b}", {"steps": {"a": "b"}}),
        ("steps: broken", "steps: [{id: a}]", {"steps": [{"id": "a"}]}),
        ("steps: broken", "remove: [~, {}]", {"steps": "broken", "remove": [None, {}]}),
        ("steps: [x, {t: u}, {id: a}]", "steps: [y, ~, {t: v}, {id: [a]}, {id: a, b: c}]",
         {"steps": ["x", {"t": "u"}, {"id": "a", "b": "c"}, "y", None, {"t": "v"}, {"id": ["a"]}]}),
        ("steps: [{id: ''}]", "steps: [{t: u}]", {"steps": [{"id": ""}, {"t": "u"}]}),
        ("steps: [{id: a}]", "remove: a", {"steps": [{"id": "a"}], "remove": "a"}),
        ("[a]", "steps: []", {"steps": []}),
        ("a: b", "[c, {d: e}]", ["c", {"d": "e"}]),
        ("a: b", "just text", "just text"),
    ],
)  # fmt: skip
def test_what_is_misshapen_is_left_for_the_schema(base: str, child: str, expected: Value) -> None:
    found, findings = merged(base, child)
    assert found.data == expected
    assert findings == ()


def test_an_id_written_twice_stays_twice_to_be_found() -> None:
    assert data("steps: [{id: a, t: u}]", "steps: [{id: a, v: w}, {id: a, x: y}]") == {
        "steps": [{"id": "a", "t": "u", "v": "w"}, {"id": "a", "x": "y"}]
    }
    assert data("steps: [{id: a}, {id: a}]", "steps: [{id: a, b: c}]") == {
        "steps": [{"id": "a", "b": "c"}, {"id": "a"}]
    }


def test_every_place_follows_its_value() -> None:
    base = "about:\n  owner: lead\n  type: product\n" + STEPS
    child = "about:\n  type: data\nremove: [verify]\nsteps:\n  - id: new\n  - id: holding\n    role: legal\n"
    found, _ = merged(base, child)
    assert found.data == {
        "about": {"owner": "lead", "type": "data"},
        "steps": [
            {"id": "triage", "after": ["verify"]},
            {"id": "holding", "when": {"fact": "injury"}, "role": "legal"},
            {"id": "new"},
        ],
        "remove": ["verify"],
    }
    assert found.locate(("about",)) == Position("child.yaml", 2, 3)
    assert found.locate(("about", "owner")) == Position("base.yaml", 2, 10)
    assert found.locate(("about", "owner"), key=True) == Position("base.yaml", 2, 3)
    assert found.locate(("about", "type")) == Position("child.yaml", 2, 9)
    assert found.locate(("steps",), key=True) == Position("child.yaml", 4, 1)
    assert found.locate(("steps", 0)) == Position("base.yaml", 9, 5)
    assert found.locate(("steps", 0, "after", 0)) == Position("base.yaml", 10, 13)
    assert found.locate(("steps", 1)) == Position("child.yaml", 6, 5)
    assert found.locate(("steps", 1, "when", "fact")) == Position("base.yaml", 12, 18)
    assert found.locate(("steps", 1, "role")) == Position("child.yaml", 7, 11)
    assert found.locate(("steps", 2, "id"), key=True) == Position("child.yaml", 5, 5)
    assert found.locate(("remove", 0)) == Position("child.yaml", 3, 10)


def test_a_chain_of_files_keeps_all_of_them() -> None:
    root = document("root.yaml", "id: root\na: 1\nb: 1\nc: 1\n")
    middle, _ = extend(root, document("middle.yaml", "id: middle\nextends: root\nb: 2\nc: 2\n"))
    found, _ = extend(middle, document("leaf.yaml", "id: leaf\nextends: middle\nc: 3\n"))
    assert found.data == {"id": "leaf", "extends": "middle", "a": "1", "b": "2", "c": "3"}
    assert {key: found.locate((key,)).file for key in "abc"} == {"a": "root.yaml", "b": "middle.yaml", "c": "leaf.yaml"}
    assert list(found.sources) == ["leaf.yaml", "middle.yaml", "root.yaml"]
    assert found.sources["root.yaml"].line(2) == "a: 1"


def test_data_without_places_merges_all_the_same() -> None:
    found, _ = extend(Document({"a": {"b": "c"}}, {}, {}, {}), Document({"a": {"d": "e"}}, {}, {}, {}))
    assert found == Document({"a": {"b": "c", "d": "e"}}, {}, {}, {})


# --- promises -------------------------------------------------------------------------------------

KEYS = st.sampled_from(["a", "b", "c", "id", "title", "steps", "remove"])
TREES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.sampled_from(["x", "y", "z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
STEP_LISTS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("xyz")}, optional={"a": TREES, "b": TREES}), max_size=4
)
BOOKS = st.dictionaries(KEYS, TREES, min_size=1, max_size=5) | st.fixed_dictionaries(
    {"steps": STEP_LISTS}, optional={"remove": st.lists(st.sampled_from("xyzw")), "a": TREES, "title": TREES}
)


def paths(value: Value, path: Path = ()) -> set[Path]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(paths(item, (*path, key)) for key, item in children))


def at(value: Value, path: Path) -> Value:
    for key in path:
        value = value[key]  # type: ignore[index]
    return value


@given(base=BOOKS, child=BOOKS)
def test_every_value_in_the_result_is_found_where_its_place_says(base: Value, child: Value) -> None:
    documents = {name: document(name, json.dumps(tree)) for name, tree in (("base", base), ("child", child))}
    origin = {position: path for found in documents.values() for path, position in found.positions.items()}
    found, _ = extend(documents["base"], documents["child"])
    assert set(found.positions) == paths(found.data)
    assert set(found.keys) == {path for path in paths(found.data) if path and isinstance(path[-1], str)}
    for path, position in found.positions.items():
        value, written = at(found.data, path), at(documents[position.file].data, origin[position])
        if isinstance(value, str | None):
            assert value == written
        else:
            assert type(value) is type(written)


@given(base=BOOKS, child=BOOKS)
def test_the_inputs_are_neither_changed_nor_shared(base: Value, child: Value) -> None:
    below, above = document("base", json.dumps(base)), document("child", json.dumps(child))
    before = copy.deepcopy((below, above))
    found, _ = extend(below, above)
    theirs = {id(at(d.data, path)) for d in (below, above) for path in paths(d.data)}
    containers = [at(found.data, path) for path in paths(found.data)]
    assert not any(id(value) in theirs for value in containers if isinstance(value, list | dict))
    assert (below, above) == before


@given(child=BOOKS)
def test_a_child_over_an_empty_base_is_the_child(child: Value) -> None:
    found, _ = extend(document("base", "{}"), document("child", json.dumps(child)))
    assert found.data == child


@given(base=BOOKS)
def test_an_empty_child_inherits_all_but_what_the_base_says_of_itself(base: dict[str, Value]) -> None:
    found, _ = extend(document("base", json.dumps(base)), document("child", "{}"))
    assert found.data == {key: value for key, value in base.items() if key not in OWN}
