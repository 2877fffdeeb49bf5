"""The journal that lasts: one SQLite file, one durable transaction for each command.

Reading heads loads neither the codec nor the fold: `status` answers at once, and never writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from crisis.adapters.journal.chain import Row, first_link
from crisis.adapters.journal.failures import Damaged, Unsaved
from crisis.adapters.journal.store import Store
from crisis.kernel.errors import Tampered
from crisis.kernel.ids import incident_id
from crisis.runtime.head import Head

if TYPE_CHECKING:
    from crisis.adapters.journal.verify import Kept
    from crisis.engine.events import Recorded
    from crisis.runtime.ports import Blob, Envelope, Intact

__all__ = ["Damaged", "SqliteJournal", "Unsaved"]

_PATIENCE = 5.0  # seconds to wait for another process
_ROW = "incident, seq, command, type, at, who, via, on_behalf_of, v, payload, previous, hash"
_HEAD = "SELECT incident, version, hash, wakes_at, brief FROM heads"
_OF_COMMAND = f"SELECT {_ROW} FROM events WHERE incident = ? AND command = ? ORDER BY seq"  # noqa: S608  names of ours
_AFTER = f"SELECT {_ROW} FROM events WHERE incident = ? AND seq > ? ORDER BY seq"  # noqa: S608  names of ours
_ALL = f"SELECT {_ROW} FROM events WHERE incident = ? ORDER BY seq"  # noqa: S608  names of ours
_ADD = f"INSERT INTO events ({_ROW}, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  names of ours
# An erased secret stays erased; an erased text that somebody brings again is there again.
_PUT = """INSERT INTO blobs (key, data, salt, salted) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET data = excluded.data, erased_at = NULL
    WHERE blobs.data IS NULL AND NOT blobs.salted"""
_ERASE = "UPDATE blobs SET data = NULL, salt = x'', erased_at = ? WHERE key = ? AND data IS NOT NULL"
_KEEP = """INSERT INTO heads (incident, version, hash, wakes_at, brief) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (incident) DO UPDATE SET
    version = excluded.version, hash = excluded.hash, wakes_at = excluded.wakes_at, brief = excluded.brief"""


class SqliteJournal:
    """The Journal port over one SQLite file, which is made with the first event.

    `clock` gives the moment at which something is stored. Besides what the port says, everything may
    raise Unsaved, Unreadable or its Damaged (failures.py), each with a hint.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime], *, patience: float = _PATIENCE) -> None:
        self._clock = clock
        self._store = Store(path, writable=True, patience=patience)

    @classmethod
    def reading(cls, path: Path, *, patience: float = _PATIENCE) -> Self:
        """A journal that is only read, wherever it lies; where there is no file there are no incidents."""
        journal = cls(path, _never)
        journal._store = Store(path, writable=False, patience=patience)
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; using the journal again opens it again."""
        self._store.close()

    def next_number(self, year: int, *, drill: bool) -> int:
        """The number for the next incident of that year; given again until one is opened with it."""
        prefix = incident_id(year, 0, drill=drill)[:-4]
        found = self._select(
            "SELECT max(CAST(substr(incident, ?) AS INTEGER)) FROM events WHERE seq = 1 AND incident GLOB ?",
            len(prefix) + 1,
            f"{prefix}[0-9]*",
        )
        return (found[0][0] or 0) + 1 if found else 1

    def append(
        self,
        incident: str,
        expected: int,
        command: str,
        events: Sequence[Envelope],
        head: Head,
        blobs: Sequence[Blob] = (),
    ) -> tuple[Recorded, ...]:
        """Write all of it or nothing, durably; see the port.

        Raises Tampered where the head does not agree with the last event: going on would hide what was done.
        """
        from crisis.adapters.journal.codec import encode_brief, moment_text
        from crisis.adapters.journal.rows import conflict, demand, recorded, rows_of

        demand(incident, expected, command, events, head, blobs)
        brief = encode_brief(head.brief)
        wakes_at = moment_text(head.wakes_at) if head.wakes_at else None
        with self._store.write() as connection:
            written = connection.execute(_OF_COMMAND, (incident, command)).fetchall()
            if written:
                return tuple(recorded(Row(*row)) for row in written)
            version, previous = _last(connection, incident)
            if version != expected:
                raise conflict(incident, expected, version)
            rows = rows_of(incident, previous, command, events)
            stored_at = moment_text(self._clock())
            connection.executemany(_ADD, [(*row, stored_at) for row in rows])
            connection.executemany(_PUT, [(one.key, one.data, one.salt, bool(one.salt)) for one in blobs])
            connection.execute(_KEEP, (incident, head.version, rows[-1].hash, wakes_at, brief))
            # Decoded before it lasts: what cannot be read back is never kept.
            return tuple(recorded(row) for row in rows)

    def read(self, incident: str, after: int = 0) -> tuple[Recorded, ...]:
        """The recorded events after that version, in order."""
        from crisis.adapters.journal.rows import recorded

        return tuple(recorded(Row(*row)) for row in self._select(_AFTER, incident, after))

    def version(self, incident: str) -> int:
        """The last event's seq, cheaply; 0 where there is none."""
        found = self._select("SELECT max(seq) FROM events WHERE incident = ?", incident)
        return (found[0][0] or 0) if found else 0

    def heads(self) -> tuple[Head, ...]:
        """The heads of all incidents, the one opened last first."""
        return tuple(_head(*row) for row in self._select(f"{_HEAD} ORDER BY place DESC"))

    def headless(self) -> tuple[str, ...]:
        """Incidents that have events and no head."""
        found = self._select("SELECT incident FROM events EXCEPT SELECT incident FROM heads ORDER BY incident")
        return tuple(str(incident) for (incident,) in found)

    def head(self, incident: str) -> Head | None:
        """The head of one incident."""
        return next((_head(*row) for row in self._select(f"{_HEAD} WHERE incident = ?", incident)), None)

    def blob(self, key: str) -> bytes | None:
        """The bytes under that key; None where there are none, or they were erased.

        Raises Tampered where they are not those that were written: nobody shall read, approve or post what somebody
        put in their place.
        """
        from crisis.kernel.fingerprints import holds, short

        data, salt = next(iter(self._select("SELECT data, salt FROM blobs WHERE key = ?", key)), (None, b""))
        if data is None:
            return None
        if not (isinstance(data, bytes) and isinstance(salt, bytes) and holds(key, data, salt)):
            raise Tampered(
                f"what the journal holds as {short(key)} is not what was written", hint="run `crisis verify`"
            )
        return data

    def erase(self, key: str) -> bool:
        """Overwrite the bytes and their salt, leaving the key as a marked gap. Whether there was something."""
        from crisis.adapters.journal.codec import moment_text

        if not self._select("SELECT 1 FROM blobs WHERE key = ? AND data IS NOT NULL", key):
            return False
        with self._store.write() as connection:
            return connection.execute(_ERASE, (moment_text(self._clock()), key)).rowcount > 0

    def verify(self, incident: str) -> Intact:
        """Read everything again and compare every hash, link, position, blob and the head; see verify.py."""
        from crisis.adapters.journal.verify import Kept, inspect
        from crisis.runtime.ports import Intact

        def look(connection: sqlite3.Connection) -> Intact:
            def blob(key: str) -> Kept | None:
                found = connection.execute("SELECT data, salt, salted FROM blobs WHERE key = ?", (key,)).fetchone()
                return Kept(*found) if found else None

            head = connection.execute("SELECT version, hash FROM heads WHERE incident = ?", (incident,)).fetchone()
            rows = [Row(*row) for row in connection.execute(_ALL, (incident,))]
            return inspect(incident, rows, head, blob)

        def leniently(connection: sqlite3.Connection) -> Intact:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")  # broken text is found, not fatal
            try:
                return look(connection)
            finally:
                connection.text_factory = str

        try:
            return self._store.read(leniently, inspect(incident, (), None, lambda _: None))
        except Damaged as damaged:
            return Intact(incident=incident, version=0, hash="", problems=(damaged.message,))

    def _select(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._store.read(lambda connection: connection.execute(statement, values).fetchall(), [])


def _last(connection: sqlite3.Connection, incident: str) -> tuple[int, str]:
    last = "SELECT seq, hash FROM events WHERE incident = ? ORDER BY seq DESC LIMIT 1"
    found: tuple[int, str] | None = connection.execute(last, (incident,)).fetchone()
    head = connection.execute("SELECT version, hash FROM heads WHERE incident = ?", (incident,)).fetchone()
    if found != head:
        raise Tampered(
            f"the head of {incident} does not agree with its last event",
            hint=f"run `crisis verify {incident}`; to go on meanwhile, open another incident",
        )
    return found or (0, first_link(incident))


def _head(incident: str, version: int, digest: str, wakes_at: str | None, brief: str) -> Head:
    moment: datetime | None = None
    kept: Any = None
    with suppress(ValueError, TypeError):
        moment = datetime.fromisoformat(wakes_at).astimezone(UTC) if wakes_at else None
    with suppress(ValueError, TypeError, RecursionError):
        kept = json.loads(brief)
    return Head(
        incident=incident, version=version, hash=digest, wakes_at=moment, brief=kept if isinstance(kept, dict) else {}
    )


def _never() -> datetime:
    raise AssertionError("a journal that is only read stores nothing")
