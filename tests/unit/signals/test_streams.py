from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule
from crisis.signals.proposal import advise, readings_of, thresholds_of
from crisis.signals.settings import WATCHFUL
from crisis.signals.standing import Standing, stand
from crisis.signals.streams import Stream
from crisis.signals.tally import BASE, Bin, Series, Tally

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def stream_of(*rows: tuple[int, float]) -> Stream:
    """A settled stream of rows at so many minutes."""
    stream = Stream()
    for minutes, value in rows:
        stream.add(START + minutes * MINUTE, value)
    stream.settle()
    return stream


def minutes_of(stream: Stream) -> list[tuple[int, float]]:
    return [((at - START) // MINUTE, value) for at, value in stream.rows()]


def tally_of(days: float, storm_bins: int = 0, *, negative: int = 30, every: timedelta = BASE) -> Tally:
    """Three mentions in every bin, one of five of them negative; at the end so many bins with forty times as many."""
    tally = Tally()
    total = int(timedelta(days=days) / every)
    for n in range(total):
        hot = n >= total - storm_bins
        sums = Bin(120, negative, 120, 0, 0) if hot else Bin(3, n % 5 == 0, 3, 0, 0)
        tally.add(START + n * every, sums, "x", "country GB")
    return tally


def standing_of(tally: Tally, signal: str) -> Standing:
    (series,) = (one for one in tally.series() if one.signal == signal)
    found = stand(series, WATCHFUL)
    assert found is not None
    return found


def test_rows_from_newest_to_oldest_are_turned_round() -> None:
    stream = stream_of(*((minute, float(minute)) for minute in range(600, 0, -5)))
    assert stream.was_sorted
    assert minutes_of(stream) == [(minute, float(minute)) for minute in range(5, 605, 5)]


def test_sources_one_below_the_other_are_added_up_by_time() -> None:
    stream = stream_of(*((minute, 1.0) for minute in range(0, 600, 5)), *((minute, 2.0) for minute in range(0, 600, 5)))
    assert {value for _, value in stream.rows()} == {3.0}
    assert stream.added_up == 120


def test_an_hour_that_comes_twice_when_the_clock_is_set_back_counts_once() -> None:
    twice = [*range(0, 6000, 5), *range(5940, 9000, 5)]
    stream = stream_of(*((minute, 7.0) for minute in twice))
    assert not stream.was_sorted
    assert {value for _, value in stream.rows()} == {7.0, 14.0}
    assert stream.late == 11
    assert [value for _, value in stream.rows()].count(14.0) == 1


def test_files_that_overlap_count_once_and_files_that_differ_are_added_up() -> None:
    stream = stream_of((0, 1), (5, 2), (10, 3))
    stream.absorb(stream_of((5, 2), (10, 3), (15, 4)))
    assert minutes_of(stream) == [(0, 1), (5, 2), (10, 3), (15, 4)]
    assert stream.again == 2
    stream.absorb(stream_of((5, 1), (20, 9)))
    assert minutes_of(stream) == [(0, 1), (5, 3), (10, 3), (15, 4), (20, 9)]


def test_times_are_given_in_the_zone_that_is_asked_for() -> None:
    (row,) = stream_of((0, 1)).rows(ZoneInfo("Asia/Tokyo"))
    assert row[0].hour == 9
    assert row[0] == START


def test_before_a_day_was_seen_no_signal_claims_to_know_what_is_usual() -> None:
    found = standing_of(tally_of(0.8, storm_bins=6), "mention_rate")
    assert not found.learned
    assert not found.unusual
    assert found.value is not None
    assert (found.baseline, found.ratio, found.low, found.odds) == (None, None, None, None)


def test_a_storm_at_the_end_stands_out_with_its_baseline_and_its_beginning() -> None:
    found = standing_of(tally_of(9, storm_bins=6), "mention_rate")
    assert found.unusual
    assert found.value == pytest.approx(6 * 3 + 6 * 120)
    assert found.baseline == pytest.approx(36, rel=0.6)
    assert found.since is not None
    assert found.ends - found.since <= timedelta(minutes=35)
    assert found.odds is not None
    assert found.odds > 3


def test_an_alert_lies_at_the_end_of_the_bin_that_it_tells_of() -> None:
    found = standing_of(tally_of(9, storm_bins=1), "mention_rate")
    assert found.alerts[-1].at == START + timedelta(days=9)


def test_dates_without_a_time_of_day_make_rows_of_days() -> None:
    tally = tally_of(40, every=timedelta(days=1))
    found = standing_of(tally, "mention_rate")
    assert found.window == timedelta(days=1)
    assert found.value == 3


def test_midnights_of_a_place_with_summer_time_make_rows_of_days() -> None:
    tally, zone = Tally(), ZoneInfo("Europe/Berlin")
    for day in range(60):
        local = datetime(2026, 3, 1, tzinfo=zone) + timedelta(days=day)
        tally.add(local.astimezone(UTC), Bin(10))
    assert tally.grid(zone, fine=False).size == timedelta(days=1) // BASE
    assert tally.grid(UTC, fine=False).size == timedelta(days=1) // BASE


def test_without_any_sentiment_there_is_no_share_of_negatives() -> None:
    tally = Tally()
    tally.add(START, Bin(mentions=4))
    assert {series.signal for series in tally.series()} == {"mention_rate", "velocity", "spread"}


def test_a_silence_of_years_costs_no_rows() -> None:
    tally = Tally()
    for year in (1996, 2025, 2026):
        tally.add(datetime(year, 5, 1, tzinfo=UTC), Bin(1))
    assert sum(1 for series in tally.series(fine=True) for _ in series.rows) < 100


def rule(at_least: str, minutes: int, count: int) -> SeverityRule:
    asked = Condition(signal="negative_rate", at_least=at_least, for_=minutes * MINUTE, min_count=count)
    return SeverityRule(any_=(asked,))


@pytest.mark.parametrize(
    ("bins", "minutes", "lasts"),
    [(3, 15, True), (2, 15, False), (2, 10, True), (6, 30, True)],
)
def test_a_bar_must_be_held_as_long_as_the_rule_asks(bins: int, minutes: int, lasts: bool) -> None:
    standing = standing_of(tally_of(9, storm_bins=bins), "negative_rate")
    read = readings_of([standing], thresholds_of({"SEV2": rule("5x", minutes, 30)}))["negative_rate"]
    assert (read.lasting >= minutes * MINUTE) is lasts


def test_a_peak_that_did_not_last_is_no_reason_for_the_rule_above() -> None:
    # Half an hour of six times the usual, of which the last five minutes forty times.
    tally = Tally()
    total = int(timedelta(days=9) / BASE)
    for n in range(total):
        negative = 200 if n == total - 1 else 30 if n >= total - 6 else 5
        tally.add(START + n * BASE, Bin(200, negative, 200))
    rules = {"SEV1": rule("10x", 15, 100), "SEV2": rule("3x", 15, 60)}
    read = readings_of([standing_of(tally, "negative_rate")], thresholds_of(rules))["negative_rate"]
    assert 3 <= read.ratio < 10
    assert read.lasting == timedelta(minutes=30)


def test_the_advice_is_open_or_answer_or_nothing_and_says_when_to_look_again() -> None:
    calm = [standing_of(tally_of(9), "mention_rate")]
    stormy = [standing_of(tally_of(9, storm_bins=4), "mention_rate")]
    new = [standing_of(tally_of(0.5), "mention_rate")]
    now = START
    assert advise("SEV2", "a rule", calm, now, by_rule=True).do == "open"
    unusual = advise("SEV4", "", stormy, now, by_rule=False)
    usual = advise("SEV4", "", calm, now, by_rule=False)
    assert (unusual.do, usual.do) == ("answer_individually", "nothing")
    assert now < unusual.look_again_at < usual.look_again_at
    assert advise("SEV4", "", new, now, by_rule=False).do == "answer_individually"


def test_a_series_without_rows_stands_nowhere() -> None:
    assert stand(Series("mention_rate", "count", BASE, iter(()), BASE), WATCHFUL) is None


def test_rows_of_seconds_become_minutes_and_one_that_is_not_over_is_left_out() -> None:
    stream, start = Stream(), datetime(2024, 5, 1, 8, 0, 20, tzinfo=UTC)
    for n in range(179):
        stream.add(start + timedelta(seconds=n), n // 60 + 1)
    second = timedelta(seconds=1)
    minutes = [(start, 60), (start + timedelta(minutes=1), 120)]
    assert list(stream.minutes(second)) == minutes
    stream.add(start + timedelta(seconds=179), 3)
    assert list(stream.minutes(second)) == [*minutes, (start + timedelta(minutes=2), 180)]


def test_a_minute_without_a_row_is_unknown_and_no_rows_are_no_minutes() -> None:
    stream, start, second = Stream(), datetime(2024, 5, 1, tzinfo=UTC), timedelta(seconds=1)
    assert list(stream.minutes(second)) == []
    assert not stream.lasts(second)
    for n in (0, 1, 200, 239):
        stream.add(start + n * second, 1)
    berlin = ZoneInfo("Europe/Berlin")
    found = list(stream.minutes(second, berlin))
    assert found == [(start, 2), (start + timedelta(minutes=3), 2)]
    assert found[0][0].hour == 2


def test_of_complaints_that_stand_for_many_no_more_are_told_than_were_made() -> None:
    tally = Tally()
    for hour in range(30):
        at = START + timedelta(hours=hour)
        tally.add(at, Bin(100, 40, 100), "x")
        for _ in range(5):  # one in ten was looked at; by chance a few more of those that say the same
            tally.complain(at, "the kettle leaks again", 10)
    (repeats,) = (one for one in tally.series() if one.signal == "repeat_topic")
    assert {value for _, value, _ in repeats.rows} == {40.0}
