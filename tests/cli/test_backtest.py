"""`crisis detect --backtest`: what a playbook's rules would have said, knowing nothing of the future."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.cli.run import run

START = datetime(2026, 3, 2, tzinfo=UTC)
BIN = timedelta(minutes=5)
STORM = 6 * 288 + 150
PLAYBOOK = "product-defect"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.fixture
def say(here: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `crisis detect`; gives the exit code, stdout and stderr."""

    def said(*arguments: object) -> tuple[int, str, str]:
        code = run(["detect", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return said


@pytest.fixture
def told(say: Any) -> Any:
    """Run `crisis detect --json` that must go well; gives the document."""

    def document(*arguments: object) -> dict[str, Any]:
        code, out, err = say(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return document


def rows(bins: int = 8 * 288) -> list[str]:
    """Two mentions per five minutes; from STORM on for an hour ninety angry ones."""
    found = []
    for n in range(bins):
        hot = STORM <= n < STORM + 12
        for k in range(90 if hot else 2):
            feeling = "negative" if hot or (n + k) % 10 == 0 else "neutral"
            found.append(f"{START + n * BIN + timedelta(seconds=k):%Y-%m-%d %H:%M:%S},u{k},Kettle {n} {k},{feeling}")
    return found


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(["date,author,text,sentiment", *lines]))
    return path


def test_a_storm_fires_its_severity_once_and_so_long_after_its_start(told: Any, here: Path) -> None:
    began = START + STORM * BIN
    found = told(write(here / "h.csv", rows()), "--backtest", "--playbook", PLAYBOOK, "--began", began.isoformat())
    backtest = found["backtest"]
    severe = next(one for one in backtest["severities"] if one["severity"] == "SEV2")
    assert severe["fired"] == [(began + 3 * BIN).isoformat()]  # the rule asks for a quarter of an hour
    assert severe["false_alarms"] == 0
    lead = next(one for one in backtest["began"] if one["what"] == "SEV2")
    assert lead["minutes_after"] == 15
    alert = next(one for one in backtest["began"] if one["what"] == "alert")
    assert 0 <= alert["minutes_after"] <= 15
    assert backtest["proposed"]
    assert all(one["starts_caught"] == 1 and one["per_month_at_most"] > 10 for one in backtest["proposed"])


def test_a_rule_that_asks_facts_too_says_so(told: Any, here: Path) -> None:
    backtest = told(write(here / "h.csv", rows()), "--backtest", "--playbook", PLAYBOOK)["backtest"]
    worst = next(one for one in backtest["firings"] if one["severity"] == "SEV1")
    assert worst["asks_facts"]


def test_a_prefix_fires_what_the_whole_fires_up_to_there(told: Any, here: Path) -> None:
    lines = rows()
    whole = told(write(here / "whole.csv", lines), "--backtest", "--playbook", PLAYBOOK)["backtest"]
    assert whole["firings"]
    for bins in (400, STORM - 1, STORM + 2, STORM + 3, STORM + 4, STORM + 40):
        end = (START + bins * BIN).isoformat()
        part = [line for line in lines if line[:19].replace(" ", "T") < end[:19]]
        found = told(write(here / "part.csv", part), "--backtest", "--playbook", PLAYBOOK)["backtest"]
        assert found["firings"] == [one for one in whole["firings"] if one["at"] <= end]
        assert found["alerts"] == [one for one in whole["alerts"] if one["at"] <= end]


@pytest.mark.parametrize("bins", [STORM - 1, STORM + 1, STORM + 3, STORM + 8])
def test_it_says_what_live_detection_says_at_that_moment(told: Any, here: Path, bins: int) -> None:
    lines, end = rows(), (START + bins * BIN).isoformat()
    whole = told(write(here / "whole.csv", lines), "--backtest", "--playbook", PLAYBOOK)["backtest"]
    part = [line for line in lines if line[:19].replace(" ", "T") < end[:19]]
    live = told(write(here / "part.csv", part), "--playbook", PLAYBOOK)["proposal"]
    fired = [one["severity"] for one in whole["firings"] if one["at"] <= end and not one["asks_facts"]]
    assert live["severity"] == min(fired, default="SEV4")


def test_it_reads_well_and_says_how_little_a_week_proves(say: Any, here: Path) -> None:
    began = (START + STORM * BIN).isoformat()
    code, out, err = say(write(here / "h.csv", rows()), "--backtest", "--playbook", PLAYBOOK, "--began", began)
    assert (code, err) == (0, "")
    assert "SEV2 would have fired once" in out
    assert "15 min after" in out
    assert "lowest bars with at most 1 false alarm a month" in out
    assert "proves little" in out
    assert max(len(line) for line in out.splitlines()) < 160


@pytest.mark.parametrize("width", [60, 80])
def test_in_a_narrow_terminal_no_line_is_cut_and_words_stay_whole(
    say: Any, here: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    began = (START + STORM * BIN).isoformat()
    arguments = (write(here / "h.csv", rows()), "--backtest", "--playbook", PLAYBOOK, "--began", began)
    _, wide, _ = say(*arguments)
    monkeypatch.setattr("crisis.wiring.detecting._width", lambda: width)
    code, narrow, err = say(*arguments)
    assert (code, err) == (0, "")
    assert max(map(len, narrow.splitlines())) <= width < max(map(len, wide.splitlines()))
    assert {word.rstrip(",;") for word in wide.split()} <= {word.rstrip(",;") for word in narrow.split()} | {"signal"}
    assert "\n  at_least " in narrow
    assert "\n    false here 0; a month 0, may be up to " in narrow
    assert "\n    starts 1 of 1; median " in narrow


def test_signals_that_the_history_lacks_are_named_and_bars_proposed_for_what_is_there(
    say: Any, told: Any, here: Path
) -> None:
    lines = [f"{START + n * BIN:%Y-%m-%d %H:%M:%S},{10 + n % 7}" for n in range(20 * 288)]
    file = here / "counts.csv"
    file.write_text("\n".join(["timestamp,value", *lines]))
    found = told(file, "--backtest", "--playbook", PLAYBOOK)["backtest"]
    assert found["unmeasured"] == ["negative_rate"]
    assert found["cannot_be_told"] == ["SEV1", "SEV2", "SEV3"]
    assert found["severities"] == []
    assert {one["signal"] for one in found["proposed"]} == {"mention_rate"}
    _, out, _ = say(file, "--backtest", "--playbook", PLAYBOOK)
    assert "not in this history: negative_rate, so nothing can be said of SEV1, SEV2, SEV3" in out
    assert "never" not in out


def test_a_history_of_less_than_two_days_says_nothing(say: Any, here: Path) -> None:
    code, out, _ = say(write(here / "h.csv", rows(200)), "--backtest", "--playbook", PLAYBOOK)
    assert code == 0
    assert "too little history" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--backtest"], "--playbook"),
        (["--began", "2026-03-07"], "--backtest"),
        (["--per-month", "1"], "--per-month is for a backtest"),
        (["--backtest", "--playbook", PLAYBOOK, "--alerts"], "one after the other"),
        (["--backtest", "--playbook", PLAYBOOK, "--explain"], "leave out --backtest, or --explain"),
        (["--backtest", "--playbook", PLAYBOOK, "--began", "noon"], "noon"),
        (["--backtest", "--playbook", PLAYBOOK, "--per-month", "-1"], "false alarms"),
    ],
)
def test_what_cannot_be_asked_says_how(say: Any, here: Path, arguments: list[str], word: str) -> None:
    code, out, err = say(write(here / "h.csv", rows(20)), *arguments)
    assert (code, out) == (2, "")
    assert word in err
