"""How far a long read has come: seen at a terminal, and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from crisis.adapters.render.reading import LONG, Silent, reading


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
