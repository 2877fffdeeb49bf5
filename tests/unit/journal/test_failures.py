"""Whatever is wrong with the file or the disk is said in words, with what to do, and never half written."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisis.adapters.journal.schema import connect
from crisis.adapters.journal.sqlite import Damaged, SqliteJournal, Unsaved
from crisis.adapters.journal.store import Store
from crisis.kernel.errors import CrisisError, Unreadable
from crisis.kernel.fingerprints import fingerprint
from crisis.runtime.ports import Blob, Conflict

INC = "INC-2026-0001"

Put = Callable[..., tuple[object, ...]]


def now() -> datetime:
    return datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_only_its_owner_may_read_the_journal_and_enter_its_folder(journal: SqliteJournal, put: Put, path: Path) -> None:
    before = os.umask(0)
    try:
        put(journal, 0)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path, put: Put) -> None:
    tmp_path.chmod(0o755)
    with SqliteJournal(tmp_path / "journal.db", now) as journal:
        put(journal, 0)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_asking_makes_no_file(journal: SqliteJournal, path: Path) -> None:
    for one in (journal, SqliteJournal.reading(path)):
        assert (one.heads(), one.head(INC), one.read(INC), one.version(INC)) == ((), None, (), 0)
        assert one.next_number(2026, drill=False) == 1
        assert one.blob("0" * 64) is None
        assert one.verify(INC).problems == ("no events are recorded", "the head is missing")
    assert not journal.erase("0" * 64)
    assert not path.parent.exists()


def test_a_file_made_but_never_filled_holds_no_incidents(path: Path, put: Put) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    with SqliteJournal.reading(path) as reader, SqliteJournal(path, now) as writer:
        assert (reader.heads(), writer.heads()) == ((), ())
        assert path.stat().st_size == 0
        put(writer, 0)
        assert reader.version(INC) == 1


def test_a_reader_sees_what_is_written_while_it_watches(journal: SqliteJournal, put: Put, path: Path) -> None:
    with SqliteJournal.reading(path) as reader:
        assert reader.version(INC) == 0
        put(journal, 0)
        assert reader.version(INC) == 1
        put(journal, 1, "more")
        assert [one.seq for one in reader.read(INC, after=1)] == [2]


def test_reading_leaves_every_byte_as_it_was(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0, "two")
    journal.close()
    path.chmod(0o400)
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    with SqliteJournal.reading(path) as reader:
        assert reader.heads()
        assert reader.read(INC)
        assert reader.verify(INC).problems == ()
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before


def test_reading_heads_loads_neither_the_codec_nor_the_fold(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    script = """if True:
        import pathlib, sys
        from crisis.adapters.journal.sqlite import SqliteJournal
        with SqliteJournal.reading(pathlib.Path(sys.argv[1])) as journal:
            assert journal.heads() and journal.head("INC-2026-0001")
        print({"msgspec", "crisis.engine.evolve", "pydantic", "yaml"} & set(sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_writers_sync_everything_and_readers_change_no_setting(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    names = ("journal_mode", "synchronous", "secure_delete", "trusted_schema")
    with closing(connect(path, write=True, patience=1)) as writer:
        assert [writer.execute(f"PRAGMA {name}").fetchone()[0] for name in names] == ["delete", 3, 1, 0]
    with closing(connect(path, write=False, patience=1)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("CREATE TABLE more (x)")


def test_a_reader_writes_nothing_even_when_asked_to(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    with SqliteJournal.reading(path) as reader, pytest.raises(Unsaved, match="reading only"):
        put(reader, 1, "x")


def test_a_journal_that_was_replaced_is_opened_again(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0, "two")
    backup = path.read_bytes()
    put(journal, 2, "three")
    other = path.with_name("restored.db")
    other.write_bytes(backup)
    other.replace(path)
    assert journal.version(INC) == 2
    path.unlink()
    assert journal.version(INC) == 0


@pytest.mark.parametrize("spoil", ["text", "cut", "middle"])
def test_a_file_that_is_no_journal_is_refused_and_left_alone(
    journal: SqliteJournal, put: Put, path: Path, spoil: str
) -> None:
    put(journal, 0, *(["x" * 200] * 60))
    journal.close()
    whole = path.read_bytes()
    spoilt = {
        "text": b"Dear all, the minutes of Monday's meeting follow. " * 50,
        "cut": whole[: len(whole) // 2],
        "middle": whole[:200] + b"\xff" * (len(whole) - 200),
    }[spoil]
    path.write_bytes(spoilt)
    for one in (SqliteJournal(path, now), SqliteJournal.reading(path)):
        with one, pytest.raises(Damaged) as caught:
            one.read(INC)
        assert caught.value.hint
        assert one.verify(INC).problems
        one.close()
    with pytest.raises(CrisisError):
        put(journal, 61, "x")
    assert path.read_bytes() == spoilt


def test_somebody_elses_database_is_not_written_into(path: Path, put: Put) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE customers (name)")
    before = path.read_bytes()
    with SqliteJournal(path, now) as journal:
        with pytest.raises(Damaged, match="something else"):
            put(journal, 0)
        with pytest.raises(Damaged, match="something else"):
            journal.heads()
    assert path.read_bytes() == before


def test_a_journal_of_a_newer_format_asks_for_an_upgrade(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    journal.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 2")
    with pytest.raises(Unreadable, match="newer version") as caught:
        journal.read(INC)
    assert "upgrade" in caught.value.hint
    with pytest.raises(Unreadable, match="newer version"):
        put(journal, 1, "x")


def test_an_event_of_a_newer_form_asks_for_an_upgrade(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0, "two")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DROP TRIGGER events_stay")
        raw.execute("UPDATE events SET type = 'Teleported' WHERE seq = 2")
    with pytest.raises(Unreadable, match="event 2") as caught:
        journal.read(INC)
    assert "upgrade" in caught.value.hint


@pytest.mark.parametrize("kind", ["folder", "pipe", "below-a-file"])
def test_a_path_that_cannot_be_a_journal_is_refused_at_once(tmp_path: Path, put: Put, kind: str) -> None:
    path = tmp_path / "journal.db"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
        path = path / "journal.db"
    for one in (SqliteJournal(path, now), SqliteJournal.reading(path)):
        with pytest.raises(Unreadable) as caught:
            one.heads()
        assert caught.value.hint
    with pytest.raises(Unreadable):
        put(SqliteJournal(path, now), 0)


def test_a_path_with_signs_that_mean_something_in_an_address_is_taken_as_it_is(tmp_path: Path, put: Put) -> None:
    path = tmp_path / "a?mode=memory&b#c%20ü.db"
    with SqliteJournal(path, now) as journal:
        put(journal, 0)
        assert path.exists()
        assert journal.version(INC) == 1


def test_a_name_with_half_a_character_is_refused_in_words(journal: SqliteJournal, put: Put) -> None:
    put(journal, 0)
    with pytest.raises(CrisisError, match="half a character"):
        journal.read("INC\udcff")


def test_who_waits_too_long_for_another_process_is_told(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unsaved, match="another process") as caught:
            put(journal, 1, "x")
        assert journal.version(INC) == 1
        other.execute("ROLLBACK")
    assert caught.value.hint
    put(journal, 1, "x")


def test_a_reader_that_does_not_let_go_costs_nothing_but_the_wait(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM events").fetchall()
        with pytest.raises(Unsaved, match="another process"):
            put(journal, 1, "x")
    assert [one.seq for one in journal.read(INC)] == [1]
    assert len(put(journal, 1, "x")) == 1


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, whoever writes it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_keeps_what_it_has_and_the_command_can_be_repeated(
    journal: SqliteJournal, put: Put, path: Path
) -> None:
    put(journal, 0, "two")
    large = Blob(key=fingerprint(b"x" * 200_000), data=b"x" * 200_000)
    with no_room(path.stat().st_size + 4096), pytest.raises(Unsaved) as caught:
        put(journal, 2, "three", blobs=(large,))
    assert "recorded twice" in caught.value.hint
    assert (journal.version(INC), journal.blob(large.key), journal.verify(INC).problems) == (2, None, ())
    put(journal, 2, "three", blobs=(large,))
    assert (journal.version(INC), journal.verify(INC).problems) == (3, ())


def test_a_database_without_room_says_so(journal: SqliteJournal, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(journal, 0)
    commit = Store.commit

    def after_the_last_page(store: Store, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE more (x)")
        commit(store, connection)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", after_the_last_page)
        with pytest.raises(Unsaved, match="no room") as caught:
            put(journal, 1, "x")
    assert "make room" in caught.value.hint
    assert journal.version(INC) == 1


def test_a_blob_that_fails_leaves_none_of_the_command(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TRIGGER fault BEFORE INSERT ON blobs BEGIN SELECT RAISE(ABORT, 'fault'); END")
    blob = Blob(key=fingerprint(b"b"), data=b"b")
    with pytest.raises(CrisisError):
        put(journal, 1, "two", blobs=(blob,))
    assert (journal.version(INC), journal.blob(blob.key), journal.verify(INC).problems) == (1, None, ())


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_that_failed_may_have_happened_and_repeating_the_command_is_safe(
    journal: SqliteJournal, put: Put, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    put(journal, 0)
    commit = Store.commit

    def failing(store: Store, connection: sqlite3.Connection) -> None:
        if committed:
            commit(store, connection)
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", failing)
        with pytest.raises(CrisisError):
            put(journal, 1, "two", "three", command="once")
    assert journal.version(INC) == (3 if committed else 1)
    assert len(put(journal, 1, "two", "three", command="once")) == 2
    assert [one.command for one in journal.read(INC)] == ["c0", "once", "once"]
    assert journal.verify(INC).problems == ()


def test_a_conflict_lets_go_of_the_journal(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0)
    with pytest.raises(Conflict):
        put(journal, 5, "x", command="lost")
    with SqliteJournal(path, now, patience=0.05) as other:
        put(other, 1, "x")


def test_the_moment_of_storing_stands_beside_the_moment_of_writing(
    journal: SqliteJournal, put: Put, path: Path
) -> None:
    put(journal, 0)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT at, recorded_at FROM events").fetchall() == [
            ("2026-03-01T08:30:00.000000+00:00", "2026-03-01T09:00:00.000000+00:00")
        ]
