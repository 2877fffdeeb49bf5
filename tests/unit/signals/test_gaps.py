from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from crisis.signals.gaps import gaps_of
from crisis.signals.tally import Bin, Tally

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = 60.0, 1440.0


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def tally(minutes: Iterable[float], sums: Bin = Bin(1, 0, 1)) -> Tally:  # noqa: B008  # it never changes
    made = Tally()
    for one in minutes:
        made.add(at(one), sums, "x")
    return made


def every(step: float, begins: float, ends: float) -> list[float]:
    return [begins + n * step for n in range(int((ends - begins) / step))]


def told(mentions: Tally, *covered: tuple[float, float]) -> list[tuple[float, float]]:
    """The gaps, in minutes after midnight."""
    gaps = gaps_of(mentions, [(at(first), at(last)) for first, last in covered])
    return [
        ((one.since - MIDNIGHT) / timedelta(minutes=1), (one.until - MIDNIGHT) / timedelta(minutes=1)) for one in gaps
    ]


def test_what_no_file_covers_is_a_gap_from_the_last_mention_to_the_next() -> None:
    both = tally([*every(5, 0, 6 * HOUR), *every(5, 9 * HOUR, 12 * HOUR)])
    assert told(both, (9 * HOUR, 12 * HOUR - 5), (0, 6 * HOUR - 5)) == [(6 * HOUR, 9 * HOUR)]


def test_within_one_file_there_is_no_gap_however_long_it_is_silent() -> None:
    both = tally([*every(5, 0, 6 * HOUR), *every(5, 9 * HOUR, 12 * HOUR)])
    assert told(both, (0, 12 * HOUR - 5)) == []
    assert told(both, (0, 12 * HOUR - 5), (0, 6 * HOUR - 5)) == []


def test_files_that_overlap_leave_no_gap() -> None:
    both = tally([*every(5, 0, 6 * HOUR), *every(5, 9 * HOUR, 12 * HOUR)])
    assert told(both, (0, 6 * HOUR), (5 * HOUR, 12 * HOUR - 5)) == []


def test_a_silence_that_is_usual_within_the_files_is_no_gap_between_them() -> None:
    """Nobody writes at night, and a file that ends at midnight ends with the last mention of the evening."""
    days = [[*every(10, n * DAY + 8 * HOUR, n * DAY + 20 * HOUR)] for n in range(6)]
    followed = tally(one for day in days for one in day)
    pairs = [(days[0][0], days[2][-1]), (days[3][0], days[5][-1])]
    assert told(followed, *pairs) == []
    missing = tally(one for n, day in enumerate(days) for one in day if n != 3)
    pairs = [(days[0][0], days[2][-1]), (days[4][0], days[5][-1])]
    assert told(missing, *pairs) == [(2 * DAY + 19 * HOUR + 55, 4 * DAY + 8 * HOUR)]


def test_one_old_mention_does_not_make_every_gap_a_usual_silence() -> None:
    both = tally([-400 * DAY, *every(5, 0, 6 * HOUR), *every(5, 9 * HOUR, 12 * HOUR)])
    assert told(both, (-400 * DAY, 6 * HOUR - 5), (9 * HOUR, 12 * HOUR - 5)) == [(6 * HOUR, 9 * HOUR)]


def test_times_that_are_days_cover_their_day() -> None:
    days = [n * DAY for n in (0, 1, 2, 3, 6, 7)]
    assert told(tally(days), (0, 3 * DAY), (6 * DAY, 7 * DAY)) == [(4 * DAY, 6 * DAY)]
    followed = [n * DAY for n in range(8)]
    assert told(tally(followed), (0, 3 * DAY), (4 * DAY, 7 * DAY)) == []


def rows(mentions: Tally, signal: str, gaps: Sequence[tuple[int, int]]) -> dict[datetime, float]:
    (found,) = (one for one in mentions.series(fine=True, gaps=gaps) if one.signal == signal)
    return {row[0]: row[1] for row in found.rows}


def test_a_gap_is_a_hole_in_every_signal_and_no_zero() -> None:
    worded = Bin(1, 1, 1, 10, 2)
    both = tally([*every(5, 0, 6 * HOUR), *every(5, 9 * HOUR, 12 * HOUR)], worded)
    for hour in range(12):
        both.complain(at(hour * HOUR), "the kettle leaks again")
    gaps = [
        (one.first, one.end) for one in gaps_of(both, [(at(0), at(6 * HOUR - 5)), (at(9 * HOUR), at(12 * HOUR - 5))])
    ]
    names = {one.signal for one in both.series(fine=True, gaps=gaps)}
    assert names >= {"mention_rate", "negative_share", "negative_rate", "reach", "engagement", "velocity", "spread"}
    for name in sorted(names):
        known, filled = rows(both, name, gaps), rows(both, name, [])
        inside = {when for when in filled if at(6 * HOUR) <= when < at(9 * HOUR)}
        assert inside, name
        assert not inside & set(known), name
        outside = {when: value for when, value in filled.items() if when not in inside}
        if name == "velocity":  # by how much the first half-hour after the gap rose nobody knows
            del outside[at(9 * HOUR)]
        assert known == outside, name


def test_a_row_that_a_gap_cuts_into_is_left_out_but_never_the_last() -> None:
    """After ten days a row is a quarter of an hour."""
    both = tally([*every(5, -12 * DAY, 0), *every(5, 20, 25)])
    gaps = gaps_of(both, [(at(-12 * DAY), at(-5)), (at(20), at(20))])
    assert gaps
    (found,) = (one for one in both.series(gaps=gaps) if one.signal == "mention_rate")
    assert found.every == timedelta(minutes=15)
    values = [(row[0], row[1]) for row in found.rows]
    assert values[-1] == (at(10), 1)
    assert values[-2] == (at(-20), 3)
