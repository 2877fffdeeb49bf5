"""`note`, `fact`, `severity` and `close` from any terminal, or from none."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.adapters.system import SystemClock
from crisis.cli.run import run

PROJECT = Path(__file__).parent.parent / "tty" / "project"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    (tmp_path / "answers.yaml").write_text("holding.draft: send\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    start = ["start", "kettle", "--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1"]
    assert run([*start, "--as", "Kim Dahl", "--answers", "answers.yaml"]) == 6
    capsys.readouterr()
    return tmp_path


@pytest.fixture
def bundled(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundled playbook runs instead, in which one says when the first report came."""
    assert run(["close", "--reason", "another playbook"]) == 0
    (project / "none.yaml").write_text("{}")
    assert run(["start", "product-defect", "--set", "product=K", "--as", "Kim Dahl", "--answers", "none.yaml"]) == 6
    capsys.readouterr()


def last(project: Path, name: str) -> Any:
    journal = SqliteJournal.reading(project / "journal.db")
    kept = journal.read(journal.heads()[0].incident)
    return next((one for one in reversed(kept) if type(one.event).__name__ == name), None)


def test_a_note_is_kept_with_who_wrote_it(project: Path) -> None:
    assert run(["note", "the shop has closed", "--as", "Ana"]) == 0
    kept = last(project, "Noted")
    assert (kept.event.text, kept.who) == ("the shop has closed", "Ana")


def test_what_ends_in_a_mark_gets_no_full_stop_after_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fact", "product=Kettle 3, or 4?", "--as", "Kim Dahl"]) == 0
    assert "?." not in capsys.readouterr().out
    playbook = project / "playbooks" / "kettle.yaml"
    title = "title: Who has it?"
    playbook.write_text(re.sub("title: .*", title, playbook.read_text()))
    assert run(["start", "kettle", "--set", "product=Kettle 3", "--answers", "answers.yaml", "--as", "Kim Dahl"]) == 6
    assert "Who has it? Saved as you answer" in capsys.readouterr().err
    assert run([]) == 0
    assert "Next: Who has it? Go on with" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["me", "Myself", "I"])
def test_nobody_is_called_me(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    assert run(["note", "x", "--as", said]) == 2
    assert f"'{said}' is nobody's name" in capsys.readouterr().err
    monkeypatch.setenv("CRISIS_AS", said)
    assert run(["note", "x"]) == 2
    assert last(project, "Noted") is None


def test_a_name_that_looks_like_another_is_recorded_for_nobody(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "a name may not have characters that cannot be seen: U+200B"
    assert run(["note", "x", "--as", "ana\u200b"]) == 2
    assert said in capsys.readouterr().err
    monkeypatch.setenv("CRISIS_AS", "ana\u200b")
    assert run(["note", "x"]) == 2
    assert said in capsys.readouterr().err
    assert last(project, "Noted") is None
    assert run(["note", "x", "--as", "Jo\u0308rg"]) == 0
    assert last(project, "Noted").who == "Jörg"


def test_what_is_recorded_under_a_name_that_nobody_gave_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("crisis.wiring.live.operator_name", lambda: "root")
    said = "Recorded as root, who is not on the roster. To say who you are: --as NAME, or CRISIS_AS."
    for command in (["note", "x"], ["fact", "injury=no"], ["severity", "SEV1"]):
        assert run(command) == 0
        assert said in capsys.readouterr().out, command
        assert run([*command, "--as", "Ana"]) == 0
        assert "Recorded as" not in capsys.readouterr().out
    monkeypatch.setattr("crisis.wiring.live.operator_name", lambda: "kim dahl")
    assert run(["note", "x"]) == 0
    assert "Recorded as" not in capsys.readouterr().out
    monkeypatch.setattr("crisis.wiring.live.operator_name", lambda: "root")
    assert run(["close", "--reason", "another brand"]) == 0
    assert said in capsys.readouterr().out


def test_a_note_comes_from_a_pipe_where_that_is_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("lukket kl. 3 æ\n".encode())))
    assert run(["note", "-"]) == 0
    assert last(project, "Noted").event.text == "lukket kl. 3 æ"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_note_is_refused(project: Path, text: str) -> None:
    assert run(["note", text]) == 2
    assert last(project, "Noted") is None


def test_a_changed_fact_sends_the_text_back_to_its_draft(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fact", "product=Kettle 4"]) == 0
    assert "to be done again" in capsys.readouterr().out
    assert last(project, "SentBack") is not None


def test_a_fact_may_be_not_known_yet(project: Path) -> None:
    assert run(["fact", "injury=not known yet"]) == 0
    assert last(project, "FactSet").event.known is False


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["fact", "product"], 2),
        (["fact", "prodct=K"], 5),
        (["fact", "injury=perhaps"], 2),
        (["fact", "product="], 2),
        (["fact", "product=K", "--since", "soon"], 2),
        (["fact", "product=K", "--since", "9999d 99999h"], 2),
        (["fact", "product", "--erase"], 2),
        (["fact", "product", "--erase", "--reason", "asked to"], 3),
        (["severity", "SEV9"], 2),
        (["severity", "SEV3"], 2),
        (["close"], 2),
        (["note", "x", "--incident", "INC-1999-0001"], 5),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else str(one),
)
def test_what_cannot_be_done_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    journal = SqliteJournal.reading(project / "journal.db")
    before = journal.heads()[0].version
    assert run(arguments) == code
    assert capsys.readouterr().err.startswith("crisis: ")
    assert journal.heads()[0].version == before


def test_every_fact_is_listed_with_what_is_known_of_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fact"]) == 0
    listed = capsys.readouterr().out
    assert "Kettle 3" in listed
    assert "Which product?" in listed
    assert run(["fact", "--json"]) == 0
    facts = {one["fact"]: one for one in json.loads(capsys.readouterr().out)["facts"]}
    assert (facts["product"]["value"], facts["product"]["state"]) == ("Kettle 3", "known")
    assert (facts["injury"]["value"], facts["injury"]["type"]) == ("yes", "yes-no")


def test_a_time_that_was_set_is_said_in_the_zone_of_the_incident(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "crisis.yaml").write_text("apiVersion: crisis/v1\nkind: Organisation\nname: T\ntimezone: Asia/Tokyo\n")
    playbook = project / "playbooks" / "kettle.yaml"
    playbook.write_text(playbook.read_text().replace("facts:\n", "facts:\n  seen_at: {type: time, prompt: When?}\n", 1))
    assert run(["close", "--reason", "begun anew"]) == 0
    assert run(["start", "kettle", "--set", "product=Kettle 3", "--severity", "SEV1"]) == 6
    capsys.readouterr()
    assert run(["fact", "seen_at=2026-03-07T01:36+00:00"]) == 0
    assert "seen_at is 2026-03-07 10:36 JST" in capsys.readouterr().out


def test_an_incident_is_named_by_its_option_everywhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    incident = SqliteJournal.reading(project / "journal.db").heads()[0].incident
    for command in ("status", "timeline", "verify", "postmortem", "fact"):
        assert run([command, "-i", incident]) == 0, command
    assert run(["status", "-i", "INC-1999-0001"]) == 5


def test_a_lower_severity_needs_a_reason(project: Path) -> None:
    assert run(["severity", "sev3", "--reason", "it was a photo montage"]) == 0
    assert last(project, "SeverityDecided").event.severity == "SEV3"


def test_after_the_close_only_notes_are_taken(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["close", "--reason", "another brand"]) == 0
    assert "Left open" in capsys.readouterr().out
    incident = last(project, "Closed") and SqliteJournal.reading(project / "journal.db").heads()[0].incident
    assert run(["fact", "product=K", "--incident", incident]) == 3
    assert run(["severity", "SEV1", "--incident", incident]) == 3
    assert run(["note", "a late report", "--incident", incident]) == 0
    assert f"Noted in {incident}, which is closed.\n" in capsys.readouterr().out
    assert run(["resume"]) == 5


def test_everything_that_was_done_stands_in_the_timeline(capsys: pytest.CaptureFixture[str]) -> None:
    run(["note", "first", "--as", "Ana"])
    run(["severity", "SEV2", "--reason", "calmer", "--as", "Bo"])
    capsys.readouterr()
    assert run(["timeline", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert all({"type", "at", "who"} <= set(one) for one in told)
    assert {"Ana", "Bo"} <= {one["who"] for one in told}


@pytest.mark.parametrize(
    ("arguments", "why", "hint"),
    [
        (["product="], "product: nothing is given", "it may be: text, or: not known yet"),
        (["injury=perhaps"], "injury: 'perhaps' is neither yes nor no", "write yes, no, or not known yet"),
        (["injury=no", "--since", "tomorrow"], "--since: 'tomorrow' is not a time", "when this became known"),
    ],
)
def test_what_a_fact_cannot_be_is_said_with_what_it_may_be(
    capsys: pytest.CaptureFixture[str], arguments: list[str], why: str, hint: str
) -> None:
    assert run(["fact", *arguments]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert hint in said


@pytest.mark.usefixtures("bundled")
def test_a_time_without_a_day_that_may_be_meant_otherwise_says_how_it_was_taken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    an_hour_ahead = f"{SystemClock().now().astimezone() + timedelta(hours=1):%H:%M}"
    taken = rf"^{an_hour_ahead} is 23 h( 01 min)? ago(, yesterday)?\.$"
    for command in ([f"aware_at={an_hour_ahead}"], ["injury=no", "--since", an_hour_ahead]):
        assert run(["fact", *command]) == 0
        assert re.search(taken, capsys.readouterr().out, re.MULTILINE)
    assert run(["fact", "injury=no", "--since", "23h ago"]) == 0
    assert " is 23 h" not in capsys.readouterr().out


@pytest.mark.usefixtures("bundled")
def test_what_is_known_since_before_the_first_report_asks_for_that(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["fact", "injury=no", "--since", "5h ago"]) == 0
    said = capsys.readouterr().out
    assert "The first report is recorded for" in said
    way_out = said.partition("`crisis ")[2].partition("`")[0]
    assert run(shlex.split(way_out)) == 0
    capsys.readouterr()
    assert run(["fact", "injury=yes", "--since", "4h ago"]) == 0
    assert "The first report" not in capsys.readouterr().out
