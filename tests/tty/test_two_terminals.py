"""Two terminals on one incident: each command is kept once and whole, and each sees what the other does."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.engine.evolve import evolve
from crisis.engine.state import Incident

SET = ("--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1")
WRITER = """
import sys
from pathlib import Path
from crisis.engine.commands import Note, SetFact, SetSeverity
from crisis.wiring.live import desk_at

journal, incident, who = sys.argv[1:]
desk = desk_at(Path(journal))
for n in range(25):
    desk.execute(incident, Note(text=f"{who} {n}"), who=who)
    desk.execute(incident, SetFact(fact="product", value=f"Kettle {who} {n}"), who=who)
    desk.execute(incident, SetSeverity(severity="SEV1" if n % 2 else "SEV2", reason=f"{who} {n}"), who=who)
"""


def _opened(desk: Any) -> tuple[Path, str]:
    done = desk.run("start", "kettle", *SET, "--answers", desk.answers("holding.draft: send\n"))
    assert done.returncode == 6, done.stderr
    journal = desk.folder / "journal.db"
    return journal, SqliteJournal.reading(journal).heads()[0].incident


def test_of_two_processes_that_act_at_once_every_command_is_kept_once_and_whole(desk: Any) -> None:
    journal, incident = _opened(desk)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(journal), incident, who], stderr=subprocess.PIPE)
        for who in ("ana", "bo")
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said
    kept = SqliteJournal.reading(journal)
    events = kept.read(incident)
    said = Counter(one.event.text for one in events if type(one.event).__name__ == "Noted")
    assert said == Counter(f"{who} {n}" for who in ("ana", "bo") for n in range(25))
    runs = [command for command, _ in groupby(events, key=lambda one: one.command)]
    assert len(runs) == len(set(runs)), "the events of one command stand apart"
    assert [one.seq for one in events] == list(range(1, len(events) + 1))
    assert not kept.verify(incident).problems
    assert {one.who for one in events} >= {"ana", "bo"}
    # Whatever was decided on an older state would not fold.
    state: Incident | None = None
    for one in events:
        state = evolve(state, one)
    assert state is not None
    assert state.version == len(events)


def test_what_another_terminal_does_appears_while_a_question_is_open(desk: Any) -> None:
    for manner in ((), ("--accessible",)):
        terminal = desk.terminal("start", "kettle", "--as", "Kim", *manner).sees("Which product?")
        assert desk.run("note", "the shop has closed", "--as", "Ana Berg").returncode == 0
        terminal.sees("the shop has closed")
        # The question stays, and is answered as if nothing had been.
        terminal.types("Kettle 3\r").sees("Has anyone been hurt?").types("\x03").ends(130)
        assert desk.run("close", "--reason", "next").returncode == 0


def test_a_question_that_was_answered_elsewhere_disappears(desk: Any) -> None:
    for manner in ((), ("--accessible",)):
        terminal = desk.terminal("start", "kettle", "--as", "Kim", *manner).sees("Which product?")
        terminal.types("Kett")
        assert desk.run("fact", "product=Kettle 4", "--as", "Ana Berg").returncode == 0
        terminal.sees("Kettle 4").sees("Has anyone been hurt?").types("\x03").ends(130)
        events = SqliteJournal.reading(desk.folder / "journal.db")
        latest = events.heads()[0].incident
        facts = [one.event for one in events.read(latest) if type(one.event).__name__ == "FactSet"]
        assert [fact.value for fact in facts] == ["Kettle 4"]
        assert desk.run("close", "--reason", "next").returncode == 0


def test_a_note_outlasts_what_changes_under_it_and_no_enter_sends_what_was_not_read(desk: Any) -> None:
    terminal = desk.terminal("start", "kettle", "--as", "Kim", *SET).sees("Send 1 text").types("\x1b")
    terminal.sees("What else?").types("\x1b[B\r").sees("Note (facts only").types("Petra has ")
    assert desk.run("fact", "product=Kettle 4", "--as", "Ana Berg").returncode == 0
    terminal.sees("Kettle 4")
    time.sleep(3)  # longer than hands must rest before a prompt is taken away
    terminal.types("phoned\r").sees("Stop using Kettle 4").sees("Send 1 text").types("\r")
    terminal.sees("Stop using Kettle 4").sees("Send 1 text").types("\x03").ends(130)
    assert "Drafted" not in desk.event_types()
    assert "Petra has phoned" in desk.run("timeline").stdout


def test_an_incident_that_is_closed_elsewhere_ends_the_walk(desk: Any) -> None:
    terminal = desk.terminal("start", "kettle", "--as", "Kim", "--accessible").sees("Which product?")
    assert desk.run("close", "--reason", "it was another brand").returncode == 0
    assert "is closed" in terminal.ends(0)


def test_an_approval_from_a_second_terminal_reaches_the_first(desk: Any) -> None:
    (desk.folder / "crisis.yaml").write_text(ORGANISATION)
    first = desk.terminal("start", "kettle", "--as", "Kim Dahl", "--accessible", *SET)
    first.sees("Send 1 text").types("\r").sees("Capture the first post")
    second = desk.terminal("approve", "--as", "Ana Berg")
    second.sees("Stop using Kettle 3").sees("Type approve").types("approve\r")
    assert "NOT POSTED YET" in second.ends(0)
    first.sees("approved").types("\x03").ends(130)
    assert {"Decided"} <= desk.event_types()
    assert "Published" not in desk.event_types()


def test_whom_the_organisation_does_not_know_by_their_user_is_asked_who_they_are(desk: Any) -> None:
    (desk.folder / "crisis.yaml").write_text(ORGANISATION)
    desk.terminal("start", "kettle", "--accessible").sees("Who are you?").types("\x03").ends(130)
    assert not (desk.folder / "journal.db").exists()
    terminal = desk.terminal("start", "kettle", "--accessible").sees("Who are you?").sees("Ana Berg (legal)")
    terminal.types("2\r").sees("Which product?").types("\x03").ends(130)
    assert desk.json("status")["lead"] == "Ana Berg"


def test_a_decision_that_is_not_typed_out_is_none(desk: Any) -> None:
    (desk.folder / "crisis.yaml").write_text(ORGANISATION)
    opened = desk.run("start", "kettle", "--as", "Kim Dahl", *SET, "--answers", desk.answers("holding.draft: send\n"))
    assert opened.returncode == 6, opened.stderr
    for keys, code in (("yes\r", 130), ("\x04", 130), ("\x03", 130)):
        desk.terminal("approve", "--as", "Ana Berg").sees("Type approve").types(keys).ends(code)
    assert "Decided" not in desk.event_types()


ORGANISATION = """\
apiVersion: crisis/v1
kind: Organisation
name: Tinderhus
people:
  - id: kim
    name: Kim Dahl
    roles:
      - crisis-lead
  - id: ana
    name: Ana Berg
    roles:
      - legal
"""
