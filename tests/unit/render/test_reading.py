"""How far a long read has come: seen at a terminal, and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from crisis.adapters.render.reading import LONG, MANY, Silent, judging, reading


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mentions[red].csv"
    path.write_bytes(b"x" * 100_000)
    return path


def test_at_a_terminal_the_bytes_are_shown_and_gone_at_the_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CRISIS_ACCESSIBLE", raising=False)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with reading(LONG) as shown, shown.open(file) as handle:
        assert len(handle.read()) == 100_000
        shown.elsewhere()
    with reading(LONG) as shown, shown.open(file) as handle:
        assert b"".join(iter(lambda: handle.read(1000), b"")) == file.read_bytes()
    written = stream.getvalue()
    assert "mentions[red].csv" in written
    assert "100.0" in written
    assert written.endswith(("\x1b[2K", "\x1b[1A\x1b[2K"))  # the line is erased


@pytest.mark.parametrize(
    ("size", "terminal", "environment"),
    [(LONG - 1, True, {}), (LONG, False, {}), (LONG, True, {"TERM": "dumb"}), (LONG, True, {"CRISIS_ACCESSIBLE": "1"})],
)
def test_elsewhere_nothing_is_shown(
    size: int, terminal: bool, environment: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CRISIS_ACCESSIBLE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr", stream)
    with reading(size) as shown:
        assert isinstance(shown, Silent)
        with shown.open(file) as handle:
            handle.read()
        shown.elsewhere()
    assert stream.getvalue() == ""


def test_at_a_terminal_many_rows_are_shown_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CRISIS_ACCESSIBLE", raising=False)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with judging() as shown:
        assert list(shown.through(iter(range(2000)), MANY, "mention_rate")) == list(range(2000))
        assert list(shown.through(iter("abc"), MANY, "negative[red]share")) == ["a", "b", "c"]
    written = stream.getvalue()
    assert "negative[red]share" in written
    assert written.endswith(("\x1b[2K", "\x1b[1A\x1b[2K"))


def test_a_bar_is_gone_whatever_ends_the_judging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CRISIS_ACCESSIBLE", raising=False)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)

    def interrupted() -> None:
        with judging() as shown:
            for n in shown.through(iter(range(2000)), MANY, "mention_rate"):
                if n == 1000:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in stream.getvalue()  # the cursor is back


@pytest.mark.parametrize(
    ("length", "terminal", "environment"),
    [
        (MANY - 1, True, {}),
        (MANY, False, {}),
        (MANY, True, {"TERM": "dumb"}),
        (MANY, True, {"CRISIS_ACCESSIBLE": "1"}),
    ],
)
def test_few_rows_and_rows_that_nobody_watches_are_left_alone(
    length: int, terminal: bool, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CRISIS_ACCESSIBLE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr", stream)
    rows = iter(range(10))
    with judging() as shown:
        assert shown.through(rows, length, "mention_rate") is rows
    assert stream.getvalue() == ""
