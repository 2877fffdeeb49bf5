from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crisis.projections.listing import listing
from crisis.projections.situation import breached, situation

DUE = datetime(2026, 3, 7, 3, 0, tzinfo=UTC)


def brief(*, closed_at: datetime | None = None, met: datetime | None = None, kept: bool = False, due=DUE):
    clock = {
        "name": "First statement",
        "due": due.isoformat() if due else None,
        "met": met.isoformat() if met else None,
        "breached": kept,
    }
    return {"clocks": [clock], "not_posted": [], "closed_at": closed_at.isoformat() if closed_at else None}


@pytest.mark.parametrize(
    ("minutes", "options", "expected"),
    [
        (-1, {}, False),
        (0, {}, False),
        (1, {}, True),
        (90, {"met": DUE}, False),
        (90, {"met": DUE + timedelta(seconds=1)}, True),
        (90, {"closed_at": DUE - timedelta(minutes=5)}, False),
        (-60, {"kept": True}, True),
        (90, {"due": None}, False),
    ],
)
def test_a_clock_past_due_is_breached_when_it_is_read(minutes: int, options: dict, expected: bool) -> None:
    now = DUE + timedelta(minutes=minutes)
    seen = situation(brief(**options), now)
    assert bool(breached(seen)) is expected


def test_a_clock_runs_until_it_is_met_or_the_incident_is_closed() -> None:
    now = DUE + timedelta(minutes=1)
    for options, running in (({}, True), ({"met": DUE}, False), ({"closed_at": DUE - timedelta(minutes=5)}, False)):
        assert situation(brief(**options), now)["clocks"][0]["running"] is running


def test_the_kept_brief_is_not_changed_by_looking_at_it() -> None:
    kept = brief()
    situation(kept, DUE + timedelta(hours=1))
    assert kept["clocks"][0]["breached"] is False


def test_a_list_of_nothing_is_an_empty_list_in_a_document() -> None:
    assert listing([], DUE) == {"schema_version": 1, "incidents": []}
