"""`approve`, `reject` and `publish` by a second person: with the exact text, a typed word, and a terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.cli.run import run
from crisis.engine.commands import Answer
from crisis.wiring import deciding
from crisis.wiring.acting import at
from crisis.wiring.live import desk_at

PROJECT = Path(__file__).parent.parent / "tty" / "project"
ORGANISATION = """\
apiVersion: crisis/v1
kind: Organisation
name: Tinderhus
people:
  - {id: kim, name: Kim Dahl, roles: [crisis-lead]}
  - {id: ana, name: Ana Berg, roles: [legal]}
"""
TEXT = "Stop using Kettle 3 and unplug it. We will say more soon."
SET = ["--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1"]
START = ["start", "kettle", *SET, "--as", "Kim Dahl", "--answers", "answers.yaml"]

Type = Callable[[str], None]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An incident whose holding statement waits for Ana."""
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    (tmp_path / "crisis.yaml").write_text(ORGANISATION)
    (tmp_path / "answers.yaml").write_text("holding.draft: send\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert run(START) == 6
    capsys.readouterr()
    return tmp_path


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Iterator[Type]:
    """Somebody sits at a terminal and types."""
    keyboard, terminal = pty.openpty()

    def typed(keys: str) -> None:
        os.write(keyboard, keys.encode())

    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield typed
    os.close(keyboard)


def events(project: Path) -> list[str]:
    journal = SqliteJournal.reading(project / "journal.db")
    return [type(one.event).__name__ for one in journal.read(journal.heads()[0].incident)]


def sheet(project: Path) -> str:
    journal = SqliteJournal.reading(project / "journal.db")
    kept = journal.read(journal.heads()[0].incident)
    return next(one.event.sheet for one in reversed(kept) if type(one.event).__name__ == "SheetIssued")


def begin_anew(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Another incident, with the project as it is by now, whose holding statement waits for Ana."""
    assert run(["close", "--reason", "begun anew"]) == 0
    with monkeypatch.context() as piped:
        piped.setattr(sys, "stdin", io.StringIO())
        assert run(START) == 6
    capsys.readouterr()


def test_whoever_approves_sees_the_exact_text_and_types_the_word(
    project: Path, types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    said = capsys.readouterr()
    assert TEXT in said.err
    assert "NOT POSTED YET" in said.out
    assert events(project).count("Decided") == 1


@pytest.mark.parametrize("keys", ["yes\n", "y\n", "\n", "Approve all\n", "\x04"])
def test_any_other_word_decides_nothing(project: Path, types: Type, keys: str) -> None:
    types(keys)
    assert run(["approve", "--as", "Ana Berg"]) == 130
    assert "Decided" not in events(project)


def test_a_no_needs_what_must_change_and_goes_back_to_the_draft(
    types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    types("the name is wrong\nrefuse\n")
    assert run(["reject", "--as", "Ana Berg"]) == 0
    assert "back at the draft" in capsys.readouterr().out


def test_a_yes_by_phone_counts_with_the_fingerprint_read_back(project: Path, types: Type) -> None:
    name = sheet(project)
    types("0000 0000\n" * 3)
    assert run(["approve", "--verbal", "Ana Berg", "--as", "Kim Dahl"]) == 3
    assert "Decided" not in events(project)
    types(f"0000 0000\n{name[:4]} {name[4:8]}\n")  # misheard once
    assert run(["approve", "--verbal", "Ana Berg", "--as", "Kim Dahl"]) == 0
    assert "Decided" in events(project)


def test_a_command_that_is_to_be_typed_names_its_incident(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as piped:
        piped.setattr(sys, "stdin", io.StringIO())
        assert run(START) == 6
    assert "`crisis resume INC-2026-0002` goes on" in capsys.readouterr().err.replace("\n", " ")
    types("approve\n")
    first = ["-i", "1", "--as", "Ana Berg"]
    assert run(["approve", *first]) == 0
    assert run(["approve", *first]) == 3
    assert "`crisis status INC-2026-0001`" in capsys.readouterr().err
    with monkeypatch.context() as piped:
        piped.setattr(sys, "stdin", io.StringIO())
        assert run(["publish", "-i", "1"]) == 0
    assert "crisis publish PLACE --link … -i INC-2026-0001" in capsys.readouterr().out
    assert run(["publish", "-i", "2"]) == 3
    assert "`crisis status INC-2026-0002`" in capsys.readouterr().err
    assert run(["note", "x"]) == 2
    assert "say which with -i" in capsys.readouterr().err


def test_who_holds_no_role_in_the_chain_is_refused(project: Path, types: Type) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Kim Dahl"]) == 3
    assert "Decided" not in events(project)


def test_a_sheet_that_is_not_the_one_that_waits_is_refused(project: Path, types: Type) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg", "--sheet", "ffffffff"]) == 3
    assert "Decided" not in events(project)


def test_what_to_send_is_the_exact_text_with_its_fingerprint_and_needs_no_terminal(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["approve", "--ask"]) == 0
    said = capsys.readouterr().out
    assert TEXT in said
    assert sheet(project)[:4] in said
    assert "Decided" not in events(project)


def test_a_text_that_goes_to_two_channels_is_read_once(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("playbooks/kettle.yaml", "templates/messages/holding/message.yaml"):
        path = project / name
        path.write_text(re.sub(r"( *)- x\n", r"\g<0>\1- linkedin\n", path.read_text()))
    begin_anew(monkeypatch, capsys)
    assert run(["approve", "--ask"]) == 0
    said = capsys.readouterr().out
    assert (said.count(TEXT), said.count("── X, LinkedIn: English (")) == (1, 1)
    types("no\n")
    assert run(["approve", "--as", "Ana Berg"]) == 130
    shown = capsys.readouterr().err
    assert (shown.count(TEXT), "all 2 texts" in shown) == (1, True)


DANISH = "Brug ikke {{ product }}."


def in_danish_too(project: Path) -> None:
    """The holding statement in two languages; somebody must say that the translation is right."""
    for name in ("playbooks/kettle.yaml", "templates/messages/holding/message.yaml"):
        path = project / name
        path.write_text(re.sub(r"( *)languages:\n *- en", r"\g<0>\n\1  - da", path.read_text()))
    (project / "templates/messages/holding/da.j2").write_text(DANISH)
    book = project / "playbooks/kettle.yaml"
    reader = "  native-reader:\n    title: Native reader\n  editor:\n    title: Editor\napprovals:\n"
    chain = "    quorum: 1\n    translation:\n      of:\n        - native-reader\n      per: language\n"
    text = book.read_text().replace("approvals:\n", reader).replace("    quorum: 1\n", chain)
    book.write_text(text.replace("    of:\n      - legal\n", "    of:\n      - legal\n      - editor\n"))


def test_a_text_that_another_terminal_leaves_out_while_somebody_approves_is_not_approved_unseen(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_danish_too(project)
    begin_anew(monkeypatch, capsys)

    def meanwhile(prompt: str) -> str:
        assert "approve all 2 texts" in prompt
        desk = desk_at(project / "journal.db")
        incident = next(one.incident for one in desk.journal.heads() if one.incident.endswith("2"))
        for ask, value in (("name:0", {}), ("languages", {"leave_out": "nobody reads it"})):
            desk.execute(incident, Answer(step="holding.approve", round=1, ask=ask, value=value), who="kim")
        return "approve"

    with monkeypatch.context() as other:
        other.setattr(deciding, "typed", meanwhile)
        assert run(["approve", "--as", "Ana Berg"]) == 3
    assert "has changed since it was shown to you" in capsys.readouterr().err
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    said = capsys.readouterr()
    assert "approve the text as Ana Berg" in said.err
    assert "It is approved." in said.out


def test_whoever_approves_a_part_is_told_which_and_who_is_still_waited_for(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_danish_too(project)
    people = ORGANISATION + "  - {id: pia, name: Pia Lund, roles: [native-reader], languages: [da]}\n"
    (project / "crisis.yaml").write_text(people)
    begin_anew(monkeypatch, capsys)
    types("approve\n")
    assert run(["approve", "--as", "Pia Lund"]) == 0
    said = capsys.readouterr()
    assert "Type approve to approve x/da as Pia Lund" in said.err
    assert re.search(r"Pia Lund approved x/da of sheet \w+… Still waited for: Ana Berg \(legal or editor\)\.", said.out)


def test_that_a_translation_was_left_behind_is_said_to_whoever_approves(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_danish_too(project)
    (project / "answers.yaml").write_text("holding.draft: {texts: {x/en: Halt.}}\n")
    begin_anew(monkeypatch, capsys)
    assert run(["approve", "--ask"]) == 0
    behind = "x/en was edited, its translation x/da was not: does it still say the same?"
    assert behind in capsys.readouterr().out
    types("no\n")
    assert run(["approve", "--as", "Ana Berg"]) == 130
    assert behind in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["approve"], ["reject", "--reason", "x"], ["approve", "--verbal", "Ana Berg"]], ids=" ".join
)
def test_a_pipe_decides_nothing(project: Path, arguments: list[str]) -> None:
    assert run([*arguments, "--as", "Ana Berg"]) == 3
    assert "Decided" not in events(project)


def test_nothing_is_posted_that_is_not_approved(project: Path, types: Type) -> None:
    assert run(["publish", "x/en", "--link", "https://x.example/1", "--as", "Kim Dahl"]) == 3
    assert not {"Locked", "Published"} & set(events(project))


def test_an_approved_text_is_posted_from_a_terminal_and_not_from_a_pipe(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    with monkeypatch.context() as piped:
        piped.setattr(sys, "stdin", io.StringIO("yes\n"))
        assert run(["publish", "x/en", "--link", "https://x.example/1"]) == 3
        assert not {"Locked", "Published"} & set(events(project))
        assert run(["publish"]) == 0
        assert "crisis publish PLACE --link" in capsys.readouterr().out
    types("\n")
    assert run(["publish"]) == 0
    said = capsys.readouterr().out
    assert TEXT in said
    assert "NOT POSTED YET: x/en" in said
    types("https://x.example/1\n")
    assert run(["publish", "x/en", "--as", "Kim Dahl"]) == 0
    assert "Published" in events(project)


def test_a_fact_that_makes_a_text_wrong_that_is_out_says_so_as_status_does(
    types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    types("https://x.example/1\n")
    assert run(["publish", "x/en", "--as", "Kim Dahl"]) == 0
    capsys.readouterr()
    assert run(["fact", "injury=no"]) == 0
    assert "is out" not in capsys.readouterr().out
    assert run(["fact", "product=Kettle 4"]) == 0
    wrong = "!! Holding statement says product as it was, and is out (x/en)"
    assert wrong in capsys.readouterr().out
    assert run(["status"]) == 0
    assert wrong in capsys.readouterr().out
    assert run(["status", "--json"]) == 0
    (out,) = json.loads(capsys.readouterr().out)["published"]
    assert (out["outdated"], out["replaced"]) == (["product"], False)
    assert run(["fact", "product=Kettle 3"]) == 0
    assert "is out" not in capsys.readouterr().out


def test_whoever_leaves_while_a_text_is_posted_is_told_what_was_recorded(
    project: Path, types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    types("\x04")
    assert run(["publish", "--as", "Kim Dahl"]) == 130
    assert "Nothing was recorded." in capsys.readouterr().err
    types("x/en\n\x04")
    assert run(["publish", "--as", "Kim Dahl"]) == 130
    assert "stay locked for posting" in capsys.readouterr().err
    assert "Locked" in events(project)


def test_publish_alone_asks_for_the_place_and_the_link(
    project: Path, types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    types("facebook/en\nx/en\nno address\n\n")
    assert run(["publish", "--as", "Kim Dahl"]) == 0
    said = capsys.readouterr().err
    assert "facebook/en is not among them" in said
    assert "'no address' is no link" in said
    assert "Published" not in events(project)
    types("x/en\nhttps://x.example/1\n")
    assert run(["publish", "--as", "Kim Dahl"]) == 0
    assert "All of it is out." in capsys.readouterr().out
    assert "Published" in events(project)


def test_what_has_changed_since_a_text_was_approved_is_said_to_whoever_posts_it(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    types("https://x.example/1\n")
    story = SqliteJournal.reading(project / "journal.db").heads()[0].incident
    desk = desk_at(project / "journal.db")
    (one,) = [one for one in desk.ahead(story).asks if one.ask.key == "release"]
    desk.execute(story, Answer(step=one.step.id, round=one.round, ask="release", value="post"), who="kim")
    assert run(["fact", "product=Kettle 4"]) == 0
    capsys.readouterr()
    with monkeypatch.context() as piped:
        piped.setattr(sys, "stdin", io.StringIO())
        assert run(["publish"]) == 0
    assert "product has changed since these texts were written" in capsys.readouterr().out
    assert run(["publish", "x/en", "--as", "Kim Dahl"]) == 0
    assert "product has changed since these texts were written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "why", "hint"),
    [
        (["approve", "staff-line"], 5, "kettle has no message 'staff-line'", "what waits: holding (Holding statement)"),
        (["approve", "holdin"], 5, "kettle has no message 'holdin'", "did you mean 'holding'?"),
        (["publish", "--message", "nosuch"], 5, "kettle has no message 'nosuch'", "known: holding"),
        (["approve", "--verbal", "Zed"], 5, "nobody called 'Zed' is on the roster", "on it: kim (Kim Dahl), ana"),
    ],
)
def test_a_name_that_nothing_has_is_said_with_those_that_there_are(
    types: Type, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, why: str, hint: str
) -> None:
    assert run(arguments) == code
    said = capsys.readouterr().err
    assert why in said
    assert hint in said


def test_a_message_is_named_by_its_title_as_well(project: Path, types: Type) -> None:
    types("approve\n")
    assert run(["approve", "holding STATEMENT", "--as", "Ana Berg"]) == 0
    assert "Decided" in events(project)


def test_a_place_that_waits_for_no_post_is_said_with_those_that_do(
    types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    assert run(["publish", "y/en", "--link", "https://y.example/1"]) == 5
    said = capsys.readouterr().err
    assert "'y/en' is not waiting to be posted" in said
    assert "what waits: x/en" in said


def test_a_first_name_starts_an_incident_as_the_one_who_has_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    begun = ["start", "kettle", *SET, "--as", "berg", "--answers", "answers.yaml"]
    assert run(begun) == 6
    assert "Recorded as Ana Berg (ana)." in capsys.readouterr().err
    journal = SqliteJournal.reading(project / "journal.db")
    assert journal.heads()[0].brief["lead"] == "Ana Berg"
    assert run(["note", "x", "--as", "Dahl", "-i", journal.heads()[0].incident]) == 0
    assert "Recorded as Kim Dahl (kim)." in capsys.readouterr().out
    assert run(["note", "x", "--as", "Anna Berg", "-i", journal.heads()[0].incident]) == 0
    assert "who is not on the roster: did you mean 'Ana Berg'?" in capsys.readouterr().out


def is_out(types: Type, capsys: pytest.CaptureFixture[str], link: str = "https://x.example/1") -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    assert run(["publish", "x/en", "--link", link, "--as", "Kim Dahl"]) == 0
    capsys.readouterr()


def links(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert run(["status", "--json"]) == 0
    return [one["link"] for one in json.loads(capsys.readouterr().out)["published"]]


def test_a_link_that_was_recorded_wrong_is_corrected_by_who_says_that_it_is_meant_so(
    project: Path, types: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    is_out(types, capsys)
    again = ["publish", "x/en", "--as", "Kim Dahl", "--link"]
    types("yes\n")
    assert run([*again, "https://x.example/2"]) == 130
    assert "x/en is out already, with the link https://x.example/1. Type correct" in capsys.readouterr().err
    assert run([*again, "https://x.example/1"]) == 0
    assert "x/en has that link already: nothing was changed." in capsys.readouterr().out
    assert "LinkCorrected" not in events(project)
    types("correct\n")
    assert run([*again, "https://x.example/2"]) == 0
    corrected = "The link of x/en is corrected: https://x.example/2 (was https://x.example/1)"
    assert corrected in capsys.readouterr().out
    assert links(capsys) == ["https://x.example/2"]
    assert run([*again, "https://x.example/3", "--correct"]) == 0, "who says so is not asked"
    types("https://x.example/4\n")
    assert run([*again[:-1]]) == 0
    assert links(capsys) == ["https://x.example/4"]
    types("\n")
    assert run([*again[:-1]]) == 130
    assert run(["timeline"]) == 0
    assert "link of x/en corrected: https://x.example/2 (was https://x.example/1)" in " ".join(
        capsys.readouterr().out.split()
    )


def test_no_link_is_corrected_from_a_pipe_or_where_nothing_is_out(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["publish", "x/en", "--correct", "--link", "https://x.example/2"]) == 5
    assert "'x/en' is not out" in capsys.readouterr().err
    is_out(types, capsys)
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct\n"))
    for more in ([], ["--correct"]):
        assert run(["publish", "x/en", "--link", "https://x.example/2", *more]) == 3
    assert "LinkCorrected" not in events(project)


def test_a_place_that_was_left_out_may_be_posted_after_all(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types("approve\n")
    assert run(["approve", "--as", "Ana Berg"]) == 0
    for key, value in (("release", "post"), ("link:x/en", {"left_out": "the account is locked"})):
        desk, case, who = at(None, "Kim Dahl", None)
        step = case.incident.steps["holding.publish"]
        desk.execute(case.incident.id, Answer(step="holding.publish", round=step.round, ask=key, value=value), who=who)
    late = ["publish", "x/en", "--as", "Kim Dahl"]
    with monkeypatch.context() as piped:
        piped.setattr(sys, "stdin", io.StringIO())
        assert run([*late, "--link", "https://x.example/1"]) == 3
    types("\n")
    assert run(late) == 130
    assert links(capsys) == []
    types("https://x.example/1\n")
    assert run(late) == 0
    assert "x/en is out after all: https://x.example/1" in capsys.readouterr().out
    assert links(capsys) == ["https://x.example/1"]


def test_a_link_that_another_place_has_is_taken_and_said(
    project: Path, types: Type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("playbooks/kettle.yaml", "templates/messages/holding/message.yaml"):
        path = project / name
        path.write_text(re.sub(r"( *)- x\n", r"\g<0>\1- facebook\n", path.read_text()))
    begin_anew(monkeypatch, capsys)
    is_out(types, capsys)
    assert run(["publish", "facebook/en", "--link", "https://x.example/1", "--as", "Kim Dahl"]) == 0
    same = "The same link as for x/en; if one is wrong, correct it: crisis publish PLACE --correct --link … -i INC-"
    assert same in capsys.readouterr().out
    assert run(["publish", "facebook/en", "--correct", "--link", "https://fb.example/1", "--as", "Kim Dahl"]) == 0
    assert "The same link" not in capsys.readouterr().out
    assert links(capsys) == ["https://x.example/1", "https://fb.example/1"]
