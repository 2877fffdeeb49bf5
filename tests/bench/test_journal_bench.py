"""What the journal costs, as ratios within one run: run with `pytest tests/bench/test_journal_bench.py`."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from crisis.adapters.journal.chain import Row, first_link
from crisis.adapters.journal.rows import recorded, rows_of
from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.engine import events as ev
from crisis.engine.evolve import fold
from crisis.kernel.fingerprints import fingerprint
from crisis.runtime.ports import Blob, Envelope, Head

INC = "INC-2026-0001"
START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
PLAN = Blob(key=fingerprint(b"{plan}"), data=b"{plan}")
STEPS = tuple(f"step-{n}" for n in range(40))
FACTS = ("aware-at", "affected", "cause", "batch", "sold-in", "injured")
CHANNELS = (("x", "en"), ("x", "de"), ("web", "en"), ("web", "de"), ("email", "en"))


def happenings() -> Iterator[ev.Event]:
    """An incident that never ends: forty steps in rounds, facts, notes, texts and decisions between them."""
    roster = tuple(ev.Member(id=f"p{n}", name=f"Person {n}", roles=("lead", "comms")) for n in range(8))
    yield ev.Opened(
        incident=INC, uid="u", playbook="recall", title="Recall", plan=PLAN.key, sources={}, roster=roster, lead="p0"
    )
    turn = 0
    while True:
        turn += 1
        for n, step in enumerate(STEPS):
            yield ev.Started(step=step, round=turn, phase="respond")
            yield ev.Answered(step=step, round=turn, ask="choice", value=["hold", "inform the retailers"][n % 2])
            if n % 3 == 0:
                yield ev.Answered(step=step, round=turn, ask="why", value={"text": "Said on the phone.", "sure": True})
            if n % 5 == 0:
                yield ev.FactSet(fact=FACTS[n // 5 % 6], value=f"{turn * n} people", since=START)
            if n % 7 == 0:
                yield ev.Noted(text="The plant manager called back; the line has been stopped since the early shift.")
            if n % 10 == 0:
                yield from texts(f"message-{n}", turn)
            yield ev.Finished(step=step, round=turn, outcome="done", reopens=STEPS[n - 2 : n] if n % 20 == 19 else ())
        yield ev.SeverityDecided(severity=("low", "high")[turn % 2], reason="More reports came in.", proposed="high")
        yield ev.SignalsRead(readings={"mentions": ev.Reading(value=1240.0, ratio=14.2, lasting=900.0, count=1240)})


def texts(message: str, turn: int) -> Iterator[ev.Event]:
    lines = tuple(
        ev.Line(channel=channel, language=language, sha256=fingerprint(f"{message} {turn} {channel} {language}"))
        for channel, language in CHANNELS
    )
    due = START + timedelta(hours=turn)
    yield ev.Drafted(message=message, texts=tuple(ev.DraftedText(line=line, promises=due) for line in lines))
    yield ev.SheetIssued(message=message, sheet=f"sheet-{turn}", lines=lines, chain="normal", due=due)
    yield ev.Decided(
        message=message, sheet=f"sheet-{turn}", verdict="yes", person="p1", roles=("comms",), lines=lines, proof="typed"
    )
    yield ev.Locked(message=message, lines=lines)
    for line in lines:
        yield ev.Published(message=message, line=line, link="https://example.com/news/1", promises=due)


def rows(count: int) -> tuple[Row, ...]:
    envelopes = [
        Envelope(seq=n, at=START + timedelta(seconds=n), who="p0", via="terminal", event=event)
        for n, event in zip(range(1, count + 1), happenings(), strict=False)
    ]
    return rows_of(INC, first_link(INC), "c1", envelopes)


def fastest(*works: Callable[[], object], times: int = 7) -> list[float]:
    """Processor seconds of each one's fastest run; in turns, so that what else the machine does meets all alike."""
    runs = [[timed(work, time.process_time) for work in works] for _ in range(times)]
    return [min(of_one) for of_one in zip(*runs, strict=True)]


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    work()
    return clock() - began


def test_one_durable_append_costs_at_most_eight_synced_writes_or_twice_what_sqlite_itself_needs(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    events = happenings()
    number = iter(range(1, 10_000))
    plain = os.open(tmp_path / "plain.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    bare = sqlite3.connect(tmp_path / "bare.db", isolation_level=None)
    bare.executescript("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; CREATE TABLE t (n, text)")
    brief = {"title": "Recall", "severity": "high", "asks": [{"step": step, "due": str(START)} for step in STEPS[:6]]}

    def synced() -> None:
        os.write(plain, b"x" * 600)
        os.fsync(plain)

    def transaction() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO t VALUES (1, ?)", ("x" * 600,))
        bare.execute("COMMIT")

    with SqliteJournal(tmp_path / "journal.db", lambda: START) as journal, closing(bare):

        def append() -> None:
            n = next(number)
            envelope = Envelope(seq=n, at=START, who="p0", via="terminal", event=next(events))
            head = Head(incident=INC, version=n, hash="", wakes_at=START, brief=brief)
            journal.append(INC, n - 1, f"c{n}", [envelope], head)

        append()
        # Taken in turns, so that what else the disk does meets all alike.
        runs = [(timed(append), timed(synced), timed(transaction)) for _ in range(150)]
        benchmark.pedantic(append, rounds=20)  # type: ignore[no-untyped-call]
    os.close(plain)
    ours, theirs, least = (median(times) for times in zip(*runs, strict=True))
    benchmark.extra_info.update(
        append_ms=ours * 1000, synced_write_ms=theirs * 1000, bare_ms=least * 1000, ratio=ours / theirs
    )
    # Where syncing costs next to nothing, the five syncs and the processor time of SQLite itself are
    # more than eight plain writes, and only what we add to them is ours to answer for.
    assert ours <= max(8 * theirs, 2 * least)


def test_reading_ten_times_as_much_takes_about_ten_times_as_long_and_not_much_more_than_parsing_it(
    benchmark: BenchmarkFixture,
) -> None:
    many = rows(10_000)
    few = many[:1_000]

    def known(given: tuple[Row, ...]) -> object:
        return fold(recorded(row) for row in given)

    def parsed() -> object:
        return [json.loads(row.payload) for row in many]

    all_of_it, in_tenths, parsing, decoding = fastest(
        lambda: known(many), lambda: [known(few) for _ in range(10)], parsed, lambda: [recorded(row) for row in many]
    )
    benchmark.pedantic(known, args=(many,), rounds=3)  # type: ignore[no-untyped-call]
    benchmark.extra_info.update(
        all_ms=all_of_it * 1000,
        decoding_ms=decoding * 1000,
        parsing_ms=parsing * 1000,
        growth=10 * all_of_it / in_tenths,
        ratio=all_of_it / parsing,
    )
    assert 10 * all_of_it <= 12 * in_tenths
    assert all_of_it <= 8 * parsing


@pytest.mark.parametrize("count", [10_000])
def test_verifying_costs_a_few_times_what_reading_costs(
    benchmark: BenchmarkFixture, tmp_path: Path, count: int
) -> None:
    envelopes = [
        Envelope(seq=n, at=START, who="p0", via="terminal", event=event)
        for n, event in zip(range(1, count + 1), happenings(), strict=False)
    ]
    head = Head(incident=INC, version=count, hash="", wakes_at=None, brief={})
    with SqliteJournal(tmp_path / "journal.db", lambda: START) as journal:
        journal.append(INC, 0, "c1", envelopes, head, [PLAN])
        reading, verifying = fastest(lambda: journal.read(INC), lambda: journal.verify(INC))
        benchmark.pedantic(journal.read, args=(INC,), rounds=3)  # type: ignore[no-untyped-call]
    benchmark.extra_info.update(reading_ms=reading * 1000, verifying_ms=verifying * 1000)
    assert verifying <= 8 * reading
