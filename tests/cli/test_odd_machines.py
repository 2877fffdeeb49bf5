"""A full disk, closed streams, a folder that is gone, a time zone that is none: a plain line, and never exit 70."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crisis.cli.run import run

PROJECT = Path(__file__).parent.parent / "tty" / "project"
START = ["start", "kettle", "--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1"]
READING = ["status", "list", "timeline", "drill alone-at-night", "--help", "--version", "schema playbook", "note hello"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setenv("CRISIS_AS", "Kim Dahl")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return tmp_path


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """What `sh` makes of the line, where `crisis` is this one."""
    command = line.replace("crisis", f"{sys.executable} -m crisis", 1)
    return subprocess.run(
        ["sh", "-c", command], env={**os.environ, **more}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("where", ["> /dev/full", ">&-"])
@pytest.mark.parametrize("command", READING)
def test_an_output_that_cannot_be_written_is_said(command: str, where: str) -> None:
    run(START)
    done = shell(f"crisis {command} {where}")
    assert done.returncode == 2
    why = "it is closed" if "-" in where else "no space left on device"
    assert done.stderr.splitlines()[0] == f"crisis: standard output cannot be written to: {why}"
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("command", [*READING, "", "start --help", "verify", "fact"])
def test_where_nobody_reads_any_more_it_ends_quietly(command: str) -> None:
    run(START)
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "crisis", *command.split()],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, "rror" in done.stderr, "crisis:" in done.stderr) == (0, False, False)


@pytest.mark.parametrize("where", ["2> /dev/full", "2>&-", "<&- 2>&-", "2>&- | true"])
@pytest.mark.parametrize("command", ["list", "check", "status", "postmortem -o page.md"])
def test_where_nobody_can_be_told_the_command_is_carried_out_all_the_same(command: str, where: str) -> None:
    run(START)
    done = shell(f"crisis {command} {where}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("where", ["2> /dev/full", "2>&-", ">&- 2>&- <&-"])
def test_where_nobody_can_be_told_the_exit_code_still_tells(where: str) -> None:
    assert shell(f"crisis status INC-1999-0001 {where}").returncode == 5
    assert shell(f"crisis {' '.join(START[:2])} --set product=K --set injury=yes {where}").returncode == 6


@pytest.mark.parametrize("command", ["check", "drill alone-at-night", "playbook list", "start kettle --set product=K"])
def test_a_folder_that_is_gone_is_said(project: Path, command: str) -> None:
    done = shell(f"mkdir gone && cd gone && rmdir ../gone && crisis {command}")
    assert done.returncode == 5
    assert done.stderr.startswith("crisis: the folder you are in is no longer there\n")


def test_an_incident_goes_on_in_a_folder_that_is_gone(project: Path) -> None:
    run(START)
    done = shell("mkdir gone && cd gone && rmdir ../gone && crisis resume --as kim < /dev/null")
    assert done.returncode == 6
    assert done.stderr.startswith("crisis: `crisis resume INC-")


@pytest.mark.parametrize("zone", ["UTC+24", "EST+99", "nonsense", "Europe/Berlin/", "../../etc/passwd"])
@pytest.mark.parametrize("command", ["list", "status", "timeline", "note hello"])
def test_a_time_zone_that_is_none_is_said_and_times_are_in_utc(zone: str, command: str) -> None:
    run(START)
    done = shell(f"crisis {command}", TZ=zone)
    assert done.returncode == 0
    assert done.stderr == f"TZ={zone} is no time zone: times are in UTC\n"


@pytest.mark.parametrize("zone", ["UTC", ":UTC", "Europe/Berlin", "CET-1CEST", "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3"])
def test_a_time_zone_that_is_one_is_not_spoken_of(zone: str) -> None:
    done = shell("crisis list --json", TZ=zone)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments", [["note", "hello"], ["resume"], ["fact", "injury=no"], ["severity", "SEV2", "--reason", "x"]]
)
def test_a_journal_that_lost_its_first_event_is_said_to_be_changed(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    run(START)
    rows = sqlite3.connect(project / "journal.db")
    rows.execute("DROP TRIGGER events_last")
    rows.execute("DELETE FROM events WHERE seq = 1")
    rows.commit()
    rows.close()
    capsys.readouterr()
    assert run(arguments) == 1
    said = capsys.readouterr().err
    assert "do not follow from each other: an incident begins with Opened" in said
    assert "run `crisis verify INC-" in said
    assert run(["status"]) == 0


@pytest.mark.parametrize("arguments", [["check"], ["list", "--journal"], ["start", "kettle", "--answers"], ["watch"]])
def test_a_name_that_is_too_long_is_said_shortly(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run([*arguments, "x" * 100_000]) == 2
    said = capsys.readouterr().err
    assert said.startswith("crisis: no file can have so long a name: xxx")
    assert len(said) < 200


def test_a_bug_is_told_where_there_is_no_room_for_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crisis.wiring.reading.listing_of", broken)
    monkeypatch.setattr("tempfile.mkdtemp", full)
    assert run(["list"]) == 70
    assert "test_odd_machines.py:" in capsys.readouterr().err
