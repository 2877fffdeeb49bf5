"""One feed's counts while they come in: bins close when they are known, and what was never known is never zero."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from crisis.kernel.errors import Unreadable
from crisis.signals.alerts import Alert
from crisis.signals.complaints import Complaints, Hour
from crisis.signals.detector import Detector, Kind
from crisis.signals.mention import Mention
from crisis.signals.settings import Setting
from crisis.signals.tally import BASE, MOST_PLACES, NOTHING, Bin

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF_HOUR, _HOUR, _DAY = 6, 12, 288  # in bins
_MOST = 10**15  # what a detector takes


class Row(NamedTuple):
    """A row that a detector was fed: `bins` from `first` on, what it was, of how many, and what was expected.

    `expected` is None while the detector has not seen a day.
    """

    first: int
    bins: int
    value: float
    of: float | None
    expected: float | None


class Sums(NamedTuple):
    """One bin as it is kept: `known` is None while it is open, and false where the feed could not tell all of it."""

    bin: Bin
    known: bool | None


def bin_of(at: datetime) -> int:
    """The number of the five minutes in which a moment lies."""
    return (at - _EPOCH) // BASE


def start_of(number: int) -> datetime:
    """When a bin begins, in UTC."""
    return _EPOCH + number * BASE


class Gauge(Struct):
    """What one feed said, in bins of five minutes, and the detectors that follow it.

    Counting begins with bin `began`; those before `closed` are final. `until`: everything before is known. A mention
    whose bin is final already counts in the first that is not: it is new now, whenever it was written. `size`: how
    many bins make a row. `touched` bins changed since somebody last asked, and of these `holes` were closed unknown.

    Of the `rated` mentions, those with a sentiment, `estimates` have one that the feed did not give. `example` is one
    of the complaints of the last alert that they return: hostile text as it came, and never kept.
    """

    setting: Setting
    zone: tzinfo
    size: int = 1
    began: int = 0
    closed: int = 0
    until: datetime | None = None
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    sums: dict[int, Bin] = field(default_factory=dict)
    tail: dict[int, int] = field(default_factory=dict)
    places: dict[int, set[str]] = field(default_factory=dict)
    complaints: Complaints = field(default_factory=Complaints)
    rated: int = 0
    estimates: int = 0
    example: str = ""
    detectors: dict[str, Detector] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    holes: set[int] = field(default_factory=set)

    def begin(self, since: datetime) -> None:
        """Count from the first whole row after `since` on: half a bin would look like a lull."""
        first = -(-(since - _EPOCH) // (BASE * self.size)) * self.size
        self.began = self.closed = first
        self.until = start_of(first)

    @property
    def has_begun(self) -> bool:
        """Whether it was told from when on to count."""
        return self.until is not None

    @property
    def learned(self) -> bool:
        """Whether a day was seen; before that nothing is called unusual."""
        return any(one.learned for one in self.detectors.values())

    @property
    def estimated(self) -> float:
        """Of the sentiments so far, the share that are estimates: 0 to 1."""
        return self.estimates / self.rated if self.rated else 0.0

    def add(self, mention: Mention, *, estimated: bool = False) -> bool:
        """Count a mention, whose sentiment may be `estimated`; false for one from before the watch began."""
        number = bin_of(mention.at)
        if number < self.began:
            return False
        number = max(number, self.closed)
        feeling = mention.sentiment
        self._plus(
            number,
            Bin(1, feeling == "negative", feeling != "unknown", mention.reach or 0, mention.engagement or 0),
        )
        self.rated += feeling != "unknown"
        self.estimates += estimated and feeling != "unknown"
        if feeling == "negative" and not mention.repost_of:
            self.complaints.add(number // _HOUR, mention.text)
        known = self.places.setdefault(number // _HOUR, set())
        said = (
            mention.source,
            f"language {mention.language}" if mention.language else "",
            f"country {mention.country}" if mention.country else "",
        )
        known.update(place[:80] for place in said if place and len(known) < MOST_PLACES)
        return True

    def count(self, at: datetime, value: float) -> bool:
        """Count what was counted elsewhere; false for what lies before the watch, or in a bin that is final."""
        number = bin_of(at)
        if number < max(self.began, self.closed):
            return False
        self._plus(number, Bin(round(min(max(value, 0.0), _MOST))))
        return True

    def cover(self, since: datetime | None, until: datetime) -> tuple[list[Alert], tuple[datetime, datetime] | None]:
        """All until `until` is known, except what lies before `since`; says the alerts, and the gap if there is one."""
        assert self.until is not None  # noqa: S101  # `begin` comes first
        gap = None
        if since is not None and since > self.until:
            gap = (self.until, min(since, max(until, self.until)))
            self.gaps.append(gap)
        self.until = max(self.until, until)
        alerts: list[Alert] = []
        while start_of(self.closed + self.size) <= self.until:
            alerts += self._close()
        self._forget()
        return alerts, gap

    def take_touched(self) -> dict[int, Sums]:
        """The bins that changed since the last call, whole."""
        changed = {number: Sums(self.sums.get(number, NOTHING), self._state_of(number)) for number in self.touched}
        self.touched.clear()
        self.holes.clear()
        for number in [number for number in self.sums if number < self.closed]:
            del self.sums[number]
        return changed

    # ── to and from plain data ──

    def open_state(self) -> dict[str, Any]:
        """What changes with each answer, for JSON; the open bins themselves are kept beside it."""
        return {
            "size": self.size,
            "began": self.began,
            "closed": self.closed,
            "until": self.until.isoformat() if self.until else None,
            "gaps": [[one.isoformat() for one in gap] for gap in self.gaps],
            "tail": {str(number): value for number, value in self.tail.items()},
            "places": {str(hour): sorted(places) for hour, places in self.places.items()},
            "complaints": {
                str(number): {str(mark): times for mark, times in hour.times.items()}
                for number, hour in self.complaints.hours.items()
            },
            "rated": self.rated,
            "estimates": self.estimates,
        }

    def learned_state(self) -> dict[str, Any]:
        """What changes when a bin is closed, for JSON."""
        return {
            "detectors": {name: one.state() for name, one in self.detectors.items()},
            "rows": {name: [list(row) for row in rows] for name, rows in self.rows.items()},
        }

    @classmethod
    def restore(
        cls, setting: Setting, zone: tzinfo, open_: Mapping[str, Any], learned: Mapping[str, Any], sums: dict[int, Bin]
    ) -> Gauge:
        """The gauge that said these. Raises Unreadable if it is none."""
        try:
            size, began, closed = (int(open_[key]) for key in ("size", "began", "closed"))
            gauge = cls(setting, zone, size=size, began=began, closed=closed)
            gauge.until = datetime.fromisoformat(open_["until"]) if open_["until"] else None
            gauge.gaps = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in open_["gaps"]]
            gauge.tail = {int(number): value for number, value in open_["tail"].items()}
            gauge.places = {int(hour): set(places) for hour, places in open_["places"].items()}
            # A memory from before these were counted has none of them.
            gauge.complaints.hours = {
                int(number): Hour({int(mark): int(times) for mark, times in hour.items()})
                for number, hour in open_.get("complaints", {}).items()
            }
            gauge.rated, gauge.estimates = int(open_.get("rated", 0)), int(open_.get("estimates", 0))
            gauge.rows = {name: [Row(*row) for row in rows] for name, rows in learned.get("rows", {}).items()}
            for name, state in learned.get("detectors", {}).items():
                gauge.detectors[name] = Detector.restore(state)
                gauge.detectors[name].setting = setting
            gauge.sums = sums
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable(
                f"what was remembered of a feed cannot be read: {error}", hint="move the file away and begin anew"
            ) from error
        return gauge

    # ── how a bin is closed ──

    def _plus(self, number: int, more: Bin) -> None:
        self.sums[number] = self.sums.get(number, NOTHING).plus(more)
        self.touched.add(number)

    def _close(self) -> list[Alert]:
        first, self.closed = self.closed, self.closed + self.size
        here = range(first, self.closed)
        self.touched.update(here)
        if self._unknown(first, self.closed):
            self.holes.update(here)
            return []
        total = NOTHING
        for number in here:
            one = self.sums.get(number, NOTHING)
            total = total.plus(one)
            self.tail[number] = one.mentions
        found = [self._feed("mention_rate", "count", first, self.size, float(total.mentions))]
        if total.rated or "negative_share" in self.detectors:
            found.append(self._feed("negative_share", "share", first, self.size, float(total.negative), total.rated))
            found.append(self._feed("negative_rate", "count", first, self.size, float(total.negative)))
        for name, value in (("reach", total.reach), ("engagement", total.engagement)):
            if value or name in self.detectors:
                found.append(self._feed(name, "count", first, self.size, float(min(value, _MOST))))
        found += self._velocity()
        found += self._spread()
        found += self._repeats()
        return [alert for alert in found if alert is not None]

    def _velocity(self) -> Iterator[Alert | None]:
        """By how much a half-hour exceeds the one before, where all of both is known."""
        if self.closed % _HALF_HOUR:
            return
        bins = range(self.closed - 2 * _HALF_HOUR, self.closed)
        if all(number in self.tail for number in bins):
            values = [self.tail[number] for number in bins]
            rise = max(0, sum(values[_HALF_HOUR:]) - sum(values[:_HALF_HOUR]))
            yield self._feed("velocity", "count", self.closed - _HALF_HOUR, _HALF_HOUR, float(rise))

    def _spread(self) -> Iterator[Alert | None]:
        """In how many networks, languages and countries, of each hour that is known from its start on."""
        if (hour := self._whole_hour()) is not None:
            places = self.places.pop(hour, set())
            if places or "spread" in self.detectors:
                yield self._feed("spread", "count", hour * _HOUR, _HOUR, float(len(places)))

    def _repeats(self) -> Iterator[Alert | None]:
        """How many negative mentions of such an hour say the same, where sentiments are known at all."""
        if (hour := self._whole_hour()) is not None and "negative_share" in self.detectors:
            most, example = self.complaints.hours.pop(hour, Hour()).most()
            alert = self._feed("repeat_topic", "count", hour * _HOUR, _HOUR, float(most))
            if alert is not None:
                self.example = example
            yield alert

    def _whole_hour(self) -> int | None:
        """The number of the hour that has just ended, where all of it is known."""
        hour = self.closed // _HOUR - 1
        is_over = not self.closed % _HOUR
        return hour if is_over and all(one in self.tail for one in range(hour * _HOUR, self.closed)) else None

    def _feed(
        self, signal: str, kind: Kind, first: int, bins: int, value: float, of: float | None = None
    ) -> Alert | None:
        detector = self.detectors.setdefault(signal, Detector(signal, self.setting, kind))
        at = start_of(first).astimezone(self.zone)
        alert = detector.feed(at, value, of)
        point = detector.point
        expected = None
        if detector.learned and point is not None and not math.isnan(point.baseline):
            expected = point.baseline * (1.0 if of is None else of)
        rows = self.rows.setdefault(signal, [])
        rows.append(Row(first, bins, value, of, expected))
        # A row is known when its time is over: that is when it can be spoken of.
        return replace(alert, at=alert.at + bins * BASE) if alert else None

    def _state_of(self, number: int) -> bool | None:
        return None if number >= self.closed else number not in self.holes

    def _unknown(self, first: int, end: int) -> bool:
        begins, ends = start_of(first), start_of(end)
        return any(since < ends and until > begins for since, until in self.gaps)

    def _forget(self) -> None:
        self.tail = {number: value for number, value in self.tail.items() if number >= self.closed - 2 * _HALF_HOUR}
        self.gaps = [gap for gap in self.gaps if bin_of(gap[1]) >= self.closed - _HOUR]
        self.places = {hour: places for hour, places in self.places.items() if (hour + 1) * _HOUR > self.closed - _HOUR}
        hours = self.complaints.hours
        self.complaints.hours = {hour: one for hour, one in hours.items() if (hour + 1) * _HOUR > self.closed}
        for rows in self.rows.values():
            while rows and rows[0].first < self.closed - _DAY:
                del rows[: max(1, len(rows) - _DAY)]
