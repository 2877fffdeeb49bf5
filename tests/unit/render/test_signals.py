from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crisis.adapters.render.signals import signal_lines, sparkline
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
    narrow = signal_lines([standing(hours)], None, plain=True, width=60)
    assert wide[0].startswith("signal ")
    assert narrow[0] == "mention_rate 400/h"
    assert all(len(line) <= 60 for line in narrow[:5] if not line.startswith("too little"))
    assert not any("?" in line for line in narrow)


def test_a_terminal_that_is_wide_enough_shows_the_table_as_a_file_does() -> None:
    found = [standing(24 * 7)]
    assert signal_lines(found, None, plain=True, width=500) == signal_lines(found, None, plain=True)


def test_both_edges_of_what_is_usual_stand_below_what_came_on_one_scale() -> None:
    came, most, least = sparkline([4.0, 8.0, 2.0], [8.0, 8.0, 8.0], [4.0, 4.0, 4.0])
    assert (came, most, least) == ("▄█▂", "███", "▄▄▄")
    rows = signal_lines([standing(24 * 7)], None, plain=False)
    assert "usual at most" in rows[2]


def test_a_lower_edge_on_the_ground_is_left_out() -> None:
    assert sparkline([4.0, 8.0], [8.0, 8.0], [0.0, 0.5]) == ("▄█", "██", "")
    assert sparkline([4.0, 8.0]) == ("▄█", "", "")
