"""What the engine is asked about millions of mentions: one row per bucket, source and sentiment, in the file's words.

Every query fills `groups`, whose rows are added up at the end: so a Parquet file, whose columns lie apart, is asked
several times for few columns, and the engine leaves out what the file's own minima and maxima already answer.
What each word means is decided outside, once for each, so that few rows cross over however many groups there are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.parquet import ParquetTable
from crisis.adapters.importers.tables import LONGEST_CELL, TextTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crisis.adapters.importers.layout import Field
    from crisis.adapters.importers.read import Import

MICROSECOND = timedelta(microseconds=1)
_SPAN = ("1995-01-01", "2200-01-01")
_LOW, _HIGH = (round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000 for day in _SPAN)
_NONE = "NULL::HUGEINT"
_FULL = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d{1,6})?(Z?)", re.ASCII)

REJECTED = "SELECT count(DISTINCT (file_id, line)) FROM reject_errors"
SKIPPED = "SELECT reason, sum(rows)::BIGINT FROM groups WHERE reason > 0 GROUP BY reason ORDER BY reason"
ENDS = "SELECT min(low), max(high) FROM groups WHERE reason = 0"
LAST_BUCKET = "SELECT max(bucket) FROM groups WHERE reason = 0"
SENTIMENTS = "SELECT meaning, sum(rows)::BIGINT FROM by_sentiment WHERE reason = 0 GROUP BY meaning"
REPOSTS = "SELECT coalesce(sum(reposts), 0)::BIGINT FROM by_source WHERE reason = 0 AND meaning = 'x'"
BUCKETS = """
    SELECT bucket, sum(rows)::BIGINT, coalesce(sum(rows) FILTER (meaning = 'negative'), 0)::BIGINT,
        coalesce(sum(rows) FILTER (meaning <> 'unknown'), 0)::BIGINT,
        coalesce(sum(reach), 0)::HUGEINT, coalesce(sum(engagement), 0)::HUGEINT
    FROM by_sentiment WHERE reason = 0 GROUP BY bucket ORDER BY bucket"""
NETWORKS = "SELECT DISTINCT bucket // ?, meaning FROM by_source WHERE reason = 0"
NEGATIVE_WORDS = "SELECT word FROM sentiments WHERE meaning = 'negative'"
NEGATIVES = """
    SELECT coalesce(sum(rows), 0)::BIGINT, coalesce(sum(rows) FILTER (bucket >= ?), 0)::BIGINT
    FROM by_sentiment WHERE reason = 0 AND meaning = 'negative'"""
COMPLAINTS = """
    SELECT bucket // ?, left(text, ?)
    FROM (SELECT bucket, unnest(texts) AS text FROM by_sentiment WHERE reason = 0 AND meaning = 'negative')
    ORDER BY bucket, text"""


def words_of(column: str) -> str:
    """The words that `source` or `sentiment` has."""
    return f"SELECT DISTINCT {column} FROM groups"  # noqa: S608 - one of two names


def meanings_of(column: str) -> str:
    """Keeps what each of these words means; takes two lists."""
    return f"CREATE TABLE {column}s AS SELECT unnest(?::VARCHAR[]) AS word, unnest(?::VARCHAR[]) AS meaning"


def groups_by(column: str) -> str:
    """Makes a view of the groups with the meaning of each one's word."""
    return f"""
        CREATE VIEW by_{column} AS
        SELECT groups.*, meaning FROM groups JOIN {column}s ON groups.{column} IS NOT DISTINCT FROM word"""  # noqa: S608 - as above


class Queries:
    """The queries for one file, each with its path as the first parameter. `times` are those of its first rows.

    Written for speed: what nearly all rows are comes first in each CASE, texts are not rewritten.
    """

    def __init__(
        self, read: Import, table: ParquetTable | TextTable, every: timedelta, times: Sequence[str] = ()
    ) -> None:
        self._own = [plain(name) for name in table.header.columns]
        self._fields, self._table, self._every = read.layout.fields, table, every // MICROSECOND
        self._source, self._sentiment = self._word("source"), self._word("sentiment")
        self._text, self._form = self._word("text"), _form_of(times)
        # Where its time tells a row apart, no other column needs to be read for that: a tenth of the whole.
        told_apart = len(set(times)) > 0.9 * len(times)
        self._row = "moment" if told_apart else f"moment, {self._word('author')}"
        at = self._places("at")
        typed = isinstance(table, ParquetTable) and table.timestamps.issuperset(at)
        self._when = f"c{at[0]}" if typed and len(at) == 1 else ""
        """The column of times, where it can be compared as it is."""
        moments = ", ".join(self._moment(n) for n in at)
        rows = f"SELECT coalesce({moments}, NULL) AS moment, * FROM {_rows_from(table)}"  # noqa: S608 - columns are c0, c1 …, the path is a parameter
        self._rows = f"({rows})"
        self._in_span = f"{self._since(_LOW)} AND NOT {self._since(_HIGH)}"
        starts = (("RT ", self._text), ('"RT ', self._text))
        self._retweet = " OR ".join(f"{words} BETWEEN '{start}@0' AND '{start}@{{'" for start, words in starts)

    @property
    def in_turn(self) -> bool:
        """Whether the columns lie apart and are what they say, so that texts need not be read to count."""
        text = self._places("text")
        return (
            self._when != ""
            and isinstance(self._table, ParquetTable)
            and len(text) == 1
            and text[0] in self._table.texts
        )

    def all_at_once(self, one_in: int) -> str:
        """Everything in one pass, with the texts of one in so many rows."""
        return self._groups(
            f"""CASE WHEN {self._in_span}
                THEN CASE WHEN {self._text} >= '!' THEN 0 WHEN {self._filled("text")} IS NULL THEN 3 ELSE 0 END
                ELSE {self._no_date()} END""",
            reposts=f"count(*) FILTER ({self._retweet})",
            ends="min(moment) AS low, max(moment) AS high",
            texts=f"list({self._text}) FILTER ({self._chosen(one_in)})",
        )

    def textless(self) -> str:
        """A row without text, if there is one."""
        blank = f"({self._text} IS NULL OR {self._text} < '!') AND trim(coalesce({self._text}, '')) = ''"
        return f"SELECT 1 FROM {self._rows} WHERE {blank} LIMIT 1"  # noqa: S608 - as above

    def counted(self) -> str:
        """The groups of rows with a date, where every row has a text and nobody looks at it."""
        return self._groups("0", where=self._in_span)

    def dateless(self) -> str:
        """Adds the rows that `counted` left out."""
        return f"""
            INSERT INTO groups BY NAME
            SELECT NULL AS source, NULL AS sentiment, {self._no_date()} AS reason, count(*) AS rows
            FROM {self._rows} WHERE {self._when} IS NULL OR NOT ({self._in_span})
            GROUP BY reason"""  # noqa: S608 - as above

    def reposts(self) -> str:
        """Adds what repeats another's words."""
        return self._more(f"({self._retweet})", "1 AS reposts")

    def ends(self) -> str:
        """When the first and the last row with a date were."""
        ends = f"epoch_us(min({self._when})), epoch_us(max({self._when}))"
        return f"SELECT {ends} FROM {self._rows} WHERE {self._in_span}"  # noqa: S608 - as above

    def complaints(self, since: int | None, one_in: int, words: int) -> str:
        """Adds the texts of one in so many rows from the bucket `since` on; takes so many words that mean negative."""
        asked = [f"{self._sentiment} IN ({', '.join('?' * words)})", self._chosen(one_in)]
        if since is not None:
            asked.insert(0, self._since(since * self._every))
        return self._more(" AND ".join(asked), f"[{self._text}] AS texts")

    def _groups(
        self,
        reason: str,
        *,
        where: str = "TRUE",
        reposts: str = "0::BIGINT",
        ends: str = "NULL::BIGINT AS low, NULL::BIGINT AS high",
        texts: str = "NULL::VARCHAR[]",
    ) -> str:
        return f"""
            CREATE TABLE groups AS
            SELECT moment // {self._every} AS bucket, {self._source} AS source, {self._sentiment} AS sentiment,
                ({reason})::TINYINT AS reason, count(*) AS rows, {reposts} AS reposts,
                {self._amount("reach")} AS reach, {self._amount("engagement")} AS engagement, {ends}, {texts} AS texts
            FROM {self._rows} WHERE {where}
            GROUP BY bucket, source, sentiment, reason"""  # noqa: S608 - as above

    def _more(self, where: str, more: str) -> str:
        return f"""
            INSERT INTO groups BY NAME
            SELECT moment // {self._every} AS bucket, {self._source} AS source, {self._sentiment} AS sentiment,
                0 AS reason, 0 AS rows, {more}
            FROM {self._rows} WHERE {where} AND {self._in_span}"""  # noqa: S608 - as above

    def _since(self, moment: int) -> str:
        return f"{self._when} >= make_timestamp({moment})" if self._when else f"moment >= {moment}"

    def _places(self, meaning: Field) -> list[int]:
        return [self._own.index(name) for name in self._fields.get(meaning, ()) if name in self._own]

    def _first(self, meaning: Field, form: str) -> str:
        forms = [form.format(c=f"c{n}") for n in self._places(meaning)]
        if len(forms) == 1 and form == "{c}::VARCHAR":  # a tenth of the whole, for a function that does nothing
            return f"c{self._places(meaning)[0]}" if self._is_text(meaning) else forms[0]
        return f"coalesce({', '.join(forms)}, NULL)" if forms else "NULL"

    def _is_text(self, meaning: Field) -> bool:
        return isinstance(self._table, TextTable) or self._table.texts.issuperset(self._places(meaning))

    def _filled(self, meaning: Field) -> str:
        return self._first(meaning, "CASE WHEN {c}::VARCHAR >= '!' OR trim({c}::VARCHAR) <> '' THEN {c}::VARCHAR END")

    def _word(self, meaning: Field) -> str:
        several = len(self._fields.get(meaning, ())) > 1
        return self._filled(meaning) if several else self._first(meaning, "{c}::VARCHAR")

    def _moment(self, place: int) -> str:
        """The time in microseconds since 1970, if it is one."""
        if isinstance(self._table, ParquetTable) and place in self._table.timestamps:
            return f"epoch_us(c{place})"
        # To read a time that may carry a zone costs three times as much, and to try a form in vain ten times.
        cell = f"c{place}"
        slowly = f"epoch_us(try_cast({cell} AS TIMESTAMPTZ))"
        if self._form:
            slowly = f"coalesce(epoch_us(try_strptime({cell}, '{self._form}')), {slowly})"
        zoneless = f"strlen({cell}) = 19 AND {cell} LIKE '____-__-_____:__:__'"
        return f"CASE WHEN {zoneless} THEN epoch_us(try_cast({cell} AS TIMESTAMP)) ELSE {slowly} END"

    def _no_date(self) -> str:
        return f"CASE WHEN {self._filled('at')} IS NULL THEN 1 ELSE 2 END"

    def _amount(self, meaning: Field) -> str:
        places = self._places(meaning)
        if isinstance(self._table, ParquetTable) and len(places) == 1 and places[0] in self._table.integers:
            return f"sum(CASE WHEN c{places[0]} BETWEEN 0 AND 1e15::BIGINT THEN c{places[0]} END)"
        number = self._first(meaning, "try_cast({c} AS DOUBLE), try_cast(replace({c}::VARCHAR, ',', '') AS DOUBLE)")
        return _NONE if number == "NULL" else f"sum(CASE WHEN {number} BETWEEN 0 AND 1e15 THEN round({number}) END)"

    def _chosen(self, one_in: int) -> str:
        # By what a row says and not by its place, so that two runs choose alike; never by its text: copies go together.
        return f"hash({self._row}) % {one_in} = 0" if one_in > 1 else "TRUE"


def _form_of(times: Iterable[str]) -> str:
    """The form that all of `times` have which are no plain one: with a fraction of a second, or in UTC by a Z."""
    forms = set()
    for text in times:
        if len(text) != len("2026-03-02 10:00:00"):
            told = _FULL.fullmatch(text)
            forms.add(f"%Y-%m-%d{told[1]}%H:%M:%S{'.%f' if told[2] else ''}{told[3]}" if told else "")
    return forms.pop() if len(forms) == 1 else ""


def _rows_from(table: ParquetTable | TextTable) -> str:
    width = len(table.header.columns)
    if isinstance(table, ParquetTable):
        names = ", ".join(f"c{n}" for n in range(width))
        return f"(SELECT * FROM read_parquet(?)) AS t({names})"  # noqa: S608 - as above
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
