from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crisis.wiring.watching import How, ending

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
EVENING = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)  # 22:00 in Copenhagen, and summer time begins in the night


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("22:30", datetime(2026, 3, 28, 21, 30, tzinfo=UTC)),
        ("07:30", datetime(2026, 3, 29, 5, 30, tzinfo=UTC)),
        ("22:00", datetime(2026, 3, 29, 20, 0, tzinfo=UTC)),
        ("2026-03-30T07:30", datetime(2026, 3, 30, 5, 30, tzinfo=UTC)),
        ("2026-03-30T07:30+00:00", datetime(2026, 3, 30, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_watch_ends_at_the_next_such_time_in_its_zone(until: str, ends: datetime) -> None:
    assert ending(How(until=until), EVENING, COPENHAGEN) == ends


def test_a_watch_without_an_end_has_none_and_one_with_a_length_ends_after_it() -> None:
    assert ending(How(), EVENING, COPENHAGEN) is None
    assert ending(How(for_="2h"), EVENING, COPENHAGEN) == EVENING + timedelta(hours=2)
