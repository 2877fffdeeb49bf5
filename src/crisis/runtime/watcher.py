"""The loop of a watch: ask each feed when it is due, keep what it says, and say what is unusual.

Feeds are asked in threads of their own, so that a slow one holds up nobody; all that is kept or said happens here, in
one thread. A thread that is still asking when the watch ends is left: what it would have said was not kept, and is
asked again.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from crisis.kernel.errors import CrisisError, Usage
from crisis.runtime.feeds import (
    Batch,
    Began,
    Change,
    Down,
    FeedFailed,
    Gap,
    Judge,
    Ledger,
    Notifier,
    Polled,
    Proposal,
    Up,
    Watched,
)
from crisis.signals.live import Gauge
from crisis.signals.overall import overall
from crisis.signals.tally import BASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from crisis.runtime.ports import Clock
    from crisis.signals.alerts import Alert
    from crisis.signals.mention import Mention, Sentiment
    from crisis.signals.settings import Setting

LONGEST_WAIT = timedelta(minutes=30)
"""A feed that is down is asked again at least that often."""
LEAST_WAIT = timedelta(seconds=10)
"""And a source that says "at once" is not asked at once."""
AHEAD = timedelta(hours=1)
"""Other clocks may go before ours by that much."""
STALE = timedelta(days=2)
"""What was unusual longer ago than that is history, and no proposal any more."""
REMINDED = timedelta(days=1)
"""A severity that was proposed is proposed again after that time, if the rules still or again say so."""


class _Answer(NamedTuple):
    line: _Line
    asked: datetime
    said: Batch | CrisisError | Exception


class _Line(Struct):
    """A feed as the loop sees it."""

    watched: Watched
    gauge: Gauge
    version: int
    cursor: str
    due: datetime
    asking: bool = False
    failures: int = 0
    down_since: datetime | None = None
    told_down: bool = False
    answered: bool = False


class Watcher(Struct):
    """A watch over `feeds`. `judge` holds the signals against a playbook; `longest`: seconds between two looks.

    `estimate` says the sentiment of a mention to which its feed gave none.
    """

    feeds: Sequence[Watched]
    ledger: Ledger
    clock: Clock
    notifier: Notifier
    setting: Setting
    zone: tzinfo
    judge: Judge | None = None
    suggest: Callable[[object], str] = lambda _: ""
    estimate: Callable[[Mention], Sentiment] | None = None
    longest: float = 5.0
    _once: bool = False
    _unjudged: bool = False
    _lines: list[_Line] = field(default_factory=list)
    _answers: queue.SimpleQueue[_Answer] = field(default_factory=queue.SimpleQueue)

    def run(self, *, once: bool = False, until: datetime | None = None) -> tuple[int, int]:
        """Watch until `until`, or ask each feed `once`; how many feeds answered last, and how many are down.

        Raises Unsaved, Refused or Unreadable where nothing can be kept any more; a feed that fails ends nothing.
        """
        now = self.clock.now()
        self._once = once
        self._lines = [self._line(one, now) for one in self.feeds]
        self._tell_unusual(now)
        while True:
            now = self.clock.now()
            if until is not None and now >= until:
                break
            for line in self._lines:
                if not line.asking and line.due <= now and not (once and line.answered):
                    self._ask(line, now)
            if once and all(line.answered for line in self._lines):
                break
            self._hear(self._patience(now, until))
        down = sum(line.down_since is not None for line in self._lines)
        return len(self._lines) - down, down

    def _line(self, watched: Watched, now: datetime) -> _Line:
        kept = self.ledger.kept(watched.id)
        if kept is None:
            size = max(1, watched.span // BASE)
            line = _Line(watched, Gauge(self.setting, self.zone, size=size), 0, "", now)
        else:
            sums = {number: one.bin for number, one in kept.sums.items()}
            gauge = Gauge.restore(self.setting, self.zone, kept.open, kept.learned, sums)
            line = _Line(watched, gauge, kept.version, kept.cursor, now)
        line.down_since = self.ledger.down_since(watched.id)
        line.told_down = self._once and line.down_since is not None
        if not self._once:
            known = line.gauge.until if line.gauge.until is not None and line.gauge.until <= now else None
            self.notifier.tell(Began(feed=watched.id, kind=watched.kind, every=watched.every, until=known))
        return line

    def _patience(self, now: datetime, until: datetime | None) -> float:
        moments = [line.due for line in self._lines if not line.asking] + ([until] if until else [])
        wait = min((moment - now).total_seconds() for moment in moments) if moments else self.longest
        return min(max(wait, 0.0), self.longest)

    def _ask(self, line: _Line, now: datetime) -> None:
        line.asking = True

        def ask() -> None:
            said: Batch | CrisisError | Exception
            try:
                said = line.watched.feed.fetch(line.cursor, now)
            except Exception as error:  # noqa: BLE001  # carried to the loop, which knows what to do with it
                said = error
            self._answers.put(_Answer(line, now, said))

        threading.Thread(target=ask, name=f"feed {line.watched.id}", daemon=True).start()

    def _hear(self, patience: float) -> None:
        try:
            answer = self._answers.get(timeout=patience) if patience else self._answers.get_nowait()
        except queue.Empty:
            return
        line = answer.line
        line.asking = False
        match answer.said:
            case Batch():
                self._take(line, answer.said, answer.asked)
            case Usage() as error:  # what is written wrongly will not mend itself
                raise error
            case CrisisError():
                self._failed(line, answer.said)
            case error:
                raise error

    # ── a feed that fails ──

    def _failed(self, line: _Line, error: CrisisError) -> None:
        now = self.clock.now()
        line.failures += 1
        line.answered = True
        wait = min(line.watched.every * 2 ** min(line.failures - 1, 10), LONGEST_WAIT)
        if isinstance(error, FeedFailed) and error.wait is not None:
            wait = max(error.wait, line.watched.pace, LEAST_WAIT)
        line.due = now + wait
        if line.down_since is None:
            line.down_since = now
            self.ledger.mark_down(line.watched.id, now)
        if not line.told_down:
            line.told_down = True
            again = None if self._once else line.due
            self.notifier.tell(Down(feed=line.watched.id, why=error.message, hint=error.hint, again=again))

    # ── a feed that answers ──

    def _take(self, line: _Line, batch: Batch, asked: datetime) -> None:
        now = self.clock.now()
        gauge, counted = line.gauge, Polled(feed=line.watched.id, new=0)
        gap: tuple[datetime, datetime] | None = None
        alerts: list[Alert] = []

        def work(is_new: Callable[[str], bool]) -> Change:
            nonlocal counted, gap, alerts
            if not gauge.has_begun:
                gauge.begin(batch.since or asked)
            closed = gauge.closed
            counted = _counted(line.watched, gauge, batch, is_new, asked, self.estimate)
            if batch.until is not None:
                alerts, gap = gauge.cover(batch.since, min(batch.until, now))
            self._unjudged = self._unjudged or gauge.closed != closed
            return Change(
                cursor=batch.cursor,
                open=gauge.open_state(),
                learned=gauge.learned_state() if gauge.closed != closed else None,
                sums=gauge.take_touched(),
                alerts=alerts,
            )

        line.version = self.ledger.take(line.watched.id, line.version, now, work)
        line.cursor = batch.cursor
        line.failures = 0
        line.due = now + (line.watched.pace if batch.more else line.watched.every)
        line.answered = not batch.more
        if line.down_since is not None:
            self.notifier.tell(Up(feed=line.watched.id, down_since=line.down_since))
            line.down_since, line.told_down = None, False
            self.ledger.mark_down(line.watched.id, None)
        if gap is not None:
            self.notifier.tell(Gap(feed=line.watched.id, since=gap[0], until=gap[1]))
        self.notifier.tell(counted)
        if self._unjudged and not batch.more:
            self._tell_unusual(now)

    # ── what is unusual ──

    def _tell_unusual(self, now: datetime) -> None:
        """Alerts that were not told yet, and a severity that is worse than the last. Told twice rather than never."""
        self._unjudged = False
        waiting = self.ledger.untold()
        fresh = [(one.feed, one.alert) for one in waiting if now - one.alert.at <= STALE]
        assessed = None
        if self.judge is not None and any(line.gauge.rows for line in self._lines):
            assessed = self.judge(overall((line.gauge for line in self._lines), self.setting))
        worse = assessed is not None and self._is_news(assessed, now)
        if fresh or worse:
            at = max((alert.at for _, alert in fresh), default=now)
            again = {feed for feed, alert in fresh if alert.signal == "repeat_topic"}
            gauges = {line.watched.id: line.gauge for line in self._lines}
            self.notifier.tell(
                Proposal(
                    at=at,
                    alerts=fresh,
                    assessed=assessed,
                    command=self.suggest(assessed),
                    examples={name: one.example for name, one in gauges.items() if name in again and one.example},
                    estimated={name: one.estimated for name, one in gauges.items() if one.estimated},
                )
            )
        if worse and assessed is not None:
            self.ledger.propose(assessed.proposal.severity, now)
        if waiting:
            self.ledger.told([one.number for one in waiting])

    def _is_news(self, assessed: object, now: datetime) -> bool:
        advice, proposal = assessed.advice, assessed.proposal  # type: ignore[attr-defined]  # what judges return
        if advice.do != "open":
            return False
        last = self.ledger.proposed()
        return last is None or proposal.severity < last[0] or now - last[1] > REMINDED


def _counted(
    watched: Watched,
    gauge: Gauge,
    batch: Batch,
    is_new: Callable[[str], bool],
    asked: datetime,
    estimate: Callable[[Mention], Sentiment] | None,
) -> Polled:
    new = known = older = other = 0
    for mention in batch.mentions:
        if not is_new(mention.id):
            known += 1
        elif watched.is_ours is not None and not watched.is_ours(mention.text):
            other += 1
        else:
            # What is dated much later than it was seen was written by a clock that is wrong, or by a liar.
            counted = mention if mention.at <= asked + AHEAD else replace(mention, at=asked)
            estimated = estimate is not None and counted.sentiment == "unknown"
            if estimate is not None and estimated:
                counted = replace(counted, sentiment=estimate(counted))
            if gauge.add(counted, estimated=estimated):
                new += 1
            else:
                older += 1
    for count in batch.counts:
        if gauge.count(count.at, count.value):
            new += round(count.value)
    return Polled(
        feed=watched.id,
        new=new,
        known=known,
        older=older,
        other=other,
        skipped=batch.skipped,
        until=batch.until,
        learned=gauge.learned,
    )
