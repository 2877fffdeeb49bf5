"""The step that reads an export, in a rehearsal: the scenario injects what monitoring would say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crisis.cli.run import run

PLAYBOOK = """\
apiVersion: crisis/v1
kind: Playbook
id: numbers
title: It goes up and down
severity:
  SEV2:
    any:
      - {signal: negative_rate, at_least: 5x}
    first_statement: 30m
  SEV4:
    first_statement: 24h
roles:
  crisis-lead: {duties: [decides]}
steps:
  - {id: assess, kind: assess, phase: detection, title: How bad is it?}
  - {id: wait, kind: pause, phase: monitoring, title: Wait, for: 30m, after: [assess]}
  - {id: figures, kind: measure, phase: monitoring, title: Does it work?, after: [wait]}
  - id: over
    kind: decision
    phase: recovery
    title: Is it over?
    after: [figures]
    options: {"yes": It is over, "no": It is not}
    "on": {"yes": close, "no": figures}
"""
SCENARIO = """\
apiVersion: crisis/v1
kind: Scenario
id: up-and-down
title: Up and down again
playbook: numbers
begins: "2026-03-07T02:50:00+01:00"
answers:
  assess: SEV2
  figures:
    rounds:
      - {export: export.csv, choice: worse}
      - {export: export.csv, choice: calmer}
  over:
    rounds: ["no", "yes"]
injects:
  - {id: surge, at: 1s, signals: {negative_rate: 14x}}
  - {id: calm, at: 33m, signals: {negative_rate: 2x}}
expect:
  - outcome: {figures: calmer}
  - outcome: closed
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "playbooks" / "drills").mkdir(parents=True)
    (tmp_path / "playbooks" / "numbers.yaml").write_text(PLAYBOOK)
    (tmp_path / "playbooks" / "drills" / "up-and-down.yaml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def drilled(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    run(["drill", "up-and-down", "--json"])
    document = json.loads(capsys.readouterr().out)
    found: dict[str, Any] = document["drills"][0]
    return found


def test_the_playbook_with_it_is_clean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "playbooks/numbers.yaml"]) == 0
    assert "error" not in capsys.readouterr().out


def test_it_reads_what_the_scenario_injects(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = drilled(capsys)
    assert result["failures"] == []
    assert [one["outcome"] for one in result["steps"] if one["step"] == "figures"] == ["worse", "calmer"]


def test_a_scenario_without_signals_fails_with_what_to_add(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "playbooks" / "drills" / "up-and-down.yaml"
    path.write_text(SCENARIO.replace("signals: {negative_rate: 14x}", "text: hm").replace("at: 33m", "at: 9h"))
    (failure, *_) = drilled(capsys)["failures"]
    assert "has injected no signals yet" in failure["why"]


def test_not_now_is_an_answer_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "playbooks" / "drills" / "up-and-down.yaml"
    text = SCENARIO.replace("{export: export.csv, choice: worse}", "not now")
    path.write_text(text)
    result = drilled(capsys)
    assert result["failures"] == []
    assert [one["outcome"] for one in result["steps"] if one["step"] == "figures"] == ["not-now", "calmer"]
