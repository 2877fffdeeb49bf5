"""Plain numbered questions, over a terminal of the test's own."""

from __future__ import annotations

import io
import os
import pty
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import sleep
from typing import Any

import pytest

from crisis.adapters.operator.plain import PlainPrompts
from crisis.adapters.operator.prompts import Changed, MenuWanted, Option, Shown
from crisis.adapters.operator.stopping import Stopping
from crisis.kernel.errors import Interrupted
from crisis.runtime.ports import News

OPTIONS = (Option("a", "Apples"), Option("b", "Bread", "today"), Option("c", "Cheese"))


@dataclass
class Live:
    keys: tuple[str, ...] = ()
    lines: tuple[str, ...] = ("LIVE INC-2026-0001",)
    heard: list[News] = field(default_factory=list)
    stale: bool = False
    about: str = ""
    unasked: bool = False

    def foot(self) -> tuple[str, ...]:
        return self.lines

    def news(self) -> tuple[News, ...]:
        told, self.heard = tuple(self.heard), []
        return told

    def is_stale(self) -> bool:
        return self.stale

    def beside(self) -> Live:
        return self

    def stopped_by(self) -> int:
        return 0


@dataclass
class Seat:
    """A keyboard, and what was said to whoever sits there."""

    keyboard: int
    prompts: PlainPrompts
    page: io.StringIO
    stopping: Stopping
    live: Live = field(default_factory=Live)

    def types(self, text: str | bytes) -> None:
        os.write(self.keyboard, text.encode() if isinstance(text, str) else text)

    def types_line_by_line(self, text: str) -> None:
        """As people do: what comes at once was pasted."""

        def typing() -> None:
            for line in text.splitlines(keepends=True):
                self.types(line)
                sleep(0.2)

        threading.Thread(target=typing, daemon=True).start()


@pytest.fixture
def seat() -> Iterator[Seat]:
    keyboard, terminal = pty.openpty()
    page, stopping = io.StringIO(), Stopping()
    with os.fdopen(terminal, encoding="utf-8") as stdin:
        yield Seat(keyboard, PlainPrompts(stopping, read=stdin, write=page), page, stopping)
    os.close(keyboard)


Ask = Callable[[Seat], Any]
EVERY_KIND: dict[str, Ask] = {
    "select": lambda seat: seat.prompts.select("Which?", OPTIONS, "a", seat.live),
    "tick": lambda seat: seat.prompts.tick("Which?", OPTIONS, (), seat.live),
    "text": lambda seat: seat.prompts.text("What?", "", seat.live),
}


@pytest.fixture(params=EVERY_KIND.values(), ids=EVERY_KIND.keys())
def ask(request: pytest.FixtureRequest) -> Ask:
    kind: Ask = request.param
    return kind


@pytest.mark.parametrize(("typed", "chosen"), [("\n", "b"), ("1\n", "a"), (" 3 \n", "c"), ("0\n9\nx\n²\n2\n", "b")])
def test_a_number_chooses_and_enter_takes_the_default(seat: Seat, typed: str, chosen: str) -> None:
    seat.types_line_by_line(typed)
    assert seat.prompts.select("Which?", OPTIONS, "b", seat.live) == chosen


def test_where_nothing_is_offered_an_empty_line_asks_again(seat: Seat) -> None:
    seat.types_line_by_line("\n\n2\n")
    assert seat.prompts.select("Which?", OPTIONS, None, seat.live) == "b"
    assert "Number 1 to 3, ? for more: Please type a number from 1 to 3." in seat.page.getvalue()


@pytest.mark.parametrize(
    ("typed", "ticked"),
    [("1 3\n", "ac"), ("3,1\n", "ac"), ("all\n", "abc"), ("none\n", ""), ("\n", ""), ("4\n2\n", "b")],
)
def test_numbers_tick(seat: Seat, typed: str, ticked: str) -> None:
    seat.types_line_by_line(typed)
    assert seat.prompts.tick("Which?", OPTIONS, (), seat.live) == list(ticked)


def test_an_empty_text_is_its_default(seat: Seat) -> None:
    seat.types("\n")
    assert seat.prompts.text("What?", "Kettle 3", seat.live) == "Kettle 3"


def test_a_question_mark_opens_the_menu(seat: Seat, ask: Ask) -> None:
    seat.types("?\n")
    with pytest.raises(MenuWanted):
        ask(seat)


def test_the_end_of_input_leaves(seat: Seat, ask: Ask) -> None:
    seat.types("\x04")
    with pytest.raises(Interrupted):
        ask(seat)


def test_a_signal_that_came_before_the_question_ends_it(seat: Seat, ask: Ask) -> None:
    seat.stopping.receive(15, None)
    with pytest.raises(Interrupted) as left:
        ask(seat)
    assert left.value.exit == 143


def test_a_stale_question_ends_and_what_was_typed_for_it_answers_nothing(seat: Seat, ask: Ask) -> None:
    seat.types("1")
    seat.live.stale = True
    with pytest.raises(Changed):
        ask(seat)
    seat.live.stale = False
    seat.types("\n")
    assert seat.prompts.text("Next?", "nothing", seat.live) == "nothing"


def test_news_is_said_while_a_question_is_open(seat: Seat) -> None:
    seat.live.heard = [News("Ana approved it")]

    def is_stale() -> bool:
        seat.types("2\n")
        return False

    seat.live.is_stale = is_stale  # type: ignore[method-assign]
    assert seat.prompts.select("Which?", OPTIONS, "a", seat.live) == "b"
    assert "Ana approved it" in seat.page.getvalue()


@pytest.mark.parametrize(
    ("answer", "ask", "below"),
    [
        (
            "2\n",
            lambda seat: seat.prompts.select("Which?", OPTIONS, "a", seat.live),
            "Still open: Which?\nNumber 1 to 3, Enter for 1, ? for more: ",
        ),
        (
            "1\n",
            lambda seat: seat.prompts.tick("What is done?", OPTIONS, (), seat.live),
            "Still open: What is done?\nNumbers, all, or none; Enter for none: ",
        ),
        ("x\n", lambda seat: seat.prompts.text("Why?", "", seat.live), "Why?: "),
    ],
    ids=["select", "tick", "text"],
)
def test_below_the_news_the_open_question_stands_again(seat: Seat, answer: str, ask: Ask, below: str) -> None:
    seat.live.heard = [News("Ana approved it"), News("Bo too")]

    def is_stale() -> bool:
        seat.types(answer)
        return False

    seat.live.is_stale = is_stale  # type: ignore[method-assign]
    ask(seat)
    after = seat.page.getvalue().partition("Bo too\n")[2]
    assert after.startswith(below)
    assert seat.page.getvalue().count(below.splitlines()[-1]) == 2


def test_a_text_of_several_lines_ends_with_a_single_dot(seat: Seat) -> None:
    seat.types("Stop.\n\nRing us.\n.\n.\n")
    assert seat.prompts.write("The text", "It burns.", seat.live, [].append) == "Stop.\n\nRing us."
    assert seat.prompts.write("The text", "It burns.", seat.live, [].append) == "It burns."
    assert "  > It burns." in seat.page.getvalue()


def test_whoever_leaves_a_text_of_several_lines_gives_it_up_to_be_kept(seat: Seat) -> None:
    kept: list[str] = []
    seat.types("Stop.\nRing\n?\n")
    with pytest.raises(MenuWanted):
        seat.prompts.write("The text", "It burns.", seat.live, kept.append)
    assert kept == ["Stop.\nRing"]


def test_what_is_no_utf8_is_asked_for_again(seat: Seat) -> None:
    seat.types(b"caf\xe9\n")
    seat.types("caf\u00e9\n")
    assert seat.prompts.text("What?", "", seat.live).startswith("caf")


def test_where_things_stand_is_said_again_only_when_it_has_changed(seat: Seat) -> None:
    seat.types("1\n1\n")
    for _ in range(2):
        seat.prompts.select("Which?", OPTIONS, "a", seat.live)
    assert seat.page.getvalue().count("LIVE INC-2026-0001") == 1


def test_hostile_text_is_written_out(seat: Seat) -> None:
    hostile = "\x1b]0;owned\x07\u202e[red]x[/]"
    seat.types("1\n\n")
    seat.prompts.show([Shown(hostile)])
    seat.prompts.select(hostile, (Option("a", hostile, hostile),), "a", seat.live)
    seat.prompts.text(hostile, hostile, Live(lines=(hostile,)))
    said = seat.page.getvalue()
    assert not set("\x1b\x07\u202e") & set(said)
    assert "[red]x[/]" in said


def test_a_page_that_cannot_show_a_character_gets_it_written_out() -> None:
    raw = io.BytesIO()
    prompts = PlainPrompts(Stopping(), write=io.TextIOWrapper(raw, encoding="ascii"))
    prompts.show([Shown("tæt »på«")])
    assert b"t\\xe6t" in raw.getvalue()


def test_a_pasted_text_of_several_lines_is_one_answer(seat: Seat) -> None:
    seat.types("Three calls.\n\nOne unit burned.\n")
    seat.types_line_by_line("Nobody hurt\n.\n")  # its last line waits for Enter, as any text does
    assert seat.prompts.text("Note", "", seat.live) == "Three calls.\n\nOne unit burned.\nNobody hurt"
    assert "they are one text" in seat.page.getvalue()


def test_a_pasted_text_chooses_nothing(seat: Seat) -> None:
    seat.types("Three calls.\n1\nNobody")
    later = threading.Timer(0.3, seat.types, ["2\n"])
    later.start()
    assert seat.prompts.select("Which?", OPTIONS, "a", seat.live) == "b"
    later.join()
    assert "none of them was taken" in seat.page.getvalue()


def test_enter_at_a_list_says_what_it_takes(seat: Seat) -> None:
    for ticked, takes in (((), "none"), (("a", "c"), "1 3"), (("a", "b", "c"), "all")):
        seat.types("\n")
        assert seat.prompts.tick("Which?", OPTIONS, ticked, seat.live) == list(ticked)
        assert f"Numbers, all, or none; Enter for {takes}: " in seat.page.getvalue()


def test_lines_that_set_off_a_text_for_the_eye_are_not_spelled_out(seat: Seat) -> None:
    seat.prompts.show([Shown("  ── copy from here ──", "quiet"), Shown("a ─ b", "text")])
    assert seat.page.getvalue() == "  copy from here\na ─ b\n"


def test_whoever_leaves_in_the_middle_of_a_line_is_told_that_it_was_not_recorded(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crisis.adapters.operator.plain.select.select", interrupted)
    with pytest.raises(Interrupted):
        ask(seat)
    assert seat.page.getvalue().endswith("\nWhat was typed on this line was not recorded.\n")
