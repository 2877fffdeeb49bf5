"""Leaving never hangs: how long it takes from the key or the signal to the end, in seconds, in each kind of prompt.

Run with `pytest tests/bench/test_leaving_bench.py -s`. On a machine that does nothing else it takes half of it or less.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.bench.test_start_bench import environment

CRISIS = str(Path(sys.executable).with_name("crisis"))
PROJECT = Path(__file__).parents[1] / "tty" / "project"
MOST = 2.0

Child = pexpect.spawn
WAYS: dict[str, tuple[Callable[[Child[str]], object], int]] = {
    "Ctrl-C": (lambda child: child.send("\x03"), 130),
    "Ctrl-D": (lambda child: child.send("\x04"), 130),
    "SIGTERM": (lambda child: child.kill(signal.SIGTERM), 143),
    "SIGHUP": (lambda child: child.kill(signal.SIGHUP), 129),
}
#: What is said beforehand, and what is then asked: a line of text, a choice, a draft.
PROMPTS = {
    "text": ((), "Which product?"),
    "choice": (("--set", "product=Kettle 3"), "Has anyone been hurt?"),
    "draft": (("--set", "product=Kettle 3", "--set", "injury=yes", "--severity", "SEV1"), "Send 1 text"),
}


@pytest.mark.parametrize("manner", [(), ("--accessible",)], ids=["redrawing", "plain"])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_leaving_takes_at_most_two_seconds(
    benchmark: BenchmarkFixture, tmp_path: Path, prompt: str, manner: tuple[str, ...]
) -> None:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    given, question = PROMPTS[prompt]
    took = {}
    for way, (leaves, code) in WAYS.items():
        arguments = ["start", "kettle", "--as", "Kim Dahl", *given, *manner]
        child = pexpect.spawn(
            CRISIS, arguments, cwd=str(tmp_path), env=environment(tmp_path), encoding="utf-8", dimensions=(40, 100)
        )
        child.expect_exact(question)
        child.expect(r"all is saved|: $|not known yet\)")  # it is drawn to its end, and waits
        began = time.monotonic()
        leaves(child)
        child.expect(pexpect.EOF)
        took[way] = time.monotonic() - began
        child.close()
        assert child.exitstatus == code
    benchmark.extra_info.update(took)
    benchmark.pedantic(lambda: None, rounds=1)  # type: ignore[no-untyped-call]
    print(f"\n{prompt}: " + ", ".join(f"{way} {seconds:.2f} s" for way, seconds in took.items()), end="")
    assert {way: seconds for way, seconds in took.items() if seconds > MOST} == {}
