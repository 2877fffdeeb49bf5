"""The journal's file: its tables, and how it is made and opened. The settings are argued in docs/decisions/0006."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from crisis.adapters.journal.failures import foreign, newer

#: The form of the file; a reader that knows less refuses.
FORMAT = 1

_APPLICATION = 0x43525349  # "CRSI": what `file` and we know the database by

_TABLES = (
    """CREATE TABLE events (
        incident TEXT NOT NULL, seq INTEGER NOT NULL, command TEXT NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL,
        who TEXT NOT NULL, via TEXT NOT NULL, on_behalf_of TEXT NOT NULL, v INTEGER NOT NULL, payload TEXT NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL, recorded_at TEXT NOT NULL,
        PRIMARY KEY (incident, seq)) WITHOUT ROWID""",
    "CREATE INDEX commands ON events (incident, command)",
    "CREATE INDEX openings ON events (incident) WHERE seq = 1",
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    "CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END",
    """CREATE TABLE heads (
        place INTEGER PRIMARY KEY, incident TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, hash TEXT NOT NULL,
        wakes_at TEXT, brief TEXT NOT NULL)""",
    """CREATE TABLE blobs (
        key TEXT PRIMARY KEY, data BLOB, salt BLOB NOT NULL, salted INTEGER NOT NULL, erased_at TEXT)""",
)


def connect(path: Path, *, write: bool, patience: float) -> sqlite3.Connection:
    """A connection to a file that is there; waits for others at most `patience` seconds. Makes nothing."""
    uri = f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    # One journal may be watched from another thread than the one that writes: sqlite.py holds a lock.
    connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        if write:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA secure_delete = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def is_made(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there. Raises Unreadable for a newer file, Damaged for somebody else's.

    Call it inside a transaction: of a file that another process is just making it would see two states.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == _APPLICATION:
        if version > FORMAT:
            raise newer(path, version)
        return True
    if application or version or tables:
        raise foreign(path)
    return False


def make_file(path: Path) -> None:
    """An empty file that only its owner can read, in folders that only their owner can enter, made to last."""
    missing = []
    folder = path.absolute().parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        with suppress(FileExistsError):
            one.mkdir(mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    for one in (*(folder for folder in missing), folder):
        _make_last(one)


def make_tables(connection: sqlite3.Connection, path: Path) -> None:
    """The tables, unless another process was faster."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_made(connection, path):
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _make_last(folder: Path) -> None:
    # A new name lasts only once its folder is on the disk; some file systems cannot be asked for that.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
