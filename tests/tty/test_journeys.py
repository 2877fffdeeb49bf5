"""The real program at a real terminal: from the first question to the post-mortem, left in every way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest


class Turn(NamedTuple):
    """What is seen, and what a person types: with prompts that redraw, and with plain ones."""

    sees: str
    redrawing: str
    plain: str


ENTER = "\r"
UP = "\x1b[A"
BINDING = {"Decided", "ApprovalWaived", "LastResortTaken", "Locked", "Published", "Closed"}
DOWN = "\x1b[B"

PRODUCT = Turn("Which product?", "Kettle 3\r", "Kettle 3\r")
INJURY = Turn("Has anyone been hurt?", ENTER, ENTER)
SEVERITY = Turn("How bad?", ENTER, ENTER)
SEND = Turn("Send 1 text for approval", ENTER, ENTER)
APPROVER = Turn("(name, number", "Ana Berg, +45 11 22 33 44\r", "Ana Berg, +45 11 22 33 44\r")
VERIFY = Turn("Capture the first post", "*\r", "all\r")
FREEZE = Turn("Newsletter", "*\r", "all\r")
EVIDENCE = Turn("who stopped it", "paused by Bo\r", "paused by Bo\r")
MEANWHILE = Turn("Wait: this page renews itself", DOWN + ENTER, "2\r")
DECIDED = Turn("Who has decided?", UP + UP + UP + ENTER, "1\r")
READ_BACK = Turn("Which fingerprint did they say back?", "{sheet}\r", "{sheet}\r")
RELEASE = Turn("Post it now?", ENTER, ENTER)
LINK = Turn("paste the link", "https://x.example/1\r", "https://x.example/1\r")
CRITERIA = Turn("Which of these do you see now?", "*\r", "all\r")
OVER = Turn("It is over: stand down", ENTER + DOWN + ENTER, ENTER + "1\r")  # Enter alone decides nothing
THAW = Turn("read each queue", "*\r", "all\r")
DEBRIEF = (
    Turn("root cause", "A seal\r", "A seal\r"),
    Turn("Whom did it hurt", "One hand\r", "One hand\r"),
    Turn("What worked?", "The text\r", "The text\r"),
    Turn("What did not work?", "The phone\r", "The phone\r"),
    Turn("What changes now?", "New seal; Bo; 2026-12-01\r", "New seal; Bo; 2026-12-01\r"),
    Turn("What changes now?", ENTER, ENTER),
)
CLOSE = Turn("Then the incident is closed.", ENTER + DOWN + ENTER, ENTER + "1\r")  # nor here
TO_APPROVAL = (PRODUCT, INJURY, SEVERITY, SEND, APPROVER)
THE_REST = (
    VERIFY,
    FREEZE,
    EVIDENCE,
    MEANWHILE,
    DECIDED,
    READ_BACK,
    RELEASE,
    LINK,
    CRITERIA,
    OVER,
    THAW,
    *DEBRIEF,
    CLOSE,
)

SET = ("--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1")

#: Each prompt on the way, by what is seen when it is open, and how one gets from where `resume` begins to the next.
PROMPTS = (
    *((turn.sees, (turn,)) for turn in (*TO_APPROVAL, VERIFY, FREEZE, EVIDENCE, MEANWHILE)),
    (DECIDED.sees, (MEANWHILE, DECIDED)),
    (READ_BACK.sees, (MEANWHILE, DECIDED, READ_BACK)),
    *((turn.sees, (turn,)) for turn in (RELEASE, LINK, CRITERIA)),
    (OVER.sees, (OVER,)),
    (THAW.sees, (THAW,)),
    (DEBRIEF[0].sees, DEBRIEF[:-1]),
    (DEBRIEF[-1].sees, (DEBRIEF[-1],)),
    (CLOSE.sees, ()),
)


@pytest.fixture(params=["redrawing", "plain"])
def manner(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def go(terminal: Any, turns: Sequence[Turn], manner: str) -> None:
    for turn in turns:
        terminal.sees(turn.sees)
        keys = turn.redrawing if manner == "redrawing" else turn.plain
        terminal.types(keys.replace("{sheet}", terminal.sheet))


def options(manner: str) -> tuple[str, ...]:
    return ("--as", "Kim Dahl") + (("--accessible",) if manner == "plain" else ())


def test_a_walk_at_a_terminal_ends_closed_with_a_post_mortem(desk: Any, manner: str) -> None:
    terminal = desk.terminal("start", "kettle", *options(manner))
    go(terminal, (*TO_APPROVAL, *THE_REST), manner)
    said = terminal.ends(0)
    assert "INC-" in said
    assert "is closed" in said
    assert len(list(desk.folder.glob("INC-*-post-mortem.md"))) == 1
    assert desk.run("verify").returncode == 0
    assert desk.event_types() >= {"Decided", "Locked", "Published", "Closed"}


def test_at_most_eight_answers_lead_to_the_text_sent_for_approval(desk: Any) -> None:
    assert len(TO_APPROVAL) <= 8
    terminal = desk.terminal("start", "kettle", *options("plain"))
    go(terminal, TO_APPROVAL, "plain")
    terminal.sees("Capture the first post").types("\x03").ends(130)
    assert "SheetIssued" in desk.event_types()


@pytest.mark.parametrize("first", range(4))
def test_whoever_leaves_at_any_prompt_has_saved_and_goes_on_at_the_same_question(
    desk: Any, ways: Any, first: int
) -> None:
    manner = "redrawing" if first % 2 else "plain"
    terminal = desk.terminal("start", "kettle", *options(manner))
    for number, (question, onwards) in enumerate(PROMPTS):
        leaves, code = ways[(first + number) % len(ways)]
        terminal.sees(question)
        bound = BINDING & desk.event_types()
        leaves(terminal)
        said = terminal.ends(code)
        assert "Saved" in said
        assert "crisis resume INC-" in said
        assert BINDING & desk.event_types() == bound
        terminal = desk.terminal("resume", *options(manner))
        go(terminal, onwards, manner)
    terminal.sees(DEBRIEF[-1].sees).types("\x03").ends(130)


def test_leaving_before_a_playbook_is_chosen_opens_nothing(desk: Any, ways: Any) -> None:
    for manner, (leaves, code) in zip(("redrawing", "plain") * 2, ways, strict=True):
        terminal = desk.terminal("start", *options(manner)).sees("What is happening?")
        leaves(terminal)
        assert "Nothing was opened" in terminal.ends(code)
    assert not (desk.folder / "journal.db").exists()


def test_a_window_that_is_closed_ends_the_walk(desk: Any, manner: str) -> None:
    terminal = desk.terminal("start", "kettle", *options(manner)).sees("Which product?")
    process = terminal.child.pid
    terminal.hangs_up()
    status = _wait(process)
    assert os.WIFEXITED(status)
    assert os.WEXITSTATUS(status) in (129, 130)
    assert desk.event_types() == {"Opened", "Started"}


def test_an_answer_is_kept_although_nobody_goes_on(desk: Any) -> None:
    terminal = desk.terminal("start", "kettle", *options("plain"))
    terminal.sees("Which product?").types("Kettle 3\r").sees("Has anyone been hurt?").signals(signal.SIGKILL)
    terminal.child.wait()
    resumed = desk.terminal("resume", *options("plain"))
    said = resumed.sees("Has anyone been hurt?").child.before
    assert "Which product?" not in said
    resumed.types("\x04").ends(130)


def test_the_editor_is_told_to_leave_as_well(desk: Any) -> None:
    desk.environment["EDITOR"] = "echo opened >&2; exec sleep 600 #"
    terminal = desk.terminal("start", "kettle", *options("plain"), *SET)
    terminal.sees("Edit in your editor").types("2\r").sees("opened").signals(signal.SIGTERM)
    terminal.ends(143)


@pytest.mark.parametrize("typed", ["redrawing", "plain"])
def test_where_no_editor_works_a_text_is_typed_at_the_prompt_and_survives_whoever_leaves(desk: Any, typed: str) -> None:
    desk.environment["EDITOR"] = "false"
    terminal = desk.terminal("start", "kettle", *options(typed), *SET)
    terminal.sees("Edit in your editor").types(DOWN + ENTER if typed == "redrawing" else "2\r")
    terminal.sees("did not work").sees("type here instead").sees("None, or no more")
    if typed == "redrawing":
        terminal.types(ENTER).sees("Esc, then Enter: done").types(" Ring us.\x1b").types(ENTER)
    else:
        terminal.types("1\r").sees("A single dot").types("Stop using Kettle 3.\r").types("Ring us.\r").types(".\r")
    terminal.sees("None, or no more").types(ENTER if typed == "redrawing" else "2\r")
    terminal.sees("Ring us").sees("Start again").types("\x03").ends(130)
    resumed = desk.terminal("resume", *options(typed))
    resumed.sees("As you edited it: x/en").sees("Ring us").types("\x03").ends(130)


def test_an_edited_text_that_is_too_long_is_said_so_and_kept(desk: Any) -> None:
    desk.environment["EDITOR"] = """python3 -c "import sys; open(sys.argv[1], 'a').write('far too long ' * 60)" """
    terminal = desk.terminal("start", "kettle", *options("plain"), *SET)
    terminal.sees("Edit in your editor").types("2\r").sees("too long for x").sees("Start again")
    terminal.types("\x03").ends(130)


def test_an_edit_survives_a_dead_battery_and_is_gone_once_it_is_sent(desk: Any) -> None:
    desk.environment["EDITOR"] = """python3 -c "import sys; open(sys.argv[1], 'a').write('Call us.')" """
    terminal = desk.terminal("start", "kettle", *options("plain"), *SET)
    terminal.sees("Edit in your editor").types("2\r").sees("Call us.").sees("Start again").signals(signal.SIGKILL)
    terminal.child.wait()
    resumed = desk.terminal("resume", *options("plain"))
    resumed.sees("As you edited it: x/en").sees("Call us.").types("1\r").sees("Who can, as legal?").types("\x03").ends(
        130
    )
    assert not list(desk.folder.glob("*.drafts"))


def test_a_name_that_is_typed_into_a_tick_list_ticks_nothing(desk: Any) -> None:
    terminal = desk.terminal("start", "kettle", *options("redrawing"), *SET)
    go(terminal, (SEND, APPROVER), "redrawing")
    terminal.sees("Capture the first post").types("Ana Berg" + ENTER + ENTER).sees("nothing ticked").types("\x03").ends(
        130
    )


def test_whoever_comes_back_from_the_menu_is_where_they_were(desk: Any) -> None:
    terminal = desk.terminal("start", "kettle", *options("plain"), *SET)
    go(terminal, (SEND, APPROVER), "plain")
    terminal.sees("Capture the first post").types("?\r").sees("3. Somebody has decided").types("3\r")
    terminal.sees("Who has decided?").sees("? for more")
    for choice in ("Back to the question", "Why this step?", "Write a note"):
        terminal.types("?\r")
        number = terminal.sees(choice).child.before.split()[-1].rstrip(".")
        terminal.types(f"{number}\r")
        if choice == "Write a note":
            terminal.sees("facts only").types("Ana is on her way\r")
        said = terminal.sees("Who has decided?").child.before
        assert "Capture the first post" not in said
    terminal.sees("4. Nobody has decided yet").types("4\r").sees("Capture the first post").types("\x03").ends(130)


def test_prompts_stand_on_the_terminal_when_stdout_goes_elsewhere(desk: Any) -> None:
    command = f"exec crisis start kettle --as Kim --accessible > {desk.folder}/out.txt"
    desk.environment["PATH"] = os.path.dirname(_crisis()) + ":" + desk.environment["PATH"]
    terminal = _shell(desk, command)
    terminal.sees("Which product?").types("\x03").ends(130)
    assert (desk.folder / "out.txt").read_text() == ""


def _crisis() -> str:
    import sys
    from pathlib import Path

    return str(Path(sys.executable).with_name("crisis"))


def _shell(desk: Any, command: str) -> Any:
    import pexpect

    child = pexpect.spawn(
        "/bin/sh", ["-c", command], cwd=str(desk.folder), env=desk.environment, timeout=20, encoding="utf-8"
    )
    return type(desk.terminal("--version"))(child)


def _wait(process: int) -> int:
    for _ in range(400):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    raise AssertionError("the walk hangs after its terminal is gone")


@pytest.mark.parametrize("manner", ["redrawing", "plain"])
def test_a_playbook_that_cannot_be_used_is_marked_so_and_enter_takes_another(desk: Any, manner: str) -> None:
    (desk.folder / "playbooks" / "aaa.yaml").write_text("apiVersion: crisis/v1\nkind: Playbook\nid: aaa\ntitle: A\n")
    plain = ("--accessible",) if manner == "plain" else ()
    terminal = desk.terminal("start", "--as", "Kim Dahl", *plain)
    terminal.sees("What is happening?").sees("cannot be used: `crisis check` says why")
    terminal.types("\r").sees("Which product?").types("\x03").ends(130)
