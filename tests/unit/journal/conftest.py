"""A journal on disk, and a way to write to it in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.engine import events as ev
from crisis.kernel.fingerprints import fingerprint
from crisis.runtime.ports import Blob, Envelope, Head, Journal

INC = "INC-2026-0001"
PLAN = Blob(key=fingerprint(b"{plan}"), data=b"{plan}")

Put = Callable[..., tuple[ev.Recorded, ...]]


def put(
    journal: Journal, expected: int, *texts: str, command: str = "", incident: str = INC, blobs: Sequence[Blob] = ()
) -> tuple[ev.Recorded, ...]:
    """Append notes; where nothing is written yet, the first event opens the incident."""
    events: list[ev.Event] = [ev.Noted(text=text) for text in texts]
    if expected == 0:
        opened = ev.Opened(
            incident=incident, uid="u", playbook="p", title="t", plan=PLAN.key, sources={}, roster=(), lead="ana"
        )
        events, blobs = [opened, *events], (PLAN, *blobs)
    at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    envelopes = [Envelope(seq=expected + n, at=at, who="ana", via="tty", event=one) for n, one in enumerate(events, 1)]
    head = Head(incident=incident, version=envelopes[-1].seq, hash="", wakes_at=at, brief={"title": "t"})
    return journal.append(incident, expected, command or f"c{expected}", envelopes, head, blobs)


@pytest.fixture(name="put", scope="session")
def put_fixture() -> Put:
    return put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "er" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(path, lambda: datetime(2026, 3, 1, 9, tzinfo=UTC), patience=0.05) as one:
        yield one
