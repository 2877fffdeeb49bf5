"""Signals while a command that asks nothing, or only once, is at work."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from crisis.adapters.operator.stopping import Stopping, stopping
from crisis.kernel.errors import Interrupted


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_between_two_prompts_a_signal_is_only_remembered(number: signal.Signals) -> None:
    with stopping() as state:
        signal.raise_signal(number)  # never in the middle of a write
        assert state.number == number
        with pytest.raises(Interrupted) as left:
            state.check()
    assert left.value.exit == 128 + number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_while_a_prompt_waits_a_signal_ends_it_at_once(number: signal.Signals) -> None:
    with stopping() as state:
        state.raising = True
        with pytest.raises(Interrupted) as left:
            signal.raise_signal(number)
    assert left.value.exit == 128 + number


def test_afterwards_the_old_handlers_stand_again() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    with stopping():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before


def test_without_a_signal_nothing_stops() -> None:
    Stopping().check()


def test_an_editor_that_is_open_is_closed_by_the_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crisis.adapters.operator.editor import edited

    saved = tmp_path / "saved"
    monkeypatch.setenv("VISUAL", f"""f() {{ printf 'as saved' > "$1"; touch {saved}; exec sleep 600; }}; f""")
    rescued: list[str] = []
    with pytest.raises(Interrupted) as left:
        edited("text", "texts.txt", lambda: signal.SIGTERM if saved.exists() else 0, rescued.append)
    assert left.value.exit == 143
    assert rescued == ["as saved"]
