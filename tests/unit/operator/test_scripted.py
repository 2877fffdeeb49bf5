"""Answers from a file: made to fit their shape, and never what binds the company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.operator.scripted import AnswersFile, FileThenPerson, Script
from crisis.adapters.operator.written import coerce, fact_value
from crisis.engine import shapes
from crisis.engine.events import Line
from crisis.engine.look import OpenAsk
from crisis.engine.plan import PlannedStep
from crisis.engine.steps import Ask
from crisis.kernel.errors import CrisisError, NeedsOperator, Usage
from crisis.kinds import KINDS
from crisis.playbook.model import Fact
from crisis.playbook.values import Item
from crisis.runtime.ports import News
from crisis.runtime.scene import Around, ProposedText, Question, Say, Scene

NOW = datetime(2026, 3, 7, 2, 0, tzinfo=UTC)
LINE = Line(channel="x", language="en", sha256="ab" * 32)
TEXTS = (
    ProposedText(channel="x", language="en", text="Stop."),
    ProposedText(channel="x", language="da", text="", problem="none"),
)
ITEMS = shapes.Ticks(items=(Item("First"), Item("Second"), Item("Third")))
ACCOUNTS = shapes.Accounts(accounts={"ads": "Ads"})
DRAFT = shapes.Draft(message="m", places=(("x", "en"), ("x", "da")))
ONLY = shapes.OnlyIn(message="m", without=("da",), only=("en",))
BY_HAND: Sequence[shapes.Shape] = (
    shapes.SignOff(message="m", sheet="ab", roles=("legal",)),
    shapes.Waiver(message="m", rules=()),
    shapes.LastResortCall(message="m"),
    shapes.Release(message="m", lines=(LINE,)),
    shapes.Link(message="m", line=LINE),
    ONLY,
    shapes.Override(why_held="triage"),
    shapes.Accounts(accounts={"ads": "Ads"}, resume=True),
)


class Quiet:
    def news(self) -> tuple[News, ...]:
        return ()

    def is_stale(self) -> bool:
        return False

    def scene(self) -> Scene | None:
        return None


def question(wants: shapes.Shape, key: str = "items") -> Question:
    kind = KINDS["action"]
    step = PlannedStep(
        id="verify",
        kind_name="action",
        kind=kind,
        spec=kind.spec(do="it"),
        phase="response",
        role="legal",
        title="Is it real?",
    )
    scene = Scene(
        uid="0a1b",
        incident="INC-2026-0001",
        title="",
        drill=False,
        severity="",
        known_since=NOW,
        lead="",
        deputy="",
        out=0,
        approved_not_out=0,
        waiting=(),
        clocks=(),
        do_not=(),
        posting=(),
    )
    ask = Ask(key=key, role="legal", prompt="Well?", wants=wants)
    around = Around(scene=scene, who="Ana (Legal)")
    return Question(look=lambda: around, step="verify", step_title="", open_ask=OpenAsk(step, 1, ask))


@pytest.mark.parametrize(
    ("wants", "written", "value"),
    [
        (ITEMS, "all", [0, 1, 2]),
        (ITEMS, None, []),
        (ITEMS, "none", []),
        (ITEMS, ["1", "Third"], [0, 2]),
        (ITEMS, "Second", [1]),
        (shapes.SeverityChoice(), "SEV1", {"severity": "SEV1", "reason": ""}),
        (ACCOUNTS, "all", {"ads": "ticked by script"}),
        (DRAFT, "send", {"texts": [{"channel": "x", "language": "en", "text": "Stop."}]}),
        (DRAFT, {"x/en": "Halt."}, {"texts": [{"channel": "x", "language": "en", "text": "Halt."}]}),
        (shapes.When(), "4h", "2026-03-07T06:00:00+00:00"),
        (shapes.Export(), "export.csv", {"files": ["export.csv"]}),
        (shapes.Export(), ["a.csv", "b.csv"], {"files": ["a.csv", "b.csv"]}),
        (shapes.Export(), {"not_now": "the tool is down"}, {"not_now": "the tool is down"}),
        (shapes.Export(), "not now", {"not_now": ""}),
        (shapes.Export(), None, {"not_now": ""}),
        (shapes.Rows(columns={"what": ""}), {"what": "seal"}, [{"what": "seal"}]),
        (shapes.Rows(columns={"what": ""}), None, []),
        (shapes.Rows(columns={"due": ""}, dates=("due",)), {"due": "in two weeks"}, [{"due": "2026-03-21"}]),
        (ONLY, "keep", {"keep": True}),
        (ONLY, "Nobody here reads it", {"leave_out": "Nobody here reads it"}),
        (ONLY, {"leave_out": "nobody"}, {"leave_out": "nobody"}),
        (
            shapes.Rows(columns={"what": "", "due": ""}, dates=("due",)),
            [{"what": "seal", "due": "2026-04-01"}, {"what": "care"}],
            [{"what": "seal", "due": "2026-04-01"}, {"what": "care", "due": ""}],
        ),
        (shapes.NamePerson(roles=("legal",)), "Ana, +45 1", {"name": "Ana", "contact": "+45 1"}),
        (shapes.NamePerson(roles=("legal",)), "nobody", {}),
        (shapes.NamePerson(roles=("legal",)), "No one", {}),
        (shapes.Text(), None, ""),
    ],
)
def test_what_a_file_says_fits_its_shape(wants: shapes.Shape, written: Any, value: Any) -> None:
    ask = Ask(key="k", role="legal", prompt="Well?", wants=wants)
    assert coerce(ask, written, TEXTS, NOW) == value


def test_a_line_is_named_by_its_words_whatever_speaks_against_it() -> None:
    signs = shapes.Ticks(items=(Item("Safe"), Item("Quiet (!! the first report came less than 24 h ago)")))
    ask = Ask(key="criteria", role="crisis-lead", prompt="Well?", wants=signs)
    assert coerce(ask, ["Quiet"], (), NOW) == [1]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("-3", "-3 is too small a number: it is at least 0"),
        (-3, "-3 is too small a number: it is at least 0"),
        ("11", "11 is too large a number: it is at most 10"),
        ("9" * 20, "1e+20 is too large a number"),
    ],
)
def test_a_number_beyond_the_bounds_of_its_fact_is_refused_with_what_it_may_be(written: Any, why: str) -> None:
    count = Fact(type="number", prompt="How many?", minimum=0, maximum=10)
    with pytest.raises(Usage) as told:
        fact_value(count, written, NOW)
    assert why in told.value.message
    assert told.value.hint == "it may be: a number of at least 0 and at most 10, or: not known yet"


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FACTS = [
    Fact(type=kind, prompt="?", options={"a": "A"})
    for kind in ("text", "yes-no", "number", "time", "choice", "choice-many")
]  # type: ignore[arg-type]


@given(JSON)
def test_whatever_a_file_says_it_is_a_value_or_a_refusal(written: Any) -> None:
    days = shapes.Rows(columns={"what": "", "a": ""}, dates=("a",))
    for wants in (ITEMS, ACCOUNTS, DRAFT, ONLY, shapes.When(), shapes.SeverityChoice(), days):
        ask = Ask(key="k", role="legal", prompt="Well?", wants=wants)
        try:
            value = coerce(ask, written, TEXTS, NOW)
        except Usage:
            continue
        assert isinstance(wants.illegal(value), str)
    for fact in FACTS:
        try:
            value = fact_value(fact, written, NOW)
        except Usage:
            continue
        assert isinstance(shapes.FactValue(name="it", fact=fact).illegal(value), str)


def file(**answers: Any) -> AnswersFile:
    return AnswersFile(Script(answers), lambda: NOW, lambda path: "answers.yaml:1:1")


@pytest.mark.parametrize("wants", BY_HAND, ids=lambda wants: type(wants).__name__)
def test_what_binds_the_company_is_never_taken_from_a_file(wants: shapes.Shape) -> None:
    with pytest.raises(NeedsOperator) as told:
        file(verify={"items": "yes"}).ask(question(wants), Quiet())
    assert "Ana (Legal): Well? (step verify)" in told.value.message
    assert told.value.hint == "", "the last line names who and for what"


def test_what_a_file_does_not_say_waits_for_a_person() -> None:
    with pytest.raises(NeedsOperator):
        file(other="all").ask(question(ITEMS), Quiet())


def test_rounds_have_answers_of_their_own_and_the_last_one_serves_the_rest() -> None:
    script = file(verify={"rounds": ["1", "all"]})
    asked = question(ITEMS)
    assert script.ask(asked, Quiet()) == Say([0])
    for number in (2, 3):
        one = OpenAsk(asked.open_ask.step, number, asked.open_ask.ask)
        again = Question(look=asked.look, step="verify", step_title="", open_ask=one)
        assert script.ask(again, Quiet()) == Say([0, 1, 2])


def test_one_name_is_one_person_however_often_somebody_is_asked_for() -> None:
    script, wants = file(verify={"name": "Ana Berg"}), shapes.NamePerson(roles=("legal",))
    assert script.ask(question(wants, "name:0"), Quiet()) == Say({"name": "Ana Berg", "contact": ""})
    assert script.ask(question(wants, "name:1"), Quiet()) == Say({})


def test_what_was_never_asked_for_is_named() -> None:
    script = Script({"verify": "all", "other": "all"}, {"product": "K"})
    script.value(question(ITEMS), NOW)
    assert script.unused() == ("other", "facts.product")


class Person:
    """Somebody who says one word to every question."""

    present = True
    via = "terminal"

    def __init__(self) -> None:
        self.refusals: list[CrisisError] = []

    def ask(self, question: Question, watch: Any) -> Say:
        return Say("by hand")

    def wait(self, *_: Any) -> Say:
        return Say("waited")

    def tell(self, news: Sequence[News]) -> None:
        pass

    def refuse(self, why: CrisisError) -> None:
        self.refusals.append(why)


def test_a_person_is_asked_what_the_file_does_not_say_or_says_wrongly() -> None:
    person = Person()
    both = FileThenPerson(file(verify={"items": "all", "bad": "nothing"}), person)
    assert both.ask(question(ITEMS), Quiet()) == Say([0, 1, 2])
    assert (both.present, both.via) == (False, "answers file")
    # Asked again, because it was refused: the file has nothing better to say.
    assert both.ask(question(ITEMS), Quiet()) == Say("by hand")
    assert (both.present, both.via) == (True, "terminal")
    assert both.ask(question(ITEMS, "bad"), Quiet()) == Say("by hand")
    assert len(person.refusals) == 1
    assert both.ask(question(BY_HAND[0], "sign-off"), Quiet()) == Say("by hand")
    assert both.present


def test_a_due_date_that_is_none_is_refused() -> None:
    ask = Ask(key="k", role="legal", prompt="Well?", wants=shapes.Rows(columns={"due": ""}, dates=("due",)))
    with pytest.raises(Usage, match="'soon' is not a date"):
        coerce(ask, {"due": "soon"}, TEXTS, NOW)
