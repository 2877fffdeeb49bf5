"""`crisis start --from-signals`: the numbers propose, and are kept; a person decides."""

from __future__ import annotations

import io
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.adapters.system import SystemClock
from crisis.cli.run import run
from crisis.engine.events import SeverityDecided, SignalsRead

PROJECT = Path(__file__).parent.parent / "tty" / "project"
SET = ("--set", "product=Kettle 3", "--set", "injury=no")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exports: Any) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    exports.put_rule(tmp_path)
    (tmp_path / "answers.yaml").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ends = SystemClock().now()
    begins = ends - timedelta(hours=1)
    exports.mentions(
        tmp_path / "storm.csv",
        ends - timedelta(hours=37),
        ends,
        lambda at: 300 if at >= begins else 20,
        lambda at: 0.6 if at >= begins else 0.1,
    )
    return tmp_path


def kept(project: Path, kind: type) -> list[Any]:
    journal = SqliteJournal.reading(project / "journal.db")
    return [one.event for head in journal.heads() for one in journal.read(head.incident) if isinstance(one.event, kind)]


def test_the_figures_are_kept_at_the_opening_and_the_severity_is_not_decided(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["start", "kettle", *SET, "--from-signals", "storm.csv", "--answers", "answers.yaml"]) == 6
    said = capsys.readouterr().err
    assert "proposed: SEV2" in said
    assert "advice: open the playbook" in said
    (event,) = kept(project, SignalsRead)
    assert event.measured.files == ("storm.csv",)
    assert kept(project, SeverityDecided) == []
    assert "How bad?" in said.splitlines()[-1]


def test_what_is_decided_keeps_beside_it_what_the_numbers_proposed(project: Path) -> None:
    (project / "answers.yaml").write_text("assess: SEV2\n")
    run(["start", "kettle", *SET, "--from-signals", "storm.csv", "--answers", "answers.yaml"])
    (decided,) = kept(project, SeverityDecided)
    assert (decided.severity, decided.proposed) == ("SEV2", "SEV2")
    assert "negative rate is" in decided.because
    assert decided.ground == "severity.SEV2.any[0]"


def test_less_than_the_numbers_propose_needs_a_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "answers.yaml").write_text("assess: SEV3\n")
    assert run(["start", "kettle", *SET, "--from-signals", "storm.csv", "--answers", "answers.yaml"]) == 2
    assert "less severe than proposed" in capsys.readouterr().err
    assert kept(project, SeverityDecided) == []


def test_a_dry_run_says_what_would_be_proposed_and_opens_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["start", "kettle", *SET, "--from-signals", "storm.csv", "--answers", "answers.yaml", "--dry-run"]
    assert run(line) == 0
    said = capsys.readouterr().out
    assert "Nothing was opened." in said
    assert "proposed: SEV2" in said
    assert not (project / "journal.db").exists()


@pytest.mark.parametrize("content", ["", "date,text\n", "<html>log in</html>"])
def test_an_export_that_says_nothing_opens_nothing(
    content: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "odd.csv").write_text(content)
    assert run(["start", "kettle", *SET, "--from-signals", "odd.csv", "--answers", "answers.yaml"]) in (1, 2)
    assert "Traceback" not in capsys.readouterr().err
    assert not (project / "journal.db").exists()


def test_a_file_that_is_not_there_opens_nothing(project: Path) -> None:
    assert run(["start", "kettle", *SET, "--from-signals", "none.csv", "--answers", "answers.yaml"]) == 5
    assert not (project / "journal.db").exists()


def test_without_a_terminal_it_still_says_what_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["start", "--from-signals", "storm.csv"]) == 2
    said = capsys.readouterr().err
    assert "missing: playbook, answers" in said
    assert "--from-signals" in said.splitlines()[-1]


@pytest.mark.parametrize("said", ["--set", "--answers"])
def test_what_came_before_it_was_known_is_kept_where_that_was_long_ago(project: Path, exports: Any, said: str) -> None:
    book = project / "playbooks" / "kettle.yaml"
    text = book.read_text().replace("facts:\n", "facts:\n  aware_at: {type: time, prompt: Since when?}\n", 1)
    book.write_text(text.replace("      - product\n", "      - aware_at\n      - product\n", 1))
    ends = SystemClock().now()
    exports.mentions(project / "week.csv", ends - timedelta(days=7), ends, lambda at: 20)
    run(["start", "kettle", *SET, "--from-signals", "week.csv", "--answers", "answers.yaml"])
    since = (ends - timedelta(days=3)).isoformat(timespec="minutes")
    known = ("--set", f"aware_at={since}") if said == "--set" else ()
    if not known:
        (project / "answers.yaml").write_text(f'facts: {{aware_at: "{since}"}}\n')
    run(["start", "kettle", *SET, *known, "--from-signals", "week.csv", "--answers", "answers.yaml"])
    late, early = sorted((one.measured.counted.begins for one in kept(project, SignalsRead)), reverse=True)
    assert late == pytest.approx(ends - timedelta(days=1), abs=timedelta(hours=3))
    assert early == pytest.approx(ends - timedelta(days=4), abs=timedelta(hours=3))
