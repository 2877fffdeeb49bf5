"""Kill -9 at two hundred random moments: nothing acknowledged is lost, nothing is asked twice, the record is intact."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal

HERE = Path(__file__).parent
KILLS = 200


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], SqliteJournal]:
    journal = tmp_path_factory.mktemp("killed") / "journal.db"
    done = subprocess.run(
        [sys.executable, str(HERE / "killing.py"), str(HERE / "project"), str(journal), "7", str(KILLS)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), SqliteJournal.reading(journal)


def test_no_life_fails_and_no_answer_is_refused(told: Any) -> None:
    words = Counter(word[0] for life in told[0]["lives"] for word in life)
    assert told[0]["kills"] == KILLS
    assert set(words) == {"asked", "closed"}


def test_no_answer_is_asked_for_again_once_the_next_question_was_shown(told: Any) -> None:
    acknowledged: set[tuple[Any, ...]] = set()
    for life in told[0]["lives"]:
        asked = [tuple(word[1:]) for word in life if word[0] == "asked"]
        assert not acknowledged.intersection(asked)
        assert len(set(asked)) == len(asked)
        # The last one may have been killed before its answer was kept; with the others, the next one was shown.
        acknowledged |= set(asked[:-1])
    assert len(acknowledged) > KILLS // 2  # on a busy machine a life may end before it has asked anything


def test_a_walk_that_was_killed_often_ends_like_one_that_never_was(told: Any) -> None:
    journal = told[1]
    names = [head.incident for head in reversed(journal.heads())]
    unhurt = _story(journal, names[0])
    assert len(names) > 5
    assert all(_story(journal, name) == unhurt for name in names)


def test_the_record_is_intact(told: Any) -> None:
    journal = told[1]
    assert all(not journal.verify(head.incident).problems for head in journal.heads())


def _story(journal: SqliteJournal, incident: str) -> list[tuple[str, ...]]:
    events = [one.event for one in journal.read(incident)]
    fields = ("step", "round", "ask", "outcome", "fact", "value", "message", "severity", "person", "link")
    return [(type(event).__name__, *(repr(getattr(event, name, "")) for name in fields)) for event in events]
