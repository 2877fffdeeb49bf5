"""Several processes, and processes that die."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from crisis.adapters.journal.schema import connect
from crisis.adapters.journal.sqlite import SqliteJournal, Unsaved
from crisis.adapters.journal.store import Store
from crisis.kernel.fingerprints import fingerprint
from crisis.runtime.ports import Blob, Conflict

INC = "INC-2026-0001"

Put = Callable[..., object]
_FORK = multiprocessing.get_context("fork")


def now() -> datetime:
    return datetime(2026, 3, 1, 9, tzinfo=UTC)


def write(path: Path, put: Put, name: str, count: int | None, acknowledge: Connection) -> None:
    """Append commands of two events, each until it is not in conflict, and name every one that was taken."""
    journal = SqliteJournal(path, now, patience=30)
    for n in range(count) if count else itertools.count():
        command, taken = f"{name}-{n}", False
        while not taken:
            version = journal.version(INC)
            try:
                put(journal, version, *(["x" * 300] if version == 0 else ["x" * 300, "y"]), command=command)
                taken = True
            except Conflict:
                continue
        acknowledge.send((version + 1, command))


@contextmanager
def writing(path: Path, put: Put, name: str, count: int | None = None) -> Iterator[tuple[ForkProcess, Connection]]:
    """Another process that writes; what it was told to have written comes out of the connection."""
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=write, args=(path, put, name, count, there))
    process.start()
    there.close()
    with here:
        yield process, here
    process.join()


def rest(connection: Connection) -> Iterator[tuple[int, str]]:
    while True:
        try:
            yield connection.recv()
        except (EOFError, OSError):
            return


def test_what_was_acknowledged_survives_a_kill_at_any_moment(path: Path, put: Put) -> None:
    acknowledged: list[tuple[int, str]] = []
    for life in range(15):
        with writing(path, put, f"life{life}") as (process, heard):
            acknowledged.append(heard.recv())
            time.sleep(life * 0.0037)  # each life ends at another moment of its writing
            process.kill()
            acknowledged += rest(heard)
        with SqliteJournal.reading(path) as reader:
            assert reader.verify(INC).problems == ()
            kept = {one.seq: one.command for one in reader.read(INC)}
        assert [kept.get(seq) for seq, _ in acknowledged] == [command for _, command in acknowledged]
        # At most the command under way when it was killed is there without having been acknowledged.
        assert len(set(kept.values())) - len(acknowledged) <= life + 1


def die_half_way(path: Path, put: Put) -> None:
    def die(_: Store, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA cache_size = 1")  # what is changed goes to the file before the commit
        connection.execute("UPDATE blobs SET data = zeroblob(1000000)")
        os._exit(9)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "commit", die)
        put(SqliteJournal(path, now), 2, "three", blobs=(Blob(key=fingerprint(b"z"), data=b"z"),))


def test_a_reader_sees_past_what_a_killed_writer_left_half_done(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0, "two")
    watching = SqliteJournal.reading(path)
    assert watching.version(INC) == 2
    journal.close()
    size = path.stat().st_size
    process = _FORK.Process(target=die_half_way, args=(path, put))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert path.stat().st_size > size
    assert path.with_name("journal.db-journal").exists()
    for reader in (watching, SqliteJournal.reading(path)):
        with reader:
            assert reader.version(INC) == 2
            assert reader.verify(INC).problems == ()
    assert path.stat().st_size == size


def test_two_processes_at_one_incident_record_each_command_once_and_whole(path: Path, put: Put) -> None:
    each = 20
    with writing(path, put, "ana", each) as (_, one), writing(path, put, "bo", each) as (_, other):
        assert len(list(rest(one))) == len(list(rest(other))) == each
    with SqliteJournal.reading(path) as reader:
        events = reader.read(INC)
        assert reader.verify(INC).problems == ()
    commands = [command for command, _ in itertools.groupby(one.command for one in events)]
    assert sorted(commands) == sorted(f"{name}-{n}" for name in ("ana", "bo") for n in range(each))
    assert len(events) == 4 * each


def test_a_journal_that_is_just_being_made_is_not_taken_for_somebody_elses(
    path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    tried: list[str] = []

    def watched(path: Path, *, write: bool, patience: float) -> sqlite3.Connection:
        def made_meanwhile(statement: str) -> None:
            if "sqlite_master" in statement:  # after the first look at the file, before the last
                tried.append(statement)
                with SqliteJournal(path, now, patience=0.05) as other, suppress(Unsaved):
                    put(other, 0)

        monkeypatch.undo()
        connection = connect(path, write=write, patience=patience)
        connection.set_trace_callback(made_meanwhile)
        return connection

    monkeypatch.setattr("crisis.adapters.journal.store.connect", watched)
    with SqliteJournal.reading(path) as reader:
        assert reader.heads() == ()
    assert len(tried) == 1


def test_a_journal_may_be_watched_from_another_thread(journal: SqliteJournal, put: Put) -> None:
    put(journal, 0)
    seen: list[int] = []
    watcher = threading.Thread(target=lambda: seen.extend(journal.version(INC) for _ in range(100)))
    watcher.start()
    for n in range(1, 6):
        put(journal, n, "x")
    watcher.join()
    assert len(seen) == 100
    assert journal.version(INC) == 6


def test_of_two_that_open_with_the_same_number_one_is_told_so(path: Path, put: Put) -> None:
    refused: list[Exception] = []
    barrier = threading.Barrier(2)

    def opening(command: str) -> None:
        with SqliteJournal(path, now) as journal:
            assert journal.next_number(2026, drill=False) == 1
            barrier.wait()
            try:
                put(journal, 0, command=command)
            except Exception as error:  # noqa: BLE001  looked at below
                refused.append(error)

    threads = [threading.Thread(target=opening, args=(name,)) for name in ("ana", "bo")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [type(one).__name__ for one in refused] == ["Conflict"]
