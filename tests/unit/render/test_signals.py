from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crisis.adapters.render.signals import signal_lines
from crisis.signals.settings import SETTINGS
from crisis.signals.standing import Standing, stand
from crisis.signals.tally import Series

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def standing(hours: int) -> Standing:
    """So many quiet hours, and a loud one."""
    rows = [(START + n * HOUR, 4.0 + n % 3, None) for n in range(hours)]
    found = stand(
        Series("mention_rate", "count", HOUR, iter([*rows, (START + hours * HOUR, 400.0, None)]), HOUR),
        SETTINGS["watchful"],
    )
    assert found is not None
    return found


@pytest.mark.parametrize("hours", [5, 24 * 7])
def test_in_a_narrow_terminal_each_signal_is_a_block_and_no_line_of_it_is_cut(hours: int) -> None:
    wide = signal_lines([standing(hours)], None, plain=True)
    narrow = signal_lines([standing(hours)], None, plain=True, width=70)
    assert wide[0].startswith("signal ")
    assert narrow[0] == "mention_rate 400/h"
    assert all(len(line) <= 70 for line in narrow[:5] if not line.startswith("too little"))
    assert not any("?" in line for line in narrow)


def test_a_terminal_that_is_wide_enough_shows_the_table_as_a_file_does() -> None:
    found = [standing(24 * 7)]
    assert signal_lines(found, None, plain=True, width=500) == signal_lines(found, None, plain=True)
