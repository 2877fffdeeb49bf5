"""What a watch remembers, in one SQLite file that only its owner may read: one transaction for each answer of a feed.

Cursor, counts, detectors and the ids that were counted change together or not at all, so that a watch that is killed
anywhere asks again from where it was. The settings are those of the journal (docs/decisions/0006), for its reasons.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from msgspec.structs import asdict

from crisis.adapters.journal.schema import connect, make_file
from crisis.kernel.errors import CrisisError, Refused, Unreadable
from crisis.kernel.text import one_line
from crisis.runtime.feeds import Change, Kept, Untold
from crisis.signals.alerts import Alert
from crisis.signals.live import Sums
from crisis.signals.tally import Bin

FORMAT = 1
_APPLICATION = 0x43525357  # "CRSW"
_PATIENCE = 5.0  # seconds to wait for another process
REMEMBERED = timedelta(days=60)
"""How long after it was last seen a mention's id is remembered; feeds that keep entries longer show them again."""
_SEEN_AGAIN = timedelta(days=1)  # so often its date is renewed, so that an old entry that stays stays known
KEPT_BINS = 400 * 288
_PRUNED_EVERY = 500  # answers

_TABLES = (
    """CREATE TABLE feeds (
        feed TEXT PRIMARY KEY, version INTEGER NOT NULL, cursor TEXT NOT NULL, open TEXT NOT NULL,
        learned TEXT NOT NULL, first_open INTEGER NOT NULL)""",
    """CREATE TABLE bins (
        feed TEXT NOT NULL, bin INTEGER NOT NULL, mentions INTEGER NOT NULL, negative INTEGER NOT NULL,
        rated INTEGER NOT NULL, reach INTEGER NOT NULL, engagement INTEGER NOT NULL, known INTEGER,
        PRIMARY KEY (feed, bin)) WITHOUT ROWID""",
    "CREATE TABLE seen (mark INTEGER PRIMARY KEY, at INTEGER NOT NULL)",
    "CREATE TABLE alerts (number INTEGER PRIMARY KEY, feed TEXT NOT NULL, alert TEXT NOT NULL, told INTEGER NOT NULL)",
    "CREATE TABLE down (feed TEXT PRIMARY KEY, since TEXT NOT NULL)",
    "CREATE TABLE proposed (one INTEGER PRIMARY KEY CHECK (one = 1), severity TEXT NOT NULL, at TEXT NOT NULL)",
)
_KEEP = """INSERT INTO feeds (feed, version, cursor, open, learned, first_open) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (feed) DO UPDATE SET version = excluded.version, cursor = excluded.cursor, open = excluded.open,
    learned = coalesce(nullif(excluded.learned, ''), learned), first_open = excluded.first_open"""
_ADD = "INSERT OR REPLACE INTO bins VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Unsaved(CrisisError):
    """What was seen could not be kept; the watch stops rather than count without memory."""


class SqliteLedger:
    """The Ledger port over one SQLite file. Raises Unsaved and Unreadable, each with a hint."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers = 0
        with self._plainly():
            if not path.exists():
                make_file(path)
            self._connection = connect(path, write=True, patience=_PATIENCE)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._make()
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def kept(self, feed: str) -> Kept | None:
        """What is remembered of a feed."""
        with self._plainly():
            found = self._connection.execute(
                "SELECT version, cursor, open, learned, first_open FROM feeds WHERE feed = ?", (feed,)
            ).fetchone()
            if found is None:
                return None
            version, cursor, open_, learned, first_open = found
            bins = self._connection.execute(
                "SELECT bin, mentions, negative, rated, reach, engagement FROM bins WHERE feed = ? AND bin >= ?",
                (feed, first_open),
            ).fetchall()
            return Kept(
                version=version,
                cursor=cursor,
                open=json.loads(open_),
                learned=json.loads(learned),
                sums={number: Sums(Bin(*sums), None) for number, *sums in bins},
            )

    def take(self, feed: str, version: int, now: datetime, work: Callable[[Callable[[str], bool]], Change]) -> int:
        """Do `work` and keep its change, all of it or nothing; see the port."""
        seconds = int(now.timestamp())
        with self._writing() as connection:
            row = connection.execute("SELECT version FROM feeds WHERE feed = ?", (feed,)).fetchone()
            if (row[0] if row else 0) != version:
                raise Refused(
                    f"{one_line(feed, 60)} is being watched by another process with the same memory ({self.path})",
                    hint="end one of the two, or give one of them a memory of its own with --state",
                )

            def is_new(key: str) -> bool:
                mark = int.from_bytes(sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big", signed=True)
                before = connection.execute("SELECT at FROM seen WHERE mark = ?", (mark,)).fetchone()
                if before is None or seconds - before[0] > _SEEN_AGAIN.total_seconds():
                    connection.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (mark, seconds))
                return before is None

            change = work(is_new)
            learned = "" if change.learned is None else json.dumps(change.learned)
            if not row and not learned:
                learned = "{}"
            connection.execute(
                _KEEP,
                (feed, version + 1, change.cursor, json.dumps(change.open), learned, int(change.open["closed"])),
            )
            rows = ((feed, number, *one.bin, one.known) for number, one in change.sums.items())
            connection.executemany(_ADD, rows)
            connection.executemany(
                "INSERT INTO alerts (feed, alert, told) VALUES (?, ?, 0)",
                [(feed, _written(alert)) for alert in change.alerts],
            )
            self._answers += 1
            if self._answers % _PRUNED_EVERY == 0:
                connection.execute("DELETE FROM seen WHERE at < ?", (seconds - int(REMEMBERED.total_seconds()),))
                connection.execute(
                    "DELETE FROM bins WHERE feed = ? AND bin < ?", (feed, int(change.open["closed"]) - KEPT_BINS)
                )
        return version + 1

    def untold(self) -> tuple[Untold, ...]:
        """Alerts that nobody is known to have been told of, the oldest first."""
        with self._plainly():
            rows = self._connection.execute("SELECT number, feed, alert FROM alerts WHERE NOT told ORDER BY number")
            return tuple(Untold(number, feed, _read(alert)) for number, feed, alert in rows.fetchall())

    def told(self, numbers: Sequence[int]) -> None:
        """They were shown."""
        with self._writing() as connection:
            connection.executemany("UPDATE alerts SET told = 1 WHERE number = ?", [(number,) for number in numbers])

    def down_since(self, feed: str) -> datetime | None:
        """Since when a feed is known not to answer."""
        with self._plainly():
            found = self._connection.execute("SELECT since FROM down WHERE feed = ?", (feed,)).fetchone()
            return datetime.fromisoformat(found[0]) if found else None

    def mark_down(self, feed: str, since: datetime | None) -> None:
        """It does not answer since then; with None, it does again."""
        with self._writing() as connection:
            if since is None:
                connection.execute("DELETE FROM down WHERE feed = ?", (feed,))
            else:
                connection.execute("INSERT OR REPLACE INTO down VALUES (?, ?)", (feed, since.isoformat()))

    def proposed(self) -> tuple[str, datetime] | None:
        """The severity that was proposed last, and when."""
        with self._plainly():
            found = self._connection.execute("SELECT severity, at FROM proposed").fetchone()
            return (found[0], datetime.fromisoformat(found[1])) if found else None

    def propose(self, severity: str, now: datetime) -> None:
        """Remember that it was."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO proposed VALUES (1, ?, ?)", (severity, now.astimezone(UTC).isoformat())
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._plainly():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def _make(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == _APPLICATION:
            if version > FORMAT:
                raise Unreadable(f"{self.path} was written by a newer version of crisis", hint="upgrade this crisis")
            return
        if application or version or tables:
            raise Unreadable(
                f"{self.path} is a database of something else", hint="give --state a path where nothing is yet"
            )
        for statement in _TABLES:
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        self._connection.execute(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn what SQLite or the system says into a sentence with a way out."""
        name = one_line(str(self.path))
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            match code:
                case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                    raise Unsaved(
                        f"another process does not let go of {name}", hint="end it, and watch again"
                    ) from None
                case sqlite3.SQLITE_FULL:
                    raise Unsaved(f"no room left on the disk of {name}", hint="make room, and watch again") from None
                case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                    raise Unsaved(
                        f"{name} may not be written to", hint="make it and its folder writable, or give --state"
                    ) from None
                case sqlite3.SQLITE_IOERR:
                    raise Unsaved(f"the disk of {name} failed: {one_line(str(error))}", hint="check the disk") from None
                case _:
                    raise Unreadable(
                        f"{name} cannot be read as the memory of a watch: {one_line(str(error))}",
                        hint="move it away: the watch then begins to learn anew",
                    ) from None
        except (OSError, json.JSONDecodeError) as error:
            why = one_line(getattr(error, "strerror", None) or str(error))
            raise Unreadable(f"{name} cannot be opened: {why}", hint="check the path, or give --state") from None


def _written(alert: Alert) -> str:
    data: dict[str, Any] = asdict(alert)
    data |= {"at": alert.at.isoformat(), "since": alert.since.isoformat(), "window": alert.window.total_seconds()}
    return json.dumps(data)


def _read(text: str) -> Alert:
    data = json.loads(text)
    data["at"], data["since"] = datetime.fromisoformat(data["at"]), datetime.fromisoformat(data["since"])
    return Alert(**{**data, "window": timedelta(seconds=data["window"])})
