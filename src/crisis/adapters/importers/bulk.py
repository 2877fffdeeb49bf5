"""Millions of mentions to buckets of counts: by an engine where it can give the same answer, else row by row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from crisis.adapters.importers.bulk_query import (
    ENDS,
    MEANT,
    NEGATIVE_WORDS,
    NEGATIVES,
    REJECTED,
    Queries,
    meanings_of,
    words_of,
)
from crisis.adapters.importers.parquet import ParquetTable, damaged, open_engine
from crisis.adapters.importers.read import Import
from crisis.adapters.importers.tables import TextTable
from crisis.adapters.importers.values import network_of, retweeted, sentiment_of
from crisis.signals.mention import Bucket, ImportReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from crisis.adapters.importers.layout import Field
    from crisis.signals.mention import Mention, Sentiment

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
_BATCH = 2000
_BETWEEN = "\x1f"
"""Between the networks of a bucket: one text crosses over in a fraction of the time that a list does."""
_TEXTS = 20_000
"""Rows whose texts are looked at for complaints that return: of more there are, one in so many is enough."""
_COMPLAINTS = 5000
"""The same of a file whose columns are read in turn, so that only complaints are looked at …"""
_LATELY = timedelta(days=14)
"""… and if there are more, only the latest: in two weeks the detector's memory has filled."""
_LOOKED_AT = 400  # characters of a text


@dataclass(slots=True)
class _Sums:
    mentions: int = 0
    reposts: int = 0
    reach: int = 0
    engagement: int = 0
    sources: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)


class Bulk:
    """The buckets of one import in order of time, and after they were read the `report`.

    `one_in`: of the originals in a bucket, the texts of one in so many are at hand; of buckets before `texts_since`
    none is.
    """

    def __init__(self, read: Import, every: timedelta) -> None:
        self.read, self.every = read, every
        self.by_engine = engine_can(read)
        self.report = read.report
        self.one_in = 1
        self.texts_since: datetime | None = None

    def __iter__(self) -> Iterator[Bucket]:
        """The buckets; they are read once."""
        if self.by_engine:
            return self._engine_buckets()
        return self._row_buckets()

    def _row_buckets(self) -> Iterator[Bucket]:
        yield from buckets_of(self.read, self.every)
        self.report = self.read.report

    def _engine_buckets(self) -> Iterator[Bucket]:
        skipped: Counter[str] = Counter()
        sentiment: Counter[str] = Counter({"positive": 0, "neutral": 0, "negative": 0, "unknown": 0})
        networks: dict[str, tuple[str, ...]] = {}
        all_reposts, first, last = 0, None, None
        for number, verdict, reason, rows, reposts, reach, engagement, low, high, sources, texts in self._asked(
            skipped
        ):
            if reason:
                skipped[_REASONS[reason]] += rows
                continue
            sentiment[verdict] += rows
            all_reposts += reposts
            if low is not None:
                first = low if first is None or low < first else first
                last = high if last is None or high > last else last
            if sources not in networks:
                networks[sources] = tuple(sources.split(_BETWEEN))
            at = _EPOCH + number * self.every
            yield Bucket(
                at,
                verdict,
                networks[sources],
                rows,
                reposts,
                int(reach or 0),
                int(engagement or 0),
                tuple(text[:_LOOKED_AT] for text in texts if text and not retweeted(text)) if texts else (),
            )
        total = sentiment.total()
        self.report = ImportReport(
            format=self.read.format,
            container=self.read.table.container,
            records="mentions",
            time_zone=self.read.zone.label,
            time_zone_from=self.read.zone.found,
            rows=total + skipped.total(),
            mentions=total,
            reposts=all_reposts,
            counts=0,
            skipped=dict(skipped),
            sentiment=dict(sentiment),
            first=None if first is None else _EPOCH + timedelta(microseconds=first),
            last=None if last is None else _EPOCH + timedelta(microseconds=last),
            notes=tuple(self.read.table.notes),
        )

    def _asked(self, skipped: Counter[str]) -> Iterator[tuple[Any, ...]]:
        """One row per bucket, sentiment and reason to skip, in order of time.

        The engine groups by what the file writes; what each of these words means is decided here, once for each,
        so that few rows cross over however many groups there are.
        """
        table = self.read.table
        assert isinstance(table, ParquetTable | TextTable)  # noqa: S101 - engine_can said so
        path, queries = str(table.source.path), Queries(self.read, table, self.every)
        engine_error, engine = open_engine()
        with engine:
            try:
                in_turn = queries.in_turn and not engine.execute(queries.textless(), [path]).fetchone()
                if in_turn:
                    engine.execute(queries.counted(), [path])
                    engine.execute(queries.reposts(), [path])
                else:
                    self.one_in = max(1, _rows_about(self.read) // _TEXTS)
                    engine.execute(queries.all_at_once(self.one_in), [path])
                if isinstance(table, TextTable):
                    (rejected,) = engine.execute(REJECTED).fetchone() or (0,)
                    if rejected:
                        skipped["damaged row"] += rejected
                for column, meaning in (("source", self._network), ("sentiment", self._verdict)):
                    words = [word for (word,) in engine.execute(words_of(column)).fetchall()]
                    engine.execute(meanings_of(column), [words, [meaning(word) for word in words]])
                if in_turn:
                    self._look_closer(engine, queries, path)
                found = engine.execute(MEANT)
                while batch := found.fetchmany(_BATCH):
                    yield from batch
            except engine_error as error:
                raise damaged(table.source, error) from None

    def _look_closer(self, engine: DuckDBPyConnection, queries: Queries, path: str) -> None:
        """When it began and ended, and what was complained of, where the counting did not see it."""
        first, last = engine.execute(ENDS).fetchone() or (None, None)
        if first is None:
            return
        engine.execute(queries.ends(first, last), [path])
        since: int | None = last + 1 - _LATELY // self.every
        ever, lately = engine.execute(NEGATIVES, [since]).fetchone() or (0, 0)
        if ever <= _COMPLAINTS:
            since, lately = None, ever
        self.one_in = max(1, lately // _COMPLAINTS)
        self.texts_since = None if since is None else _EPOCH + since * self.every
        words = [word for (word,) in engine.execute(NEGATIVE_WORDS).fetchall()]
        if words:
            engine.execute(queries.complaints(since, self.one_in, len(words)), [path, *words])

    def _network(self, word: str | None) -> str:
        return network_of(word or "") or self.read.layout.source

    def _verdict(self, word: str | None) -> Sentiment:
        stripped = (word or "").strip()
        return (
            self.read.layout.sentiments.get(stripped.casefold()) or sentiment_of(stripped[:40])
            if stripped
            else "unknown"
        )


def buckets_of(mentions: Iterable[Mention], every: timedelta) -> list[Bucket]:
    """`mentions` in buckets `every` so long, sorted by time and sentiment."""
    found: dict[tuple[int, Sentiment], _Sums] = {}
    for one in mentions:
        total = found.setdefault(((one.at - _EPOCH) // every, one.sentiment), _Sums())
        total.mentions += 1
        total.reposts += one.is_repost
        total.reach += one.reach or 0
        total.engagement += one.engagement or 0
        total.sources.add(one.source)
        if one.sentiment == "negative" and not one.is_repost and not retweeted(one.text):
            total.texts.append(one.text[:_LOOKED_AT])
    return [
        Bucket(
            _EPOCH + number * every,
            verdict,
            tuple(sorted(one.sources)),
            one.mentions,
            one.reposts,
            one.reach,
            one.engagement,
            tuple(sorted(one.texts)),
        )
        for (number, verdict), one in sorted(found.items())
    ]


def engine_can(read: Import) -> bool:
    """Whether the engine reads this file as the rows would be read, and whether it is worth it."""
    table = read.table
    if not isinstance(table, ParquetTable | TextTable) or table.source.path is None:
        return False
    small = table.source.size < ENGINE_FROM
    if isinstance(table, TextTable) and (small or table.encoding not in {"utf-8", "utf-8-sig"}):
        return False
    if read.records != "mentions" or read.order or read.zone.label != "UTC" or read.layout.markup:
        return False
    if any(read.layout.fields.get(meaning) for meaning in _ROW_BY_ROW):
        return False
    rows = islice(table.rows(lambda _: None), 200)
    return all(_ISO.fullmatch(text) for row in rows if (text := read.getters.at(row)))


def _rows_about(read: Import) -> int:
    """About how many rows there are: a Parquet file says so, of a text the first lines do."""
    table = read.table
    if isinstance(table, ParquetTable):
        return table.count()
    head = read.source.head()
    return read.source.size * max(1, head.count(b"\n")) // max(1, len(head))
