"""Notes, facts and names that carry escapes, markup or no end: harmless wherever they are shown."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crisis.cli.run import run

PROJECT = Path(__file__).parent.parent / "tty" / "project"
HOSTILE = {
    "clear": "\x1b[2J\x1b[31mred",
    "title": "\x1b]0;owned\x07after",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "c1": "\x9b31mred",
    "bidi": "invoice\u202egnp.exe\u2066x\u2069",
    "invisible": "pay\u00adpal\u2060\ufeff",
    "markup": "[red]markup[/] [link=https://evil.example]x[/link] [bold",
    "html": "<script>alert(1)</script><img src=x onerror=y>&amp;",
    "markdown": "# Head\n- [ ] tick\n| a | b |\n```\n[x](https://evil.example)",
    "lines": "one\r\ntwo\u2028three\x0bfour\x00",
}
#: What no screen and no page may ever hold as it is.
FORBIDDEN = set("\x00\x07\x0b\x1b\x9b\u2028\u2060\ufeff\u00ad\u202e\u2066\u2069")


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def hostile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return tmp_path


def _colours_aside(text: str) -> str:
    """Our own colours are the only escapes that may stand there."""
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


READING: tuple[list[str], ...] = (
    [],
    ["status"],
    ["status", "--format", "md"],
    ["status", "--json"],
    ["list"],
    ["list", "--json"],
    ["timeline"],
    ["timeline", "--format", "md"],
    ["timeline", "--json"],
    ["checklist"],
    ["postmortem", "--format", "md"],
    ["postmortem", "--json"],
    ["verify"],
    ["approve", "--ask"],
)


def test_what_is_hostile_is_harmless_wherever_it_is_shown(
    hostile: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # No door lets such a name in any more; a journal may have one from before, or from another hand.
    for door in ("crisis.wiring.live", "crisis.engine.shapes"):
        monkeypatch.setattr(f"{door}.unseen_in", lambda name: "")
    text = hostile.replace("\x00", "")
    (project / "answers.yaml").write_text(
        json.dumps({"holding.draft": {"x/en": "Stop using it."}, "holding.approve": {"name": [f"{text}, {text}"]}})
    )
    start = ["start", "kettle", "--set", f"product={text}", "--set", "injury=yes", "--severity", "SEV1"]
    assert run([*start, "--as", text, "--answers", "answers.yaml"]) == 6
    assert run(["note", text, "--as", text]) == 0
    assert run(["fact", f"product={text} again", "--as", text]) == 0
    assert run(["severity", "SEV2", "--reason", text, "--as", text]) == 0
    screens = [_colours_aside("".join(capsys.readouterr()))]
    for command in READING:
        run(list(command))
        screens.append(_colours_aside("".join(capsys.readouterr())))
    assert run(["close", "--reason", text, "--as", text]) == 0
    for command in (["postmortem"], *READING):
        run(list(command))
        screens.append(_colours_aside("".join(capsys.readouterr())))
    screens += [page.read_text() for page in project.glob("*.md")]
    for screen in screens:
        assert not FORBIDDEN & set(screen), screen
        assert "\r" not in screen.replace("\r\n", "\n")
        assert "Traceback" not in screen
        assert "bug in crisis" not in screen


def test_html_does_not_live_in_a_page(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["start", "kettle", "--set", f"product={HOSTILE['html']}", "--as", "Kim"])
    run(["note", HOSTILE["html"]])
    run(["close", "--reason", HOSTILE["html"]])
    run(["postmortem"])
    capsys.readouterr()
    run(["timeline", "--format", "md"])
    pages = [capsys.readouterr().out, *(page.read_text() for page in project.glob("*.md"))]
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page


def test_rich_markup_is_shown_as_it_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["start", "kettle", "--set", "product=K", "--as", "Kim"])
    run(["note", "[red]markup[/]"])
    capsys.readouterr()
    run(["timeline"])
    assert "[red]markup[/]" in _colours_aside(capsys.readouterr().out)


LONG = "x" * 30_000


@pytest.mark.parametrize(
    "arguments",
    [
        ["note", LONG],
        ["fact", f"product={LONG}"],
        ["fact", f"injury={LONG}"],
        ["fact", f"{LONG}=1"],
        ["fact", "product=K", "--since", LONG],
        ["severity", LONG],
        ["note", "short", "--as", LONG],
        ["status", LONG],
        ["approve", LONG],
        ["severity", "SEV2", "--reason", LONG],
        ["close", "--reason", LONG],
    ],
    ids=lambda arguments: " ".join(word[:12] for word in arguments),
)
def test_what_is_too_long_is_refused_clearly(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(["start", "kettle", "--set", "product=K", "--as", "Kim"])
    capsys.readouterr()
    assert run(arguments) in (2, 3, 5)
    said = capsys.readouterr().err
    assert len(said) < 1_000
    assert "bug" not in said


def test_a_megabyte_from_a_pipe_is_refused_and_changes_nothing(project: Path) -> None:
    run(["start", "kettle", "--set", "product=K", "--as", "Kim"])
    before = (project / "journal.db").stat().st_size
    done = _real(project, ["note", "-"], b"x" * 1_000_000)
    assert done.returncode == 2
    assert b"at most 100,000 bytes" in done.stderr
    assert (project / "journal.db").stat().st_size == before


def test_text_that_is_no_utf8_is_no_bug(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["start", "kettle", "--set", "product=K", "--as", "Kim"])
    assert _real(project, ["note", "-"], b"caf\xe9").returncode == 0
    done = _real(project, [b"note", b"caf\xe9", b"--as", b"Jos\xe9"], b"")
    assert done.returncode == 0, done.stderr
    for arguments in (["fact", "product=caf\udce9"], ["status", "caf\udce9"], ["close", "--reason", "caf\udce9"]):
        assert run(arguments) in (0, 2, 5)
    capsys.readouterr()
    assert run(["verify"]) == 0


def _real(project: Path, arguments: list[str] | list[bytes], said: bytes) -> subprocess.CompletedProcess[bytes]:
    program = Path(sys.executable).with_name("crisis")
    environment = {**os.environ, "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(program), *arguments],
        input=said,
        capture_output=True,
        env=environment,
        cwd=project,
        timeout=60,
        check=False,
    )
