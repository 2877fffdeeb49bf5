from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crisis.kernel.errors import Refused, Unreadable
from crisis.signals.alerts import Alert
from crisis.signals.detector import Detector, Kind
from crisis.signals.settings import QUIET, WATCHFUL, Setting

START = datetime(2026, 3, 2, tzinfo=UTC)
BIN = timedelta(minutes=5)


def alerts(rows, setting: Setting = WATCHFUL, signal: str = "mention_rate") -> list[Alert]:
    detector = Detector(signal, setting)
    return [alert for alert in (detector.feed(*row) for row in rows) if alert]


def test_quiet_weeks_raise_nothing(made_up) -> None:
    for rate in (0.3, 3, 30, 300):
        assert alerts(made_up.quiet(14, rate=rate)) == []


def test_an_event_is_noticed_within_minutes_and_dated(made_up) -> None:
    begins = 10 * 288 + 150
    found = alerts(made_up.event(made_up.quiet(12), begins, times=10))
    assert len(found) == 1
    alert = found[0]
    event = made_up.start + begins * made_up.bin
    assert event <= alert.at <= event + timedelta(minutes=15)
    assert event <= alert.since <= alert.at
    assert alert.signal == "mention_rate"
    assert alert.ratio == pytest.approx(alert.value / alert.baseline)
    assert alert.ratio > 3
    assert not alert.escalates


def test_a_slow_build_up_is_noticed_though_no_single_bin_stands_out(made_up) -> None:
    rows = made_up.event(made_up.quiet(12, rate=3), 10 * 288 + 20, times=3.5, lasting=72)
    assert all(value < 8 * 3 for _, value in rows)
    assert len(alerts(rows)) == 1


def test_a_single_bin_that_leaps_is_noticed_at_once(made_up) -> None:
    rows = made_up.event(made_up.quiet(12), 10 * 288 + 100, times=30, lasting=1)
    assert [alert.at for alert in alerts(rows)] == [rows[10 * 288 + 100][0]]


def test_one_episode_is_one_alert_until_it_escalates(made_up) -> None:
    rows = made_up.quiet(12)
    flat = made_up.event(rows, 10 * 288 + 20, times=8, lasting=140)
    assert len(alerts(flat)) == 1
    worse = made_up.event(flat, 10 * 288 + 90, times=12, lasting=40)
    assert [alert.escalates for alert in alerts(worse)] == [False, True]


def test_what_the_brand_has_been_through_is_no_news_and_what_exceeds_it_is(made_up) -> None:
    rows = made_up.quiet(20)
    for day in range(2, 14, 2):
        rows = made_up.event(rows, day * 288 + 140, times=6, lasting=12)
    usual = made_up.event(rows, 16 * 288 + 140, times=3, lasting=12)
    assert alerts(usual)[-1].at < rows[14 * 288][0]
    larger = made_up.event(rows, 16 * 288 + 140, times=18, lasting=12)
    assert alerts(larger)[-1].at >= rows[16 * 288 + 140][0]


def test_quiet_needs_more_than_watchful(made_up) -> None:
    rows = made_up.quiet(20)
    for day, times in ((3, 5), (7, 4.2), (11, 4.4), (15, 4.0)):
        rows = made_up.event(rows, day * 288 + 140, times=times, lasting=12)
    assert len(alerts(rows, QUIET)) < len(alerts(rows, WATCHFUL))


@pytest.mark.parametrize("cut", [300, 2880, 2985, 3000, 3200])
def test_a_prefix_gives_the_alerts_of_the_whole_up_to_there(made_up, cut) -> None:
    rows = made_up.event(made_up.quiet(12), 10 * 288 + 100, times=10)
    last = rows[cut - 1][0]
    assert alerts(rows[:cut]) == [alert for alert in alerts(rows) if alert.at <= last]


@settings(max_examples=10, deadline=None)
@given(cut=st.integers(1, 1200), jump=st.integers(1100, 1190))
def test_saved_and_restored_anywhere_it_goes_on_the_same(made_up, cut, jump) -> None:
    rows = made_up.event(made_up.quiet(6), jump, times=12)
    rows = rows[:1250]
    whole = Detector("mention_rate", QUIET)
    expected = [whole.feed(*row) for row in rows]
    first = Detector("mention_rate", QUIET)
    got = [first.feed(*row) for row in rows[:cut]]
    second = Detector.restore(json.loads(json.dumps(first.state())))
    got += [second.feed(*row) for row in rows[cut:]]
    assert got == expected
    assert second.state() == whole.state()


def test_it_holds_no_more_after_months_than_after_days(made_up) -> None:
    detector = Detector("mention_rate")
    sizes = []
    for n, (at, value) in enumerate(made_up.quiet(20)):
        detector.feed(at, value)
        if n % 288 == 0:
            sizes.append(len(detector.state()["windows"]["times"]))
    assert max(sizes) <= 400


def test_rows_by_the_second_take_no_more_room() -> None:
    detector = Detector("mention_rate")
    for n in range(15000):
        detector.feed(START + timedelta(seconds=n), 1.0)
    assert len(detector.state()["windows"]["times"]) <= 1000


def test_on_the_first_day_nothing_is_called_unusual(made_up) -> None:
    rows = made_up.event(made_up.quiet(3), 200, times=50, lasting=3)
    detector = Detector("mention_rate")
    assert [detector.feed(*row) for row in rows[:280]] == [None] * 280
    assert not detector.learned
    for row in rows[280:]:
        detector.feed(*row)
    assert detector.learned


def test_a_gap_is_unknown_and_not_silence(made_up) -> None:
    rows = made_up.quiet(14)
    holed = rows[: 8 * 288] + rows[9 * 288 + 100 :]
    assert alerts(holed) == []
    detector, whole = Detector("mention_rate"), Detector("mention_rate")
    for row in holed:
        detector.feed(*row)
    for row in rows:
        whole.feed(*row)
    noon = datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert detector.baseline(noon).expected == pytest.approx(whole.baseline(noon).expected, rel=0.1)


@pytest.mark.parametrize("minutes", [3, 15, 60])
def test_bins_of_other_sizes_work_the_same(made_up, minutes) -> None:
    every = timedelta(minutes=minutes)
    rows = made_up.quiet(14, rate=4.0 * minutes, every=every)
    day = int(timedelta(days=1) / every)
    begins = 12 * day + day // 2
    assert alerts(rows) == []
    found = alerts(made_up.event(rows, begins, times=10, lasting=max(2, 120 // minutes)))
    assert len(found) == 1
    assert rows[begins][0] <= found[0].at <= rows[begins][0] + max(every, timedelta(minutes=15))


@pytest.mark.parametrize("unit", [1000.0, 1e6])
def test_reach_and_traffic_in_large_numbers_work_the_same(made_up, unit) -> None:
    rows = [(at, value * unit) for at, value in made_up.quiet(14)]
    assert alerts(rows, signal="reach") == []
    assert len(alerts(made_up.event(rows, 12 * 288 + 140, times=10), signal="reach")) == 1


def test_rows_by_the_day_find_a_day_that_stands_out() -> None:
    rows = [(START + n * timedelta(days=1), 100.0 + 10 * (n % 3)) for n in range(60)]
    assert alerts(rows) == []
    rows[50] = (rows[50][0], 900.0)
    assert [alert.at for alert in alerts(rows)] == [rows[50][0]]


def test_a_brand_of_which_nobody_speaks_is_not_alarmed_by_a_few() -> None:
    silent = [(START + n * BIN, 0.0) for n in range(3000)]
    few = silent[:2500] + [(at, 2.0) for at, _ in silent[2500:2503]] + silent[2503:]
    assert alerts(few) == []
    many = silent[:2500] + [(at, 60.0) for at, _ in silent[2500:2503]] + silent[2503:]
    assert [alert.at for alert in alerts(many)] == [silent[2500][0]]


def test_a_flood_in_the_very_first_rows_does_not_deafen_for_good(made_up) -> None:
    rows = [(at, value * 100 if n < 12 else value) for n, (at, value) in enumerate(made_up.quiet(40))]
    event = made_up.event(rows, 38 * 288 + 140, times=60)
    assert len(alerts(event)) == 1


def test_the_baseline_knows_the_hour(made_up) -> None:
    detector = Detector("mention_rate")
    for row in made_up.quiet(21):
        detector.feed(*row)
    noon, night = (
        detector.baseline(datetime(2026, 3, 23, 12, tzinfo=UTC)),
        detector.baseline(datetime(2026, 3, 23, 0, tzinfo=UTC)),
    )
    assert noon.expected == pytest.approx(36, rel=0.25)
    assert night.expected < 10
    assert noon.low < noon.expected < noon.high
    assert night.low >= 0


def test_one_crisis_does_not_become_the_new_normal(made_up) -> None:
    rows = made_up.quiet(14)
    calm, shaken = Detector("mention_rate"), Detector("mention_rate")
    for row in rows:
        calm.feed(*row)
    for row in made_up.event(rows, 12 * 288, times=100, lasting=60):
        shaken.feed(*row)
    noon = datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert shaken.baseline(noon).expected < 2 * calm.baseline(noon).expected


def test_odds_grow_with_the_event_and_stay_within_what_can_be_known(made_up) -> None:
    def odds(times: float) -> float:
        return alerts(made_up.event(made_up.quiet(20), 16 * 288 + 140, times=times, lasting=1))[-1].odds

    assert 1 < odds(5) < odds(20) <= 10 * 20


def test_two_of_three_negative_is_no_alarm_and_two_hundred_of_three_hundred_is() -> None:
    def share(hits: float, of: float) -> list[Alert]:
        detector = Detector("negative_share", kind="share")
        found = []
        for n in range(14 * 24):
            busy = 30 if n % 3 else 31
            found.append(detector.feed(START + n * timedelta(hours=1), round(busy * 0.2) + n % 2, busy))
        found.append(detector.feed(START + 14 * timedelta(days=1), hits, of))
        return [alert for alert in found if alert]

    assert share(2, 3) == []
    assert share(60, 300) == []
    (alert,) = share(200, 300)
    assert 0.2 < alert.value <= 1
    assert alert.baseline == pytest.approx(0.2, abs=0.05)


def test_hours_without_mentions_say_nothing_about_the_share() -> None:
    detector = Detector("negative_share", kind="share")
    for n in range(100):
        assert detector.feed(START + n * timedelta(hours=1), 0, 0) is None
    assert detector.point is not None
    assert math.isnan(detector.point.value)
    assert detector.baseline(START, of=100).expected == pytest.approx(20)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, 1e300])
def test_what_is_no_count_is_refused(value) -> None:
    with pytest.raises(Refused, match="no count"):
        Detector("mention_rate").feed(START, value)


def test_a_share_says_of_how_many_and_a_count_does_not() -> None:
    with pytest.raises(Refused, match="say of how many"):
        Detector("negative_share", kind="share").feed(START, 1)
    with pytest.raises(Refused, match="leave out"):
        Detector("mention_rate").feed(START, 1, 2)
    with pytest.raises(Refused, match="no share"):
        Detector("negative_share", kind="share").feed(START, 3, 2)


def test_rows_go_forward_in_time_and_agree_about_zones() -> None:
    detector = Detector("mention_rate")
    detector.feed(START, 1)
    with pytest.raises(Refused, match="not lie after"):
        detector.feed(START, 1)
    with pytest.raises(Refused, match="time zone"):
        detector.feed((START + BIN).replace(tzinfo=None), 1)


def test_a_refused_row_leaves_no_trace() -> None:
    detector = Detector("mention_rate")
    detector.feed(START, 1)
    before = detector.state()
    with pytest.raises(Refused):
        detector.feed(START + BIN, -1)
    assert detector.state() == before


@pytest.mark.parametrize("state", [{}, {"version": 2}, {"version": 1}, {"version": 1, "setting": 3}])
def test_what_is_no_saved_detector_is_refused(state) -> None:
    with pytest.raises(Unreadable):
        Detector.restore(state)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 1e15)), max_size=120),
)
def test_any_counts_at_any_times_are_taken_in(rows) -> None:
    detector, at = Detector("reach"), START
    for gap, value in rows:
        at += timedelta(seconds=gap)
        alert = detector.feed(at, value)
        assert math.isfinite(detector.strength)
        assert alert is None or (math.isfinite(alert.ratio) and math.isfinite(alert.odds) and alert.since <= alert.at)
    band = detector.baseline(at)
    assert 0 <= band.low <= band.expected <= band.high
    json.dumps(detector.state(), allow_nan=False)


@given(
    values=st.lists(st.integers(0, 400), min_size=20, max_size=300),
    gaps=st.lists(st.integers(1, 4), min_size=300, max_size=300),
    minutes=st.sampled_from([1, 5, 6, 15, 30, 60, 1440]),
    share=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_to_know_how_far_apart_rows_lie_changes_nothing(
    values: list[int], gaps: list[int], minutes: int, share: bool
) -> None:
    kind: Kind = "share" if share else "count"
    apart = timedelta(minutes=minutes)
    knowing, unknowing = Detector("s", kind=kind, apart=apart), Detector("s", kind=kind)
    at = START

    def told(alert: Alert | None) -> Alert | None:
        # Of those that hold nothing but the row, the one names the longest and the other the shortest.
        return alert and replace(alert, window=max(alert.window, apart))

    for value, gap in zip(values, gaps, strict=False):
        at += gap * apart
        row = (at, float(value), 500.0 if share else None)
        assert told(knowing.feed(*row)) == told(unknowing.feed(*row))
        assert (knowing.strength, knowing.odds, knowing.since) == (
            unknowing.strength,
            unknowing.odds,
            unknowing.since,
        )
