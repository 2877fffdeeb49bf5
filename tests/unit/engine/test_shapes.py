"""What is an answer and what is none, for every shape of question."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.engine import shapes
from crisis.engine.allowed import LONGEST_ANSWER
from crisis.engine.events import Line
from crisis.playbook.model import Fact
from crisis.playbook.values import Item

LINE = Line(channel="x", language="en", sha256="0" * 64)
LATER = "2026-03-07T03:05:00+01:00"
LONG = "x" * (LONGEST_ANSWER + 1)


def fact(kind: Any, **more: Any) -> shapes.FactValue:
    return shapes.FactValue(name="it", fact=Fact(type=kind, prompt="?", **more))


def texts(*said: Any) -> dict[str, Any]:
    return {"texts": list(said)}


TEXT = {"channel": "x", "language": "en", "text": "Stop."}
ROW = {"action": "a", "owner": "b", "due": "2026-04-01"}
CHOICES = {"dk": "Denmark", "us": "USA"}
DRAFT = shapes.Draft(message="m", places=(("x", "en"), ("x", "da")))
SIGN_OFF = shapes.SignOff(message="m", sheet="s", roles=("legal",))
NAME = shapes.NamePerson(roles=("legal",))
LINK = shapes.Link(message="m", line=LINE)
ROWS = shapes.Rows(columns={"action": "A", "owner": "B", "due": "C"}, dates=("due",))
ONLY = shapes.OnlyIn(message="m", without=("da",), only=("en",))
ACCOUNTS = shapes.Accounts(accounts={"x": "x @brand"})
YES = {"verdict": "yes", "person": "ana"}

LEGAL: list[tuple[shapes.Shape, Any]] = [
    (shapes.Export(), {"files": ["export.csv"]}),
    (shapes.Export(), {"files": ["a.csv"] * 20}),
    (shapes.Export(), {"not_now": ""}),
    (shapes.Text(), "words"),
    (shapes.Text(optional=True), ""),
    (shapes.Choice(options={"a": "A"}), "a"),
    (shapes.Ticks(items=(Item("a"), Item("b"))), []),
    (shapes.Ticks(items=(Item("a"), Item("b"))), [1, 0]),
    (fact("text"), {"value": "Kettle"}),
    (fact("text"), {"again": LATER}),
    (fact("yes-no"), {"value": False}),
    (fact("number"), {"value": 0}),
    (fact("number", minimum=0, maximum=0.5), {"value": 0}),
    (fact("number", minimum=0, maximum=0.5), {"value": 0.5}),
    (fact("number"), {"value": -1.5}),
    (fact("time"), {"value": LATER}),
    (fact("choice", options=CHOICES), {"value": "dk"}),
    (fact("choice-many", options=CHOICES), {"value": []}),
    (fact("choice-many", options=CHOICES), {"value": ["us", "dk"]}),
    (shapes.SeverityChoice(), {"severity": "SEV3"}),
    (shapes.SeverityChoice(proposed="SEV2"), {"severity": "SEV1"}),
    (shapes.SeverityChoice(proposed="SEV1"), {"severity": "SEV2", "reason": "a rumour"}),
    (DRAFT, texts(TEXT)),
    (DRAFT, texts(TEXT, TEXT | {"language": "da"})),
    (NAME, {"name": "Ana", "role": "legal"}),
    (SIGN_OFF, YES),
    (SIGN_OFF, YES | {"proof": "verbal", "heard_by": "kim", "read_back": True, "reason": ""}),
    (NAME, {}),
    (NAME, {"name": "Ana"}),
    (NAME, {"name": "Ana", "contact": "+45 12"}),
    (shapes.Waiver(message="m", rules=()), "nobody is there"),
    (shapes.LastResortCall(message="m"), "people get hurt"),
    (shapes.Override(why_held="x"), "it cannot wait"),
    (ONLY, {"keep": True}),
    (ONLY, {"leave_out": "nobody reads it"}),
    (shapes.Release(message="m", lines=(LINE,)), "post"),
    (shapes.Release(message="m", lines=(LINE,)), "edit"),
    (LINK, {"link": "https://example.org"}),
    (LINK, {"left_out": "down"}),
    (ACCOUNTS, {}),
    (ACCOUNTS, {"x": ""}),
    (shapes.Reach(role="r", person="p"), "acknowledged"),
    (shapes.When(), LATER),
    (shapes.Day(), "2026-03-20"),
    (shapes.Day(), ""),
    (ROWS, []),
    (ROWS, [ROW]),
    (ROWS, [ROW | {"due": ""}]),
]
ILLEGAL: list[tuple[shapes.Shape, Any]] = [
    (shapes.Export(), {"files": []}),
    (shapes.Export(), {"files": ["a.csv"] * 21}),
    (shapes.Export(), {"files": [" "]}),
    (shapes.Export(), {"files": [7]}),
    (shapes.Export(), {"files": "a.csv"}),
    (shapes.Export(), {"files": ["a.csv"], "not_now": ""}),
    (shapes.Export(), {"not_now": LONG}),
    (shapes.Export(), {"not_now": None}),
    (shapes.Export(), "a.csv"),
    (shapes.Text(), " "),
    (shapes.Text(), 7),
    (shapes.Text(optional=True), LONG),
    (shapes.Choice(options={"a": "A"}), "b"),
    (shapes.Choice(options={"a": "A"}), []),
    (shapes.Ticks(items=(Item("a"),)), "all"),
    (shapes.Ticks(items=(Item("a"),)), [1]),
    (shapes.Ticks(items=(Item("a"),)), [-1]),
    (shapes.Ticks(items=(Item("a"), Item("b"))), [True]),
    (shapes.Ticks(items=(Item("a"),)), [0, 0]),
    (fact("text"), "Kettle"),
    (fact("text"), {"value": ""}),
    (fact("text"), {"value": LONG}),
    (fact("text"), {"value": "a", "again": LATER}),
    (fact("text"), {"again": "soon"}),
    (fact("text"), {"again": "2026-03-07T03:05:00"}),
    (fact("yes-no"), {"value": "yes"}),
    (fact("number"), {"value": True}),
    (fact("number", minimum=0), {"value": -1}),
    (fact("number", maximum=0.5), {"value": 1}),
    (fact("number", minimum=0, maximum=5), {"again": "soon"}),
    (fact("number"), {"value": float("nan")}),
    (fact("number"), {"value": 10**400}),
    (fact("time"), {"value": 7}),
    (fact("time"), {"value": "0001-01-01T00:00:00+14:00"}),
    (fact("choice", options=CHOICES), {"value": "de"}),
    (fact("choice", options=CHOICES), {"value": {}}),
    (fact("choice-many", options=CHOICES), {"value": "dk"}),
    (fact("choice-many", options=CHOICES), {"value": ["dk", "dk"]}),
    (fact("choice-many", options=CHOICES), {"value": [["dk"]]}),
    (shapes.SeverityChoice(), "SEV1"),
    (shapes.SeverityChoice(), {"severity": "SEV5"}),
    (shapes.SeverityChoice(), {"severity": "SEV1", "reason": 7}),
    (shapes.SeverityChoice(proposed="SEV1"), {"severity": "SEV2", "reason": " "}),
    (DRAFT, []),
    (DRAFT, texts()),
    (DRAFT, texts("Stop.")),
    (DRAFT, texts(TEXT | {"text": "  "})),
    (DRAFT, texts(TEXT | {"text": LONG})),
    (DRAFT, texts(TEXT | {"channel": "tiktok"})),
    (DRAFT, texts(TEXT | {"channel": ["x"]})),
    (DRAFT, texts(TEXT, TEXT)),
    (SIGN_OFF, "yes"),
    (SIGN_OFF, YES | {"verdict": "maybe"}),
    (SIGN_OFF, YES | {"person": ""}),
    (SIGN_OFF, YES | {"heard_by": ["kim"]}),
    (SIGN_OFF, YES | {"read_back": "no"}),
    (NAME, "Ana"),
    (NAME, {"name": " "}),
    (NAME, {"name": "Ana\u200b"}),
    (NAME, {"name": "x" * 201}),
    (NAME, {"name": "Ana", "contact": 12}),
    (NAME, {"contact": "12"}),
    (NAME, {"name": "Ana", "roles": "legal"}),
    (shapes.Waiver(message="m", rules=()), ""),
    (shapes.Waiver(message="m", rules=()), LONG),
    (shapes.LastResortCall(message="m"), None),
    (shapes.Override(why_held="x"), " "),
    (ONLY, {"keep": False}),
    (ONLY, {"leave_out": " "}),
    (ONLY, {"leave_out": "nobody", "keep": True}),
    (ONLY, "keep"),
    (shapes.Release(message="m", lines=(LINE,)), True),
    (LINK, {}),
    (LINK, {"link": ""}),
    (LINK, {"link": "x" * 2_001}),
    (LINK, {"link": "a", "left_out": "b"}),
    (ACCOUNTS, {"y": ""}),
    (ACCOUNTS, {"x": True}),
    (ACCOUNTS, ["x"]),
    (shapes.Reach(role="r", person="p"), "perhaps"),
    (shapes.When(), "tomorrow"),
    (shapes.Day(), "tomorrow"),
    (shapes.Day(), None),
    (shapes.Day(), "2026-3-20"),
    (ROWS, {}),
    (ROWS, ["a"]),
    (ROWS, [{"action": ""}]),
    (ROWS, [{"owner": "b"}]),
    (ROWS, [ROW | {"action": 7}]),
    (ROWS, [ROW | {"more": "d"}]),
    (ROWS, [ROW | {"due": "soon"}]),
    (ROWS, [ROW | {"due": "20260401"}]),
]


@pytest.mark.parametrize(("wants", "value"), LEGAL)
def test_what_is_asked_for_is_an_answer(wants: shapes.Shape, value: Any) -> None:
    assert wants.illegal(value) == ""


@pytest.mark.parametrize(("wants", "value"), ILLEGAL)
def test_what_is_not_asked_for_is_refused_with_a_reason(wants: shapes.Shape, value: Any) -> None:
    assert wants.illegal(value)


def test_every_shape_is_tried() -> None:
    assert {type(one) for one, _ in LEGAL} == {type(one) for one, _ in ILLEGAL} == set(get_args(shapes.Shape))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "again", "texts", "link", "x", "name", "verdict"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(wants=st.sampled_from([one for one, _ in LEGAL]), value=JSON)
def test_no_answer_whatever_it_is_breaks_a_question(wants: shapes.Shape, value: Any) -> None:
    assert isinstance(wants.illegal(value), str)


def test_what_binds_the_company_is_answered_by_hand() -> None:
    by_hand = {type(one).__name__ for one, _ in LEGAL if shapes.is_by_hand(one)}
    assert by_hand == {"SignOff", "Waiver", "LastResortCall", "Release", "Link", "OnlyIn", "Override"}
    assert shapes.is_by_hand(shapes.Accounts(accounts={}, resume=True)), "posting is resumed by a person"


@pytest.mark.parametrize("said", ["posted", "a", "foo", "https://", "https://x", "x.com/1", "https://x.com/1 and more"])
def test_what_is_no_address_does_not_count_as_posted(said: str) -> None:
    assert "no link" in LINK.illegal({"link": said})
    mailed = shapes.Link(message="m", line=Line(channel="email", language="en", sha256="ab" * 32))
    assert not mailed.illegal({"link": said}), "a mail stands nowhere: to whom it was sent is what there is"


def test_a_link_that_shows_another_address_than_it_has_is_refused() -> None:
    assert "cannot be seen" in LINK.illegal({"link": "https://x.example/\u202e1"})


def test_a_number_alone_is_nobodys_name() -> None:
    wants = shapes.NamePerson(roles=("legal",))
    assert wants.illegal({"name": "555 1234"}) == "write a name, and a number if you have it"
    assert not wants.illegal({"name": "Ana 2"})
