"""What the program costs, as multiples of F, the processor time of `python -c pass`, within one run.

Run with `pytest tests/bench/test_start_bench.py -s`. Only processor time of the child is counted, so that a
busy machine and a waiting terminal say nothing; each bound stands in the issue that made it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pexpect
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.engine import events as ev
from crisis.engine.evolve import fold
from crisis.engine.look import agenda
from crisis.projections.brief import brief_of
from crisis.runtime.ports import Envelope, Head
from crisis.wiring.drilling import Playbooks, rehearse, scenarios

CRISIS = str(Path(sys.executable).with_name("crisis"))
CHAOS = str(Path(sys.executable).with_name("chaos"))
PASS = (sys.executable, "-c", "pass")
#: A part of weekend-recall with everything in it that a situation report shows; notes make up the rest.
BEGUN = 250


def environment(folder: Path) -> dict[str, str]:
    """What a person has; not what a developer may have set: bytecode is written, and found at the next start."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "TZ": "UTC",
        "CRISIS_JOURNAL": str(folder / "journal.db"),
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }


def spent() -> float:
    """The processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def of_child(command: Sequence[str], folder: Path, env: Mapping[str, str], status: int = 0) -> float:
    """The processor seconds of one run of `command`, which must end with that status."""
    before = spent()
    ended = subprocess.run(command, cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True)
    assert ended.returncode == status, ended.stderr.decode()
    return spent() - before


def to_first_question(folder: Path, env: Mapping[str, str]) -> float:
    """The processor seconds of `crisis start` until its first question stands in the terminal."""
    Path(env["CRISIS_JOURNAL"]).unlink(missing_ok=True)
    before = spent()
    child = pexpect.spawn(
        CRISIS, ["start", "product-defect"], cwd=str(folder), env=dict(env), encoding="utf-8", dimensions=(40, 100)
    )
    child.expect("Which product")
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()
    return spent() - before


def in_turns(*works: Callable[[], float], times: int = 9) -> list[float]:
    """The fewest processor seconds of each, after one run that is not counted; in turns, so that all meet the same."""
    for work in works:
        work()
    runs = [[work() for work in works] for _ in range(times)]
    return [min(of_one) for of_one in zip(*runs, strict=True)]


def side_by_side(theirs: Callable[[], float], ours: Callable[[], float], times: int = 9) -> float:
    """How many times theirs ours takes: the median of runs next to each other, after one that is not counted.

    Where both take a second, a machine whose speed wavers gives either its best moment, and never the other.
    """
    theirs(), ours()
    return median(ours() / theirs() for _ in range(times))


def told(benchmark: BenchmarkFixture, ratios: Mapping[str, float], bounds: Mapping[str, float]) -> None:
    """Print and keep every ratio, and hold each to its bound."""
    benchmark.extra_info.update(ratios)
    for name, ratio in ratios.items():
        print(f"\n{name}: {ratio:.2f} (at most {bounds[name]:g})", end="")
    over = {name: round(ratio, 2) for name, ratio in ratios.items() if ratio > bounds[name]}
    assert not over


def keep(path: Path, count: int) -> str:
    """A journal with an open incident of `count` events, as a writer leaves it; returns its id."""
    (scenario,) = scenarios(["weekend-recall"], path.parent)
    drilled = rehearse(scenario, Playbooks(path.parent))
    begun = [
        Envelope(seq=one.seq, at=one.at, who=one.who, via=one.via, event=one.event) for one in drilled.events[:BEGUN]
    ]
    last = begun[-1].at
    notes = [
        Envelope(seq=n, at=last + timedelta(seconds=n - BEGUN), who="ana", via="terminal", event=ev.Noted(text="Seen."))
        for n in range(BEGUN + 1, count + 1)
    ]
    opened = drilled.events[0].event
    assert isinstance(opened, ev.Opened)
    head = Head(incident=opened.incident, version=count, hash="", wakes_at=None, brief={})
    with SqliteJournal(path, lambda: datetime(2026, 3, 7, tzinfo=UTC)) as journal:
        written = journal.append(opened.incident, 0, "c1", [*begun, *notes][:-1], _at(head, count - 1))
        incident = fold(written)
        assert incident is not None
        brief = brief_of(drilled.plan, incident, agenda(drilled.plan, incident, incident.at))
        kept = Head(incident=opened.incident, version=count, hash="", wakes_at=None, brief=brief)
        journal.append(opened.incident, count - 1, "c2", notes[-1:], kept)
    return opened.incident


def _at(head: Head, version: int) -> Head:
    return Head(incident=head.incident, version=version, hash="", wakes_at=None, brief={})


def test_version_and_help(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    env = environment(tmp_path)
    floor, version, help_ = in_turns(
        lambda: of_child(PASS, tmp_path, env),
        lambda: of_child((CRISIS, "--version"), tmp_path, env),
        lambda: of_child((CRISIS, "--help"), tmp_path, env),
    )
    benchmark.pedantic(of_child, args=((CRISIS, "--version"), tmp_path, env), rounds=3)  # type: ignore[no-untyped-call]
    told(benchmark, {"--version": version / floor, "--help": help_ / floor}, {"--version": 2, "--help": 14})


def test_status(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    folders = {count: tmp_path / str(count) for count in (300, 10_000)}
    for count, folder in folders.items():
        folder.mkdir()
        keep(folder / "journal.db", count)

    def status(count: int, *options: str, colour: bool = False) -> float:
        env = environment(folders[count]) | ({"FORCE_COLOR": "1"} if colour else {})
        return of_child((CRISIS, "status", *options), folders[count], env)

    floor, plain, as_json, coloured, long, long_json, long_coloured = in_turns(
        lambda: of_child(PASS, tmp_path, environment(tmp_path)),
        lambda: status(300),
        lambda: status(300, "--json"),
        lambda: status(300, colour=True),
        lambda: status(10_000),
        lambda: status(10_000, "--json"),
        lambda: status(10_000, colour=True),
    )
    benchmark.pedantic(status, args=(300,), rounds=3)  # type: ignore[no-untyped-call]
    ratios = {"plain": plain / floor, "--json": as_json / floor, "in colour": coloured / floor}
    growth = {"plain, 10,000 events": long / plain, "--json, 10,000": long_json / as_json}
    growth["in colour, 10,000"] = long_coloured / coloured
    bounds = {"plain": 8.0, "--json": 8.0, "in colour": 11.0}
    told(benchmark, {**ratios, **growth}, {**bounds, **dict.fromkeys(growth, 1.2)})


def test_first_question_of_start(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    env = environment(tmp_path)
    floor, question = in_turns(lambda: of_child(PASS, tmp_path, env), lambda: to_first_question(tmp_path, env), times=5)
    benchmark.pedantic(to_first_question, args=(tmp_path, env), rounds=2)  # type: ignore[no-untyped-call]
    told(benchmark, {"first question": question / floor}, {"first question": 35})


def test_check_of_one_playbook(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    env = environment(tmp_path)
    from crisis.adapters.shelf import BundledShelf

    (tmp_path / "playbooks").mkdir()
    mine = tmp_path / "playbooks" / "product-defect.yaml"
    shutil.copy(BundledShelf().root / "playbooks" / "product-defect.yaml", mine)
    command = (CRISIS, "check", str(mine))
    floor, checked = in_turns(lambda: of_child(PASS, tmp_path, env), lambda: of_child(command, tmp_path, env), times=5)
    benchmark.pedantic(of_child, args=(command, tmp_path, env), rounds=2)  # type: ignore[no-untyped-call]
    told(benchmark, {"check": checked / floor}, {"check": 25})


def test_all_bundled_drills(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    provider = {"type": "python", "module": "os", "func": "getpid"}
    actions = [{"type": "action", "name": f"nothing-{n}", "provider": provider} for n in range(30)]
    experiment = {"version": "1.0.0", "title": "Nothing", "description": "Thirty times", "method": actions}
    (tmp_path / "experiment.json").write_text(json.dumps({**experiment, "rollbacks": []}))
    env = environment(tmp_path)
    chaos = (CHAOS, "--no-version-check", "run", "experiment.json")
    drills = (CRISIS, "drill")
    ratio = side_by_side(lambda: of_child(chaos, tmp_path, env), lambda: of_child(drills, tmp_path, env))
    benchmark.pedantic(of_child, args=(drills, tmp_path, env), rounds=1)  # type: ignore[no-untyped-call]
    told(benchmark, {"drills to chaos run": ratio}, {"drills to chaos run": 2.5})


@pytest.fixture(autouse=True)
def _no_bytecode_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
