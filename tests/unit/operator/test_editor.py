"""Which editor is opened, and what becomes of a text where it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crisis.adapters.operator.editor import edited
from crisis.kernel.errors import Usage

Machine = Callable[..., None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with these editors, each a shell script, and nothing else; VISUAL and EDITOR as they are given."""

    def make(variables: dict[str, str], **editors: str) -> None:
        for name in ("VISUAL", "EDITOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for name, script in editors.items():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return make


def by(name: str) -> str:
    """An editor that writes who it is."""
    return f'echo "{name} $2" > "$1"'


def edit(rescue: Callable[[str], None] = lambda _: None) -> str:
    return edited("as it was\n", "texts.txt", lambda: 0, rescue).strip()


@pytest.mark.parametrize(
    ("variables", "opened"),
    [
        ({"VISUAL": "micro", "EDITOR": "vi"}, "micro"),
        ({"EDITOR": "vi"}, "vi"),
        ({"VISUAL": "code --wait", "EDITOR": "vi"}, "vi"),
        ({"EDITOR": "no-such-editor"}, "micro"),
        ({"EDITOR": " "}, "micro"),
        ({}, "micro"),
        ({"EDITOR": "NAME=x; vi"}, "vi"),
    ],
)
def test_what_is_said_is_opened_if_it_is_there_else_the_first_that_is(
    machine: Machine, variables: dict[str, str], opened: str
) -> None:
    machine(variables, micro=by("micro"), vi=by("vi"))
    assert edit() == opened


def test_a_machine_without_an_editor_says_so(machine: Machine) -> None:
    machine({"EDITOR": "nano"})
    with pytest.raises(Usage, match="there is no editor on this machine"):
        edit()


def test_what_was_saved_before_an_editor_failed_is_kept(machine: Machine) -> None:
    kept: list[str] = []
    machine({"EDITOR": "vi"}, vi='echo "half" > "$1"; exit 1')
    with pytest.raises(Usage, match="'vi' did not work: it ended with 1"):
        edit(kept.append)
    machine({"EDITOR": "vi"}, vi="exit 1")
    with pytest.raises(Usage):
        edit(kept.append)
    assert kept == ["half\n"]
