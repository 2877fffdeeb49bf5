"""An export in, mentions out: one pass, with a report of everything that was left out."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from crisis.adapters.importers.columns import ColumnMap
from crisis.adapters.importers.errors import NotAnExport
from crisis.adapters.importers.formats import LAYOUTS
from crisis.adapters.importers.formats.plain import mapped_layout, plain_layout
from crisis.adapters.importers.layout import Layout, cells, keys, plain, recognised
from crisis.adapters.importers.rows import Composer, Getters
from crisis.adapters.importers.source import Source, kind_of, opened, source_of
from crisis.adapters.importers.stated import Range, covers, stated_range
from crisis.adapters.importers.times import Order
from crisis.adapters.importers.zones import Clues, Zone, decide_order, decide_zone
from crisis.kernel.errors import Usage
from crisis.signals.mention import Count, ImportReport, Mention, Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from crisis.adapters.importers.layout import Field
    from crisis.adapters.importers.parquet import ParquetTable
    from crisis.adapters.importers.source import Opener
    from crisis.adapters.importers.tables import Recognise, Skip

_WHEN: tuple[Field, ...] = ("at", "added", "clock", "url", "post_id", "document_id")
"""What says when a post was made, and proves in which zone."""
_LOOK_AT = 50_000
"""Rows whose post ids are looked at where the times may well be UTC; hidden zones and slashes take them all."""


class Rows(Protocol):
    """A container: what it is called, and its rows as often as wanted."""

    container: str
    notes: list[str]

    def rows(self, skip: Skip) -> Iterator[Sequence[str]] | Iterator[dict[str, str]]:
        """The rows, damaged ones going to `skip` with the reason."""


class Seen:
    """The mentions already read, so that overlapping exports count once; the latest million or two are remembered."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.most = most
        self._recent: set[int] = set()
        self._older: set[int] = set()

    def again(self, key: str) -> bool:
        """Whether `key` was there before; it is from now on."""
        mark = hash(key)
        if mark in self._recent or mark in self._older:
            return True
        self._recent.add(mark)
        if len(self._recent) >= self.most:
            self._older, self._recent = self._recent, set()
        return False


class Import:
    """An export that was understood, ready to be read once, row by row.

    Iterate over it for mentions, or over `counts()` if `records` says so. `report` is what was read
    so far; `finish()` reads what is left and returns the final one.
    """

    def __init__(
        self,
        source: Source,
        rows: Rows,
        layout: Layout,
        columns: Sequence[str],
        getters: Getters,
        stated: Range | None = None,
        first: ParquetTable | None = None,
    ) -> None:
        self.source, self.layout, self.columns = source, layout, tuple(columns)
        self.format: str = layout.name
        self.records: Records = layout.records
        self.zone = Zone("UTC", "no times", lambda at: at)
        self.order: Order | None = None
        self.table, self.getters, self.stated = rows, getters, stated
        self._first_look = first
        self.first_times: Sequence[str] = ()
        """What the first rows have for a time, as it stands there."""
        self._skipped: Counter[str] = Counter()
        self._sentiment: Counter[str] = Counter({"positive": 0, "neutral": 0, "negative": 0, "unknown": 0})
        self._reposts = self._counted = 0
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._again_first: datetime | None = None
        self._again_last: datetime | None = None
        self._stream: Iterator[Mention] | Iterator[Count] | None = None
        self._seen = Seen()

    def settle(self, tz: str | None, order: Order | None, seen: Seen) -> Import:
        """Decide zone and order by a first look, before any mention is given out."""
        first = self._first_look
        clues = look(first or self.table, self.getters, self.layout, uniform=first is not None and first.uniform)
        self.first_times = clues.first
        self.order = decide_order(clues, order)
        self.zone = decide_zone(clues, self.order, tz, self.layout.convention, self.layout.why)
        self._seen = seen
        return self

    def __iter__(self) -> Iterator[Mention]:
        """The mentions; a second time, those that are left."""
        if self.records != "mentions":
            raise Usage(f"{self.source} holds counts and not mentions", hint="read it on its own, as counts")
        if self._stream is None:
            self._stream = self._mentions()
        return self._stream  # type: ignore[return-value]  # records says which of the two it is

    def counts(self) -> Iterator[Count]:
        """The counts of a file of counts."""
        if self.records != "counts":
            raise Usage(f"{self.source} holds mentions and not counts", hint="read it on its own, as mentions")
        if self._stream is None:
            self._stream = self._counts()
        return self._stream  # type: ignore[return-value]  # records says which of the two it is

    def finish(self) -> ImportReport:
        """Read to the end and say what there was."""
        for _ in self.counts() if self.records == "counts" else self:
            pass
        return self.report

    @property
    def report(self) -> ImportReport:
        """What was read so far."""
        total = self._sentiment.total()
        return ImportReport(
            format=self.format,
            container=self.table.container,
            records=self.records,
            time_zone=self.zone.label,
            time_zone_from=self.zone.found,
            rows=total + self._counted + self._skipped.total(),
            mentions=total,
            reposts=self._reposts,
            counts=self._counted,
            skipped=dict(self._skipped),
            sentiment=dict(self._sentiment),
            first=self._first,
            last=self._last,
            notes=tuple(self.table.notes),
        )

    @property
    def covers(self) -> Range | None:
        """The span of time that the file covers: what it states, else from its first mention to its last.

        Mentions that another file had before count here too.
        """
        firsts = [at for at in (self._first, self._again_first) if at is not None]
        lasts = [at for at in (self._last, self._again_last) if at is not None]
        return covers((min(firsts), max(lasts)) if firsts and lasts else None, self.stated)

    def column_map(self) -> ColumnMap:
        """What was understood, as a map to edit: only the columns that this file has, by their own names."""
        own = {plain(name): name for name in reversed(self.columns)}
        found = {
            meaning: tuple(own[name] for name in listed if name in own)
            for meaning, listed in self.layout.fields.items()
            if any(name in own for name in listed)
        }
        return ColumnMap(found, self.records, self.order, None, self.layout.source)

    def _mentions(self) -> Iterator[Mention]:
        skip = self._skip
        mention_of = Composer(self.layout, self.getters, self.order, self.zone).mention
        for row in self.table.rows(skip):
            mention = mention_of(row)
            if isinstance(mention, str):
                skip(mention)
            elif self._seen.again(mention.id):
                skip("duplicate")
                if self._again_first is None or mention.at < self._again_first:
                    self._again_first = mention.at
                if self._again_last is None or mention.at > self._again_last:
                    self._again_last = mention.at
            else:
                self._sentiment[mention.sentiment] += 1
                self._reposts += mention.repost_of != ""
                self._span(mention.at)
                yield mention

    def _counts(self) -> Iterator[Count]:
        count_of = Composer(self.layout, self.getters, self.order, self.zone).count
        for row in self.table.rows(self._skip):
            count = count_of(row)
            if isinstance(count, str):
                self._skip(count)
            else:
                self._counted += 1
                self._span(count.at)
                yield count

    def _skip(self, reason: str) -> None:
        self._skipped[reason] += 1

    def _span(self, at: datetime) -> None:
        if self._first is None or at < self._first:
            self._first = at
        if self._last is None or at > self._last:
            self._last = at


def read_export(
    given: str | Path | bytes,
    *,
    tz: str | None = None,
    column_map: ColumnMap | None = None,
    date_order: Order | None = None,
    seen: Seen | None = None,
    opener: Opener = opened,
) -> Import:
    """Recognise an export by its columns and settle how its times are meant; mentions are read when iterated.

    `tz` is the zone of times that carry none (refused where the file's post ids prove another);
    `column_map` replaces recognition; `seen` is shared between files that may overlap, and `opener`
    opens a path. Raises CrisisError subclasses only: what it is not, what cannot be decided, what is too large to open.
    """
    source = source_of(given, opener)
    if column_map:
        layout, needed = mapped_layout(column_map), {plain(name) for name in column_map.needed()}
        known: tuple[Recognise, ...] = (lambda names: layout if needed <= set(names) else None,)
        tz, date_order = tz or column_map.time_zone, date_order or column_map.date_order
    else:
        known = (lambda names: recognised(LAYOUTS, frozenset(names)), lambda names: plain_layout(tuple(names)))
    return _opened(source, known).settle(tz, date_order, seen or Seen())


def read_exports(
    given: Iterable[str | Path | bytes],
    *,
    tz: str | None = None,
    column_map: ColumnMap | None = None,
    date_order: Order | None = None,
    opener: Opener = opened,
) -> Iterator[Import]:
    """Several exports, of any tools, in which what they share counts once; read each to its end before the next."""
    seen = Seen()
    for one in given:
        yield read_export(one, tz=tz, column_map=column_map, date_order=date_order, seen=seen, opener=opener)


def look(rows: Rows, get: Getters, layout: Layout, *, uniform: bool = False) -> Clues:
    """A first pass for what the times mean; it ends early once they are seen to carry their offset.

    `uniform`: nothing but moments is looked at, so that all rows say the same of the zone.
    """
    clues = Clues()
    hidden = layout.convention == "hidden"
    n = -1
    for n, row in enumerate(rows.rows(lambda _: None)):
        text = get.at(row)
        if text:
            true = get.moment(row) if get["at"](row) else None
            clues.add(text, lambda order, row=row: get.local(row, order), true)  # type: ignore[misc]
        if n >= 200 and ((clues.aware and not clues.naive) or (uniform and clues.naive)):
            break
        # A file in which nothing can prove a zone, and nothing has to, need not be read twice.
        if n >= (_LOOK_AT if clues.offsets else 2000) and not hidden and not clues.possible:
            break
    else:
        if n < 0:
            rows.notes.append("there is a header, and nothing below it")
    return clues


def _opened(source: Source, known: Sequence[Recognise]) -> Import:
    rows: Rows
    first: ParquetTable | None = None
    match kind_of(source):
        case "empty":
            raise NotAnExport(f"{source} is empty", hint="export it again")
        case "feed":
            from crisis.adapters.importers.feeds import FeedRecords

            rows = feed = FeedRecords(source)
            return Import(source, rows, feed.layout, feed.columns, Getters.of(feed.layout, keys))
        case "json":
            from crisis.adapters.importers.records import JsonRecords

            rows = records = JsonRecords(source, known)
            layout = records.layout or Layout("nothing", (), {}, why="there are no records")
            return Import(source, rows, _accepted(layout, source), records.columns, Getters.of(layout, keys))
        case "parquet":
            from crisis.adapters.importers.parquet import ParquetTable

            table: ParquetTable | SheetTable | TextTable
            rows = table = ParquetTable(source, known)
            first = table.only(_WHEN)
        case "xlsx":
            from crisis.adapters.importers.xlsx import SheetTable

            rows = table = SheetTable(source, known)
        case _:
            from crisis.adapters.importers.tables import TextTable

            rows = table = TextTable(source, known)
    header = [plain(column) for column in table.header.columns]
    getters = Getters.of(_accepted(table.header.layout, source), lambda wanted: cells(header, wanted))
    stated = stated_range(table.header.above)
    return Import(source, rows, table.header.layout, table.header.columns, getters, stated, first)


def _accepted(layout: Layout, source: Source) -> Layout:
    if layout.refused:
        raise NotAnExport(f"{source} holds no mentions: it is a report about your own posts", hint=layout.refused)
    return layout
