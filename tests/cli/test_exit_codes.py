"""Every exit code of the table comes from a real command; nothing ends in a traceback."""

from __future__ import annotations

import io
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crisis.cli.run import run
from crisis.kernel.errors import Exit

PROJECT = Path(__file__).parent.parent / "tty" / "project"
START = ["start", "kettle", "--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setenv("CRISIS_AS", "Kim Dahl")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return tmp_path


def _fine(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    return ["list"]


def _findings(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    (project / "playbooks" / "bad.yaml").write_text("kind: Playbook\n")
    return ["check"]


def _tampered(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    run(START)
    rows = sqlite3.connect(project / "journal.db")
    rows.execute("DROP TRIGGER events_stay")
    rows.execute("UPDATE events SET payload = replace(payload, 'Kettle 3', 'Kettle 4')")
    rows.commit()
    rows.close()
    return ["verify"]


def _usage(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    return ["start", "--no-such-option"]


def _refused(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    run(START)
    return ["approve"]


def _breached(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    # The clock of the first statement starts when the first of ours knew, not when somebody typed.
    run(["start", "product-defect", "--set", "product=K", "--set", "aware_at=9h ago", "--severity", "SEV1"])
    return ["status", "--check"]


def _nothing_found(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    return ["status", "INC-1999-0001"]


def _waits(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    return START


def _bug(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    patch.setattr("crisis.wiring.reading.listing_of", broken)
    return ["list"]


def _interrupted(project: Path, patch: pytest.MonkeyPatch) -> list[str]:
    def left(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    patch.setattr("crisis.wiring.reading.listing_of", left)
    return ["list"]


WAYS: dict[Exit, list[Callable[[Path, pytest.MonkeyPatch], list[str]]]] = {
    Exit.OK: [_fine],
    Exit.FINDINGS: [_findings, _tampered],
    Exit.USAGE: [_usage],
    Exit.REFUSED: [_refused],
    Exit.BREACHED: [_breached],
    Exit.NOT_FOUND: [_nothing_found],
    Exit.WAITS_FOR_PERSON: [_waits],
    Exit.BUG: [_bug],
    Exit.INTERRUPTED: [_interrupted],
}


def test_every_exit_code_of_the_table_is_tried() -> None:
    assert set(WAYS) == set(Exit)


@pytest.mark.parametrize(("code", "way"), [(code, way) for code, ways in WAYS.items() for way in ways])
def test_a_command_ends_with_its_code(
    code: Exit,
    way: Callable[[Path, pytest.MonkeyPatch], list[str]],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = way(project, monkeypatch)
    capsys.readouterr()
    assert run(arguments) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err


def test_a_bug_leaves_a_log_to_send(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(_bug(project, monkeypatch)) == 70
    (log,) = project.glob("crisis-bug-*/log.txt")
    assert str(log) in capsys.readouterr().err
    assert "ZeroDivisionError" in log.read_text()


def test_a_journal_named_before_the_command_counts_as_one_named_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "none.db"))
    folder = tmp_path / "folder"
    folder.mkdir()
    before = run(["--journal", str(folder), "list"])
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "none.db"))
    assert before == run(["list", "--journal", str(folder)]) == 2
