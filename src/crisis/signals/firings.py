"""Rules over a history: when they began to hold, how that lies to a known start, and which bars would be quiet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from crisis.signals.alerts import times
from crisis.signals.thresholds import Point

APART = timedelta(days=1)
"""What comes again within a day is the same event, as for the detector's alerts."""
BEFORE, AFTER = timedelta(days=1), timedelta(days=3)
"""So far from a known start what fires is put down to it."""
MONTH = timedelta(days=30)
RATIOS = (2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0, 100.0)
"""From what a detector's alert has at least, to what no rule asks for."""
DURATIONS = (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=3))
LEAST = 10
"""Mentions below which no bar is proposed: three of them at night are no storm."""
SURE = 0.95


class Firing(Struct, frozen=True):
    """A rule began to hold. `asks`: it would have, if the facts that it asks for as well were so."""

    at: datetime
    severity: str
    rule: str
    because: str
    asks: bool = False


class Lead(Struct, frozen=True):
    """What fired for a known start: how long after it, negative before; nothing where nothing did."""

    began: datetime
    what: str
    fired: datetime | None

    @property
    def after(self) -> timedelta | None:
        """How long after the start."""
        return None if self.fired is None else self.fired - self.began


class Proposed(Struct, frozen=True):
    """A bar that would have been quiet enough: so many times the baseline, for so long, on so many mentions.

    `false_alarms` are those of this history, and `at_most` is what they may come to in a month, told with a
    certainty of 19 in 20: a short history without any proves little.
    """

    signal: str
    at_least: float
    lasting: timedelta
    min_count: int
    false_alarms: int
    per_month: float
    at_most: float
    caught: int
    median_after: timedelta | None


def apart(moments: Iterable[datetime]) -> Iterator[datetime]:
    """The firsts of `moments`, which come in order: what follows within a day of the last belongs to it."""
    last: datetime | None = None
    for at in moments:
        if last is None or at - last > APART:
            yield at
        last = at


def leads(what: str, fired: Sequence[datetime], began: Iterable[datetime]) -> tuple[Lead, ...]:
    """For each known start the firing that is put down to it, the nearest."""
    found = []
    for start in began:
        near = [at for at in fired if -BEFORE <= at - start <= AFTER]
        found.append(Lead(start, what, min(near, key=lambda at: abs(at - start), default=None)))
    return tuple(found)


def false_alarms(fired: Iterable[datetime], began: Sequence[datetime]) -> list[datetime]:
    """Those that no known start accounts for; without any known start, all."""
    return [at for at in fired if not any(-BEFORE <= at - start <= AFTER for start in began)]


def at_most(count: int, over: timedelta) -> float:
    """How many a month there may be if `count` were seen: the upper end, certain in 19 of 20 (Poisson)."""
    low, high = float(count), count + 10 * math.sqrt(count + 1) + 10
    for _ in range(60):
        mean = (low + high) / 2
        term = total = math.exp(-mean)
        for n in range(1, count + 1):
            term *= mean / n
            total += term
        low, high = (mean, high) if total > 1 - SURE else (low, mean)
    return high * (MONTH / over) if over else math.inf


def propose(
    signal: str, points: Sequence[Point], every: timedelta, began: Sequence[datetime], per_month: float
) -> tuple[Proposed, ...]:
    """For each duration the lowest bar that is quiet enough on `points`, and finds any of the known starts.

    Points are those that a rule would have seen, in bins of `every`. The count asked for is what comes in that
    time in a busy hour, so that a night's trifle is none.
    """
    known = [point for point in points if not math.isnan(point.baseline)]
    if not known:
        return ()
    over = known[-1].at + every - known[0].at
    found = []
    for lasting in sorted({max(every, duration) for duration in DURATIONS}):
        held = list(_held(known, every, math.ceil(lasting / every)))
        counts = sorted(count for _, _, count in held)
        if not counts:
            continue
        least = max(LEAST, _plain(counts[int(0.9 * (len(counts) - 1))]))
        for ratio in RATIOS:
            fired = list(apart(at + every for at, lowest, count in held if lowest >= ratio and count >= least))
            wrong = len(false_alarms(fired, began))
            if wrong <= per_month * (over / MONTH):
                after = sorted(lead.after for lead in leads(signal, fired, began) if lead.after is not None)
                if began and not after:
                    break
                middle = after[len(after) // 2] if after else None
                rate, most = wrong * (MONTH / over), at_most(wrong, over)
                found.append(Proposed(signal, ratio, lasting, least, wrong, rate, most, len(after), middle))
                break
    return tuple(found)


def _held(points: Sequence[Point], every: timedelta, bins: int) -> Iterator[tuple[datetime, float, float]]:
    """For each point that ends a run of `bins` without a hole: when, the lowest ratio in it, and its mentions."""
    ratios = [times(point.value, point.baseline) for point in points]
    run = 0
    for n, point in enumerate(points):
        unbroken = n > 0 and point.at - points[n - 1].at < 1.5 * every
        run = run + 1 if unbroken else 1
        if run >= bins:
            span = slice(n - bins + 1, n + 1)
            yield point.at, min(ratios[span]), sum(one.mentions for one in points[span])


def _plain(number: float) -> int:
    """The next number of one digit and zeros: nobody writes 173 in a rule."""
    if number < 1:
        return 0
    size: int = 10 ** math.floor(math.log10(number))
    return math.ceil(number / size) * size
