"""The adapters that a port's contract is run against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.runtime.ports import Journal


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """A journal in which nothing is written yet."""
    if request.param == "memory":
        yield MemoryJournal()
    else:
        with SqliteJournal(tmp_path / "journal.db", lambda: datetime(2026, 3, 1, 9, tzinfo=UTC)) as one:
            yield one
