"""`crisis measure`: what monitoring says, read into the open incident."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.adapters.system import SystemClock
from crisis.cli.run import run
from crisis.engine.events import SignalsRead
from crisis.wiring import measuring
from crisis.wiring.gathering import Wanted

PROJECT = Path(__file__).parent.parent / "tty" / "project"
EXPORTS = Path(__file__).parent.parent / "fixtures" / "exports"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], exports: Any) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    exports.put_rule(tmp_path)
    (tmp_path / "answers.yaml").write_text("facts: {injury: 'no'}\nassess: SEV3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    start = ["start", "kettle", "--set", "product=Kettle 3", "--as", "Kim Dahl", "--answers", "answers.yaml"]
    assert run(start) == 6
    capsys.readouterr()
    return tmp_path


def now() -> datetime:
    return SystemClock().now()


def storm(exports: Any, path: Path, ends: datetime, hours: float = 1) -> Path:
    """A day and a half of twenty an hour, then `hours` of three hundred, of which six in ten are negative."""
    begins = ends - timedelta(hours=hours)

    def is_on(at: datetime) -> bool:
        return at >= begins

    made: Path = exports.mentions(
        path,
        begins - timedelta(hours=36),
        ends,
        lambda at: 300 if is_on(at) else 20,
        lambda at: 0.6 if is_on(at) else 0.1,
    )
    return made


def read_events(project: Path) -> list[SignalsRead]:
    journal = SqliteJournal.reading(project / "journal.db")
    kept = journal.read(journal.heads()[0].incident)
    return [one.event for one in kept if isinstance(one.event, SignalsRead)]


def test_an_export_is_kept_as_figures_and_as_a_short_series(project: Path, exports: Any) -> None:
    file = storm(exports, project / "export.csv", now())
    assert run(["measure", str(file), "--as", "Ana"]) == 0
    (event,) = read_events(project)
    measured = event.measured
    assert measured is not None
    assert (measured.files, measured.format) == (("export.csv",), "mentions")
    rate = measured.figures["mention_rate"]
    assert rate.value == pytest.approx(300, abs=30)
    assert rate.baseline == pytest.approx(20, abs=25)
    assert rate.unusual
    assert rate.since is not None
    assert event.readings["negative_rate"].ratio is not None
    counted = measured.counted
    assert counted is not None
    assert 0 < len(counted.mentions) <= 300
    assert len(counted.rated) == len(counted.negative) == len(counted.mentions)
    assert counted.begins < now() - timedelta(hours=20)


def test_it_says_what_is_proposed_and_decides_nothing(
    project: Path, exports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = storm(exports, project / "export.csv", now())
    assert run(["measure", str(file)]) == 0
    said = capsys.readouterr().out
    assert "Proposed: SEV2" in said
    assert "negative rate is" in said
    assert "Decided is SEV3. A person decides" in said
    assert run(["status", "--json"]) == 0
    brief = json.loads(capsys.readouterr().out)
    assert brief["severity"] == "SEV3"
    assert brief["next_steps"][0]["step"] == "assess"


def test_status_draws_the_mentions_and_tells_programs_the_figures(
    project: Path, exports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--json"]) == 0
    assert "monitoring" not in json.loads(capsys.readouterr().out)
    run(["measure", str(storm(exports, project / "export.csv", now()))])
    capsys.readouterr()
    assert run(["status", "--json"]) == 0
    monitoring = json.loads(capsys.readouterr().out)["monitoring"]
    assert monitoring["files"] == ["export.csv"]
    assert monitoring["figures"]["mention_rate"]["value"] == pytest.approx(300, abs=30)
    assert 0 < len(monitoring["series"]["mentions"]) <= 60
    assert len(monitoring["series"]["negative_share"]) == len(monitoring["series"]["mentions"])
    assert run(["status"]) == 0
    assert "an hour" in capsys.readouterr().out
    assert run(["status", "--format", "md"]) == 0
    assert "## Monitoring" in capsys.readouterr().out
    assert run(["verify"]) == 0


def test_a_second_export_says_what_changed_since_the_first(
    project: Path, exports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = now()
    run(["measure", str(storm(exports, project / "one.csv", ends - timedelta(hours=1), 1))])
    capsys.readouterr()
    assert run(["measure", str(storm(exports, project / "two.csv", ends, 2))]) == 0
    assert "Since " in capsys.readouterr().out


def test_an_older_export_changes_nothing_of_how_things_stand(
    project: Path, exports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = now()
    run(["measure", str(storm(exports, project / "now.csv", ends))])
    quiet = exports.mentions(project / "old.csv", ends - timedelta(days=3), ends - timedelta(days=1), lambda at: 20)
    capsys.readouterr()
    assert run(["measure", str(quiet), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["monitoring"]["files"] == ["now.csv"]
    assert document["proposal"]["severity"] == "SEV2"
    assert [event.readings == {} for event in read_events(project)] == [False, True]


def test_an_older_export_that_is_read_meanwhile_changes_nothing_either(
    project: Path, exports: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the old file is being read, another terminal reads the new one into the incident."""
    ends, look = now(), measuring.look
    storm(exports, project / "now.csv", ends)
    exports.mentions(project / "old.csv", ends - timedelta(days=3), ends - timedelta(days=1), lambda at: 20)

    def slowly(wanted: Wanted) -> measuring.Looked:
        looked = look(wanted)
        if wanted.files[0].name == "old.csv":
            assert run(["measure", "now.csv"]) == 0
        return looked

    monkeypatch.setattr(measuring, "look", slowly)
    assert run(["measure", "old.csv"]) == 0
    said = capsys.readouterr().out
    assert said.count("Proposed: SEV2") == 2
    assert "end before these: kept for the post-mortem" in said
    assert [(event.measured.files, event.readings == {}) for event in read_events(project) if event.measured] == [
        (("now.csv",), False),
        (("old.csv",), True),
    ]


def test_a_row_dated_ahead_is_said_and_silences_nothing(
    project: Path, exports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = now()
    quiet = exports.mentions(project / "ahead.csv", ends - timedelta(days=2), ends - timedelta(hours=1), lambda at: 20)
    with quiet.open("a") as file:
        file.write(f"{ends + timedelta(hours=30):%Y-%m-%dT%H:%M:%SZ},scheduled,neutral,x,author1\n")
    assert run(["measure", "ahead.csv"]) == 0
    assert "crisis measure FILE --tz" in capsys.readouterr().out
    assert run(["measure", str(storm(exports, project / "now.csv", ends))]) == 0
    said = capsys.readouterr().out
    assert "Proposed: SEV2" in said
    assert "--tz" not in said
    assert run(["measure", "ahead.csv"]) == 0
    said = capsys.readouterr().out
    assert "Proposed: SEV2" in said
    assert "after they were read: kept for the post-mortem, the rules do not go by them; is their time zone" in said


def test_what_no_file_covers_is_unknown_and_not_a_lull(project: Path, exports: Any) -> None:
    ends = now()
    exports.mentions(project / "one.csv", ends - timedelta(hours=20), ends - timedelta(hours=8), lambda at: 60)
    exports.mentions(project / "two.csv", ends - timedelta(hours=2), ends, lambda at: 60, text="Other")
    assert run(["measure", "one.csv", "two.csv"]) == 0
    (event,) = read_events(project)
    assert event.measured is not None
    assert event.measured.counted is not None
    known = event.measured.counted.mentions
    assert known.count(None) == pytest.approx(6 * 12, abs=3)
    assert 0 not in known


def test_one_document_for_programs(project: Path, exports: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["measure", str(storm(exports, project / "export.csv", now())), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["incident"].startswith("INC-")
    assert document["responses"] == []
    assert document["proposal"]["rule"] == "severity.SEV2.any[0]"
    assert {one["signal"] for one in document["signals"]} >= {"mention_rate", "negative_share"}


@pytest.mark.parametrize(
    "name", [path.name for path in sorted(EXPORTS.iterdir()) if path.is_file() and path.suffix != ".xml"]
)
def test_every_format_that_detect_reads_can_be_read_into_an_incident(name: str, project: Path) -> None:
    assert run(["measure", str(EXPORTS / name), "--tz", "Europe/Copenhagen"]) in (0, 2)
    assert run(["measure", str(EXPORTS / name)]) in (0, 2)
    assert read_events(project), "at least one of the two ways of giving its zone is right"


def test_counts_alone_are_figures_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{now() - timedelta(minutes=5 * n):%Y-%m-%dT%H:%M:%SZ},{n % 7}" for n in range(900, 0, -1)]
    (project / "counts.csv").write_text("timestamp,value\n" + "\n".join(rows) + "\n")
    assert run(["measure", "counts.csv"]) == 0
    (event,) = read_events(project)
    assert event.measured is not None
    assert event.measured.counted is not None
    assert (event.measured.counted.rated, len(event.measured.counted.mentions) <= 300) == ((), True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"date,text\n",
        b"date,text,source\nyesterday,hello,x\n",
        b"<html><form>Log in</form></html>",
        b"\x00\xff\x00\xff" * 400,
        b"PK\x03\x04 not a workbook",
    ],
)
def test_a_file_that_says_nothing_is_refused_and_nothing_is_recorded(
    content: bytes, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "odd.csv").write_bytes(content)
    assert run(["measure", "odd.csv"]) in (1, 2)
    assert read_events(project) == []
    assert "Traceback" not in capsys.readouterr().err


def test_names_and_texts_of_files_move_no_cursor(
    project: Path, exports: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exports.mentions(
        project / "a\x1b[2Jb.csv",
        now() - timedelta(hours=30),
        now(),
        lambda at: 60,
        lambda at: 0.5,
        text="\x1b]0;owned\x07 ‮kettle",
    )
    assert run(["measure", str(file)]) == 0
    assert run(["timeline"]) == 0
    assert run(["status"]) == 0
    assert run(["postmortem"]) == 0
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert "‮" not in shown.out


@pytest.mark.parametrize(("said", "code", "read"), [("\n", 130, 0), ("y\n", 130, 0), ("yes\n", 0, 1)])
def test_at_a_terminal_an_export_that_ended_long_ago_is_taken_only_when_it_is_meant(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str, code: int, read: int
) -> None:
    keyboard, terminal = pty.openpty()
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(keyboard, said.encode())
        assert run(["measure", str(EXPORTS / "plain.csv")]) == code
    os.close(keyboard)
    assert "all the same? (yes, or Enter for no)" in capsys.readouterr().err
    assert len(read_events(project)) == read


def test_without_an_incident_there_is_nothing_to_read_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "other.db"))
    assert run(["measure", str(EXPORTS / "plain.csv")]) == 5
    assert "no incident is open" in capsys.readouterr().err


def test_a_closed_incident_takes_no_figures(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["close", "--reason", "a test"]) == 0
    incident = SqliteJournal.reading(project / "journal.db").heads()[0].incident
    assert run(["measure", str(EXPORTS / "plain.csv"), "--incident", incident]) in (3, 5)
    assert read_events(project) == []
