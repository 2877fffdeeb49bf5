"""Prompts that redraw, with real keys through prompt_toolkit's own pipe."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable
from typing import Any

import pytest
from prompt_toolkit.input import PipeInput

from crisis.adapters.operator import pointing, redrawing
from crisis.adapters.operator.prompts import KEYS, Changed, MenuWanted, Option, Shown
from crisis.adapters.operator.redrawing import RedrawingPrompts
from crisis.kernel.errors import Interrupted, NotFound
from crisis.runtime.ports import News

OPTIONS = (Option("a", "Apples"), Option("b", "Bread", "today"), Option("c", "Cheese"))
MANY = tuple(Option(str(n), f"line {n}") for n in range(12))
DOWN, UP, ESC = "\x1b[B", "\x1b[A", "\x1b"

Ask = Callable[[RedrawingPrompts, Any], Any]
EVERY_KIND: dict[str, Ask] = {
    "select": lambda prompts, live: prompts.select("Which?", OPTIONS, "a", live),
    "select without a default": lambda prompts, live: prompts.select("Which?", OPTIONS, None, live),
    "filtered select": lambda prompts, live: prompts.select("Which?", MANY, "3", live),
    "tick": lambda prompts, live: prompts.tick("Which?", OPTIONS, (), live),
    "text": lambda prompts, live: prompts.text("What?", "", live),
    "text with default": lambda prompts, live: prompts.text("What?", "now", live),
}


@pytest.fixture(params=EVERY_KIND.values(), ids=EVERY_KIND.keys())
def ask(request: pytest.FixtureRequest) -> Ask:
    kind: Ask = request.param
    return kind


@pytest.mark.parametrize("end", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_whoever_types_escape_and_leaves_ahead_of_the_prompt_leaves(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, ask: Ask, end: str
) -> None:
    keys.send_text(f"{ESC}{end}")
    with pytest.raises(Interrupted):
        ask(prompts, live)


def test_enter_takes_the_default(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("\r")
    assert prompts.select("Which?", OPTIONS, "b", live) == "b"


def test_a_default_that_is_not_offered_is_the_first(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("\r")
    assert prompts.select("Which?", OPTIONS, "z", live) == "a"


def test_arrows_move_between_options(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text(f"{DOWN}{DOWN}{UP}\r")
    assert prompts.select("Which?", OPTIONS, "a", live) == "b"


def test_typing_filters_a_long_list(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("11\r")
    assert prompts.select("Which?", MANY, "0", live) == "11"


@pytest.mark.parametrize("typed", ["c", "Ch", "cheese", f"b{DOWN}", "zc\x7fc"])
def test_typing_how_an_option_begins_leads_to_it(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, typed: str
) -> None:
    keys.send_text(f"{typed}\r")
    assert prompts.select("Which?", OPTIONS, "a", live) == "c"


@pytest.mark.parametrize("typed", ["x", "Ana Berg", "Apples, please", "25m ago"])
def test_an_answer_that_was_typed_into_a_short_list_chooses_nothing(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, typed: str
) -> None:
    keys.send_text(f"{typed}\r{DOWN}\r")  # the first Enter belonged to what was typed
    assert prompts.select("Which?", OPTIONS, "a", live) == "b"


def test_space_in_a_list_to_choose_from_is_no_beginning_of_a_line(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO
) -> None:
    keys.send_text(f"{DOWN} \r")
    assert prompts.select("Which?", OPTIONS, "a", live) == "b"
    assert "No line begins" not in page.getvalue()


def test_letters_that_begin_two_options_choose_neither(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text(f"n\r{UP}\r")
    assert (
        prompts.select("Hurt?", (Option("y", "Yes"), Option("n", "No"), Option("", "Not known yet")), "", live) == "n"
    )


SIMILAR = (Option("h", "Holding statement"), Option("u", "Holding update"), Option("b", "Back"))
SEVERAL = (*SIMILAR, *MANY)


@pytest.mark.parametrize(
    ("options", "typed", "said"),
    [
        (SIMILAR, "skip", 'No line begins with "skip"'),
        (SIMILAR, "holding", 'Several lines begin with "holding": type more'),
        (SEVERAL, "skip", 'No line has "skip"'),
        (SEVERAL, "holding", 'Several lines have "holding": type more'),
        (SEVERAL, "xholding", 'No line has "xholding"'),
    ],
)
@pytest.mark.parametrize("default", ["b", None])
def test_what_leads_to_no_line_or_to_several_chooses_nothing_and_says_so(
    prompts: RedrawingPrompts,
    keys: PipeInput,
    live: Any,
    says: list[str],
    options: tuple[Option, ...],
    typed: str,
    said: str,
    default: str | None,
) -> None:
    keys.send_text(f"{typed}\r{ESC}")
    with pytest.raises(MenuWanted):
        prompts.select("Which?", options, default, live)
    assert says[-1].startswith(said)


@pytest.mark.parametrize("options", [SIMILAR, SEVERAL])
def test_where_several_lines_are_meant_one_types_more(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, options: tuple[Option, ...]
) -> None:
    keys.send_text("holding\r\r u\r")
    assert prompts.select("Which?", options, "b", live) == "u"


def test_where_several_lines_are_shown_one_moves_to_what_is_meant(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text(f"holding{DOWN}{DOWN}{DOWN}\r")
    assert prompts.select("Which?", SEVERAL, "b", live) == "u"


def test_what_was_typed_at_a_long_list_is_taken_back_letter_by_letter(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text("holding st\x7f\x7fu\r")
    assert prompts.select("Which?", SEVERAL, "b", live) == "u"
    keys.send_text("skip\x7f\x7f\x7f\x7f\r")
    assert prompts.select("Which?", SEVERAL, "b", live) == "b"


def test_a_line_with_which_another_begins_is_meant_by_all_of_it(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text("yes\r")
    options = (Option("s", "Yes, soon"), Option("y", "Yes", "today"), Option("n", "No"))
    assert prompts.select("Which?", options, "n", live) == "y"


@pytest.mark.parametrize("options", [OPTIONS, (*OPTIONS, *MANY)])
@pytest.mark.parametrize(
    ("typed", "chosen"), [(DOWN, "a"), (f"{DOWN}{DOWN}", "b"), (f"{DOWN}{UP}", "a"), ("ch", "c"), (f"x\r{DOWN}", "a")]
)
def test_where_nothing_is_offered_enter_takes_nothing_before_a_line_was_chosen(
    prompts: RedrawingPrompts,
    keys: PipeInput,
    live: Any,
    says: list[str],
    options: tuple[Option, ...],
    typed: str,
    chosen: str,
) -> None:
    keys.send_text(f"\r\r \r{typed}\r")
    assert prompts.select("Stop sale?", options, None, live) == chosen
    assert says[0] == "Choose a line: arrow keys, or type its beginning."


def test_letters_that_lead_nowhere_any_more_leave_no_line_chosen(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text(f"ax\r\r{ESC}")  # `a` had led to the first line
    with pytest.raises(MenuWanted):
        prompts.select("Stop sale?", OPTIONS, None, live)


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said under a list, in this order."""
    heard: list[str] = []
    say = pointing.Pointing._say

    def listen(self: pointing.Pointing, what: Any) -> None:
        heard.extend([what] if what else [])
        say(self, what)

    monkeypatch.setattr(pointing.Pointing, "_say", listen)
    return heard


def test_space_ticks_and_nothing_is_ticked_in_advance(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text(f"{DOWN} \r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["b"]


def test_a_star_ticks_all_and_takes_it_back(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("*\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["a", "b", "c"]
    keys.send_text("**\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == []


@pytest.mark.parametrize("typed", ["a", "i", "Ana Berg", "Ana Berg *", "ja tak i dag "])
def test_an_answer_that_was_typed_into_a_tick_list_ticks_nothing(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO, typed: str
) -> None:
    keys.send_text(f"{typed}\r")
    keys.send_text("\r")  # the first Enter belonged to what was typed, and says so
    assert prompts.tick("Which?", OPTIONS, (), live) == []
    assert "nothing ticked" in page.getvalue()


def test_after_letters_one_may_go_on_to_tick(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text(f"Ana Berg{DOWN} \r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["b"]
    keys.send_text("Ana\r \r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["a"]


def test_what_was_ticked_is_said(prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO) -> None:
    keys.send_text(" \r")
    prompts.tick("Which?", OPTIONS, (), live)
    keys.send_text(f" {DOWN} \r")
    prompts.tick("Which?", OPTIONS, (), live)
    keys.send_text("*\r")
    prompts.tick("Which?", OPTIONS, (), live)
    said = page.getvalue()
    assert all(one in said for one in ("? Which?  Apples", "2 of 3 ticked", "all 3 ticked"))


def test_enter_alone_ticks_nothing(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == []


def test_text_comes_back_as_typed(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("Kettle 3 æøå\r")
    assert prompts.text("Which product?", "", live) == "Kettle 3 æøå"


def test_an_empty_text_is_its_default(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text("\r")
    assert prompts.text("Which product?", "Kettle 3", live) == "Kettle 3"


def test_a_text_of_several_lines_is_typed_on_from_what_it_was(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text("\rRing us.\x1b\r")
    assert prompts.write("The text", "Stop.", live, [].append) == "Stop.\nRing us."


def test_whoever_leaves_a_text_of_several_lines_gives_it_up_to_be_kept(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    kept: list[str] = []
    keys.send_text(" Ring\x1b us\x03")
    with pytest.raises(Interrupted):
        prompts.write("The text", "Stop.", live, kept.append)
    assert kept == ["Stop. Ring us"], "Esc alone leads nowhere"


def test_what_is_no_utf8_becomes_text_that_can_be_kept(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_bytes(b"K\xffttle\r")
    said = prompts.text("Which product?", "", live)
    said.encode()
    assert said.startswith("K")


def test_esc_asks_for_the_menu_at_every_prompt(prompts: RedrawingPrompts, keys: PipeInput, live: Any, ask: Ask) -> None:
    keys.send_text(ESC)
    with pytest.raises(MenuWanted):
        ask(prompts, live)


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
@pytest.mark.parametrize("before", ["", "x"], ids=["at once", "after typing"])
def test_ctrl_c_and_ctrl_d_leave_every_prompt(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, ask: Ask, key: str, before: str
) -> None:
    keys.send_text(before + key)
    with pytest.raises(Interrupted) as left:
        ask(prompts, live)
    assert left.value.exit == 130


def test_whoever_leaves_in_the_middle_of_a_text_can_read_what_was_not_recorded(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    shown: list[str] = []
    prompts.show = lambda lines: shown.extend(line.text for line in lines)  # type: ignore[method-assign]
    keys.send_text("The page was down\x03")
    with pytest.raises(Interrupted):
        prompts.text("What did not work?", "", live)
    assert shown == ["Not recorded, as it was not ended with Enter: The page was down"]


def test_a_closed_keyboard_leaves_every_prompt(prompts: RedrawingPrompts, keys: PipeInput, live: Any, ask: Ask) -> None:
    keys.close()
    with pytest.raises(Interrupted):
        ask(prompts, live)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_prompt_with_its_exit_code(
    prompts: RedrawingPrompts, live: Any, ask: Ask, number: int
) -> None:
    live.signal = number
    with pytest.raises(Interrupted) as left:
        ask(prompts, live)
    assert left.value.exit == 128 + number


def test_a_stale_question_ends_every_prompt(prompts: RedrawingPrompts, live: Any, ask: Ask) -> None:
    live.stale = True
    with pytest.raises(Changed):
        ask(prompts, live)


def test_keys_meant_for_a_question_that_is_gone_do_not_answer_the_next(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    live.stale = True
    keys.send_text("half an ans")
    with pytest.raises(Changed):
        prompts.text("Gone?", "", live)
    live.stale = False
    keys.send_text("b\r")
    assert prompts.text("Next?", "", live) == "b"


def test_a_prompt_is_not_taken_away_from_under_whoever_types(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrawing, "REST", 60)
    looks = 0

    def is_stale() -> bool:
        nonlocal looks
        looks += 1
        if looks == 5:
            keys.send_text("er\r")
        return looks > 1

    live.is_stale = is_stale
    keys.send_text("half an answ")
    assert prompts.text("Gone?", "", live) == "half an answer"
    with pytest.raises(Changed):  # where nobody has typed, it goes at once
        prompts.text("Gone?", "", live)


@pytest.mark.parametrize("key", [DOWN * 5, "\x0e" * 5, f"{DOWN * 9}{DOWN}"])
def test_at_the_last_line_down_leads_nowhere(prompts: RedrawingPrompts, keys: PipeInput, live: Any, key: str) -> None:
    keys.send_text(f"{key}\r")
    assert prompts.select("Has anyone died?", OPTIONS, "a", live) == "c"
    keys.send_text(f"{key} \r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["c"]


@pytest.mark.parametrize("key", [UP, "\x10"])
def test_at_the_first_line_up_leads_nowhere(prompts: RedrawingPrompts, keys: PipeInput, live: Any, key: str) -> None:
    keys.send_text(f"{key}\r")
    assert prompts.select("Has anyone died?", MANY, "0", live) == "0"


@pytest.mark.parametrize("before", ["", UP])
def test_enter_that_was_meant_for_the_page_before_takes_nothing(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, before: str
) -> None:
    live.unasked = True
    keys.send_text(f"{before}\r" if before else f"\r{DOWN}\r")
    assert prompts.select("Which?", OPTIONS, "a", live) == ("a" if before else "b")
    assert not live.unasked, "what follows on the same page is answered at once"


def test_news_appears_while_a_question_is_open(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO
) -> None:
    live.heard = [News("Ana approved it", loud=True)]
    answered = live.is_stale

    def is_stale() -> bool:  # asked after the news of each look
        keys.send_text("\r")
        return bool(answered())

    live.is_stale = is_stale
    assert prompts.select("Which?", OPTIONS, "a", live) == "a"
    assert "Ana approved it" in page.getvalue()


def test_what_fails_while_looking_at_the_journal_ends_the_prompt(
    prompts: RedrawingPrompts, live: Any, ask: Ask
) -> None:
    live.fails = NotFound("the journal is gone")
    with pytest.raises(NotFound, match="journal is gone"):
        ask(prompts, live)


@pytest.mark.parametrize(
    "hostile", ["\x1b]0;owned\x07", "\x1b[2J", "\u202egnp.exe", "[red]x[/]", "<b>x</b>", "a\nb\r\x00", "x" * 100_000]
)
def test_hostile_text_in_a_prompt_moves_nothing(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO, hostile: str
) -> None:
    live.lines = (hostile, "second")
    keys.send_text("\r\r\r")
    prompts.show([Shown(hostile)])
    prompts.select(hostile, (Option("a", hostile, hostile), Option("b", "x")), "a", live)
    prompts.tick(hostile, (Option("a", hostile, hostile),), (), live)
    prompts.text(hostile, hostile, live)
    shown = page.getvalue()
    assert not set("\x1b\x07\x00\u202e") & set(shown)


def test_the_terminal_that_is_gone_is_no_bug(prompts: RedrawingPrompts, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(prompts._output, "flush", gone)
    with pytest.raises(Interrupted):
        prompts.show([Shown("x")])


def test_a_question_in_a_very_narrow_window_is_still_asked(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    live.lines = ("LIVE " * 60, "First statement due")
    keys.send_text("\r")
    assert prompts.select("Which?", OPTIONS, "a", live) == "a"


def test_what_was_half_typed_is_there_again_after_the_menu(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text(f"half a line{ESC}")
    with pytest.raises(MenuWanted):
        prompts.text("What?", "", live)
    keys.send_text(" more\r")
    assert prompts.text("What?", "", live) == "half a line more"
    keys.send_text("\r")
    assert prompts.text("What?", "", live) == ""


def test_what_was_ticked_is_there_again_after_the_menu(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text(f" {DOWN} {ESC}")
    with pytest.raises(MenuWanted):
        prompts.tick("Which?", OPTIONS, (), live)
    keys.send_text("\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["a", "b"]
    keys.send_text("\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == []


def test_what_was_ticked_is_there_again_when_the_line_about_it_was_left_for_the_menu(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text(f" {DOWN} \r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["a", "b"]
    keys.send_text(ESC)
    with pytest.raises(MenuWanted):
        prompts.text("Who stopped these 2?", "", live)
    keys.send_text("\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == ["a", "b"]
    keys.send_text("\r")
    assert prompts.tick("Which?", OPTIONS, (), live) == [], "ticks that were taken do not come back"


def test_what_was_typed_for_one_question_stands_at_no_other(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text(f"for this{ESC}")
    with pytest.raises(MenuWanted):
        prompts.text("What?", "", live)
    keys.send_text("\r")
    assert prompts.text("What else?", "", live) == ""


def test_a_half_typed_answer_stands_at_no_other_question_of_the_same_words(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any
) -> None:
    keys.send_text(f"https://x.example/holding{ESC}")
    with pytest.raises(MenuWanted):
        prompts.text("x/en: post it, then paste the link", "", live)
    live.about = "another message"
    keys.send_text("\r")
    assert prompts.text("x/en: post it, then paste the link", "", live) == ""
    live.about = "the only question"
    keys.send_text("\r")
    assert prompts.text("x/en: post it, then paste the link", "", live) == "https://x.example/holding"


def test_a_long_answer_stays_on_the_page_broken_between_words(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO
) -> None:
    long = Option("b", "Answer the people concerned one by one " * 3)
    keys.send_text(f"{DOWN}\r")
    assert prompts.select("Open the playbook, answer individually, or leave it?", (OPTIONS[0], long), "a", live) == "b"
    answered = page.getvalue()[page.getvalue().rindex("? Open the playbook") :].splitlines()
    assert len(answered) > 1
    assert set(" ".join(answered[1:]).split()) <= set(long.label.split())


def test_a_long_text_stays_on_the_page_broken_between_words(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO
) -> None:
    words = ["handed", "over", "personally"] * 12
    keys.send_text(f"{' '.join(words)}\r")
    assert prompts.text("What was done?", "", live) == " ".join(words)
    answered = page.getvalue()[page.getvalue().rindex("? What was done?") :].splitlines()
    assert " ".join(answered[1:]).split() == words


def test_the_keys_that_lead_elsewhere_are_said_where_they_do(
    prompts: RedrawingPrompts, keys: PipeInput, live: Any, page: io.StringIO
) -> None:
    keys.send_text("\r")
    live.keys = ()
    prompts.select("What is happening?", OPTIONS, "a", live)
    assert "Esc" not in page.getvalue()
    keys.send_text("\r")
    live.keys = KEYS
    prompts.select("How bad?", OPTIONS, "a", live)
    assert "Esc: note, skip" in page.getvalue()


LONG = (Option("a", "Capture address, time, reach and a picture of the first post, before anything is hidden"),)


def test_a_long_option_is_chosen_like_any_other(prompts: RedrawingPrompts, keys: PipeInput, live: Any) -> None:
    keys.send_text(" \r")
    assert prompts.tick("Which of all these things, " * 9, (*LONG, *OPTIONS[1:]), (), live) == ["a"]
    keys.send_text(f"{DOWN}\r")
    assert prompts.select("Which of all these things, " * 9, (*LONG, *OPTIONS[1:]), "a", live) == "b"
