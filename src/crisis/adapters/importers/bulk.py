"""Millions of mentions counted by an engine, where it can give the answer that the rows would give."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from crisis.adapters.importers.bulk_query import (
    BUCKETS,
    COMPLAINTS,
    ENDS,
    LAST_BUCKET,
    MICROSECOND,
    NEGATIVE_WORDS,
    NEGATIVES,
    NETWORKS,
    REJECTED,
    REPOSTS,
    SENTIMENTS,
    SKIPPED,
    Queries,
    groups_by,
    meanings_of,
    words_of,
)
from crisis.adapters.importers.parquet import ParquetTable, damaged, open_engine
from crisis.adapters.importers.tables import TextTable
from crisis.adapters.importers.values import network_of, retweeted, sentiment_of
from crisis.signals.complaints import LONGEST
from crisis.signals.mention import ImportReport
from crisis.signals.tally import BASE, HOUR, Bin

if TYPE_CHECKING:
    from collections.abc import Sequence

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
_FIRST_ROWS = 200
_TEXTS = 20_000
"""Rows whose texts are looked at for complaints that return: of more there are, one in so many is enough."""
_COMPLAINTS = 5000
"""The same of a file whose columns are read in turn, so that only complaints are looked at …"""
_LATELY = timedelta(days=14)
"""… and if there are more, only the latest: in two weeks the detector's memory has filled."""


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
        first = islice(table.rows(lambda _: None), _FIRST_ROWS)
        times = [text for row in first if (text := read.getters.at(row))]
        return cls(read, table, times, bins) if all(_ISO.fullmatch(text) for text in times) else None

    def count(self, tally: Tally) -> ImportReport:
        """Count into `tally`, which is empty. Raises Unreadable for a file that is damaged."""
        tally.exact = self.bins
        queries = Queries(self.read, self.table, self.bins * BASE, self.times)
        path = str(self.table.source.path)
        engine_error, engine = open_engine()
        with engine:
            try:
                if queries.in_turn and not engine.execute(queries.textless(), [path]).fetchone():
                    for query in (queries.counted(), queries.dateless(), queries.reposts()):
                        engine.execute(query, [path])
                    self._give_meaning(engine)
                    ends = engine.execute(queries.ends(), [path]).fetchone()
                    one_in = self._look_closer(engine, queries, tally)
                else:
                    one_in = max(1, _rows_about(self.read) // _TEXTS)
                    engine.execute(queries.all_at_once(one_in), [path])
                    self._give_meaning(engine)
                    ends = engine.execute(ENDS).fetchone()
                self._tell(engine, tally, one_in)
                return self._report(engine, *(ends or (None, None)))
            except engine_error as error:
                raise damaged(self.table.source, error) from None

    def _give_meaning(self, engine: DuckDBPyConnection) -> None:
        for column, meaning in (("source", self._network), ("sentiment", self._verdict)):
            words = [word for (word,) in engine.execute(words_of(column)).fetchall()]
            engine.execute(meanings_of(column), [words, [meaning(word) for word in words]])
            engine.execute(groups_by(column))

    def _look_closer(self, engine: DuckDBPyConnection, queries: Queries, tally: Tally) -> int:
        """What was complained of, where the counting did not see it; says how many complaints each stands for."""
        (last,) = engine.execute(LAST_BUCKET).fetchone() or (None,)
        if last is None:
            return 1
        every = self.bins * BASE
        since: int | None = last + 1 - _LATELY // every
        ever, lately = engine.execute(NEGATIVES, [since]).fetchone() or (0, 0)
        if ever <= _COMPLAINTS:
            since, lately = None, ever
        one_in: int = max(1, lately // _COMPLAINTS)
        tally.heard_since = None if since is None else _EPOCH + since * every
        words = [word for (word,) in engine.execute(NEGATIVE_WORDS).fetchall()]
        if words:
            engine.execute(queries.complaints(since, one_in, len(words)), [str(self.table.source.path), *words])
        return one_in

    def _tell(self, engine: DuckDBPyConnection, tally: Tally, one_in: int) -> None:
        bins = self.bins
        for bucket, mentions, negative, rated, reach, engagement in engine.execute(BUCKETS).fetchall():
            tally.bins[bucket * bins] = Bin(mentions, negative, rated, reach, engagement)
        for hour, network in engine.execute(NETWORKS, [HOUR // bins]).fetchall():
            tally.seen(hour, network)
        for hour, text in engine.execute(COMPLAINTS, [HOUR // bins, LONGEST]).fetchall():
            if text and not retweeted(text):
                tally.complaints.add(hour, text, one_in)

    def _report(self, engine: DuckDBPyConnection, first: int | None, last: int | None) -> ImportReport:
        skipped = {_REASONS[reason]: rows for reason, rows in engine.execute(SKIPPED).fetchall()}
        if isinstance(self.table, TextTable):
            (rejected,) = engine.execute(REJECTED).fetchone() or (0,)
            if rejected:
                skipped["damaged row"] = rejected
        sentiment = Counter({"positive": 0, "neutral": 0, "negative": 0, "unknown": 0})
        sentiment.update(dict(engine.execute(SENTIMENTS).fetchall()))
        (reposts,) = engine.execute(REPOSTS).fetchone() or (0,)
        total = sentiment.total()
        return ImportReport(
            format=self.read.format,
            container=self.table.container,
            records="mentions",
            time_zone=self.read.zone.label,
            time_zone_from=self.read.zone.found,
            rows=total + sum(skipped.values()),
            mentions=total,
            reposts=reposts,
            counts=0,
            skipped=skipped,
            sentiment=dict(sentiment),
            first=None if first is None else _EPOCH + first * MICROSECOND,
            last=None if last is None else _EPOCH + last * MICROSECOND,
            notes=tuple(self.table.notes),
        )

    def _network(self, word: str | None) -> str:
        return network_of(word or "") or self.read.layout.source

    def _verdict(self, word: str | None) -> Sentiment:
        stripped = (word or "").strip()
        return (
            self.read.layout.sentiments.get(stripped.casefold()) or sentiment_of(stripped[:40])
            if stripped
            else "unknown"
        )


def _rows_about(read: Import) -> int:
    """About how many rows there are: a Parquet file says so, of a text the first lines do."""
    table = read.table
    if isinstance(table, ParquetTable):
        return table.count()
    head = read.source.head()
    return read.source.size * max(1, head.count(b"\n")) // max(1, len(head))
