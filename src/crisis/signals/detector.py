"""The detector: feed it rows in the order of time, and it says when one is not normal."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from msgspec import to_builtins
from msgspec.structs import asdict

from crisis.kernel.errors import Refused, Unreadable
from crisis.signals.alerts import Alert, Band, times
from crisis.signals.episodes import Episode
from crisis.signals.evidence import Excess, excess, excess_share
from crisis.signals.expectation import Expectation
from crisis.signals.memory import BLOCK, PastPeaks
from crisis.signals.season import Season
from crisis.signals.settings import WATCHFUL, Setting
from crisis.signals.shares import ShareExpectation
from crisis.signals.thresholds import Point
from crisis.signals.windows import Windows, windows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["count", "share"]
VERSION = 1
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a file of counts may know no zone; then its own clock is taken as it is
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 1e15


class Detector:
    """Learns what is normal for one brand and one signal, and raises alerts.

    A row is a bin of time: how much there was from its time on (or, for a share, how many of how many).
    The hours of the day are those of the times that are fed: give local times where they are known. That rows lie
    at least so far `apart` saves work, and changes nothing of what it finds.
    """

    __slots__ = (
        "_aware", "_episode", "_excess", "_expectation", "_last", "_peaks", "_row", "_rows", "_share", "_span",
        "_totals", "_windows", "kind", "setting", "signal", "strength",
    )  # fmt: skip

    def __init__(
        self, signal: str, setting: Setting = WATCHFUL, kind: Kind = "count", apart: timedelta = timedelta(0)
    ) -> None:
        self.signal, self.setting, self.kind = signal, setting, kind
        self.strength = 0.0
        """Of the last row: 1 is as high as the faded memory of past peaks; 0 while there is nothing to say."""
        self._expectation, self._share = Expectation(), ShareExpectation()
        windows = windows_of(apart.total_seconds())
        self._windows, self._totals = Windows.of(windows), Windows.of(windows)
        self._peaks, self._episode = PastPeaks.of(windows), Episode()
        self._last: float | None = None
        self._span: float | None = None
        self._aware: bool | None = None
        self._rows = 0
        self._row: tuple[datetime, float, float, float | None] | None = None
        self._excess: Excess = (0.0, 0, 0.0)

    def feed(self, at: datetime, value: float, of: float | None = None) -> Alert | None:
        """Take in the row at `at` and say whether it is worth waking someone for.

        `value` is a count; for a share it is how many `of` how many. Raises Refused for a row that lies not
        after the one before, or is no count.
        """
        time = self._checked(at, value, of)
        hour, day = at.hour, at.weekday()
        span = self._spanned(time)
        if self._peaks.block != time // BLOCK:
            self._peaks.turn(time, span * 3600)
        if of is None:
            expected = self._expectation.of(hour, day) if self._rows else value
            self._expectation.learn(hour, day, value, expected, span)
        else:
            expected = self._share.share * of
            self._share.learn(value, of, span)
            self._totals.add(time, of, 0.0)
        self._windows.add(time, value, expected)
        self._rows += 1
        self._last = time
        self._row = at, value, expected, of
        return self._judged(at, time)

    def baseline(self, at: datetime, of: float = 1.0) -> Band:
        """What a row at `at` would normally be (for a share: how many `of` how many)."""
        if self.kind == "share":
            return self._share.band(of)
        return self._expectation.band(at.hour, at.weekday())

    @property
    def point(self) -> Point | None:
        """The last row with its baseline, as `thresholds` reads it; for a share, the share."""
        if self._row is None:
            return None
        at, value, expected, of = self._row
        if of is None:
            return Point(at, value, expected)
        return Point(at, value / of, expected / of, of) if of else Point(at, math.nan, math.nan, 0.0)

    @property
    def learned(self) -> bool:
        """Whether a day has been seen; before that nothing is called unusual."""
        return self._peaks.learned

    @property
    def odds(self) -> float:
        """About once in how many days the last row's evidence is reached; 0 where it was nothing above normal."""
        return self._peaks.odds(*self._excess[1:]) if self.strength else 0.0

    @property
    def since(self) -> timedelta | None:
        """For how long before the last row things have been stirring; nothing while they are not."""
        began = self._episode.stirring_since
        return None if began is None or self._last is None else timedelta(seconds=self._last - began)

    def state(self) -> dict[str, Any]:
        """All it knows as plain data, for JSON; `restore` goes on from there as if nothing had been between."""
        return {
            "version": VERSION,
            "signal": self.signal,
            "kind": self.kind,
            "setting": {**asdict(self.setting), "episode": self.setting.episode.total_seconds()},
            "last": self._last,
            "span": self._span,
            "aware": self._aware,
            "rows": self._rows,
            "expectation": to_builtins(self._expectation),
            "share": to_builtins(self._share),
            "windows": to_builtins(self._windows),
            "totals": to_builtins(self._totals),
            "peaks": to_builtins(self._peaks),
            "episode": to_builtins(self._episode),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The detector that said `state`. Raises Unreadable if it is not one, or from a newer version."""
        if state.get("version") != VERSION:
            raise Unreadable(
                f"this detector was saved in version {state.get('version')!r}, and only {VERSION} is known",
                hint="learn again from the history",
            )
        try:
            setting = Setting(**{**state["setting"], "episode": timedelta(seconds=state["setting"]["episode"])})
            detector = cls(state["signal"], setting, state["kind"])
            detector._last, detector._span = state["last"], state["span"]
            detector._aware, detector._rows = state["aware"], state["rows"]
            expectation = dict(state["expectation"])
            detector._expectation = Expectation(**{**expectation, "season": Season(**expectation["season"])})
            detector._share = ShareExpectation(**state["share"])
            detector._windows, detector._totals = Windows(**state["windows"]), Windows(**state["totals"])
            detector._peaks, detector._episode = PastPeaks(**state["peaks"]), Episode(**state["episode"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"this is no saved detector: {error}", hint="learn again from the history") from error
        return detector

    def _checked(self, at: datetime, value: float, of: float | None) -> float:
        aware = at.tzinfo is not None
        if self._aware is None:
            self._aware = aware
        if self._aware != aware:
            raise Refused(f"{self.signal}: {at.isoformat()} has a time zone and other rows have none, or the reverse")
        time = (at - (_EPOCH_UTC if aware else _EPOCH)).total_seconds()
        if self._last is not None and time <= self._last:
            raise Refused(
                f"{self.signal}: {at.isoformat()} does not lie after the row before it",
                hint="sort the rows by time, and add up those of one time",
            )
        if not 0 <= value <= _LARGEST:
            raise Refused(f"{self.signal}: {value!r} at {at.isoformat()} is no count: 0 or more, and finite")
        if (of is None) != (self.kind == "count"):
            raise Refused(f"{self.signal} is a {self.kind}: {'say of how many' if of is None else 'leave out `of`'}")
        if of is not None and not value <= of <= _LARGEST:
            raise Refused(f"{self.signal}: {value!r} of {of!r} at {at.isoformat()} is no share")
        return time

    def _spanned(self, time: float) -> float:
        """How many hours the row stands for: the usual step, so that a gap teaches nothing."""
        if self._last is not None:
            gap = (time - self._last) / 3600
            self._span = gap if self._span is None else min(gap, self._span * 1.05)
        return self._span if self._span is not None else 0.0

    def _judged(self, at: datetime, time: float) -> Alert | None:
        peaks, windows, totals = self._peaks, self._windows, self._totals.came
        if self.kind == "count":
            found = excess(windows.came, windows.expected, peaks.running, peaks.records)
        else:
            found = excess_share(windows.came, windows.expected, totals, peaks.running, peaks.records)
        self._excess = height, strongest, peak = found
        self.strength = height / peaks.doubt if height and peaks.learned else 0.0
        verdict = self._episode.judge(time, self.strength, self.setting)
        if not verdict:
            return None
        total = 1.0 if self.kind == "count" else totals[strongest]
        value, baseline = windows.came[strongest] / total, max(0.0, windows.expected[strongest]) / total
        began = self._episode.stirring_since
        return Alert(
            at=at,
            signal=self.signal,
            value=value,
            baseline=baseline,
            ratio=times(value, baseline),
            odds=peaks.odds(strongest, peak),
            since=at - timedelta(seconds=time - (time if began is None else began)),
            window=timedelta(seconds=windows.lengths[strongest]),
            strength=self.strength,
            escalates=verdict == "escalates",
        )
