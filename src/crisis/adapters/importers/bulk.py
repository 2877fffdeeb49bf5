"""Millions of mentions counted by an engine, where it can give the answer that the rows would give."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crisis.adapters.importers.bulk_cells import Cells
from crisis.adapters.importers.bulk_query import (
    BUCKETS,
    MICROSECOND,
    MOST_PLACES,
    NETWORKS,
    PLACES,
    REJECTED,
    AtOnce,
    InTurn,
    meanings_of,
    words_of,
)
from crisis.adapters.importers.parquet import ParquetTable, damaged, open_engine
from crisis.adapters.importers.tables import TextTable
from crisis.adapters.importers.values import network_of, retweeted, sentiment_of
from crisis.signals.mention import ImportReport
from crisis.signals.tally import BASE, HOUR, Bin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from crisis.adapters.importers.layout import Field
    from crisis.adapters.importers.read import Import
    from crisis.signals.mention import Sentiment
    from crisis.signals.tally import Tally

ENGINE_FROM = 4 * 1024 * 1024
"""Bytes of a text; below it the engine's start (140 ms) and its library are not worth it. Parquet needs it anyway."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII)
_ROW_BY_ROW: tuple[Field, ...] = (
    "id",
    "url",
    "repost_of",
    "kind",
    "post_id",
    "document_id",
    "clock",
    "added",
    "interactions",
)
"""Fields that need a look at each row: to tell duplicates and reposts, to put a time together."""
_REASONS = ("", "no date", "unreadable date", "no text")
_TEXTS = 20_000
"""Rows whose texts are looked at for complaints that return: of more there are, one in so many is enough."""


class Bulk:
    """An import that the engine can count: `bins` of five minutes to one sum."""

    def __init__(self, read: Import, table: ParquetTable | TextTable, times: Sequence[str], bins: int) -> None:
        self.read, self.table, self.times, self.bins = read, table, times, bins

    @classmethod
    def of(cls, read: Import, bins: int) -> Bulk | None:
        """The way to count `read`, if the engine reads the file as the rows would be read, and if it is worth it."""
        table = read.table
        if not isinstance(table, ParquetTable | TextTable) or table.source.path is None:
            return None
        small = table.source.size < ENGINE_FROM
        if isinstance(table, TextTable) and (small or table.encoding not in {"utf-8", "utf-8-sig"}):
            return None
        if read.records != "mentions" or read.order or read.zone.label != "UTC" or read.layout.markup:
            return None
        if any(read.layout.fields.get(meaning) for meaning in _ROW_BY_ROW):
            return None
        times = read.first_times
        return cls(read, table, times, bins) if all(_ISO.fullmatch(text) for text in times) else None

    def count(self, tally: Tally) -> ImportReport:
        """Count into `tally`, which is empty. Raises Unreadable for a file that is damaged."""
        tally.exact = self.bins
        engine_error, engine = self.table.engine if isinstance(self.table, ParquetTable) else open_engine()
        with engine.cursor() as cursor:
            try:
                queries = self._queries(cursor)
                cursor.execute(*queries.groups())
                for column, meaning in (("source", self._network), ("sentiment", self._verdict)):
                    if column == "source" and queries.places:
                        continue
                    words = [word for (word,) in cursor.execute(words_of(column)).fetchall()]
                    cursor.execute(meanings_of(column), [words, [meaning(word) for word in words]])
                sentiment = self._tell(cursor, queries, tally)
                return self._report(cursor, queries, sentiment)
            except engine_error as error:
                raise damaged(self.table.source, error) from None

    def _queries(self, engine: DuckDBPyConnection) -> AtOnce | InTurn:
        cells, path = Cells(self.read, self.table, self.times), str(self.table.source.path)
        if cells.when and cells.texts_apart:
            queries = InTurn(cells, path, self.bins * BASE)
            if not engine.execute(*queries.textless()).fetchone():
                queries.places = _places(engine, queries) if cells.source_apart else ()
                return queries
        return AtOnce(cells, path, self.bins * BASE, max(1, _rows_about(self.read) // _TEXTS))

    def _tell(self, engine: DuckDBPyConnection, queries: AtOnce | InTurn, tally: Tally) -> dict[str, int]:
        """All that a tally asks for; gives the mentions by sentiment."""
        totals = Counter({"positive": 0, "neutral": 0, "negative": 0, "unknown": 0})
        buckets = engine.execute(BUCKETS).fetchall()
        for bucket, mentions, negative, neutral, positive, reach, engagement in buckets:
            rated = negative + neutral + positive
            tally.bins[bucket * self.bins] = Bin(mentions, negative, rated, reach, engagement)
            totals["positive"] += positive
            totals["neutral"] += neutral
            totals["negative"] += negative
            totals["unknown"] += mentions - rated
        for hour, networks in self._networks(engine, queries.places):
            tally.seen(hour, *networks)
        queries.choose([(bucket, negative) for bucket, _, negative, *_ in buckets])
        if queries.since is not None:
            tally.heard_since = _EPOCH + queries.since * self.bins * BASE
        for hour, text in engine.execute(*queries.complaints()).fetchall():
            if text and not retweeted(text):
                tally.complaints.add(hour, text, queries.one_in)
        return dict(totals)

    def _report(
        self, engine: DuckDBPyConnection, queries: AtOnce | InTurn, sentiment: Mapping[str, int]
    ) -> ImportReport:
        skipped = {_REASONS[reason]: rows for reason, rows in engine.execute(*queries.skipped()).fetchall()}
        if isinstance(self.table, TextTable):
            (rejected,) = engine.execute(REJECTED).fetchone() or (0,)
            if rejected:
                skipped["damaged row"] = rejected
        first, last = engine.execute(*queries.ends()).fetchone() or (None, None)
        reposts = engine.execute(*queries.reposts()).fetchall()
        total = sum(sentiment.values())
        return ImportReport(
            format=self.read.format,
            container=self.table.container,
            records="mentions",
            time_zone=self.read.zone.label,
            time_zone_from=self.read.zone.found,
            rows=total + sum(skipped.values()),
            mentions=total,
            reposts=sum(rows for word, rows in reposts if self._network(word) == "x"),
            counts=0,
            skipped=skipped,
            sentiment=sentiment,
            first=None if first is None else _EPOCH + first * MICROSECOND,
            last=None if last is None else _EPOCH + last * MICROSECOND,
            notes=tuple(self.table.notes),
        )

    def _networks(
        self, engine: DuckDBPyConnection, places: Sequence[str | None]
    ) -> Iterator[tuple[int, Sequence[str]]]:
        """The networks of every hour."""
        if not places:
            yield from engine.execute(NETWORKS, [HOUR // self.bins]).fetchall()
            return
        # As the engine counts: words from 1, and 0 for none.
        network = {0 if word is None else n: self._network(word) for n, word in enumerate(places, 1)}
        known: dict[int, Sequence[str]] = {}
        for hour, bits in engine.execute(PLACES, [HOUR // self.bins]).fetchall():
            if bits not in known:
                known[bits] = [one for n, one in network.items() if bits >> n & 1]
            yield hour, known[bits]

    def _network(self, word: str | None) -> str:
        return network_of(word or "") or self.read.layout.source

    def _verdict(self, word: str | None) -> Sentiment:
        stripped = (word or "").strip()
        return (
            self.read.layout.sentiments.get(stripped.casefold()) or sentiment_of(stripped[:40])
            if stripped
            else "unknown"
        )


def _places(engine: DuckDBPyConnection, queries: InTurn) -> Sequence[str | None]:
    """All words for a source; nothing where they are too many."""
    first = [word for (word,) in engine.execute(*queries.first_sources()).fetchall() if word is not None]
    if not 0 < len(first) <= MOST_PLACES:
        return ()
    others = [word for (word,) in engine.execute(*queries.other_sources(first)).fetchall()]
    # Nothing is the last: it has no place in the list in which the engine looks for words.
    found = [*first, *sorted(others, key=lambda word: word is None)]
    return found if len(found) <= MOST_PLACES else ()


def _rows_about(read: Import) -> int:
    """About how many rows there are: a Parquet file says so, of a text the first lines do."""
    table = read.table
    if isinstance(table, ParquetTable):
        return table.count()
    head = read.source.head()
    return read.source.size * max(1, head.count(b"\n")) // max(1, len(head))
