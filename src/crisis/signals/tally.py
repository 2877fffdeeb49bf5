"""Mentions into bins of five minutes, and the bins into one series for each signal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from crisis.signals.complaints import Complaints

if TYPE_CHECKING:
    from crisis.signals.detector import Kind

BASE = timedelta(minutes=5)
HISTORY = timedelta(days=60)
"""Three half-lives of the detector's memory: what is older hardly counts for how things stand now."""
BY_SENTIMENT = frozenset({"negative_share", "negative_rate", "repeat_topic"})
"""Signals that rest on what mentions feel."""
HOUR = 12
"""In bins."""
MOST_PLACES = 2000
"""Networks, countries and languages remembered of one hour."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _WEEK = 288, 2016  # in bins
_STEPS = ((10 * _DAY, 1), (30 * _DAY, 3))  # up to so many bins of history, so many bins make a row
_COARSEST = 6
_MOST = 1e15  # what a detector takes
_FEW = 5  # bins with mentions below which their times tell nothing about how exact they are


class Bin(NamedTuple):
    """Sums over the mentions of one span of time; `rated` are those with a sentiment."""

    mentions: int = 0
    negative: int = 0
    rated: int = 0
    reach: int = 0
    engagement: int = 0

    def plus(self, other: Bin) -> Bin:
        """Both together."""
        a, b, c, d, e = self
        return Bin(a + other.mentions, b + other.negative, c + other.rated, d + other.reach, e + other.engagement)


NOTHING = Bin()
Row = tuple[datetime, float, float | None]
"""When, how many, and of how many if it is a share."""
Heard = tuple[int, str, int]
"""In which hour, numbered from 1970 on, what was said, and for how many mentions it stands."""
Gaps = Sequence[tuple[int, int]]
"""From which bin to before which nobody knows anything, in order of time."""


class Series(Struct, frozen=True):
    """One signal over time, for a detector: rows of length `every`, each later than the one before.

    `window` is how much of its end says how it stands: an hour, unless it says otherwise.
    `delay`: how long after its time a row is known; mentions are counted only when their bin is over.
    `apart`: how far from each other rows lie at least, where that is known.
    `parts` gives a row's span in bins of `part`, for rules that ask for less time than a row has.
    """

    signal: str
    kind: Kind
    every: timedelta
    rows: Iterator[Row]
    part: timedelta
    parts: Callable[[datetime], Sequence[tuple[float, float | None]]] | None = None
    window: timedelta = timedelta(hours=1)
    delay: timedelta = timedelta(0)
    apart: timedelta = timedelta(0)
    example: str = ""
    """One of what is counted at the end: hostile text as it came."""
    until: datetime | None = None
    """Up to when the last row is known, where it may end later than anybody knows."""
    estimated: float = 0.0
    """Of the sentiments it rests on, the share that the tool did not give: estimates from the words, 0 to 1."""


class Grid(Struct, frozen=True):
    """Rows of `size` bins, the first of which begin `offset` bins after a multiple of `size`."""

    size: int
    offset: int

    def row_of(self, bin_: int) -> int:
        """The row in which a bin lies."""
        return (bin_ - self.offset) // self.size

    def start(self, row: int) -> int:
        """A row's first bin."""
        return row * self.size + self.offset


class Tally(Struct):
    """What came when. Memory grows with the time that is covered, not with the mentions.

    `exact`: how many bins of five minutes one sum stands for; 3 where millions were counted by the quarter-hour.
    """

    exact: int = 1
    bins: dict[int, Bin] = field(default_factory=dict)
    places: dict[int, set[str]] = field(default_factory=dict)
    heard: Complaints = field(default_factory=Complaints)
    still_heard: Callable[[], Iterable[Heard]] | None = None
    """Complaints that are being read elsewhere meanwhile; it waits for them."""
    heard_since: datetime | None = None
    """From when on complaints were looked at, where it was not from the beginning."""
    until: datetime | None = None
    """The last mention: what of its bin comes after, nobody knows."""
    estimates: int = 0
    """Of the mentions with a sentiment, those whose sentiment is an estimate."""

    @property
    def complaints(self) -> Complaints:
        """What negative mentions say, all of it: what is still being read is waited for."""
        if self.still_heard is not None:
            read, self.still_heard = self.still_heard, None
            for hour, text, worth in read():
                self.heard.add(hour, text, worth)
        return self.heard

    def complain(self, at: datetime, text: str, worth: int = 1) -> None:
        """Take in what a negative mention says that is nobody's repost; `worth`: it stands for so many."""
        self.heard.add((at - _EPOCH) // BASE // HOUR, text, worth)

    def add(self, at: datetime, sums: Bin, *places: str) -> None:
        """Take in mentions of the bin in which `at` lies, and where they were seen."""
        number = (at - _EPOCH) // BASE
        before = self.bins.get(number)
        self.bins[number] = before.plus(sums) if before else sums
        self.seen(number // HOUR, *places)

    def seen(self, hour: int, *places: str) -> None:
        """Take in where mentions of an hour, numbered from 1970 on, were seen."""
        known = self.places.setdefault(hour, set())
        if len(known) < MOST_PLACES and not known.issuperset(places):
            known.update(place for place in places if place)

    def grid(self, zone: tzinfo, *, fine: bool) -> Grid:
        """How many bins make a row: as few as the times are exact to, and as the length of the history allows."""
        seen = list(self.bins)
        if len(seen) >= _FEW:
            marks = sorted({_local(number, zone) % _DAY for number in seen})
            # Two marks an hour apart are midnight in summer and in winter.
            if marks[0] in (marks[-1], marks[-1] - HOUR) and len(marks) <= 2:
                return Grid(_DAY, marks[0] - _local(0, zone))
            if len({mark % HOUR for mark in marks}) == 1:
                return Grid(HOUR, marks[0] % HOUR)
        span = min(max(seen) - min(seen), HISTORY // BASE)
        wanted = 1 if fine else next((size for most, size in _STEPS if span <= most), _COARSEST)
        size = max(wanted, self.exact)
        # The last row ends with the last bin: a row that has only begun would look like a lull.
        return Grid(size, (max(seen) + self.exact) % size)

    def series(self, zone: tzinfo = UTC, *, fine: bool = False, gaps: Gaps = ()) -> Iterator[Series]:
        """Every signal that these mentions give, one after the other; that of complaints, which may wait, is the last.

        `fine`: all of the history in bins of five minutes, else the last 60 days in rows that may be longer. `gaps`:
        from which bin to before which nobody knows anything, in order; a row that one cuts into is left out, but the
        last one never is.
        """
        for one in self._series(zone, gaps, fine=fine) if self.bins else ():
            felt = self.estimates and one.signal in BY_SENTIMENT
            rated = sum(sums.rated for sums in self.bins.values()) if felt else 1
            yield replace(one, estimated=self.estimates / rated) if felt else one

    def _series(self, zone: tzinfo, gaps: Gaps, *, fine: bool) -> Iterator[Series]:
        grid = self.grid(zone, fine=fine)
        rows = self._rows(grid, None if fine else HISTORY // BASE, gaps)
        sums = [one for _, one in rows]
        total = Bin(*map(sum, zip(*sums, strict=True)))
        every = grid.size * BASE
        starts = [(_EPOCH + grid.start(row) * BASE).astimezone(zone) for row, _ in rows]

        def count(signal: str, place: int) -> Series:
            return Series(
                signal,
                "count",
                every,
                zip(starts, (min(float(one[place]), _MOST) for one in sums), repeat(None), strict=False),
                self.exact * BASE if grid.size < HOUR else every,
                (lambda when: [(float(one[place]), None) for one in self._within(when, grid)])
                if self.exact < grid.size < HOUR
                else None,
                delay=every,
                apart=every,
                until=self.until,
            )

        yield count("mention_rate", 0)
        if total.rated:
            shares = zip(starts, (float(one.negative) for one in sums), (float(one.rated) for one in sums), strict=True)
            yield Series("negative_share", "share", every, shares, every, delay=every, apart=every)
            yield count("negative_rate", 1)
        yield from (count(name, n) for name, n in (("reach", 3), ("engagement", 4)) if total[n])
        yield self._velocity(grid, rows, zone, gaps, fine=fine)
        yield self._spread(grid, zone, gaps, fine=fine)
        if total.rated:
            yield self._repeats(grid, zone, gaps, fine=fine)

    def _within(self, when: datetime, grid: Grid) -> list[Bin]:
        first = (when - _EPOCH) // BASE
        return [self.bins.get(number, NOTHING) for number in range(first, first + grid.size, self.exact)]

    def _rows(self, grid: Grid, history: int | None, gaps: Gaps) -> list[tuple[int, Bin]]:
        """The rows with their sums; empty ones are zeros, but a gap and a hole of more than a week stay holes."""
        last = max(self.bins)
        sums: dict[int, Bin] = {}
        for number, one in self.bins.items():
            if history is None or last - number < history:
                row = grid.row_of(number)
                sums[row] = sums[row].plus(one) if row in sums else one
        return [(row, sums.get(row, NOTHING)) for row in _known(_filled(sorted(sums), _WEEK // grid.size), grid, gaps)]

    def _velocity(
        self, grid: Grid, of_grid: Sequence[tuple[int, Bin]], zone: tzinfo, gaps: Gaps, *, fine: bool
    ) -> Series:
        """By how much a half-hour exceeds the one before (or a row, where rows are longer)."""
        size = max(HOUR // 2, grid.size)
        # Of a history the half-hours are those of the clock: where it ends must not move what was said before.
        ends = max(self.bins) + self.exact
        halves = Grid(size, grid.offset if grid.size == size else 0 if fine else ends % size)
        every = size * BASE

        def rises() -> Iterator[Row]:
            before, after_gap = 0, {halves.row_of(end - 1) + 1 for _, end in gaps}
            rows = of_grid if halves == grid else self._rows(halves, None if fine else HISTORY // BASE, gaps)
            for row, sums in rows:
                if fine and halves.start(row + 1) > ends:
                    return
                if row in after_gap:  # by how much it rose nobody knows
                    before = sums.mentions
                    continue
                yield (
                    (_EPOCH + halves.start(row) * BASE).astimezone(zone),
                    float(max(0, sums.mentions - before)),
                    None,
                )
                before = sums.mentions

        return Series("velocity", "count", every, rises(), every, window=every, delay=every, apart=every)

    def _spread(self, grid: Grid, zone: tzinfo, gaps: Gaps, *, fine: bool) -> Series:
        """In how many networks, countries and languages: of each hour, or of each row that is longer."""
        return self._by_hours(
            "spread",
            grid,
            zone,
            gaps,
            lambda hours: (
                len(set().union(*(self.places.get(one, ()) for one in hours)))
                if len(hours) > 1
                else len(self.places.get(hours.start, ()))
            ),
            fine=fine,
        )

    def _repeats(self, grid: Grid, zone: tzinfo, gaps: Gaps, *, fine: bool) -> Series:
        """How many negative mentions say the same: of each hour, or of the fullest hour of a longer row."""
        found = self._by_hours(
            "repeat_topic",
            grid,
            zone,
            gaps,
            # Where one in so many was looked at, it may seem that more said it than there were.
            lambda hours: min(self.complaints.most(hours)[0], self._negative(hours)),
            fine=fine,
            since=-((_EPOCH - self.heard_since) // (HOUR * BASE)) if self.heard_since else None,
        )
        size = found.every // (HOUR * BASE)
        newest = max(self.places)
        return replace(found, example=self.complaints.most(range(newest - size + 1, newest + 1))[1])

    def _negative(self, hours: range) -> int:
        """The negative mentions of the fullest of these hours."""
        bins = (range(hour * HOUR, (hour + 1) * HOUR, self.exact) for hour in hours)
        return max((sum(self.bins.get(one, NOTHING).negative for one in each) for each in bins), default=0)

    def _by_hours(
        self,
        signal: str,
        grid: Grid,
        zone: tzinfo,
        gaps: Gaps,
        value: Callable[[range], int],
        *,
        fine: bool,
        since: int | None = None,
    ) -> Series:
        size = max(1, grid.size // HOUR)
        shift = grid.offset // HOUR if grid.size > HOUR else 0
        newest = max(self.places)
        known = {
            (hour - shift) // size
            for hour in self.places
            if (fine or (newest - hour) * HOUR * BASE < HISTORY) and (since is None or hour >= since)
        }
        every, hours = size * HOUR * BASE, Grid(size * HOUR, shift * HOUR)
        ends = max(self.bins) + self.exact
        rows = (
            (
                (_EPOCH + row * every + shift * HOUR * BASE).astimezone(zone),
                float(value(range(row * size + shift, (row + 1) * size + shift))),
                None,
            )
            for row in _known(_filled(sorted(known), max(1, 7 * 24 // size)), hours, gaps)
            if not fine or ((row + 1) * size + shift) * HOUR <= ends  # an hour that has only begun is not known yet
        )
        return Series(signal, "count", every, rows, every, window=every, delay=every, apart=every)


def _local(number: int, zone: tzinfo) -> int:
    """A bin's number on the clock of `zone`."""
    offset = (_EPOCH + number * BASE).astimezone(zone).utcoffset() if zone is not UTC else None
    return number + (offset // BASE if offset else 0)


def _filled(rows: list[int], longest: int) -> Iterator[int]:
    last = None
    for row in rows:
        if last is not None and row - last <= longest:
            yield from range(last + 1, row)
        yield row
        last = row


def _known(rows: Iterator[int], grid: Grid, gaps: Gaps) -> Iterator[int]:
    """Those of the rows that no gap cuts into, as part of a row would look like a lull; and the last one."""
    if not gaps:
        yield from rows
    coming, waiting = iter(gaps), None
    gap = next(coming, None)
    for row in rows:
        waiting = row
        begins, ends = grid.start(row), grid.start(row + 1)
        while gap is not None and gap[1] <= begins:
            gap = next(coming, None)
        if gap is None or gap[0] >= ends:
            waiting = None
            yield row
    if waiting is not None:
        yield waiting
