from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisis.kernel.errors import Unreadable
from crisis.signals.live import Gauge, bin_of, start_of
from crisis.signals.mention import Mention
from crisis.signals.overall import overall
from crisis.signals.settings import WATCHFUL
from crisis.signals.tally import BASE, Bin

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def mention(at: datetime, **more: Any) -> Mention:
    return Mention(f"{at}{more}", at, "forum", "someone", "The kettle leaks", **more)


def begun(at: datetime = NOON, size: int = 1) -> Gauge:
    gauge = Gauge(WATCHFUL, UTC, size=size)
    gauge.begin(at)
    return gauge


def saved(gauge: Gauge) -> Gauge:
    """What comes back from JSON."""
    sums = {number: one for number, one in gauge.sums.items() if number >= gauge.closed}
    open_, learned = json.loads(json.dumps([gauge.open_state(), gauge.learned_state()]))
    return Gauge.restore(WATCHFUL, gauge.zone, open_, learned, sums)


def days(gauge: Gauge, length: int, each: int = 6, storm: datetime | None = None) -> list[Any]:
    """So many days of `each` mentions in five minutes, twelve times that in the hour from `storm` on."""
    found = []
    at = start_of(gauge.closed)
    for _ in range(length * 288):
        times = 12 if storm is not None and storm <= at < storm + timedelta(hours=1) else 1
        for n in range((each + at.hour % 3) * times):
            gauge.add(mention(at + n * timedelta(milliseconds=1)))
        at += BASE
        found += gauge.cover(None, at)[0]
    return found


def test_counting_begins_with_the_first_whole_bin() -> None:
    gauge = begun(NOON + 2 * MINUTE)
    assert not gauge.add(mention(NOON + 3 * MINUTE))
    assert gauge.add(mention(NOON + 5 * MINUTE))
    assert gauge.until == NOON + 5 * MINUTE


def test_a_bin_is_closed_when_all_of_it_is_known_and_not_before() -> None:
    gauge = begun()
    gauge.add(mention(NOON))
    gauge.cover(None, NOON + 4 * MINUTE)
    assert gauge.take_touched() == {bin_of(NOON): (Bin(1), None)}
    gauge.cover(None, NOON + 5 * MINUTE)
    assert gauge.take_touched() == {bin_of(NOON): (Bin(1), True)}
    assert gauge.rows["mention_rate"][-1].value == 1


def test_what_becomes_known_late_counts_when_it_becomes_known() -> None:
    gauge = begun()
    gauge.cover(None, NOON + 20 * MINUTE)
    assert gauge.add(mention(NOON + 6 * MINUTE))
    assert gauge.take_touched()[bin_of(NOON + 20 * MINUTE)].bin.mentions == 1


def test_a_gap_is_said_and_its_bins_are_unknown_and_not_zero() -> None:
    gauge = begun()
    gauge.cover(None, NOON + 10 * MINUTE)
    gauge.add(mention(NOON + 61 * MINUTE))
    alerts, gap = gauge.cover(NOON + 60 * MINUTE, NOON + 70 * MINUTE)
    assert (alerts, gap) == ([], (NOON + 10 * MINUTE, NOON + 60 * MINUTE))
    states = [one.known for _, one in sorted(gauge.take_touched().items())]
    assert states == [True] * 2 + [False] * 10 + [True] * 2
    assert [row.first for row in gauge.rows["mention_rate"]] == [
        bin_of(NOON + minutes * MINUTE) for minutes in (0, 5, 60, 65)
    ]
    # A half-hour of which a part is unknown has no velocity, and such an hour no spread.
    assert "velocity" not in gauge.rows
    assert "spread" not in gauge.rows


def test_what_reaches_back_to_where_it_was_left_is_no_gap() -> None:
    gauge = begun()
    gauge.cover(None, NOON + 10 * MINUTE)
    assert gauge.cover(NOON + 10 * MINUTE, NOON + 70 * MINUTE)[1] is None
    assert gauge.cover(NOON, NOON + 80 * MINUTE)[1] is None


def test_a_feed_that_was_down_and_catches_up_has_every_bin() -> None:
    gauge = begun()
    gauge.cover(None, NOON + 10 * MINUTE)
    for minutes in range(10, 300):
        gauge.add(mention(NOON + minutes * MINUTE))
    gauge.cover(None, NOON + 300 * MINUTE)
    assert [row.value for row in gauge.rows["mention_rate"]] == [0, 0] + [5] * 58


def test_sentiment_reach_and_places_become_signals_where_there_are_any() -> None:
    gauge = begun()
    for n in range(130):
        gauge.add(
            mention(
                NOON + n * MINUTE, sentiment="negative" if n % 2 else "neutral", reach=10, engagement=2, country="DK"
            )
        )
    gauge.cover(None, NOON + 130 * MINUTE)
    assert set(gauge.rows) == {
        "mention_rate", "negative_share", "negative_rate", "reach", "engagement", "velocity", "spread", "repeat_topic"
    }  # fmt: skip
    share = gauge.rows["negative_share"][-1]
    assert (share.value, share.of) in ((2, 5), (3, 5))
    assert gauge.rows["spread"][-1].value == 2  # the forum, and Denmark
    assert gauge.rows["velocity"][-1].value == 0


def complaint(at: datetime, text: str, **more: Any) -> Mention:
    return Mention(f"{at}{text}", at, "forum", "someone", text, sentiment="negative", **more)


def test_how_many_say_the_same_is_known_for_each_whole_hour() -> None:
    gauge = begun()
    for n in range(6):
        gauge.add(complaint(NOON + n * MINUTE, f"the kettle leaks again {n}"))
        gauge.add(complaint(NOON + n * MINUTE, "".join(chr(97 + n) * 4 + " " for _ in range(3))))
    gauge.add(complaint(NOON + 7 * MINUTE, "the kettle leaks again", repost_of="someone"))
    gauge.add(mention(NOON + 8 * MINUTE, sentiment="neutral"))
    gauge.cover(None, NOON + 59 * MINUTE)
    assert "repeat_topic" not in gauge.rows
    gauge.cover(None, NOON + 120 * MINUTE)
    assert [(row.first, row.bins, row.value) for row in gauge.rows["repeat_topic"]] == [
        (bin_of(NOON), 12, 6),
        (bin_of(NOON + timedelta(hours=1)), 12, 0),
    ]


def test_an_hour_of_which_a_part_is_unknown_says_nothing_of_complaints_and_keeps_none() -> None:
    gauge = begun()
    gauge.add(complaint(NOON, "the kettle leaks again"))
    gauge.cover(None, NOON + 10 * MINUTE)
    gauge.cover(NOON + 20 * MINUTE, NOON + 130 * MINUTE)
    assert [row.first for row in gauge.rows["repeat_topic"]] == [bin_of(NOON + timedelta(hours=1))]
    assert gauge.complaints.hours == {}


def test_a_complaint_that_returns_is_an_alert_with_an_example_of_which_no_word_is_kept() -> None:
    gauge, found = begun(), set()
    storm = NOON + timedelta(days=4)
    for hour in range(4 * 24 + 2):
        at = NOON + timedelta(hours=hour)
        if hour % 7 == 3:
            gauge = saved(gauge)
        for n in range(12 + hour % 3):
            gauge.add(complaint(at + n * MINUTE, f"{chr(97 + n) * 3} {chr(98 + n) * 4} awful"))
        for n in range(90 if at >= storm else 0):
            gauge.add(complaint(at + n * MINUTE / 2, "my new kettle leaks everywhere"))
        found |= {(alert.signal, alert.at) for alert in gauge.cover(None, at + timedelta(hours=1))[0]}
    assert ("repeat_topic", storm + timedelta(hours=1)) in found
    assert gauge.example == "my new kettle leaks everywhere"
    gauge.add(complaint(gauge.until or storm, "my new kettle leaks everywhere"))
    assert "leaks" not in json.dumps([gauge.open_state(), gauge.learned_state()])
    again = saved(gauge)
    assert again.example == ""
    assert again.open_state() == gauge.open_state()
    assert again.complaints.hours


def test_the_share_of_estimates_is_of_all_sentiments_and_lasts() -> None:
    gauge = begun()
    assert gauge.estimated == 0
    gauge.add(mention(NOON, sentiment="negative"))
    gauge.add(mention(NOON, sentiment="neutral"), estimated=True)
    gauge.add(mention(NOON, sentiment="negative"), estimated=True)
    gauge.add(mention(NOON, sentiment="unknown"), estimated=True)
    assert gauge.estimated == saved(gauge).estimated == 2 / 3
    gauge.cover(None, NOON + 60 * MINUTE)
    shares = {one.signal: one.estimated for one in overall([gauge], WATCHFUL)}
    assert {name for name, share in shares.items() if share} == {"negative_share", "negative_rate", "repeat_topic"}
    assert shares["repeat_topic"] == 2 / 3


def test_a_memory_from_before_complaints_were_counted_is_read() -> None:
    gauge = begun()
    gauge.add(complaint(NOON, "the kettle leaks again"))
    older = {name: one for name, one in gauge.open_state().items() if name not in ("complaints", "rated", "estimates")}
    restored = Gauge.restore(WATCHFUL, UTC, older, gauge.learned_state(), {})
    assert (restored.complaints.hours, restored.rated, restored.estimated) == ({}, 0, 0)


def test_counts_are_counted_once_and_only_in_bins_that_are_open() -> None:
    gauge = begun(size=3)
    assert gauge.count(NOON, 40)
    assert not gauge.count(NOON - BASE, 40)
    gauge.cover(None, NOON + 15 * MINUTE)
    assert not gauge.count(NOON, 40)
    (row,) = gauge.rows["mention_rate"]
    assert (row.bins, row.value) == (3, 40)


def test_it_learns_for_a_day_and_then_says_what_is_unusual_with_the_moment_at_which_it_was_known() -> None:
    gauge = begun()
    storm = NOON + timedelta(days=9)
    assert not gauge.learned
    alerts = days(gauge, 10, storm=storm)
    assert gauge.learned
    rate = [alert for alert in alerts if alert.signal == "mention_rate"]
    assert rate
    assert all(storm < alert.at <= storm + timedelta(hours=1, minutes=30) for alert in rate)


@settings(max_examples=20, deadline=None)
@given(cut=st.lists(st.integers(0, 600), max_size=6))
def test_a_gauge_that_is_saved_anywhere_goes_on_as_if_nothing_had_been(cut: list[int]) -> None:
    whole, halved = begun(), begun()
    for n in range(600):
        at = NOON + n * MINUTE * 1.3
        if n in cut:
            halved = saved(halved)
        for gauge in (whole, halved):
            gauge.add(mention(at, sentiment="negative" if n % 3 else "unknown"))
            if n % 4 == 0:
                gauge.cover(None, at)
    assert halved.open_state() == whole.open_state()
    assert halved.learned_state() == whole.learned_state()


def test_what_is_kept_does_not_grow_with_time() -> None:
    gauge = begun()
    days(gauge, 2)
    first = len(json.dumps([gauge.open_state(), gauge.learned_state()]))
    gauge.take_touched()
    days(gauge, 3)
    assert len(json.dumps([gauge.open_state(), gauge.learned_state()])) < first * 1.3
    gauge.take_touched()
    assert len(gauge.sums) == 0
    assert first < 120_000


def test_hours_of_the_day_are_those_of_the_house() -> None:
    gauge = Gauge(WATCHFUL, ZoneInfo("Asia/Tokyo"))
    gauge.begin(NOON)
    days(gauge, 1)
    assert saved(gauge).learned_state() == gauge.learned_state()


@pytest.mark.parametrize(
    "damage", [{"gaps": 3}, {"closed": None}, {"until": "yesterday"}, {"tail": [1]}, {"complaints": {"1": 2}}]
)
def test_what_is_no_memory_of_a_gauge_is_refused(damage: dict[str, Any]) -> None:
    gauge = begun()
    with pytest.raises(Unreadable, match="cannot be read"):
        Gauge.restore(WATCHFUL, UTC, {**gauge.open_state(), **damage}, {}, {})


# ── all feeds together ──


def test_feeds_are_added_up_and_so_is_what_is_usual_of_them() -> None:
    one, other = begun(), begun()
    days(one, 3, each=4)
    days(other, 3, each=8)
    (rate, *_) = overall([one, other], WATCHFUL)
    assert rate.signal == "mention_rate"
    assert rate.learned
    assert rate.value == sum(row.value for gauge in (one, other) for row in gauge.rows["mention_rate"][-12:])
    assert rate.ratio == pytest.approx(1, abs=0.2)
    assert rate.points[-1].value == pytest.approx(12 * rate.points[-1].mentions)
    assert len(rate.points) == 288


def test_while_a_feed_is_unknown_the_others_are_held_against_what_is_usual_of_them() -> None:
    one, other = begun(), begun()
    days(one, 3, each=4)
    days(other, 2, each=8)
    (rate, *_) = overall([one, other], WATCHFUL)
    assert rate.ratio == pytest.approx(1, abs=0.2)


def test_a_feed_that_has_just_begun_does_not_disturb_one_that_has_learned() -> None:
    one = begun()
    days(one, 3, each=4)
    other = begun(start_of(one.closed) - timedelta(hours=2))
    for n in range(24):
        for k in range(500):
            other.add(mention(start_of(other.began + n) + k * timedelta(milliseconds=1)))
    other.cover(None, start_of(one.closed))
    (rate, *_) = overall([one, other], WATCHFUL)
    assert rate.ratio == pytest.approx(1, abs=0.2)


def test_quarter_hours_and_five_minutes_are_added_up_as_rates() -> None:
    fine, coarse = begun(), begun(size=3)
    days(fine, 2, each=4)
    at = start_of(coarse.closed)
    for _ in range(2 * 96):
        coarse.count(at, 30)
        at += 3 * BASE
        coarse.cover(None, at)
    (rate, *_) = overall([fine, coarse], WATCHFUL)
    assert rate.every == BASE
    assert rate.value == pytest.approx(sum(row.value for row in fine.rows["mention_rate"][-12:]) + 120)


def test_before_a_day_was_seen_nobody_knows_what_is_usual() -> None:
    gauge = begun()
    gauge.add(mention(NOON, sentiment="unknown"))
    gauge.add(mention(NOON, sentiment="negative"))
    gauge.cover(None, NOON + 10 * MINUTE)
    rate, share, *_ = overall([gauge], WATCHFUL)
    assert (rate.value, rate.baseline, rate.ratio, rate.learned) == (2, None, None, False)
    assert math.isnan(rate.points[0].baseline)
    assert (share.value, share.kind) == (1, "share")
    assert math.isnan(share.points[-1].value)
    gauge.cover(None, NOON + 120 * MINUTE)
    share = next(one for one in overall([gauge], WATCHFUL) if one.signal == "negative_share")
    assert (share.value, share.ratio) == (None, None)
    assert overall([], WATCHFUL) == ()
    assert overall([begun()], WATCHFUL) == ()
