from __future__ import annotations

import math

import pytest

from crisis.signals.memory import BLOCK, HALF_LIFE_DAYS, PastPeaks


def after(*peaks: float) -> PastPeaks:
    """A memory of one block per peak, in the shortest window."""
    memory = PastPeaks()
    for n, peak in enumerate(peaks):
        memory.turn(n * BLOCK, 300.0)
        memory.running[0] = peak
    memory.turn(len(peaks) * BLOCK, 300.0)
    return memory


def test_one_high_peak_counts_almost_alone() -> None:
    assert after(10.0, *[5.0] * 20).records[0] == pytest.approx(10 * 2 ** (-20 / 80 / 8), rel=0.02)


def test_a_shock_is_remembered_as_twice_the_record_and_no_higher() -> None:
    calm, shaken = after(*[9.0] * 20), after(*[9.0] * 20, 1000.0)
    assert shaken.records[0] == pytest.approx(2 * calm.records[0], rel=0.01)


def test_a_record_of_next_to_nothing_limits_nothing() -> None:
    assert after(*[0.001] * 20, 10.0).records[0] == pytest.approx(10, rel=0.01)


def test_many_peaks_a_little_lower_add_up() -> None:
    assert 10 < after(*[9.0] * 20).records[0] < 14


def test_what_is_past_fades_by_half_lives() -> None:
    memory = after(10.0)
    memory.turn((HALF_LIFE_DAYS * 86400) + BLOCK, 300.0)
    assert memory.powers[0] == pytest.approx(after(10.0).powers[0] / 2)


def test_the_block_that_runs_is_not_yet_compared_with() -> None:
    memory = after(1.0)
    memory.running[0] = 50.0
    memory.turn(1.5 * BLOCK, 300.0)
    assert memory.records[0] == pytest.approx(1, rel=0.01)


def test_a_short_history_asks_for_more_evidence() -> None:
    assert not after(1, 1, 1).learned
    assert after(1, 1, 1, 1).learned
    doubts = [after(*[1] * blocks).doubt for blocks in (4, 16, 40, 400)]
    assert doubts == sorted(doubts, reverse=True)
    assert doubts[0] > 2
    assert doubts[-1] == pytest.approx(1, abs=0.01)
    assert PastPeaks().doubt == math.inf


def test_odds_are_days_and_no_more_than_ten_times_the_history() -> None:
    memory = after(*[float(n % 7 + 1) for n in range(80)])
    seen = [memory.odds(0, peak) for peak in (1, 4, 8, 30, 1e9)]
    assert seen == sorted(seen)
    assert seen[0] < 1
    assert seen[-1] == 10 * 20


def test_without_a_past_there_are_no_odds() -> None:
    assert PastPeaks().odds(0, 5.0) == 0


def test_a_row_of_a_day_is_worth_four_blocks_and_a_gap_none() -> None:
    daily, gap = PastPeaks(), PastPeaks()
    for memory, span in ((daily, 4 * BLOCK), (gap, 300.0)):
        memory.turn(0, span)
        memory.running[0] = 1.0
        memory.turn(4 * BLOCK, span)
    assert (daily.blocks, gap.blocks) == (4, 1)
    assert daily.doubt < gap.doubt
