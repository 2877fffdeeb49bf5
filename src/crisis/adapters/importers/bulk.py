"""Millions of mentions counted by an engine, where it can give the answer that the rows would give."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from crisis.adapters.importers.aside import Aside
from crisis.adapters.importers.bulk_cells import Cells
from crisis.adapters.importers.bulk_query import (
    BUCKETS,
    DIGITS,
    MICROSECOND,
    MOST_WORDS,
    NETWORKS,
    REJECTED,
    AtOnce,
    InTurn,
    meanings_of,
    words_of,
)
from crisis.adapters.importers.parquet import ParquetTable, asking, open_engine
from crisis.adapters.importers.tables import TextTable
from crisis.adapters.importers.times import read_time
from crisis.adapters.importers.values import country_of, language_of, network_of, retweeted, sentiment_of
from crisis.kernel.errors import CrisisError
from crisis.signals.mention import ImportReport
from crisis.signals.tally import BASE, HOUR, Bin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from crisis.adapters.importers.layout import Field
    from crisis.adapters.importers.read import Import
    from crisis.signals.mention import Sentiment
    from crisis.signals.tally import Heard, Tally

    Rows = Sequence[tuple[Any, ...]]
    """What the engine found."""

ENGINE_FROM = 4 * 1024 * 1024
"""Bytes of a text; below it the engine's start (140 ms) and its library are not worth it. Parquet needs it anyway."""

DAY = timedelta(days=1)
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
_DIGITS: Mapping[Sentiment, int] = {"negative": 0, "neutral": 1, "positive": 2}
"""The digit of each sentiment in the one sum that counts them all."""
_PLACES: Mapping[Field, Callable[[str], str]] = {"language": language_of, "country": country_of}
_UNREAD = "unreadable date"
_REASONS = ("", "no date", _UNREAD, "no text")
_TEXTS = 20_000
"""Rows whose texts are looked at for complaints that return: of more there are, one in so many is enough."""


class OtherForms(CrisisError):
    """The engine does not read all the times that row by row are read: then rows must be."""


class _Counted(NamedTuple):
    """What was counted, and which words mean that a mention is negative."""

    buckets: Sequence[tuple[int, ...]]
    """Each with its mentions, negative, neutral, positive, reach and engagement."""
    hours: Sequence[tuple[int, Sequence[str]]]
    """Each with its networks."""
    negative: Sequence[str]


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
        """Count into `tally`, which is empty. Raises Unreadable for a file that is damaged.

        Raises OtherForms, before it has counted anything, where rows would be read that the engine cannot read.

        What only the tally's complaints rest on may still be read afterwards; then it is they that raise it.
        """
        engine_error, engine = self.table.engine if isinstance(self.table, ParquetTable) else open_engine()
        with engine.cursor() as cursor, asking(self.table.source, engine_error):
            queries = self._queries(cursor)
            counted = self._counted(cursor, queries)
            skipped = {_REASONS[reason]: rows for reason, rows in cursor.execute(*queries.skipped()).fetchall()}
            if _UNREAD in skipped and self._reads_more(cursor, queries):
                raise OtherForms(f"{self.read.source} has times in several forms")
            tally.exact = self.bins
            sentiment = self._tell(tally, queries, counted)
            self._places(tally, cursor, queries)
            asked = queries.complaints(counted.negative)
            if isinstance(queries, InTurn):
                tally.still_heard = partial(self._heard, Aside(engine, asked).rows, queries.one_in, engine_error)
            else:
                found = cursor.execute(*asked).fetchall()
                tally.still_heard = partial(self._heard, lambda: found, queries.one_in, engine_error)
            return self._report(cursor, queries, sentiment, skipped)

    @staticmethod
    def _reads_more(engine: DuckDBPyConnection, queries: AtOnce | InTurn) -> bool:
        """Whether times that the engine cannot read are some that are read row by row."""
        return any(read_time(text.strip()) is not None for (text,) in engine.execute(*queries.unread()).fetchall())

    def _places(self, tally: Tally, engine: DuckDBPyConnection, queries: AtOnce | InTurn) -> None:
        """The languages and countries of each hour, where the file tells them."""
        for meaning, read in _PLACES.items():
            if queries.tells(meaning):
                for hour, words in engine.execute(*queries.places(meaning)).fetchall():
                    tally.seen(hour, *(f"{meaning} {read(word)}" for word in words if word))

    def _heard(self, rows: Callable[[], Rows], worth: int, engine_error: type[Exception]) -> Iterator[Heard]:
        with asking(self.table.source, engine_error):
            found = rows()
        return ((hour, text, worth) for hour, text in found if text and not retweeted(text))

    def _queries(self, engine: DuckDBPyConnection) -> AtOnce | InTurn:
        cells, path = Cells(self.read, self.table, self.times), str(self.table.source.path)
        if cells.when and cells.texts_apart:
            queries = InTurn(cells, path, self.bins * BASE)
            if not engine.execute(*queries.textless()).fetchone():
                return queries
        return AtOnce(cells, path, self.bins * BASE, max(1, _rows_about(self.read) // _TEXTS))

    def _counted(self, engine: DuckDBPyConnection, queries: AtOnce | InTurn) -> _Counted:
        """The sums, as few as they can be."""
        if isinstance(queries, InTurn) and (words := _few_words(engine, queries)):
            return self._by_bucket(engine, queries, *words)
        return self._by_word(engine, queries)

    def _by_word(self, engine: DuckDBPyConnection, queries: AtOnce | InTurn) -> _Counted:
        """Counted by the file's words, of which it is told afterwards what they mean."""
        engine.execute(*queries.groups())
        words: list[str | None] = []
        for column, meaning in (("source", self._network), ("sentiment", self._verdict)):
            words = [word for (word,) in engine.execute(words_of(column)).fetchall()]
            engine.execute(meanings_of(column), [words, [meaning(word) for word in words]])
        buckets = engine.execute(BUCKETS).fetchall()
        hours = engine.execute(NETWORKS, [HOUR // self.bins]).fetchall()
        return _Counted(buckets, hours, self._negative(words))

    def _by_bucket(
        self,
        engine: DuckDBPyConnection,
        queries: InTurn,
        sources: Sequence[str | None],
        sentiments: Sequence[str | None],
    ) -> _Counted:
        """Counted by what the words mean, all of which are known."""
        verdicts = [self._verdict(word) for word in sentiments]
        found: list[tuple[int, ...]] = []
        for bits in DIGITS:
            weights = [1 << _DIGITS[verdict] * bits if verdict in _DIGITS else 0 for verdict in verdicts]
            asked = queries.buckets(sources, dict(zip(sentiments, weights, strict=True)))
            found = engine.execute(*asked).fetchall()
            if all(mentions < 1 << bits for _, mentions, *_ in found):
                break
        buckets, seen = [], dict[int, int]()
        for bucket, mentions, reach, engagement, places, feelings in found:
            rest, negative = divmod(feelings, 1 << bits)
            positive, neutral = divmod(rest, 1 << bits)
            buckets.append((bucket, mentions, negative, neutral, positive, reach or 0, engagement or 0))
            hour = bucket * self.bins // HOUR
            seen[hour] = seen.get(hour, 0) | places
        # As the engine counts: words from 1, and 0 for none.
        network = {0 if word is None else n: self._network(word) for n, word in enumerate(sources, 1)}
        names = {places: [one for n, one in network.items() if places >> n & 1] for places in set(seen.values())}
        hours = [(hour, names[places]) for hour, places in seen.items()]
        return _Counted(buckets, hours, self._negative(sentiments))

    def _tell(self, tally: Tally, queries: AtOnce | InTurn, counted: _Counted) -> dict[str, int]:
        """All that a tally asks for but the complaints, and which these are; gives the mentions by sentiment."""
        totals = Counter({"positive": 0, "neutral": 0, "negative": 0, "unknown": 0})
        for bucket, mentions, negative, neutral, positive, reach, engagement in counted.buckets:
            rated = negative + neutral + positive
            tally.bins[bucket * self.bins] = Bin(mentions, negative, rated, reach, engagement)
            totals["positive"] += positive
            totals["neutral"] += neutral
            totals["negative"] += negative
            totals["unknown"] += mentions - rated
        for hour, networks in counted.hours:
            tally.seen(hour, *networks)
        queries.choose([(bucket, negative) for bucket, _, negative, *_ in counted.buckets])
        if queries.since is not None:
            tally.heard_since = _EPOCH + queries.since * self.bins * BASE
        return dict(totals)

    def _report(
        self,
        engine: DuckDBPyConnection,
        queries: AtOnce | InTurn,
        sentiment: Mapping[str, int],
        skipped: dict[str, int],
    ) -> ImportReport:
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
            notes=(*self.table.notes, *_of_how_many(queries)),
        )

    def _network(self, word: str | None) -> str:
        return network_of(word or "") or self.read.layout.source

    def _negative(self, words: Iterable[str | None]) -> list[str]:
        return [word for word in words if word is not None and self._verdict(word) == "negative"]

    def _verdict(self, word: str | None) -> Sentiment:
        stripped = (word or "").strip()
        return (
            self.read.layout.sentiments.get(stripped.casefold()) or sentiment_of(stripped[:40])
            if stripped
            else "unknown"
        )


def _of_how_many(queries: AtOnce | InTurn) -> Iterator[str]:
    """What the signal of complaints rests on, where that is not all of them."""
    if queries.one_in > 1 or queries.span:
        lately = f" of the last {queries.span // DAY} days" if queries.span else ""
        one_in = f"one complaint in {queries.one_in:,} was" if queries.one_in > 1 else "all complaints were"
        worth = f", and stands for {queries.one_in:,}" if queries.one_in > 1 else ""
        yield f"repeat_topic: {one_in} looked at{lately}{worth}"


def _few_words(engine: DuckDBPyConnection, queries: InTurn) -> list[list[str | None]]:
    """All words for a source and all for a sentiment; nothing where they are too many or nobody can know."""
    found: list[list[str | None]] = []
    first = engine.execute(*queries.first_words()).fetchall() if queries.words else ()
    for column, words in zip(queries.words, zip(*first, strict=True), strict=bool(first)):
        known = sorted({word for word in words if word is not None})
        if len(known) > MOST_WORDS:
            return []
        others = [word for (word,) in engine.execute(*queries.other_words(column, known)).fetchall()]
        # Nothing is the last: it has no place in the list in which the engine looks for words.
        found.append([*known, *sorted(others, key=lambda word: word is None)])
    return [] if any(len(words) > MOST_WORDS for words in found) else found


def _rows_about(read: Import) -> int:
    """About how many rows there are: a Parquet file says so, of a text the first lines do."""
    table = read.table
    if isinstance(table, ParquetTable):
        return table.count()
    head = read.source.head()
    return read.source.size * max(1, head.count(b"\n")) // max(1, len(head))
