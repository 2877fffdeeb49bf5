"""Millions of mentions to buckets of counts: by an engine where it can give the same answer, else row by row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.parquet import ParquetTable, damaged, open_engine
from crisis.adapters.importers.read import Import
from crisis.adapters.importers.tables import LONGEST_CELL, TextTable
from crisis.adapters.importers.values import network_of, retweeted, sentiment_of
from crisis.signals.mention import Bucket, ImportReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
_SPAN = ("1995-01-01", "2200-01-01")
_TEXTS = 20_000
"""Rows whose texts are looked at for complaints that return: of more there are, one in so many is enough."""
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

    `one_in`: of the originals in a bucket, the texts of one in so many are at hand.
    """

    def __init__(self, read: Import, every: timedelta) -> None:
        self.read, self.every = read, every
        self.by_engine = engine_can(read)
        self.report = read.report
        self.one_in = 1

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
        all_reposts, first, last = 0, None, None
        self.one_in = max(1, _rows_about(self.read) // _TEXTS)
        for number, verdict, reason, rows, reposts, reach, engagement, low, high, sources, texts in _asked(
            self.read, self.every, self.one_in, skipped
        ):
            if reason:
                skipped[_REASONS[reason]] += rows
                continue
            sentiment[verdict] += rows
            all_reposts += reposts
            first = low if first is None or low < first else first
            last = high if last is None or high > last else last
            at = _EPOCH + number * self.every
            yield Bucket(
                at,
                verdict,
                tuple(sources),
                rows,
                reposts,
                int(reach or 0),
                int(engagement or 0),
                tuple(text[:_LOOKED_AT] for text in texts or () if text and not retweeted(text)),
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


def _asked(read: Import, every: timedelta, one_in: int, skipped: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """One row per bucket, sentiment and reason to skip, in order of time.

    The engine groups by what the file writes; what each of these words means is decided here, once for each,
    so that few rows cross over however many groups there are.
    """
    table = read.table
    assert isinstance(table, ParquetTable | TextTable)  # noqa: S101 - engine_can said so
    engine_error, engine = open_engine()
    with engine:
        try:
            engine.execute(_query(read, table, every, one_in), [str(table.source.path)])
            if isinstance(table, TextTable):
                (rejected,) = engine.execute(
                    "SELECT count(DISTINCT (file_id, line)) FROM reject_errors"
                ).fetchone() or (0,)
                if rejected:
                    skipped["damaged row"] += rejected
            meant = read.layout.sentiments

            def network(word: str | None) -> str:
                return network_of(word or "") or read.layout.source

            def verdict(word: str | None) -> Sentiment:
                stripped = (word or "").strip()
                return meant.get(stripped.casefold()) or sentiment_of(stripped[:40]) if stripped else "unknown"

            for column, meaning in (("source", network), ("sentiment", verdict)):
                words = [one for (one,) in engine.execute(f"SELECT DISTINCT {column} FROM groups").fetchall()]  # noqa: S608 - one of two names
                engine.execute(
                    f"CREATE TABLE {column}s AS SELECT unnest(?::VARCHAR[]) AS word, unnest(?::VARCHAR[]) AS meaning",
                    [words, [meaning(one) for one in words]],
                )
            found = engine.execute(_MEANT)
            while batch := found.fetchmany(_BATCH):
                yield from batch
        except engine_error as error:
            raise damaged(table.source, error) from None


_MEANT = """
    SELECT bucket, sentiments.meaning AS verdict, reason, sum(rows)::BIGINT,
        coalesce(sum(reposts) FILTER (sources.meaning = 'x'), 0)::BIGINT, sum(reach), sum(engagement), min(low),
        max(high), list_sort(list(DISTINCT sources.meaning)),
        list_sort(flatten(list(texts) FILTER (texts IS NOT NULL AND sentiments.meaning = 'negative')))
    FROM groups JOIN sources ON groups.source IS NOT DISTINCT FROM sources.word
        JOIN sentiments ON groups.sentiment IS NOT DISTINCT FROM sentiments.word
    GROUP BY ALL ORDER BY bucket NULLS LAST, verdict"""


def _query(read: Import, table: ParquetTable | TextTable, every: timedelta, one_in: int) -> str:
    """Written for speed: what nearly all rows are comes first in each CASE, texts are not rewritten."""
    own = [plain(name) for name in table.header.columns]
    typed = table.timestamps if isinstance(table, ParquetTable) else frozenset[int]()

    def places(meaning: Field) -> list[int]:
        return [own.index(name) for name in read.layout.fields.get(meaning, ()) if name in own]

    def first(meaning: Field, form: str) -> str:
        forms = [form.format(c=f"c{n}") for n in places(meaning)]
        if len(forms) == 1 and form == "{c}::VARCHAR":  # a tenth of the whole, for a function that does nothing
            return forms[0]
        return f"coalesce({', '.join(forms)}, NULL)" if forms else "NULL"

    def text(meaning: Field) -> str:
        return first(meaning, "CASE WHEN {c}::VARCHAR >= '!' OR trim({c}::VARCHAR) <> '' THEN {c}::VARCHAR END")

    def word(meaning: Field) -> str:
        columns = read.layout.fields.get(meaning, ())
        return text(meaning) if len(columns) > 1 else first(meaning, "{c}::VARCHAR")

    def amount(meaning: Field) -> str:
        number = first(meaning, "try_cast({c} AS DOUBLE), try_cast(replace({c}::VARCHAR, ',', '') AS DOUBLE)")
        return "NULL" if number == "NULL" else f"sum(CASE WHEN {number} BETWEEN 0 AND 1e15 THEN round({number}) END)"

    # A timestamp is one already; to cast it to one with a zone costs as much as all the rest.
    moments = ", ".join(f"c{n}" if n in typed else f"try_cast(c{n} AS TIMESTAMPTZ)" for n in places("at"))
    moment, words = f"epoch_us(coalesce({moments}, NULL))", word("text")
    low, high = (round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000 for day in _SPAN)
    retweet = " OR ".join(f"{words} BETWEEN '{start}@0' AND '{start}@{{'" for start in ("RT ", '"RT '))
    # By what a row says and not by its place, so that two runs choose alike; never by its text: copies go together.
    chosen = f"hash(moment, {word('author')}) % {one_in} = 0"
    rows = f"SELECT {moment} AS moment, * FROM {_rows_from(table)}"  # noqa: S608 - see below
    return f"""
        CREATE TABLE groups AS
        SELECT moment // {every // timedelta(microseconds=1)} AS bucket,
            {word("source")} AS source, {word("sentiment")} AS sentiment,
            CASE WHEN moment >= {low} AND moment < {high}
                THEN CASE WHEN {words} >= '!' THEN 0 WHEN {text("text")} IS NULL THEN 3 ELSE 0 END
                ELSE CASE WHEN {text("at")} IS NULL THEN 1 ELSE 2 END END::TINYINT AS reason,
            count(*) AS rows, count(*) FILTER ({retweet}) AS reposts,
            {amount("reach")} AS reach, {amount("engagement")} AS engagement, min(moment) AS low, max(moment) AS high,
            list({words}) FILTER ({chosen}) AS texts
        FROM ({rows})
        GROUP BY ALL"""  # noqa: S608 - columns are c0, c1 …, the path is a parameter


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
