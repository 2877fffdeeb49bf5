"""`crisis postmortem -o`, and the end of a walk: a chart beside the page, where there are figures."""

from __future__ import annotations

import io
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.adapters.render import drawing
from crisis.adapters.render.keep import is_untouched
from crisis.adapters.system import SystemClock
from crisis.cli.run import run
from crisis.engine.commands import ReadSignals
from crisis.engine.monitoring import Counted, Measured
from crisis.runtime.walk import Ended
from crisis.wiring.reporting import write_postmortem
from crisis.wiring.starting import finish

pytest.importorskip("matplotlib")

PROJECT = Path(__file__).parent.parent / "tty" / "project"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    (tmp_path / "answers.yaml").write_text("facts: {injury: 'no'}\nassess: SEV3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    start = ["start", "kettle", "--set", "product=Kettle 3", "--as", "Kim Dahl", "--answers", "answers.yaml"]
    assert run(start) == 6
    capsys.readouterr()
    return tmp_path


@pytest.fixture
def measured(project: Path, exports: Any, capsys: pytest.CaptureFixture[str]) -> Path:
    now = SystemClock().now()
    exports.mentions(project / "export.csv", now - timedelta(hours=8), now, lambda at: 60, lambda at: 0.2)
    assert run(["measure", "export.csv", "--as", "Ana"]) == 0
    capsys.readouterr()
    return project


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    def said(*arguments: str) -> tuple[int, str, str]:
        code = run(["postmortem", *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return said


def linked(page: Path) -> list[str]:
    return re.findall(r"!\[[^]]*\]\(([^)]*)\)", page.read_text())


def test_the_page_links_to_the_chart_beside_it(say: Any, measured: Path) -> None:
    (measured / "a b").mkdir()
    code, out, err = say("-o", "a b/post mortem.md")
    assert (code, out) == (0, "")
    assert err == "Written: a b/post mortem.md\nIts chart: a b/post mortem-chart.svg\n"
    assert linked(measured / "a b/post mortem.md") == ["post%20mortem-chart.svg"]
    drawn = measured / "a b" / "post mortem-chart.svg"
    assert is_untouched(drawn.read_bytes())
    assert "Mentions per 5 minutes" in drawn.read_text()
    assert say("-o", "a b/post mortem.md")[0] == 0


def test_what_is_printed_or_meant_for_programs_has_no_chart(say: Any, measured: Path) -> None:
    assert "](" not in say()[1]
    assert say("--json", "-o", "out.json")[0] == 0
    assert not list(measured.glob("*.svg"))


@pytest.mark.parametrize("changed", ["post-mortem.md", "post-mortem-chart.svg"])
def test_neither_is_written_where_a_person_has_changed_one(say: Any, measured: Path, changed: str) -> None:
    assert say("-o", "post-mortem.md")[0] == 0
    (measured / changed).write_text("mine")
    before = {name: (measured / name).read_bytes() for name in ("post-mortem.md", "post-mortem-chart.svg")}
    assert run(["note", "More to tell", "--as", "Ana"]) == 0
    code, _, err = say("-o", "post-mortem.md")
    assert code == 3
    assert f"{changed} has been changed by a person" in err
    assert "--output" in err
    assert before == {name: (measured / name).read_bytes() for name in before}


def test_without_figures_there_is_none_and_nothing_is_said_of_one(say: Any, project: Path) -> None:
    code, _, err = say("-o", "post-mortem.md")
    assert (code, err) == (0, "Written: post-mortem.md\n")
    assert linked(project / "post-mortem.md") == []
    assert "chart" not in (project / "post-mortem.md").read_text()
    assert not list(project.glob("*.svg"))


def test_without_the_library_the_page_says_nothing_of_a_chart(
    say: Any, measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "can_draw", lambda: False)
    code, _, err = say("-o", "post-mortem.md")
    assert code == 0
    how = f"{sys.executable} -m pip install 'matplotlib>=3.10'"
    assert err == f"Written: post-mortem.md\nWithout a chart of the figures, which a library draws: {how}\n"
    assert "chart" not in (measured / "post-mortem.md").read_text()
    assert not list(measured.glob("*.svg"))


def test_at_the_end_of_a_walk_both_go_beside_what_a_person_has_changed(measured: Path) -> None:
    with SqliteJournal.reading(measured / "journal.db") as journal:
        incident = journal.heads()[0].incident
        first = write_postmortem(journal, incident, measured / "end.md")
        assert first == (measured / "end.md", measured / "end-chart.svg")
        (measured / "end-chart.svg").write_text("mine")
        assert write_postmortem(journal, incident, measured / "end.md") == (
            measured / "end-2.md",
            measured / "end-2-chart.svg",
        )
    assert (measured / "end-chart.svg").read_text() == "mine"
    assert linked(measured / "end-2.md") == ["end-2-chart.svg"]


def test_the_end_of_a_walk_says_where_both_are(
    cases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    story = cases.Story(MemoryJournal())
    counted = Counted(begins=story.clock.time - timedelta(hours=9), every=900, mentions=(7.0,) * 80)
    story.do(ReadSignals(readings={}, measured=Measured(files=("a.csv",), format="Mention", counted=counted)))
    cases.whole(story)
    assert finish(story.desk, Ended(story.id, closed=True)) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert f"Post-mortem: {tmp_path}/INC-2026-0007-post-mortem.md" in said
    assert f"Its chart: {tmp_path}/INC-2026-0007-post-mortem-chart.svg" in said
    assert linked(tmp_path / "INC-2026-0007-post-mortem.md") == ["INC-2026-0007-post-mortem-chart.svg"]
