"""Whoever changes the file behind our back is found out, by the number of the event."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisis.adapters.journal.chain import Row, link
from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.kernel.errors import CrisisError, Tampered
from crisis.kernel.fingerprints import fingerprint, salted
from crisis.runtime.ports import Blob

INC = "INC-2026-0001"
SECRET = Blob(key=salted(b"+49 170", b"s" * 16), data=b"+49 170", salt=b"s" * 16)
IMAGE = Blob(key=fingerprint(b"image"), data=b"image")

Put = Callable[..., object]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, put: Put) -> bytes:
    """A journal of six events in three commands, as it lies on the disk."""
    path = tmp_path_factory.mktemp("template") / "journal.db"
    with SqliteJournal(path, lambda: datetime(2026, 3, 1, 9, tzinfo=UTC)) as journal:
        put(journal, 0, "two", f"see {IMAGE.key}", blobs=(IMAGE, SECRET))
        put(journal, 3, "four", "five")
        put(journal, 5, "six")
        assert journal.verify(INC).problems == ()
    return path.read_bytes()


@pytest.fixture
def written(journal: SqliteJournal, path: Path, template: bytes) -> SqliteJournal:
    """Those six events."""
    path.parent.mkdir(parents=True)
    path.write_bytes(template)
    return journal


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.executescript("DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_last;")
        for statement in statements:
            raw.execute(statement)


UNFIT = "its text does not match its hash"
UNLINKED = "does not follow from what was written before it"
STRANGE = "a column holds what nobody wrote there"
NOBODYS = f"blob {IMAGE.key[:8]}…: its bytes do not match its key"
ZERO = "printf('%064d', 0)"
OF_PLAN = "WHERE data = CAST('{plan}' AS BLOB)"


@pytest.mark.parametrize(
    ("statement", "problems"),
    [
        ("UPDATE events SET payload = replace(payload, 'two', 'twO') WHERE seq = 2", [f"event 2: {UNFIT}"]),
        ("UPDATE events SET who = 'eve' WHERE seq = 2", [f"event 2: {UNFIT}"]),
        ("UPDATE events SET at = replace(at, '08:30', '08:31') WHERE seq = 4", [f"event 4: {UNFIT}"]),
        (
            "UPDATE events SET command = 'c3' WHERE seq = 1",
            [f"event 1: {UNFIT}", "event 4: its command was already done before"],
        ),
        (
            f"UPDATE events SET hash = {ZERO} WHERE seq = 6",
            [f"event 6: {UNFIT}", "the head's hash is not that of event 6"],
        ),
        (f"UPDATE events SET previous = {ZERO} WHERE seq = 4", [f"event 4: {UNLINKED}", f"event 4: {UNFIT}"]),
        ("DELETE FROM events WHERE seq = 1", ["event 1 is missing"]),
        ("DELETE FROM events WHERE seq = 3", ["event 3 is missing"]),
        ("DELETE FROM events WHERE seq IN (3, 4)", ["events 3 to 4 are missing"]),
        ("DELETE FROM events WHERE seq >= 5", ["events 5 to 6 are missing: the head counts 6"]),
        ("DELETE FROM events", ["no events are recorded", "events 1 to 6 are missing: the head counts 6"]),
        ("UPDATE heads SET version = 5", ["the head counts 5 events, there are 6"]),
        ("UPDATE heads SET version = 'six'", ["the head holds what nobody wrote there"]),
        (f"UPDATE heads SET hash = {ZERO}", ["the head's hash is not that of event 6"]),
        ("DELETE FROM heads", ["the head is missing"]),
        ("UPDATE events SET at = x'00' WHERE seq = 2", [f"event 2: {STRANGE}", "event 2 is missing"]),
        (
            "UPDATE events SET v = 'one' WHERE seq = 6",
            [f"event 6: {STRANGE}", "event 6 is missing: the head counts 6"],
        ),
        (f"UPDATE blobs SET data = x'00' WHERE key = '{IMAGE.key}'", [NOBODYS]),
        (f"UPDATE blobs SET data = 'image' WHERE key = '{IMAGE.key}'", [NOBODYS]),
        (f"UPDATE blobs SET data = NULL, salted = 1 {OF_PLAN}", ["event 1: the plan"]),
        (f"DELETE FROM blobs {OF_PLAN}", ["event 1: the plan"]),
    ],
)
def test_one_change_is_found_and_named(written: SqliteJournal, path: Path, statement: str, problems: list[str]) -> None:
    tamper(path, statement)
    found = written.verify(INC).problems
    assert all(one.startswith(expected) for one, expected in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE events SET payload = CAST(x'7bff7d' AS TEXT) WHERE seq = 2", "event 2: its text does not match"),
        ("UPDATE events SET payload = '{' WHERE seq = 2", "event 2: its text does not match"),
        ("UPDATE events SET type = 'Closed' WHERE seq = 2", "event 2: its text does not match"),
        ("UPDATE events SET type = 'Teleported' || char(27) WHERE seq = 2", "event 2: its text does not match"),
        ("UPDATE events SET v = 9 WHERE seq = 2", "event 2: its text does not match"),
        ("UPDATE events SET at = 'yesterday' WHERE seq = 2", "event 2: its text does not match"),
        ("UPDATE events SET seq = 'x' WHERE seq = 2", "event x: a column"),
        ("UPDATE events SET seq = -5 WHERE seq = 2", "event -5: is there more than once, or in the wrong place"),
        ("UPDATE events SET seq = 9e18 WHERE seq = 6", "events 6 to"),
        ("ALTER TABLE events RENAME COLUMN payload TO paper", "is damaged"),
        ("DROP TABLE heads", "is damaged"),
    ],
)
def test_what_makes_no_sense_at_all_is_found_without_a_stumble(
    written: SqliteJournal, path: Path, statement: str, first: str
) -> None:
    tamper(path, statement)
    problems = written.verify(INC).problems
    assert any(first in one for one in problems), problems
    assert all(one.isprintable() for one in problems)


def test_two_events_that_changed_places_are_both_named(written: SqliteJournal, path: Path) -> None:
    tamper(
        path,
        "UPDATE events SET seq = 99 WHERE seq = 2",
        "UPDATE events SET seq = 2 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 99",
    )
    problems = written.verify(INC).problems
    assert "event 2: its text does not match its hash" in problems
    assert "event 3: its text does not match its hash" in problems


def test_an_event_that_is_there_twice_is_found(written: SqliteJournal, path: Path) -> None:
    tamper(
        path,
        "CREATE TABLE copy AS SELECT * FROM events",
        "INSERT INTO copy SELECT * FROM events WHERE seq = 4",
        "DROP TABLE events",
        "ALTER TABLE copy RENAME TO events",
    )
    assert written.verify(INC).problems[0] == "event 4: is there more than once, or in the wrong place"


def test_an_event_rewritten_with_a_fitting_hash_breaks_the_link_after_it(written: SqliteJournal, path: Path) -> None:
    names = ", ".join(Row._fields)
    with closing(sqlite3.connect(path)) as raw:
        row = Row(*raw.execute(f"SELECT {names} FROM events WHERE seq = 2").fetchone())
    forged = link(row._replace(payload='{"text":"lie"}'))
    tamper(path, f"UPDATE events SET payload = '{{\"text\":\"lie\"}}', hash = '{forged}' WHERE seq = 2")
    assert written.verify(INC).problems == ("event 3: does not follow from what was written before it",)


def test_the_events_of_one_incident_do_not_pass_for_those_of_another(
    written: SqliteJournal, put: Put, path: Path
) -> None:
    put(written, 0, "x", incident="INC-2026-0002")
    tamper(
        path,
        "DELETE FROM events WHERE incident = 'INC-2026-0002'",
        "DELETE FROM heads WHERE incident = 'INC-2026-0002'",
        "UPDATE events SET incident = 'INC-2026-0002'",
        "UPDATE heads SET incident = 'INC-2026-0002'",
    )
    problems = written.verify("INC-2026-0002").problems
    assert problems[0] == "event 1: does not follow from what was written before it"
    assert "event 1: it opened another incident, INC-2026-0001" in problems


def test_a_thousand_problems_are_told_in_a_hundred(journal: SqliteJournal, put: Put, path: Path) -> None:
    put(journal, 0, *(["x"] * 150))
    tamper(path, "UPDATE events SET who = 'eve'")
    problems = journal.verify(INC).problems
    assert (len(problems), problems[-1]) == (101, "and 51 more problems")


def test_events_cannot_be_changed_or_removed_by_mistake(written: SqliteJournal, path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        for statement in ("UPDATE events SET who = 'eve'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="events are never"):
                raw.execute(statement)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM events WHERE seq = 6", "UPDATE heads SET version = 7", "DELETE FROM heads"]
)
def test_nothing_is_written_over_the_trace_of_a_cut_off_tail(
    written: SqliteJournal, put: Put, path: Path, statement: str
) -> None:
    tamper(path, statement)
    with pytest.raises(Tampered) as caught:
        put(written, written.version(INC), "more", command="new")
    assert "verify" in caught.value.hint


@pytest.mark.parametrize("change", ["payload = '{'", "at = 'noon'", "payload = CAST(x'7bff' AS TEXT)", "at = x'00'"])
def test_reading_a_tampered_event_says_so(written: SqliteJournal, path: Path, change: str) -> None:
    tamper(path, f"UPDATE events SET {change} WHERE seq = 2")
    with pytest.raises(CrisisError) as caught:
        written.read(INC)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("brief = '{'", False),
        ("brief = '[]'", False),
        ("brief = 'text'", False),
        ("brief = NULL", False),
        (f"brief = '{'[' * 100_000}'", False),
        ("wakes_at = 'noon'", True),
        ("wakes_at = 5", True),
    ],
)
def test_an_incident_whose_head_was_tampered_with_is_found_all_the_same(
    written: SqliteJournal, path: Path, change: str, says: bool
) -> None:
    loosen = "UPDATE sqlite_master SET sql = replace(sql, 'brief TEXT NOT NULL', 'brief TEXT')"
    tamper(path, "PRAGMA writable_schema = 1", loosen)
    tamper(path, f"UPDATE heads SET {change}")
    (head,) = written.heads()
    assert (head.incident, head.wakes_at) == (INC, None if "wakes" in change else head.wakes_at)
    assert bool(head.brief) is says


def test_an_erased_secret_is_no_longer_anywhere_in_the_file(written: SqliteJournal, path: Path) -> None:
    assert SECRET.data in path.read_bytes()
    assert written.erase(SECRET.key)
    left = path.read_bytes()
    assert SECRET.data not in left
    assert SECRET.salt not in left
    assert SECRET.key.encode() in left


@pytest.mark.parametrize("data", ["x'00'", "'image'"])
def test_what_somebody_put_in_a_blobs_place_is_given_to_nobody(written: SqliteJournal, path: Path, data: str) -> None:
    assert written.blob(IMAGE.key) == IMAGE.data
    tamper(path, f"UPDATE blobs SET data = {data} WHERE key = '{IMAGE.key}'")
    with pytest.raises(Tampered, match="is not what was written"):
        written.blob(IMAGE.key)
