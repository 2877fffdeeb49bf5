"""Each shape of question becomes a prompt or a few, and what a person says becomes a value the shape takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from crisis.adapters.operator.conversation import Conversation, LiveScene
from crisis.adapters.operator.drawer import Drawer
from crisis.adapters.operator.prompts import Changed, Live, MenuWanted, Option, Shown
from crisis.adapters.operator.stopping import Stopping
from crisis.engine import shapes
from crisis.engine.events import Line
from crisis.engine.look import OpenAsk
from crisis.engine.plan import PlannedStep
from crisis.engine.steps import Ask
from crisis.kernel.errors import Interrupted, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.kinds import KINDS
from crisis.playbook.model import Fact
from crisis.playbook.values import Item
from crisis.runtime.drafts import drafted
from crisis.runtime.monitoring import LongOver
from crisis.runtime.ports import News
from crisis.runtime.scene import (
    Around,
    Correction,
    Elsewhere,
    Former,
    KnownLink,
    LeaveOut,
    LinedText,
    LookAgain,
    Meanwhile,
    Prefer,
    ProposedText,
    Question,
    Return,
    Say,
    SayableFact,
    SayFact,
    SayLink,
    Scene,
    WriteNote,
)

NOW = datetime(2026, 3, 7, 2, 0, tzinfo=UTC)
LATER = (NOW + timedelta(minutes=15)).isoformat()
SHEET = "9c1e77aa" + "0" * 56


@dataclass
class ScriptedPrompts:
    """A person with a list of answers. A question that nobody expected, and an answer that nobody used, both fail."""

    expected: list[tuple[str, Any]]
    shown: list[str] = field(default_factory=list)
    offered: list[tuple[str, str]] = field(default_factory=list)  # each list, and the note of its first line
    labels: list[list[str]] = field(default_factory=list)  # … and what its lines say
    keys: list[tuple[str, ...]] = field(default_factory=list)  # … and what its foot says of the keys

    def _next(self, message: str) -> Any:
        assert self.expected, f"unexpected question: {message}"
        word, answer = self.expected.pop(0)
        assert word in message, f"expected {word!r}, was asked {message!r}"
        if isinstance(answer, Exception):
            raise answer
        return answer

    def select(self, message: str, options: Sequence[Option], default: str | None, live: Live) -> str:
        keys = [option.key for option in options]
        self.keys.append(live.keys)
        self.offered.append((message, options[0].note))
        self.labels.append([option.label for option in options])
        answer = self._next(message)
        chosen = default if answer is None else answer
        assert chosen is not None, f"Enter alone takes nothing here: {message}"
        assert chosen in keys, f"{chosen!r} is not offered: {keys}"
        return str(chosen)

    def tick(self, message: str, options: Sequence[Option], ticked: Collection[str], live: Live) -> list[str]:
        answer = self._next(message)
        return [key for key in (option.key for option in options) if key in (ticked if answer is None else answer)]

    def text(self, message: str, default: str, live: Live) -> str:
        answer = self._next(message)
        return default if answer is None else str(answer)

    def edit(self, text: str, name: str, live: Live, rescue: Callable[[str], None]) -> str:
        answer = self._next("editor")
        return str(answer(text))

    def write(self, message: str, text: str, live: Live, rescue: Callable[[str], None]) -> str:
        answer = self._next(message)
        if callable(answer):
            return str(answer(text, rescue))
        return str(answer)

    def show(self, lines: Sequence[Shown]) -> None:
        self.shown += [line.text for line in lines]


class Quiet:
    def news(self) -> tuple[News, ...]:
        return ()

    def is_stale(self) -> bool:
        return False

    def scene(self) -> Scene | None:
        return None


SCENE = Scene(
    incident="INC-2026-0001",
    uid="0a1b",
    title="A kettle burns",
    drill=False,
    severity="SEV1",
    known_since=NOW,
    lead="you lead",
    deputy="",
    out=0,
    approved_not_out=0,
    waiting=("Ana Berg · approval until 03:00",),
    clocks=(),
    do_not=("Speculate",),
    posting=(),
)


def step(name: str, title: str) -> PlannedStep:
    kind = KINDS["action"]
    return PlannedStep(
        id=name,
        kind_name="action",
        kind=kind,
        spec=kind.spec(do="it"),
        phase="response",
        role="crisis-lead",
        title=title,
    )


STEP = step("step", "The step")
LINE = Line(channel="x", language="en", sha256="ab" * 32)


def proposed(channel: str, **more: Any) -> ProposedText:
    return ProposedText(
        **{"channel": channel, "language": "en", "text": f"Stop, says {channel}.", "size": "9/280", **more}
    )


X, FACEBOOK = proposed("x"), proposed("facebook")


def question(wants: shapes.Shape, suggested: Any = None, **more: Any) -> Question:
    ask = Ask(key="key", role="crisis-lead", prompt="The question?", wants=wants, suggested=suggested)
    given: dict[str, Any] = {
        "people": {"kim": "Kim Dahl (legal)", "ana": "Ana Berg (legal)"},
        "contacts": {"ana": "+45 1"},
        "texts": (LinedText(line=LINE, text="Stop.", approved_by="Ana Berg"),),
        "can_go_back": {"facts": "What do we know?"},
    } | {name: more.pop(name) for name in Around.__struct_fields__ if name in more}
    around = Around(scene=SCENE, **given)
    return Question(
        look=lambda: around,
        step="step",
        step_title="The step",
        open_ask=OpenAsk(STEP, 1, ask),
        **{"can_skip": True, **more},
    )


def meanwhile(*choices: Question) -> Meanwhile:
    around = Around(scene=SCENE, can_go_back={"facts": "What do we know?", "draft": "The text: correct what is out"})
    return Meanwhile(look=lambda: around, choices=choices, until=NOW + timedelta(hours=1))


@pytest.fixture
def talks() -> Iterator[Any]:
    """Ask one question with these answers; whatever is left unused fails."""
    left: list[list[tuple[str, Any]]] = []

    def ask(asked: Question, *answers: tuple[str, Any], keep: list[Any] | None = None) -> Any:
        prompts = ScriptedPrompts(list(answers))
        left.append(prompts.expected)
        person = Conversation(prompts, "kim", lambda: NOW, Stopping())
        if keep is not None:
            keep += [person, prompts]
        return person.ask(asked, Quiet())

    yield ask
    assert not any(left), f"answers that nobody asked for: {left}"


def fact(kind: str, **more: Any) -> shapes.FactValue:
    return shapes.FactValue(name="it", fact=Fact(type=kind, prompt="The question?", **more))  # type: ignore[arg-type]


OPTIONS = {"options": {"dk": "Denmark", "de": "Germany"}}
Q = "The question?"
ONLY = shapes.OnlyIn(message="m", without=("da",), only=("en",))
SAID: list[tuple[str, shapes.Shape, Any, list[tuple[str, Any]], Any]] = [
    ("an export", shapes.Export(), None, [(Q, "/tmp/export.csv")], {"files": ["/tmp/export.csv"]}),
    ("no export now", shapes.Export(), None, [(Q, " ")], {"not_now": ""}),
    (
        "an export instead of another",
        shapes.Export(instead=("wrong.csv",)),
        None,
        [("instead of wrong.csv", "/tmp/right.csv")],
        {"files": ["/tmp/right.csv"]},
    ),
    ("a reason as it was", shapes.Override(why_held="x"), "a child was burned", [(Q, None)], "a child was burned"),
    ("yes", fact("yes-no"), None, [(Q, "yes")], {"value": True}),
    ("no", fact("yes-no"), None, [(Q, "no")], {"value": False}),
    ("no stays no", fact("yes-no"), {"value": False}, [(Q, None)], {"value": False}),
    ("Enter alone says neither yes nor no", fact("yes-no"), None, [(Q, None)], {"again": LATER}),
    ("nor does it choose a cause", fact("choice", **OPTIONS), None, [(Q, None)], {"again": LATER}),
    ("yes-no unknown", fact("yes-no"), None, [(Q, "\x00unknown")], {"again": LATER}),
    ("choice", fact("choice", **OPTIONS), None, [(Q, "de")], {"value": "de"}),
    ("choice unknown", fact("choice", **OPTIONS), None, [(Q, "\x00unknown")], {"again": LATER}),
    ("some", fact("choice-many", **OPTIONS), None, [(Q, ["de", "dk"])], {"value": ["dk", "de"]}),
    ("none of them", fact("choice-many", **OPTIONS), None, [(Q, [])], {"again": LATER}),
    ("text", fact("text"), None, [(Q, " Kettle 3 ")], {"value": "Kettle 3"}),
    ("text unknown", fact("text"), None, [(Q, "")], {"again": LATER}),
    ("number", fact("number"), None, [(Q, "many"), (Q, "1,5"), (Q, "12")], {"value": 12}),
    ("a count", fact("number", minimum=0, maximum=99), None, [(Q, "-3"), (Q, "100"), (Q, "0")], {"value": 0}),
    ("number stays", fact("number"), {"value": 7}, [(Q, None)], {"value": 7}),
    ("number unknown", fact("number"), None, [(Q, "")], {"again": LATER}),
    ("time", fact("time"), None, [(Q, "soon"), (Q, "25m ago")], {"value": "2026-03-07T01:35:00+00:00"}),
    (
        "a time of yesterday is confirmed by Enter",
        fact("time"),
        None,
        [(Q, "23:50"), ("23:50 is 2 h 10 min ago, yesterday: is that meant?", None)],
        {"value": "2026-03-06T23:50:00+00:00"},
    ),
    (
        "a time of yesterday is replaced by what is typed",
        fact("time"),
        None,
        [(Q, "2:40"), ("2:40 is 23 h 20 min ago", "2:50"), ("2:50 is", "soon"), (Q, "2:40"), ("2:40 is", "01:50")],
        {"value": "2026-03-07T01:50:00+00:00"},
    ),
    ("time unknown", fact("time"), None, [(Q, "")], {"again": LATER}),
    ("time now", fact("time"), {"value": NOW.isoformat()}, [("now, 25m", None)], {"value": NOW.isoformat()}),
    (
        "now, a minute after it was suggested",
        fact("time"),
        {"value": "2026-03-07T01:59:00+00:00"},
        [("now, 25m", None)],
        {"value": "2026-03-07T01:59:00+00:00"},
    ),
    (
        "time stays to the second",
        fact("time"),
        {"value": "2026-03-06T23:10:07+00:00"},
        [(Q, None)],
        {"value": "2026-03-06T23:10:07+00:00"},
    ),
    ("severity", shapes.SeverityChoice(proposed="SEV2"), None, [(Q, None)], {"severity": "SEV2", "reason": ""}),
    (
        "less severe needs a reason",
        shapes.SeverityChoice(proposed="SEV1"),
        None,
        [(Q, "SEV3"), ("Why SEV3", ""), ("Why SEV3", "a hoax")],
        {"severity": "SEV3", "reason": "a hoax"},
    ),
    ("one of several", shapes.Choice(options={"open": "Open", "no": "No"}), "no", [(Q, None)], "no"),
    ("one of several, none suggested", shapes.Choice(options={"open": "Open", "no": "No"}), None, [(Q, "no")], "no"),
    ("ticks", shapes.Ticks(items=(Item("a"), Item("b", evidence=True))), [0, 1], [(Q, ["1"])], [1]),
    ("nothing is ticked in advance", shapes.Ticks(items=(Item("a"), Item("b"))), [0, 1], [(Q, None)], []),
    ("a name", shapes.NamePerson(roles=("legal",)), {}, [(Q, "Ana, +45 1")], {"name": "Ana", "contact": "+45 1"}),
    *(
        (f"{said!r} is nobody", shapes.NamePerson(roles=("legal", "executive")), {}, [(Q, said)], {})
        for said in ("nobody", "No one", "none", "Nobody else.", " ")
    ),
    *(
        (f"{said!r} walks", shapes.NamePerson(roles=("legal",)), {}, [(Q, said)], {"name": "kim", "contact": "123"})
        for said in ("me, 123", "Myself 123", "I, 123")
    ),
    (
        "a name and an extension",
        shapes.NamePerson(roles=("legal",)),
        {},
        [(Q, "Carl Sand 123")],
        {"name": "Carl Sand", "contact": "123"},
    ),
    (
        "a name and no number",
        shapes.NamePerson(roles=("legal",)),
        {},
        [(Q, "Carl Sand 12")],
        {"name": "Carl Sand 12", "contact": ""},
    ),
    (
        "a name and a number without the comma",
        shapes.NamePerson(roles=("legal",)),
        {},
        [(Q, "Bo Lund +45 11 11 11 11")],
        {"name": "Bo Lund", "contact": "+45 11 11 11 11"},
    ),
    (
        "a name for one of two roles",
        shapes.NamePerson(roles=("legal", "executive")),
        {},
        [(Q, "Ana"), ("As what", "executive")],
        {"name": "Ana", "contact": "", "role": "executive"},
    ),
    ("nobody", shapes.NamePerson(roles=("legal",)), {}, [(Q, " ")], {}),
    ("waiver", shapes.Waiver(message="m", rules=("no legal",)), None, [(Q, "alone")], "alone"),
    ("last resort", shapes.LastResortCall(message="m"), None, [(Q, "it burns")], "it burns"),
    ("override", shapes.Override(why_held="triage"), None, [(Q, "it burns")], "it burns"),
    ("release", shapes.Release(message="m", lines=(LINE,)), None, [(Q, "post")], "post"),
    (
        "the texts before they are posted",
        shapes.Release(message="m", lines=(LINE,)),
        None,
        [(Q, "whole"), (Q, None)],
        "post",
    ),
    ("edit again", shapes.Release(message="m", lines=(LINE,)), None, [(Q, "edit")], "edit"),
    (
        "link",
        shapes.Link(message="m", line=LINE),
        None,
        [(Q, " "), (Q, "https://x.com/1")],
        {"link": "https://x.com/1"},
    ),
    (
        "not posted there",
        shapes.Link(message="m", line=LINE),
        None,
        [(Q, "-"), ("Why is it not", ""), ("Why is it not", "down")],
        {"left_out": "down"},
    ),
    ("accounts", shapes.Accounts(accounts={"ads": "Ads", "news": "News"}), {}, [(Q, ["ads"])], {"ads": ""}),
    (
        "accounts with a line for all",
        shapes.Accounts(accounts={"ads": "Ads", "news": "News"}),
        {},
        [(Q, ["ads", "news"]), ("Who stopped these 2", "Bo, see the queue")],
        {"ads": "Bo, see the queue", "news": "Bo, see the queue"},
    ),
    (
        "accounts with nothing to add",
        shapes.Accounts(accounts={"ads": "Ads", "news": "News"}),
        {},
        [(Q, ["ads", "news"]), ("Enter: nothing to add", None)],
        {"ads": "not said by whom", "news": "not said by whom"},
    ),
    (
        "accounts one by one",
        shapes.Accounts(accounts={"ads": "Ads", "news": "News"}),
        {},
        [(Q, ["ads", "news"]), ("each: asked one by one", "Each ")],
        {"ads": "", "news": ""},
    ),
    (
        "accounts that post again",
        shapes.Accounts(accounts={"ads": "Ads", "news": "News"}, resume=True),
        {},
        [(Q, ["ads", "news"])],
        {"ads": "", "news": ""},
    ),
    ("called", shapes.Reach(role="legal", person="ana"), None, [("+45 1", "no-answer")], "no-answer"),
    ("when", shapes.When(), None, [(Q, "soon"), (Q, "09:00")], "2026-03-07T09:00:00+00:00"),
    ("a day, asked for until it is one", shapes.Day(), "", [(Q, "soon"), (Q, "in two weeks")], "2026-03-21"),
    ("a day left open", shapes.Day(), "", [(Q, "")], ""),
    (
        "a day that was written at once",
        shapes.Rows(columns={"what": "What", "due": "By when"}, dates=("due",)),
        [],
        [(Q, "seal; asap"), ("By when?", "")],
        [{"what": "seal", "due": ""}],
    ),
    ("no rows", shapes.Rows(columns={"what": "", "who": ""}), [], [(Q, "")], []),
    ("a row", shapes.Rows(columns={"what": "", "who": ""}), [], [(Q, "seal; Bo")], [{"what": "seal", "who": "Bo"}]),
    (
        "a row of which the rest is asked for later",
        shapes.Rows(columns={"what": "What", "who": "Who does it"}),
        [],
        [(Q, "seal, then test")],
        [{"what": "seal, then test"}],
    ),
    ("words", shapes.Text(), "as before", [(Q, None)], "as before"),
    ("every language, by Enter alone", ONLY, None, [(Q, None)], {"keep": True}),
    (
        "one language",
        ONLY,
        None,
        [(Q, "leave_out"), ("Why is Danish left out?", ""), ("Why is Danish left out?", "Ana is silent")],
        {"leave_out": "Ana is silent"},
    ),
]


@pytest.mark.parametrize(
    ("wants", "suggested", "answers", "value"), [one[1:] for one in SAID], ids=[one[0] for one in SAID]
)
def test_what_a_person_says_is_the_value_that_the_shape_takes(
    talks: Any, wants: shapes.Shape, suggested: Any, answers: list[tuple[str, Any]], value: Any
) -> None:
    assert talks(question(wants, suggested), *answers) == Say(value)
    assert wants.illegal(value) == ""


def test_every_shape_but_texts_and_sign_offs_is_tried_above() -> None:
    tried = {type(one[1]) for one in SAID}
    assert tried | {shapes.Draft, shapes.SignOff} == set(shapes.Shape.__args__)


@pytest.mark.parametrize(
    "wants", [shapes.Waiver(message="m", rules=()), shapes.LastResortCall(message="m"), shapes.Override(why_held="t")]
)
def test_what_goes_past_the_rules_without_a_reason_is_not_done(talks: Any, wants: shapes.Shape) -> None:
    assert talks(question(wants), (Q, " ")) == LookAgain()


def test_advice_that_was_just_given_is_not_repeated_at_the_next_question_of_the_step(talks: Any) -> None:
    prompts = ScriptedPrompts([(Q, "a"), (Q, "b"), (Q, "c")])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    for advice in ("read this one first", "read this one first", "and another"):
        asked = question(shapes.Text())
        one = asked.open_ask
        told = Ask(key="key", role="crisis-lead", prompt=Q, wants=one.ask.wants, advice=(advice,))
        person.ask(replace(asked, open_ask=replace(one, ask=told)), Quiet())
    assert [line.strip() for line in prompts.shown if "another" in line or "first" in line] == [
        "read this one first",
        "and another",
    ]


def test_no_export_instead_of_a_wrong_one_is_no_answer(talks: Any) -> None:
    assert talks(question(shapes.Export(instead=("wrong.csv",))), (Q, " ")) == LookAgain()


OVER = LongOver("old.csv ended 1461 days ago, on 2022-03-07")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ([("Is that the export?", None), (Q, "new.csv")], {"files": ["new.csv"]}),
        ([("Is that the export?", "yes")], {"files": ["old.csv"], "old": True}),
    ],
    ids=["no, by Enter alone", "yes"],
)
def test_an_export_that_ended_long_ago_is_taken_only_when_it_is_meant(said: list[tuple[str, Any]], value: Any) -> None:
    asked = question(shapes.Export())
    prompts = ScriptedPrompts([(Q, "old.csv"), *said, (Q, "")])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    assert person.ask(asked, Quiet()) == Say({"files": ["old.csv"]})
    person.refuse(OVER)
    assert "old.csv ended 1461 days ago, on 2022-03-07." in prompts.shown
    assert person.ask(asked, Quiet()) == Say(value)
    assert shapes.Export().illegal(value) == ""
    # Asked once: the next export is one of its own.
    assert person.ask(asked, Quiet()) == Say({"not_now": ""})


def test_what_is_no_link_is_asked_for_again_with_what_is_wanted(talks: Any) -> None:
    keep: list[Any] = []
    asked = question(shapes.Link(message="m", line=LINE))
    said = talks(asked, (Q, " "), (Q, "done"), (Q, "-"), ("Why is it not", " "), ("Why is it", "down"), keep=keep)
    assert said == Say({"left_out": "down"})
    assert [line for line in keep[1].shown if not line.startswith((" ", "Stop", "The step")) and line] == [
        "That was empty. Only what you paste here makes it posted; type - if it is not posted there.",
        "'done' is no link: paste the address at which the text can be seen (https://…).",
        "This needs a reason: a few words will do. The menu offers something else.",
    ]


SIGN_OFF = shapes.SignOff(message="m", sheet=SHEET, roles=("legal",))


def test_one_approves_for_oneself_at_the_terminal(talks: Any) -> None:
    said = talks(question(SIGN_OFF), ("Who has decided", "yes kim"))
    assert said == Say({"person": "kim", "verdict": "yes", "proof": "present", "reason": ""})


def test_a_yes_by_phone_is_read_back(talks: Any) -> None:
    said = talks(question(SIGN_OFF), ("Who has decided", "yes ana"), ("say back", "9C1E77AA"))
    assert said.value["proof"] == "verbal"
    assert (said.value["heard_by"], said.value["read_back"]) == ("kim", True)
    assert SIGN_OFF.illegal(said.value) == ""


def test_a_yes_by_phone_that_was_not_read_back_is_none(talks: Any) -> None:
    assert talks(question(SIGN_OFF), ("Who has decided", "yes ana"), ("say back", None)) == LookAgain()


def test_a_yes_to_other_texts_is_none(talks: Any) -> None:
    wrong = ("say back", "9c1e 77ab")
    assert talks(question(SIGN_OFF), ("Who has decided", "yes ana"), wrong, ("say back", "")) == LookAgain()


def test_enter_alone_approves_nothing(talks: Any) -> None:
    assert talks(question(SIGN_OFF), ("Who has decided", None)) == LookAgain()


def test_a_no_says_what_must_change(talks: Any) -> None:
    said = talks(question(SIGN_OFF), ("Who has decided", "no ana"), ("What must change", ""), ("What must", "the name"))
    assert said.value["reason"] == "the name"


def test_the_call_script_is_shown_and_the_question_stays(talks: Any) -> None:
    keep: list[Any] = []
    talks(question(SIGN_OFF), ("Who has decided", "script"), ("Who has decided", "later"), keep=keep)
    assert any("9c1e 77aa" in line for line in keep[1].shown)


DRAFT = shapes.Draft(message="m", places=(("x", "en"), ("facebook", "en")))


DRAFT_BOTH = shapes.Draft(message="m", places=(("x", "en"), ("x", "da")))


def sent(reply: Any) -> dict[str, str]:
    assert DRAFT.illegal(reply.value) == ""
    return {text["channel"]: text["text"] for text in reply.value["texts"]}


def test_an_export_that_nobody_waits_for_is_offered_again_where_none_is_named(talks: Any) -> None:
    asked = question(shapes.Export())
    offered = replace(asked, open_ask=replace(asked.open_ask, ask=replace(asked.open_ask.ask, optional=True)))
    assert talks(offered, (Q, "")) == LookAgain()
    assert talks(asked, (Q, "")) == Say({"not_now": ""})


def test_where_there_is_one_thing_to_choose_it_need_not_be_chosen(talks: Any) -> None:
    pause = shapes.Choice(options={"now": "Do not wait any longer"})
    assert isinstance(talks(question(pause), (Q, "\x00unknown")), LookAgain)
    assert talks(question(pause), (Q, "now")) == Say("now")


def test_an_empty_line_closes_an_incident_only_if_that_is_meant(talks: Any) -> None:
    rows = shapes.Rows(columns={"action": "What"})
    asked, close = question(rows, may_close=True), "Then the incident is closed."
    assert talks(asked, (Q, ""), (close, "more"), (Q, "New seal")) == Say([{"action": "New seal"}])
    assert talks(asked, (Q, ""), (close, "close")) == Say([])
    assert talks(question(rows), (Q, "")) == Say([])


def test_the_texts_are_sent_as_they_are_proposed(talks: Any) -> None:
    said = talks(question(DRAFT, proposed=(X, FACEBOOK)), ("The step?", None))
    assert sent(said) == {"x": X.text, "facebook": FACEBOOK.text}


def test_some_texts_are_left_out(talks: Any) -> None:
    asked = question(DRAFT, proposed=(X, FACEBOOK))
    assert sent(talks(asked, ("The step?", "some"), ("Which ones", ["x/en"]), ("The step?", "send"))) == {"x": X.text}


def test_to_leave_all_texts_out_changes_nothing_and_says_so(talks: Any) -> None:
    keep: list[Any] = []
    some = [("The step?", "some"), ("Which ones", ["x/en"]), ("The step?", "some"), ("Which ones", [])]
    asked = question(DRAFT, proposed=(X, FACEBOOK))
    assert sent(talks(asked, *some, ("The step?", "send"), keep=keep)) == {"x": X.text}
    assert "None would go out: all is as before. To send nothing, skip this step." in keep[1].shown


def test_a_text_that_does_not_fit_is_not_sent(talks: Any) -> None:
    asked = question(DRAFT, proposed=(X, proposed("facebook", problem="too long")))
    assert sent(talks(asked, ("The step?", "whole"), ("The step?", "send"))) == {"x": X.text}


def test_an_edited_text_is_measured_at_once(talks: Any) -> None:
    asked, keep = question(DRAFT, proposed=(X,), limits={"x": 30}), []
    long = ("editor", lambda page: page.replace("Stop", "Stop " * 9))
    short = ("editor", lambda page: page.replace("Stop " * 9, "Halt"))
    said = talks(asked, ("The step?", "edit"), long, ("The step?", "edit"), short, ("The step?", "send"), keep=keep)
    assert sent(said) == {"x": "Halt, says x."}
    assert any("too long" in line for line in keep[1].shown)


DANISH = ProposedText(channel="x", language="da", text="Stop, siger x.", size="9/280")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda page: page.replace("Stop, says", "Halt, says"), True),
        (lambda page: page.replace("siger x", "siger vi"), False),
        (lambda page: page.replace("Stop,", "Halt,"), False),
    ],
    ids=["English alone", "Danish alone", "both"],
)
def test_a_source_text_that_is_edited_without_its_translation_is_said_so(talks: Any, edit: Any, *, says: bool) -> None:
    keep: list[Any] = []
    asked = question(DRAFT, proposed=(X, DANISH), source_language="en")
    talks(asked, ("The step?", "edit"), ("editor", edit), ("The step?", "send"), keep=keep)
    behind = "  !! x/en was edited, its translation x/da was not: does it still say the same?"
    assert (behind in keep[1].shown) is says


def sent_before(english: str, danish: str, *, of: str, edited: bool) -> Former:
    """An English text and its Danish translation as they were sent, made when the English said `of`."""
    texts = (
        proposed("x", text=english, edited=True),
        proposed("x", text=danish, language="da", edited=edited),
    )
    return Former(texts, sources={"x/da": fingerprint(of)})


@pytest.mark.parametrize(
    ("former", "danish"),
    [
        (sent_before("Halt.", DANISH.text, of="Halt.", edited=False), DANISH.text),
        (sent_before("Halt.", "Stop i dag.", of="Halt.", edited=False), DANISH.text),
        (sent_before("Halt.", "Hold inde.", of="Halt.", edited=True), "Hold inde."),
        (sent_before("Halt now.", "Hold inde.", of="Halt.", edited=True), "Hold inde."),
    ],
    ids=["as its template has it", "made anew from a fact", "edited beside it before", "edited beside another before"],
)
def test_a_translation_that_was_left_behind_in_an_earlier_round_is_said_so_and_not_sent_by_enter_alone(
    talks: Any, former: Former, danish: str
) -> None:
    keep: list[Any] = []
    asked = question(DRAFT_BOTH, proposed=(X, DANISH), source_language="en", former=former)
    edit = ("editor", lambda page: page.replace("Halt", "Please halt"))
    better = ("editor", lambda page: page.replace(danish, "Hold venligst inde."))
    talks(asked, ("The step?", "edit"), edit, ("The step?", None), better, ("The step?", None), keep=keep)
    behind = "  !! x/en was edited, its translation x/da was not: does it still say the same?"
    assert behind in keep[1].shown


def test_what_was_edited_survives_an_interruption_and_a_refusal(talks: Any) -> None:
    keep: list[Any] = []
    promise = NOW + timedelta(hours=2)
    asked = question(DRAFT, proposed=(proposed("x", promises=promise),))
    edit = ("editor", lambda page: page.replace("Stop", "Halt"))
    assert talks(asked, ("The step?", "edit"), edit, ("The step?", Changed()), keep=keep) == LookAgain(here=True)
    person, prompts = keep
    prompts.expected += [("The step?", "send")]
    later = promise + timedelta(hours=1)
    moved = question(DRAFT, proposed=(proposed("x", text="Stop, says x later.", promises=later),))
    again = person.ask(moved, Quiet())
    assert sent(again) == {"x": "Halt, says x."}
    assert again.value["texts"][0]["promises"] == promise.isoformat()
    assert any("read it again" in line for line in prompts.shown)


@pytest.mark.parametrize(
    ("edited", "minutes", "told"),
    [
        ("by 13:00", 15, "  x/en promises the next update by 13:00."),
        ("soon", None, "  !! x/en no longer says in the offered words by when the next update comes"),
        ("by 12:45 at the latest", None, "  !! x/en no longer says in the offered words by when"),
        ("by 12:45, we are sorry", None, "  !! x/en no longer says in the offered words by when"),
        ("by  12:45", 0, None),
    ],
)
def test_an_edited_text_promises_what_it_says(talks: Any, edited: str, minutes: int | None, told: str | None) -> None:
    keep: list[Any] = []
    promise = NOW.replace(hour=12, minute=45)
    asked = question(DRAFT, proposed=(proposed("x", text="Next update by 12:45.", promises=promise),))
    edit = ("editor", lambda page: page.replace("by 12:45", edited))
    answer = talks(asked, ("The step?", "edit"), edit, ("The step?", "send"), keep=keep).value
    (text,), _ = drafted(answer["texts"], asked.proposed, {})
    assert text.promises == (None if minutes is None else promise + timedelta(minutes=minutes))
    said = [line for line in keep[1].shown if "next update comes" in line or "promises the next" in line]
    assert [line.startswith(told or "") for line in said] == ([True] if told else [])


def test_edits_can_be_dropped(talks: Any) -> None:
    edit = ("editor", lambda page: page.replace("Stop", "Halt"))
    said = talks(
        question(DRAFT, proposed=(X,)), ("The step?", "edit"), edit, ("The step?", "again"), ("The step?", "send")
    )
    assert sent(said) == {"x": X.text}


def test_what_was_left_out_stays_so_where_one_starts_again_from_the_proposed_texts(talks: Any) -> None:
    asked = question(DRAFT, proposed=(X, FACEBOOK))
    edit = ("editor", lambda page: page.replace("Stop", "Halt"))
    answers = [("The step?", "edit"), edit, ("The step?", "some"), ("Which ones", ["x/en"])]
    assert sent(talks(asked, *answers, ("The step?", "again"), ("The step?", None))) == {"x": X.text}


def test_enter_sends_what_is_left_once_what_was_in_doubt_is_left_out(talks: Any) -> None:
    keep: list[Any] = []
    both = (proposed("x", text="Halt, x.", edited=True), proposed("facebook", text="Halt, facebook.", edited=True))
    asked = question(DRAFT, proposed=(X, FACEBOOK), former=Former(both, outdated=True))
    better = ("editor", lambda page: page.replace("Halt, x", "Please halt, x"))
    answers = [("The step?", None), better, ("The step?", "some"), ("Which ones", ["x/en"]), ("The step?", None)]
    assert sent(talks(asked, *answers, keep=keep)) == {"x": "Please halt, x."}
    doubted = [line.split()[1] for line in keep[1].shown if "read it again" in line]
    assert doubted == ["x/en", "facebook/en", "facebook/en"], "as long as it is in doubt"


HALT = ("editor", lambda page: page.replace("Stop", "Halt"))


def conversation(tmp_path: Path, *answers: tuple[str, Any]) -> tuple[Conversation, ScriptedPrompts]:
    prompts = ScriptedPrompts(list(answers))
    return Conversation(prompts, "kim", lambda: NOW, Stopping(), Drawer(tmp_path / "drafts")), prompts


def test_what_was_edited_is_there_for_whoever_left_and_comes_back(tmp_path: Path) -> None:
    asked = question(DRAFT, proposed=(X, FACEBOOK))
    person, _ = conversation(tmp_path, ("The step?", "edit"), HALT, ("The step?", Interrupted("You left.")))
    with pytest.raises(Interrupted):
        person.ask(asked, Quiet())
    person, prompts = conversation(tmp_path, ("The step?", None))
    assert sent(person.ask(asked, Quiet())) == {"x": "Halt, says x.", "facebook": "Halt, says facebook."}
    assert any("As you edited it: all 2 texts" in line for line in prompts.shown)


def test_what_was_sent_is_thrown_away_once_it_was_not_refused(tmp_path: Path) -> None:
    asked = question(DRAFT, proposed=(X,))
    person, prompts = conversation(tmp_path, ("The step?", "edit"), HALT, ("The step?", "send"), ("The step?", "send"))
    person.ask(asked, Quiet())
    person.refuse(Usage("too long"))
    assert sent(person.ask(asked, Quiet())) == {"x": "Halt, says x."}
    assert (tmp_path / "drafts").exists()
    assert not prompts.expected
    person.tell(())
    assert not (tmp_path / "drafts").exists()


def test_an_edit_that_cannot_be_kept_on_disk_is_said_to_be_in_memory_only(tmp_path: Path) -> None:
    (tmp_path / "drafts").write_text("in the way")
    person, prompts = conversation(tmp_path, ("The step?", "edit"), HALT, ("The step?", "send"))
    assert sent(person.ask(question(DRAFT, proposed=(X,)), Quiet())) == {"x": "Halt, says x."}
    assert any("could not be kept" in line for line in prompts.shown)


FORMER = (proposed("x", text="Halt, says x.", edited=True),)


def test_a_text_that_was_refused_is_taken_up_where_it_was_and_not_sent_again_by_enter_alone(talks: Any) -> None:
    keep: list[Any] = []
    asked = question(DRAFT, proposed=(X, FACEBOOK), former=Former(FORMER, left_out=frozenset({"facebook/en"})))
    better = ("editor", lambda page: page.replace("Halt", "Please halt"))
    said = talks(asked, ("The step?", None), better, ("The step?", None), keep=keep)
    assert sent(said) == {"x": "Please halt, says x."}
    assert any("Left out, as last time: facebook/en" in line for line in keep[1].shown)


def test_a_refused_text_is_not_sent_again_by_enter_alone_though_it_promises_a_later_time(talks: Any) -> None:
    keep: list[Any] = []
    later = proposed("x", text="Stop, says x. More by 05:00.")
    asked = question(DRAFT, proposed=(later,), former=Former((proposed("x", text="Stop, says x. More by 04:30."),)))
    better = ("editor", lambda page: page.replace("Stop", "Please stop"))
    said = talks(asked, ("The step?", None), better, ("The step?", None), keep=keep)
    assert sent(said) == {"x": "Please stop, says x. More by 05:00."}
    assert sum("Nobody has changed these texts" in line for line in keep[1].shown) == 1


def test_a_text_that_was_made_anew_from_a_fact_may_be_sent_by_enter_alone(talks: Any) -> None:
    asked = question(DRAFT, proposed=(X,), former=Former((proposed("x", text="As it was."),), outdated=True))
    assert sent(talks(asked, ("The step?", None))) == {"x": X.text}


def languages_of(reply: Any) -> list[str]:
    return [one["language"] for one in reply.value["texts"]]


def test_what_was_left_out_in_the_round_before_is_left_out_until_somebody_brings_it_back(talks: Any) -> None:
    keep: list[Any] = []
    asked = question(DRAFT_BOTH, proposed=(X, DANISH), former=Former(left_out=frozenset({"x/da"})))
    back = [("Which ones go out?", ["x/en", "x/da"]), ("The step?", "whole"), ("The step?", "send")]
    assert languages_of(talks(asked, ("The step?", "some"), *back, keep=keep)) == ["en", "da"]
    assert [line for line in keep[1].shown if "Left out" in line] == [
        "  Left out, as last time: x/da (“Leave some out” brings it back)"
    ]
    assert languages_of(talks(asked, ("The step?", "send"))) == ["en"]


def test_what_another_message_left_out_is_offered_and_not_left_out_by_itself(talks: Any) -> None:
    keep: list[Any] = []
    elsewhere = Elsewhere("Holding statement", ("da",))
    asked = question(DRAFT_BOTH, proposed=(X, DANISH), elsewhere=elsewhere)
    assert languages_of(talks(asked, ("The step?", "send"))) == ["en", "da"]
    assert languages_of(talks(asked, ("The step?", "languages"), ("The step?", "send"), keep=keep)) == ["en"]
    assert "  Left out: x/da (“Leave some out” brings it back)" in keep[1].shown
    asked = question(DRAFT_BOTH, proposed=(DANISH,), elsewhere=elsewhere)
    with pytest.raises(AssertionError, match="is not offered"):
        talks(asked, ("The step?", "languages"))


def test_a_picture_is_missed_only_while_its_channel_is_not_left_out(talks: Any) -> None:
    keep: list[Any] = []
    asked = question(DRAFT, proposed=(X, proposed("instagram")), has_media=False)
    missed = "  Instagram takes no post without a picture or a film, and this message has none: "
    missed += "find one and show it to the approvers, or leave that channel out."
    leave = [("The step?", "some"), ("Which ones", ["x/en"]), ("The step?", "whole"), ("The step?", "send")]
    talks(asked, *leave, keep=keep)
    assert keep[1].shown.count(missed) == 1
    talks(question(DRAFT, proposed=(X, proposed("instagram"))), ("The step?", "send"), keep=(with_one := []))
    assert missed not in with_one[1].shown


def test_whoever_has_been_spoken_to_has_it_by_enter_alone_and_nobody_else(talks: Any) -> None:
    keep: list[Any] = []
    call = shapes.Reach(role="legal", person="ana")
    known = {"beforehand": ("03:05: said yes to the holding statement by phone.",)}
    assert talks(question(call, **known), ("The question?", None), keep=keep) == Say("acknowledged")
    assert any("03:05: said yes" in line for line in keep[1].shown)
    assert talks(question(call), ("The question?", None)) == Say("no-answer")


def test_what_one_should_know_is_said_before_the_texts(talks: Any) -> None:
    keep: list[Any] = []
    asked = question(DRAFT, proposed=(X,), beforehand=("Cleared in advance: …",))
    assert sent(talks(asked, ("The step?", "send"), keep=keep)) == {"x": X.text}
    assert any("Cleared in advance" in line for line in keep[1].shown)


def test_an_edited_text_whose_facts_have_changed_is_not_sent_by_enter_alone(talks: Any) -> None:
    asked = question(DRAFT, proposed=(X,), former=Former(FORMER, outdated=True))
    said = talks(asked, ("The step?", None), ("editor", lambda page: page), ("The step?", "send"))
    assert sent(said) == {"x": "Halt, says x."}


def test_texts_that_became_others_under_the_eyes_are_not_sent_by_enter_alone(talks: Any) -> None:
    keep: list[Any] = []
    with pytest.raises(Interrupted):
        talks(question(DRAFT, proposed=(X,), facts_changed=3), ("The step?", Interrupted("You left.")), keep=keep)
    person, prompts = keep
    prompts.expected += [("The step?", None), ("The step?", None)]
    said = person.ask(question(DRAFT, proposed=(X,), facts_changed=5), Quiet())
    assert sent(said) == {"x": X.text}
    assert not prompts.expected, "the first Enter showed every text, the second sent them"


def test_a_page_that_became_post_it_now_by_itself_posts_nothing_by_enter_alone() -> None:
    prompts = ScriptedPrompts([("Meanwhile", Changed()), (Q, None), (Q, None)])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    person.wait(meanwhile(), Quiet())
    asked = question(shapes.Release(message="m", lines=(LINE,)))
    assert person.ask(asked, Quiet()) == Say("post")
    assert not prompts.expected, "the first Enter showed the texts, the second posted them"
    prompts.expected.append((Q, None))
    assert person.ask(asked, Quiet()) == Say("post")


def test_what_is_asked_beside_a_question_outlasts_it() -> None:
    class Gone(Quiet):
        looked = 0

        def is_stale(self) -> bool:
            self.looked += 1
            return True

    watch = Gone()
    live = LiveScene(SCENE, watch, lambda: NOW, Stopping())
    assert live.is_stale()
    assert not live.beside().is_stale()
    assert watch.looked == 2, "looking renews the foot"


@pytest.mark.parametrize("can_skip", [True, False])
def test_the_foot_promises_to_skip_where_the_menu_can(talks: Any, can_skip: bool) -> None:
    kept: list[Any] = []
    asked = question(shapes.Choice(options={"a": "A"}), can_skip=can_skip)
    talks(asked, ("The question?", MenuWanted()), ("What else?", "back"), keep=kept)
    prompts = kept[1]
    assert ["skip" in keys[0] for keys in prompts.keys] == [can_skip] * 2
    assert ("Skip this step" in prompts.labels[-1]) is can_skip


FAILED = ("editor", Usage("the editor did not work", hint="set EDITOR"))
HERE = "type here instead"


def test_an_editor_that_fails_costs_nothing(talks: Any) -> None:
    said = talks(question(DRAFT, proposed=(X,)), ("The step?", "edit"), FAILED, (HERE, "done"), ("The step?", "send"))
    assert sent(said) == {"x": X.text}


def test_where_no_editor_works_the_texts_are_typed_here_and_measured_at_once(talks: Any) -> None:
    keep: list[Any] = []
    asked = question(DRAFT, proposed=(X, FACEBOOK), limits={"x": 30})
    long, short = ("The text for x/en", "Halt! " * 9), ("The text for x/en", "Halt!\n\nNow.\n")
    answers = [("The step?", "edit"), FAILED, (HERE, None), long, (HERE, "x/en"), short, (HERE, None)]
    assert sent(talks(asked, *answers, ("The step?", "send"), keep=keep)) == {
        "x": "Halt!\n\nNow.",
        "facebook": FACEBOOK.text,
    }
    assert "too long" in " ".join(note for message, note in keep[1].offered if HERE in message)


def test_nothing_typed_here_leaves_the_text_as_it_was(talks: Any) -> None:
    answers = [("The step?", "edit"), FAILED, (HERE, "x/en"), ("The text for", " \n"), (HERE, None)]
    assert sent(talks(question(DRAFT, proposed=(X,)), *answers, ("The step?", "send"))) == {"x": X.text}


def test_whoever_leaves_a_text_that_they_type_here_finds_it_again(tmp_path: Path) -> None:
    def left(text: str, rescue: Callable[[str], None]) -> str:
        rescue("Halt, all of y")
        raise Interrupted("You left.")

    asked = question(DRAFT, proposed=(X,))
    person, _ = conversation(tmp_path, ("The step?", "edit"), FAILED, (HERE, None), ("The text for", left))
    with pytest.raises(Interrupted):
        person.ask(asked, Quiet())
    person, _ = conversation(tmp_path, ("The step?", "send"))
    assert sent(person.ask(asked, Quiet())) == {"x": "Halt, all of y"}


def test_a_page_with_nothing_left_or_with_strange_places_changes_nothing(talks: Any) -> None:
    asked = question(DRAFT, proposed=(X,))
    empty = ("editor", lambda page: "")
    strange = ("editor", lambda page: page + "\n=== tv/xx ===\nHello\n")
    said = talks(asked, ("The step?", "edit"), empty, ("The step?", "edit"), strange, ("The step?", "send"))
    assert sent(said) == {"x": X.text}


INJURY = SayableFact(
    name="injury",
    fact=Fact(type="yes-no", prompt="Has anyone been hurt?", help="Ask the hospital."),
    known_now="no",
    is_known=True,
    suggested={"value": False},
)
TOLD = SayableFact(
    name="family_told",
    fact=Fact(type="yes-no", prompt="Is the family told?"),
    known_now="not known yet",
    is_waited_for=True,
)
WRONG = Correction("holding.draft", "Holding statement", "says product as it was")


@pytest.mark.parametrize("where", ["the menu", "the page that waits"])
@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ([("Which fact?", None), ("Is the family told?", "yes")], SayFact("family_told", {"value": True})),
        ([("Which fact?", None), ("Is the family told?", None)], SayFact("family_told", {"again": LATER})),
        ([("Which fact?", "injury"), ("Has anyone been", None)], SayFact("injury", {"value": False})),
    ],
)
def test_a_fact_is_said_from_every_page(where: str, answers: list[tuple[str, Any]], reply: Any) -> None:
    around = Around(scene=SCENE, facts=(TOLD, INJURY))
    prompts = ScriptedPrompts([("Meanwhile", "fact"), *answers])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    if where == "the menu":
        prompts.expected[:1] = [(Q, MenuWanted()), ("What else", "fact")]
        assert person.ask(question(shapes.Text(), facts=(TOLD, INJURY)), Quiet()) == reply
    else:
        assert person.wait(Meanwhile(look=lambda: around), Quiet()) == reply
    assert ("  Ask the hospital." in prompts.shown) is (reply.name == "injury")
    assert ("Which fact?", "not known yet; a text waits for it") in prompts.offered


def test_the_menu_offers_what_can_be_done_by_now_though_others_have_acted_since() -> None:
    class Moved(Quiet):
        def scene(self) -> Scene:
            return SCENE

    prompts = ScriptedPrompts([(Q, MenuWanted()), ("What else", "note"), ("Note", "seen")])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    assert person.ask(question(ANY), Moved()) == LookAgain(here=True)
    assert person.ask(question(ANY), Quiet()) == WriteNote("seen")
    prompts.expected.append((Q, "a"))
    assert isinstance(person.ask(question(ANY), Quiet()), Say)


def test_what_is_kept_and_not_shown_is_not_forgotten_by_enter_alone() -> None:
    who = SayableFact(
        name="who",
        fact=Fact(type="text", prompt="Who was hurt?", sensitive=True),
        known_now="kept outside the log",
        is_known=True,
        changed=7,
    )
    around = Around(scene=SCENE, facts=(who,))
    for chosen, reply in ((None, LookAgain(here=True)), ("forget", SayFact("who", {"again": LATER}, 7))):
        said = [("Meanwhile", "fact"), ("Which fact?", None), ("Who was hurt?", ""), ("What is kept?", chosen)]
        person = Conversation(ScriptedPrompts(said), "kim", lambda: NOW, Stopping())
        assert person.wait(Meanwhile(look=lambda: around), Quiet()) == reply


def test_a_fact_that_one_thinks_better_of_is_not_said(talks: Any) -> None:
    asked = question(shapes.Text(), facts=(TOLD,))
    given = talks(asked, (Q, MenuWanted()), ("What else", "fact"), ("Which fact?", None), ("Is the", MenuWanted()))
    assert given == LookAgain(here=True)


def test_what_is_out_and_wrong_is_offered_first_on_every_page_and_leads_to_its_draft() -> None:
    wrong = "Holding statement is out (x/en) and says product as it was"
    around = Around(scene=replace(SCENE, outdated=(wrong,)), to_correct=(WRONG,))
    back = Return("holding.draft", "it says product as it was")
    prompts = ScriptedPrompts([("Meanwhile", "correct 0"), ("Why?", None)])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    assert person.wait(Meanwhile(look=lambda: around), Quiet()) == back
    assert "Nothing for you to answer right now: BUT WHAT IS OUT IS WRONG" in prompts.shown
    assert f"  !! {wrong}" in prompts.shown
    prompts.expected += [(Q, MenuWanted()), ("What else", "correct 0"), ("Why?", "it names the wrong one")]
    menu = replace(question(shapes.Text()), look=lambda: around)
    assert person.ask(menu, Quiet()) == replace(back, why="it names the wrong one")
    correct = "Correct the holding statement: it says product as it was"
    assert [labels[:2] for labels in prompts.labels] == [
        ["Wait: this page renews itself", correct],
        ["Back to the question", correct],
    ], "the first line does nothing"


ANY = shapes.Text()
MENU = (Q, MenuWanted())
OTHER = OpenAsk(step("other", "Another"), 1, Ask(key="k", role="legal", prompt="Which?", wants=ANY))


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ([("What else", None)], LookAgain(here=True)),
        ([("What else", "note"), ("Note", "the shop closed")], WriteNote("the shop closed")),
        ([("What else", "other"), ("Which?", None)], Prefer("other", 1, "k")),
        ([("What else", "return"), ("Back to which", None), ("Why?", "wrong")], Return("facts", "wrong")),
        ([("What else", "return"), ("Back to which", None), ("Why?", "")], Return("facts", "to correct it")),
        ([("What else", "skip"), ("Why skip", "no need")], LeaveOut("no need")),
        ([("What else", "why")], LookAgain(here=True)),
        ([("What else", "situation")], LookAgain(here=True)),
        ([("What else", MenuWanted())], LookAgain(here=True)),
    ],
)
def test_the_menu_offers_what_else_can_be_done(talks: Any, answers: list[tuple[str, Any]], reply: Any) -> None:
    assert talks(question(ANY, left_to_do=(OTHER,)), MENU, *answers) == reply


def test_the_menu_can_leave(talks: Any) -> None:
    with pytest.raises(Interrupted):
        talks(question(ANY), MENU, ("What else", "leave"))


def test_a_question_that_is_gone_is_looked_at_again(talks: Any) -> None:
    assert talks(question(ANY), (Q, Changed())) == LookAgain(here=True)


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ([("Meanwhile", None)], LookAgain()),
        ([("Meanwhile", "0")], Prefer("step", 1, "key")),
        ([("Meanwhile", "note"), ("Note", "quiet")], WriteNote("quiet")),
        ([("Meanwhile", "return"), ("Back to which", None), ("Why", "")], Return("draft", "to correct it")),
        ([("Meanwhile", "return"), ("Back to which", "facts"), ("Why", "wrong day")], Return("facts", "wrong day")),
        ([("Meanwhile", "return"), ("Back to which", MenuWanted())], LookAgain()),
        ([("Meanwhile", "situation")], LookAgain()),
        ([("Meanwhile", MenuWanted())], LookAgain()),
        ([("Meanwhile", Changed())], LookAgain()),
    ],
)
def test_while_others_act_one_may_do_something_else(answers: list[tuple[str, Any]], reply: Any) -> None:
    prompts = ScriptedPrompts(list(answers))
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    assert person.wait(meanwhile(question(ANY)), Quiet()) == reply
    assert not prompts.expected
    assert any("Ana Berg" in line for line in prompts.shown)


def test_the_page_that_waits_says_who_is_waited_for_only_when_that_has_changed() -> None:
    def page(who: str) -> Meanwhile:
        return Meanwhile(look=lambda: Around(scene=replace(SCENE, waiting=(who,))))

    prompts = ScriptedPrompts([("Meanwhile", None)] * 4)
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    for who in ("Ana Berg", "Ana Berg", "Eva Holm"):
        person.wait(page(who), Quiet())
    said = ["  waiting for Ana Berg", "  waiting for Eva Holm"]
    assert [line for line in prompts.shown if "waiting for" in line] == said
    prompts.expected.insert(0, (Q, "words"))
    person.ask(question(shapes.Text()), Quiet())
    person.wait(page("Eva Holm"), Quiet())
    assert prompts.shown[-1] == "  waiting for Eva Holm", "it has scrolled away"


def test_a_signal_that_came_between_two_questions_ends_the_walk() -> None:
    stopping = Stopping()
    stopping.receive(1, None)
    person = Conversation(ScriptedPrompts([]), "kim", lambda: NOW, stopping)
    for ask in (lambda: person.ask(question(ANY), Quiet()), lambda: person.wait(meanwhile(), Quiet())):
        with pytest.raises(Interrupted) as left:
            ask()
        assert left.value.exit == 129


def test_what_monitoring_says_stands_above_the_question_made_safe(talks: Any) -> None:
    kept: list[Any] = []
    asked = question(shapes.Choice(options={"a": "A"}), figures=("mention rate 300 an hour", "\x1b[2Jowned"))
    talks(asked, ("The question?", "a"), keep=kept)
    shown = kept[1].shown
    assert any("mention rate 300 an hour" in line for line in shown)
    assert not any("\x1b" in line for line in shown)


def test_the_fact_without_which_there_is_no_text_can_be_said_where_the_text_is_missing() -> None:
    missing = proposed("x", text="", problem="the fact 'family_told' is not known yet", lacks="family_told")
    asked = question(DRAFT, proposed=(missing, FACEBOOK), facts=(INJURY, TOLD))
    prompts = ScriptedPrompts([("The step?", "fact family_told"), ("Is the family told?", "yes")])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    assert person.ask(asked, Quiet()) == SayFact("family_told", {"value": True})


def test_why_somebody_does_not_help_is_said_again_where_they_are_named_again() -> None:
    why = "Kim wrote the text, and does not count: it must be somebody else."
    for wants, times in ((shapes.NamePerson(roles=("legal",)), 2), (shapes.Text(), 1)):
        asked = question(wants)
        ask = replace(asked.open_ask.ask, advice=(why,))
        asked = replace(asked, open_ask=replace(asked.open_ask, ask=ask))
        prompts = ScriptedPrompts([(Q, ""), (Q, "")])
        person = Conversation(prompts, "kim", lambda: NOW, Stopping())
        person.ask(asked, Quiet()), person.ask(asked, Quiet())
        assert sum(why in line for line in prompts.shown) == times


def test_a_link_is_corrected_from_every_page_once_something_is_out() -> None:
    known = KnownLink("holding", "Holding statement", LINE, "https://x.example/1")
    right = [
        ("Which link is wrong?", "0"),
        ("The right link of x/en", "see our page"),
        ("The right link of x/en", "https://x.example/2"),
    ]
    prompts = ScriptedPrompts([("Meanwhile", "link"), *right, ("Meanwhile", "link"), right[0], ("The right link", "")])
    person = Conversation(prompts, "kim", lambda: NOW, Stopping())
    around = Around(scene=SCENE, links=(known,))
    assert person.wait(Meanwhile(look=lambda: around), Quiet()) == SayLink(known, "https://x.example/2")
    assert ("Which link is wrong?", "https://x.example/1") in prompts.offered
    assert any(line.startswith("'see our page' is no link: paste the address") for line in prompts.shown)
    assert person.wait(Meanwhile(look=lambda: around), Quiet()) == LookAgain(here=True)
    prompts.expected = [("Meanwhile", None)]
    person.wait(Meanwhile(look=lambda: Around(scene=SCENE)), Quiet())
    assert "Correct a link" not in prompts.labels[-1]
