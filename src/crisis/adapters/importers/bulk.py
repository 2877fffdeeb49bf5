"""Millions of mentions to buckets of counts: by an engine where it can give the same answer, else row by row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.parquet import ParquetTable, damaged, open_engine
from crisis.adapters.importers.read import Import
from crisis.adapters.importers.tables import LONGEST_CELL, TextTable
from crisis.adapters.importers.values import network_of, sentiment_of
from crisis.signals.mention import Bucket, ImportReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crisis.adapters.importers.layout import Field
    from crisis.signals.mention import Mention, Sentiment

ENGINE_FROM = 16 * 1024 * 1024
"""Bytes; below it the engine's start (140 ms) and its library are not worth it."""

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
_Group = tuple[int, str, str, int, int, int, float, float, int, int]
"""Bucket, source, sentiment, index of the reason, rows, reposts, reach, engagement, first and last moment."""
_SPAN = ("1995-01-01", "2200-01-01")


@dataclass(slots=True)
class _Sums:
    mentions: int = 0
    reposts: int = 0
    reach: int = 0
    engagement: int = 0


class Bulk:
    """The buckets of one import in order of time, and after they were read the `report`."""

    def __init__(self, read: Import, every: timedelta) -> None:
        self.read, self.every = read, every
        self.by_engine = engine_can(read)
        self.report = read.report

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
        reposts, first, last = 0, None, None
        meant = self.read.layout.sentiments
        groups = _asked(self.read, self.every, skipped)
        for number, rows in groupby(groups, key=itemgetter(0)):
            sums: dict[tuple[str, Sentiment], _Sums] = {}
            for _, raw_source, raw_sentiment, reason, rows_here, retweets, reach, engagement, low, high in rows:
                if reason:
                    skipped[_REASONS[reason]] += rows_here
                    continue
                source = network_of(raw_source or "") or self.read.layout.source
                word = (raw_sentiment or "").strip()
                verdict = meant.get(word.casefold()) or sentiment_of(word[:40]) if word else "unknown"
                total = sums.setdefault((source, verdict), _Sums())
                again = retweets if source == "x" else 0
                _add(total, rows_here, again, int(reach or 0), int(engagement or 0))
                sentiment[verdict] += rows_here
                reposts += again
                first = low if first is None or low < first else first
                last = high if last is None or high > last else last
            yield from _sorted(number, self.every, sums)
        total_read = sentiment.total()
        self.report = ImportReport(
            format=self.read.format,
            container=self.read.table.container,
            records="mentions",
            time_zone=self.read.zone.label,
            time_zone_from=self.read.zone.found,
            rows=total_read + skipped.total(),
            mentions=total_read,
            reposts=reposts,
            counts=0,
            skipped=dict(skipped),
            sentiment=dict(sentiment),
            first=None if first is None else _EPOCH + timedelta(microseconds=first),
            last=None if last is None else _EPOCH + timedelta(microseconds=last),
            notes=tuple(self.read.table.notes),
        )


def buckets_of(mentions: Iterable[Mention], every: timedelta) -> list[Bucket]:
    """`mentions` in buckets `every` so long, sorted by time, source and sentiment."""
    found: dict[int, dict[tuple[str, Sentiment], _Sums]] = {}
    for one in mentions:
        total = found.setdefault((one.at - _EPOCH) // every, {}).setdefault((one.source, one.sentiment), _Sums())
        _add(total, 1, one.is_repost, one.reach or 0, one.engagement or 0)
    return [bucket for number in sorted(found) for bucket in _sorted(number, every, found[number])]


def engine_can(read: Import) -> bool:
    """Whether the engine reads this file as the rows would be read, and whether it is worth it."""
    table = read.table
    if not isinstance(table, ParquetTable | TextTable) or table.source.path is None or table.source.size < ENGINE_FROM:
        return False
    if isinstance(table, TextTable) and table.encoding not in {"utf-8", "utf-8-sig"}:
        return False
    if read.records != "mentions" or read.order or read.zone.label != "UTC" or read.layout.markup:
        return False
    if any(read.layout.fields.get(meaning) for meaning in _ROW_BY_ROW):
        return False
    rows = islice(table.rows(lambda _: None), 200)
    return all(_ISO.fullmatch(text) for row in rows if (text := read.getters.at(row)))


def _add(total: _Sums, mentions: int, reposts: int, reach: int, engagement: int) -> None:
    total.mentions += mentions
    total.reposts += reposts
    total.reach += reach
    total.engagement += engagement


def _sorted(number: int, every: timedelta, sums: dict[tuple[str, Sentiment], _Sums]) -> Iterator[Bucket]:
    for (source, verdict), one in sorted(sums.items()):
        at = _EPOCH + number * every
        yield Bucket(at, source, verdict, one.mentions, one.reposts, one.reach, one.engagement)


def _asked(
    read: Import, every: timedelta, skipped: Counter[str]
) -> Iterator[tuple[int, str, str, int, int, int, float, float, int, int]]:
    """One row per bucket, source, sentiment and reason to skip, as the file writes them, in order of time."""
    table = read.table
    assert isinstance(table, ParquetTable | TextTable)  # noqa: S101 - engine_can said so
    engine_error, engine = open_engine()
    with engine:
        try:
            found = engine.execute(_query(read, table, every), [str(table.source.path)])
            while batch := found.fetchmany(_BATCH):
                yield from batch
            if isinstance(table, TextTable):
                (rejected,) = engine.execute(
                    "SELECT count(DISTINCT (file_id, line)) FROM reject_errors"
                ).fetchone() or (0,)
                if rejected:
                    skipped["damaged row"] += rejected
        except engine_error as error:
            raise damaged(table.source, error) from None


def _query(read: Import, table: ParquetTable | TextTable, every: timedelta) -> str:
    """Written for speed: what nearly all rows are comes first in each CASE, texts are not rewritten."""
    own = [plain(name) for name in table.header.columns]

    def first(meaning: Field, form: str) -> str:
        columns = [own.index(name) for name in read.layout.fields.get(meaning, ()) if name in own]
        forms = ", ".join(form.format(c=f"c{n}") for n in columns)
        return f"coalesce({forms}, NULL)" if columns else "NULL"

    def text(meaning: Field) -> str:
        return first(meaning, "CASE WHEN {c}::VARCHAR >= '!' OR trim({c}::VARCHAR) <> '' THEN {c}::VARCHAR END")

    def word(meaning: Field) -> str:
        columns = read.layout.fields.get(meaning, ())
        return text(meaning) if len(columns) > 1 else first(meaning, "{c}::VARCHAR")

    def amount(meaning: Field) -> str:
        number = first(meaning, "try_cast({c} AS DOUBLE), try_cast(replace({c}::VARCHAR, ',', '') AS DOUBLE)")
        return "NULL" if number == "NULL" else f"sum(CASE WHEN {number} BETWEEN 0 AND 1e15 THEN round({number}) END)"

    moment, words = first("at", "try_cast({c} AS TIMESTAMPTZ)"), word("text")
    rows = f"SELECT {moment} AS moment, * FROM {_rows_from(table)}"  # noqa: S608 - see below
    return f"""
        SELECT epoch_us(moment) // {every // timedelta(microseconds=1)} AS bucket,
            {word("source")} AS source, {word("sentiment")} AS sentiment,
            CASE WHEN moment >= '{_SPAN[0]}' AND moment < '{_SPAN[1]}'
                THEN CASE WHEN {words} >= '!' THEN 0 WHEN {text("text")} IS NULL THEN 3 ELSE 0 END
                ELSE CASE WHEN {text("at")} IS NULL THEN 1 ELSE 2 END END::TINYINT AS reason,
            count(*), count(*) FILTER ({words} BETWEEN 'RT @0' AND 'RT @{{' OR {words} BETWEEN '"RT @0' AND '"RT @{{'),
            {amount("reach")}, {amount("engagement")}, min(epoch_us(moment)), max(epoch_us(moment))
        FROM ({rows})
        GROUP BY ALL ORDER BY bucket NULLS LAST"""  # noqa: S608 - columns are c0, c1 …, the path is a parameter


def _rows_from(table: ParquetTable | TextTable) -> str:
    width = len(table.header.columns)
    if isinstance(table, ParquetTable):
        names = ", ".join(f"c{n}" for n in range(width))
        return f"(SELECT * FROM read_parquet(?)) AS t({names})"  # noqa: S608 - see above
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(width))
    options = {
        "auto_detect": "false",
        "header": "false",
        "skip": table.header.row + 1,
        "delim": f"'{table.delimiter}'",
        "quote": "'\"'",
        "escape": "'\"'",
        "columns": f"{{{columns}}}",
        "store_rejects": "true",
        "rejects_limit": 100_000,
        "strict_mode": "true",
        "max_line_size": 2 * LONGEST_CELL,
    }
    return f"read_csv(?, {', '.join(f'{name}={value}' for name, value in options.items())})"
