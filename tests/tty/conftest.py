"""What the terminal tests share: keys for prompts in this process, and the real program on a real terminal."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pexpect
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.adapters.operator import redrawing
from crisis.adapters.operator.prompts import KEYS
from crisis.adapters.operator.redrawing import RedrawingPrompts
from crisis.adapters.operator.stopping import Stopping
from crisis.runtime.ports import News

PROJECT = Path(__file__).parent / "project"
CRISIS = str(Path(sys.executable).with_name("crisis"))

#: Nothing may hang: whatever is not seen, or does not end, within this many seconds fails. It is generous
#: because the machine may be busy; what the program promises is two seconds.
PATIENCE = 20


@dataclass
class Live:
    """What lives while a prompt is open, as the test says."""

    lines: tuple[str, ...] = ("LIVE INC-2026-0001 · SEV1 critical",)
    heard: list[News] = field(default_factory=list)
    stale: bool = False
    signal: int = 0
    looks: int = 0
    fails: Exception | None = None
    about: str = "the only question"
    unasked: bool = False
    keys: tuple[str, ...] = KEYS

    def foot(self) -> tuple[str, ...]:
        return self.lines

    def news(self) -> tuple[News, ...]:
        self.looks += 1
        if self.fails is not None:
            raise self.fails
        told, self.heard = tuple(self.heard), []
        return told

    def is_stale(self) -> bool:
        return self.stale

    def beside(self) -> Live:
        return replace(self, stale=False)

    def stopped_by(self) -> int:
        return self.signal


@pytest.fixture
def live() -> Live:
    return Live()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeInput]:
    """The keyboard of prompts that run in this process; their screen goes nowhere."""
    monkeypatch.setattr(redrawing, "BEAT", 0.02)
    monkeypatch.setattr(redrawing, "REST", 0.2)
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


@pytest.fixture
def page() -> io.StringIO:
    """Where the prompts of this process write."""
    return io.StringIO()


@pytest.fixture
def prompts(keys: PipeInput, page: io.StringIO) -> RedrawingPrompts:
    return RedrawingPrompts(page, Stopping())


class Desk:
    """A folder with a small playbook and a journal of its own, and the real program in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "TZ": "Europe/Copenhagen",
            "EDITOR": "true",
            "CRISIS_JOURNAL": str(folder / "journal.db"),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "PYTHONWARNINGS": "error",
        }

    def terminal(self, *arguments: str) -> Terminal:
        """The program at a terminal."""
        return Terminal(
            pexpect.spawn(
                CRISIS,
                list(arguments),
                cwd=str(self.folder),
                env=self.environment,  # type: ignore[arg-type]
                timeout=PATIENCE,
                dimensions=(50, 160),
                encoding="utf-8",
            )
        )

    def run(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """The program without a terminal."""
        return subprocess.run(
            [CRISIS, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """What a reading command says in JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def event_types(self) -> set[str]:
        """The kinds of events of the first incident."""
        journal = SqliteJournal.reading(self.folder / "journal.db")
        return {type(one.event).__name__ for one in journal.read(journal.heads()[-1].incident)}

    def answers(self, text: str) -> str:
        """An answers file with that text; its path."""
        path = self.folder / "answers.yaml"
        path.write_text(text)
        return str(path)


class Terminal:
    """A person's eyes and hands."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self.child = child
        self.child.delaybeforesend = None
        self.sheet = ""  # the fingerprint that was shown last

    def sees(self, text: str) -> Terminal:
        """Wait until that text is on the screen."""
        self.child.expect_exact(text)
        for shown in re.finditer(r"sheet ([0-9a-f]{8})", str(self.child.before)):
            self.sheet = shown[1]
        return self

    def types(self, keys: str) -> Terminal:
        self.child.send(keys)
        return self

    def signals(self, number: signal.Signals) -> Terminal:
        self.child.kill(number)
        return self

    def ends(self, code: int) -> str:
        """Wait for the end; what was said since the last look. Fails where it does not end."""
        self.child.expect(pexpect.EOF)
        said = str(self.child.before)
        self.child.close()
        assert (self.child.exitstatus, self.child.signalstatus) == (code, None), said
        return said

    def hangs_up(self) -> None:
        """Close the window."""
        os.close(self.child.child_fd)
        self.child.child_fd = -1
        self.child.closed = True


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


Interruption = Callable[[Terminal], Terminal]


def ctrl_c(terminal: Terminal) -> Terminal:
    return terminal.types("\x03")


def ctrl_d(terminal: Terminal) -> Terminal:
    return terminal.types("\x04")


def sigterm(terminal: Terminal) -> Terminal:
    return terminal.signals(signal.SIGTERM)


def sighup(terminal: Terminal) -> Terminal:
    return terminal.signals(signal.SIGHUP)


@pytest.fixture
def ways() -> tuple[tuple[Interruption, int], ...]:
    """Every way to leave, and the exit code that tells of it."""
    return ((ctrl_c, 130), (ctrl_d, 130), (sigterm, 143), (sighup, 129))
