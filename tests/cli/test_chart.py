"""`crisis detect --chart`: where it is written, and where it is not."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.render import drawing
from crisis.adapters.render.keep import is_untouched
from crisis.cli.run import run

pytest.importorskip("matplotlib")

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an export of three days, the last hour of which is loud and angry."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    lines = ["date,text,sentiment,source"]
    for n in range(3 * 288):
        at = START + n * timedelta(minutes=5)
        loud = n >= 3 * 288 - 12
        for k in range(60 if loud else 2):
            feeling = "negative" if loud or (n + k) % 9 == 0 else "neutral"
            lines.append(f"{at + timedelta(seconds=k):%Y-%m-%d %H:%M:%S},Kettle {n} {k},{feeling},forum")
    (tmp_path / "export.csv").write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def say(here: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `crisis detect export.csv`; gives the exit code, stdout and stderr."""

    def said(*arguments: str, file: str = "export.csv") -> tuple[int, str, str]:
        code = run(["detect", file, *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return said


@pytest.mark.parametrize("name", ["out.html", "out.HTM", "out.svg"])
def test_the_chart_is_written_and_the_answer_says_where(say: Any, here: Path, name: str) -> None:
    code, out, _ = say("--chart", name)
    assert code == 0
    assert out.endswith(f"drawn: {name}\n")
    data = (here / name).read_bytes()
    assert is_untouched(data)
    text = data.decode()
    assert "Mentions per 10 minutes" in text
    assert "Negative share" in text
    assert "Negative rate: " in text  # the moment that the detector spoke of
    assert text.startswith("<?xml" if name.endswith("svg") else "<!doctype html>")


def test_the_document_names_it_too(say: Any) -> None:
    for more in ([], ["--alerts"]):
        _, out, _ = say("--chart", "out.html", "--json", *more)
        assert json.loads(out)["chart"] == "out.html"
    _, out, _ = say("--json")
    assert "chart" not in json.loads(out)


def test_alerts_are_drawn_too(say: Any, here: Path) -> None:
    code, out, _ = say("--alerts", "--chart", "out.svg")
    assert code == 0
    assert out.endswith("drawn: out.svg\n")
    assert "Mentions: " in (here / "out.svg").read_text()


def test_our_own_chart_is_drawn_again_and_nobody_else_s_file_is_touched(say: Any, here: Path) -> None:
    chart = here / "out.html"
    assert say("--chart", "out.html")[0] == say("--chart", "out.html")[0] == 0
    changed = chart.read_bytes().replace(b"Moments", b"Our notes")
    chart.write_bytes(changed)
    code, out, err = say("--chart", "out.html")
    assert (code, out) == (3, "")
    assert "changed by a person" in err
    assert "--chart" in err
    assert chart.read_bytes() == changed
    (here / "other.svg").write_text("<svg/>")
    assert say("--chart", "other.svg")[0] == 3
    assert (here / "other.svg").read_text() == "<svg/>"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--chart", "export.csv"], 2, "neither HTML nor SVG"),
        (["--chart", "picture.png"], 2, "neither HTML nor SVG"),
        (["--chart", "no/such/out.html"], 5, "is not there"),
        (["--chart", "out.html", "--dry-run"], 2, "--dry-run"),
        (["--chart", "out.html", "--backtest", "--playbook", "something-else"], 2, "--backtest"),
        (["--chart", f"{'x' * 300}.html"], 2, "cannot be written"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    say: Any, here: Path, arguments: list[str], exit_code: int, said: str
) -> None:
    for file in ("export.csv", "missing.csv"):
        code, out, err = say(*arguments, file=file)
        assert (code, out) == (exit_code, "")
        assert said in err
    assert not (here / "out.html").exists()


def test_nothing_to_draw_is_no_chart(say: Any, here: Path) -> None:
    (here / "empty.csv").write_text("date,text,sentiment,source\n")
    code, out, err = say("--chart", "out.html", file="empty.csv")
    assert (code, out) == (5, "")
    assert "nothing to draw" in err
    assert not (here / "out.html").exists()


def test_without_the_library_the_command_says_how_to_get_it(say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "can_draw", lambda: False)
    code, _, err = say("--chart", "out.html")
    assert code == 2
    assert f"{sys.executable} -m pip install 'matplotlib>=3.10' adds it" in err


def test_the_name_of_a_file_can_say_nothing_in_a_chart(say: Any, here: Path) -> None:
    name = "<script>alert(1)<\u2215script>\u202e\x1b[31m.csv"
    (here / name).write_bytes((here / "export.csv").read_bytes())
    for chart in ("out.html", "out.svg"):
        assert say("--chart", chart, file=name)[0] == 0
        text = (here / chart).read_text()
        assert "<script" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert "&lt;script&gt;alert(1)" in text
