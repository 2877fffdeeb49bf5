"""One SQLite file and the transactions on it: opened when needed, again when replaced, never left half done."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from crisis.adapters.journal.failures import Unsaved, plainly
from crisis.adapters.journal.schema import connect, is_made, make_file, make_tables
from crisis.kernel.errors import Unreadable

T = TypeVar("T")


class Store:
    """The file at `path`. `writable` decides how it is opened; `patience` (seconds) how long others are waited for."""

    def __init__(self, path: Path, *, writable: bool, patience: float) -> None:
        self.path = path
        self._writable = writable
        self._patience = patience
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            connection, self._connection, self._identity = self._connection, None, None
            if connection is not None:
                connection.close()

    def read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """What `work` finds, on one state of the file; `nothing` where there is no journal yet."""
        with self._lock, plainly(self.path):
            try:
                return self._read(work, nothing)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_READONLY_ROLLBACK:
                    raise
            # A writer was killed in the middle. Undoing what it left is the next writer's business, but
            # there may be none for long, and a reader cannot see past it.
            self.close()
            connect(self.path, write=True, patience=self._patience).close()
            return self._read(work, nothing)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block is left, or has left nothing."""
        if not self._writable:
            raise Unsaved(f"{self.path} was opened for reading only", hint="this is a mistake in crisis: report it")
        with self._lock, plainly(self.path):
            try:
                connection = self._open(make=True)
                assert connection is not None  # noqa: S101  `make` leaves no other way
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                self.commit(connection)
            except BaseException as error:
                self._undo()
                if isinstance(error, sqlite3.Error):
                    self.close()  # whatever state it was in, the next one begins afresh
                raise

    def commit(self, connection: sqlite3.Connection) -> None:
        """Make the transaction last. When this raises it may have lasted all the same."""
        connection.execute("COMMIT")

    def _read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        connection = self._open(make=False)
        if connection is None:
            return nothing
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            self._undo()

    def _undo(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _open(self, *, make: bool) -> sqlite3.Connection | None:
        identity = self._look()
        if self._connection is not None and identity == self._identity:
            return self._connection
        self.close()  # the file was moved away or replaced: what we hold is no longer the journal
        if identity is None:
            if not make:
                return None
            make_file(self.path)
            identity = self._look()
        connection = connect(self.path, write=self._writable, patience=self._patience)
        try:
            connection.execute("BEGIN")
            made = is_made(connection, self.path)
            connection.execute("COMMIT")
            if not made:
                if not make:
                    connection.close()
                    return None
                make_tables(connection, self.path)
        except BaseException:
            connection.close()
            raise
        self._connection, self._identity = connection, identity
        return connection

    def _look(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.path)  # noqa: PTH116  pathlib costs more than the query
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{self.path} is not a file", hint="give the path of a journal, or one not yet there")
        return status.st_dev, status.st_ino
