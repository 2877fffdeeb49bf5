"""What the engine is asked about millions of mentions.

It makes `groups`: one row per bucket of time, source and sentiment, in the file's words. What each word means is
decided outside, once for each, and only then are the groups added up: so few rows cross over however many there are.
Where the words of a file are few and can be known before, what they mean is put into the question instead, and there
is one group per bucket.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crisis.adapters.importers.bulk_cells import Cells
from crisis.signals.complaints import LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crisis.adapters.importers.layout import Field

    Asked = tuple[str, list[object]]
    """A query, and what its question marks stand for."""

MICROSECOND = timedelta(microseconds=1)
COMPLAINTS = 5000
"""Complaints that are looked at where counting does not see the texts …"""
LATELY = timedelta(days=14)
"""… and if there are more, only the latest: in two weeks the detector's memory has filled …"""
WEEK = timedelta(days=7)
"""… or, where one in several would be left of them, those of a week: then more texts of each hour tell more."""
SEVERAL = 3
_SPAN = ("1995-01-01", "2200-01-01")
_LOW, _HIGH = (round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000 for day in _SPAN)
_HOUR = timedelta(hours=1) // MICROSECOND

REJECTED = "SELECT count(DISTINCT (file_id, line)) FROM reject_errors"
BUCKETS = """
    SELECT bucket, sum(rows)::BIGINT, coalesce(sum(rows) FILTER (meaning = 'negative'), 0)::BIGINT,
        coalesce(sum(rows) FILTER (meaning = 'neutral'), 0)::BIGINT,
        coalesce(sum(rows) FILTER (meaning = 'positive'), 0)::BIGINT,
        coalesce(sum(reach), 0)::HUGEINT, coalesce(sum(engagement), 0)::HUGEINT
    FROM groups JOIN sentiments ON sentiment IS NOT DISTINCT FROM word
    WHERE reason = 0 GROUP BY bucket ORDER BY bucket"""
NETWORKS = """
    SELECT bucket // ? AS hour, list(DISTINCT meaning)
    FROM groups JOIN sources ON source IS NOT DISTINCT FROM word WHERE reason = 0 GROUP BY hour"""
MOST_WORDS = 62
"""Words of which each has a bit of its own in a whole number."""
DIGITS = (19, 31)
"""Bits that each sentiment has of the one sum that counts them all: half a million mentions of one bucket, or more.

Of less than 33 million rows the engine knows that short ones keep within a plain whole number, and adds them up in
half the time.
"""
_FIRST = 2048
_SOME = 200


def words_of(column: str) -> str:
    """The words that `source` or `sentiment` has."""
    return f"SELECT DISTINCT {column} FROM groups"  # noqa: S608 - one of two names


def meanings_of(column: str) -> str:
    """Keeps what each of these words means; takes two lists."""
    return f"CREATE TEMP TABLE {column}s AS SELECT unnest(?::VARCHAR[]) AS word, unnest(?::VARCHAR[]) AS meaning"


def _one_of(words: Sequence[str]) -> str:
    """The condition that something is one of these, which are its parameters."""
    # Written out and not joined: to make a table of them costs as much as a query.
    return f"IN ({', '.join('?' * len(words))})" if words else "IS NULL AND FALSE"


class _Queries:
    """What is asked of either kind of file in the same way."""

    def __init__(self, cells: Cells, path: str, every: timedelta) -> None:
        self.one_in = 1
        self.since: int | None = None
        self.span: timedelta | None = None
        self._cells, self._path, self._every = cells, path, every // MICROSECOND
        self._has_text = "TRUE"

    def unread(self) -> Asked:
        """Some of the times that the engine cannot read."""
        return self._asked(f"DISTINCT {self._cells.filled('at')}", f"{self._cells.unread()} LIMIT {_SOME}")

    def tells(self, meaning: Field) -> bool:
        """Whether the file has a column for it."""
        return self._cells.tells(meaning)

    def places(self, meaning: Field) -> Asked:
        """The hours of mentions, each with its languages or countries in the file's words."""
        what = f"moment // {_HOUR} AS hour, list(DISTINCT {self._cells.filled(meaning)})"
        return self._asked(what, f"moment >= {_LOW} AND moment < {_HIGH} AND {self._has_text} GROUP BY hour")

    def _asked(self, what: str, where: str) -> Asked:
        return f"SELECT {what} FROM {self._cells.rows} WHERE {where}", [self._path]  # noqa: S608 - columns are c0, c1 …, the path is a parameter


class AtOnce(_Queries):
    """Everything in one pass, with the texts of `one_in` so many rows: for a text, which must be read whole."""

    def __init__(self, cells: Cells, path: str, every: timedelta, one_in: int) -> None:
        super().__init__(cells, path, every)
        self.one_in = one_in
        self._has_text = f"{cells.filled('text')} IS NOT NULL"

    def groups(self) -> Asked:
        """Makes the groups; those with a `reason` hold no mentions."""
        cells = self._cells
        text = f"CASE WHEN {cells.text} >= '!' THEN 0 WHEN {cells.filled('text')} IS NULL THEN 3 ELSE 0 END"
        query = f"""
            CREATE TEMP TABLE groups AS
            SELECT moment // {self._every} AS bucket, {cells.source} AS source, {cells.sentiment} AS sentiment,
                CASE WHEN moment >= {_LOW} AND moment < {_HIGH} THEN {text} ELSE {cells.no_date()} END AS reason,
                count(*) AS rows, {cells.amount("reach")} AS reach, {cells.amount("engagement")} AS engagement,
                count(*) FILTER ({cells.retweet()}) AS reposts, min(moment) AS low, max(moment) AS high,
                list({cells.text}) FILTER ({cells.chosen(self.one_in)}) AS texts
            FROM {cells.rows}
            GROUP BY bucket, source, sentiment, reason"""  # noqa: S608 - columns are c0, c1 …, the path is a parameter
        return query, [self._path]

    def skipped(self) -> Asked:
        """Rows by the reason for which they are no mention."""
        return "SELECT reason, sum(rows)::BIGINT FROM groups WHERE reason > 0 GROUP BY reason ORDER BY reason", []

    def ends(self) -> Asked:
        """The first and the last moment."""
        return "SELECT min(low), max(high) FROM groups WHERE reason = 0", []

    def reposts(self) -> Asked:
        """Texts that repeat another's words, by the word for their source."""
        return "SELECT source, sum(reposts)::BIGINT FROM groups WHERE reason = 0 AND reposts > 0 GROUP BY source", []

    def choose(self, negative: Sequence[tuple[int, int]]) -> None:
        """Decide which complaints are looked at, knowing how many there are in each bucket."""

    def complaints(self, negative: Sequence[str]) -> Asked:
        """Hours and texts of mentions with a `negative` word, from the bucket `since` on one in `one_in`."""
        query = f"""
            SELECT bucket * {self._every} // {_HOUR}, left(text, {LONGEST})
            FROM (SELECT bucket, unnest(texts) AS text FROM groups WHERE reason = 0 AND sentiment {_one_of(negative)})
            ORDER BY bucket, text"""  # noqa: S608 - numbers
        return query, [*negative]


class InTurn(_Queries):
    """The same of a Parquet file, whose columns lie apart: several queries, each for few columns.

    What the file's own minima and maxima already answer, the engine does not read.
    """

    def __init__(self, cells: Cells, path: str, every: timedelta) -> None:
        super().__init__(cells, path, every)
        self.words = (cells.source, cells.sentiment) if cells.words_apart else ()
        """The columns of which all words can be known before."""
        self._dated = f"{cells.when} >= make_timestamp({_LOW}) AND {cells.when} < make_timestamp({_HIGH})"

    def textless(self) -> Asked:
        """A row without text, if there is one: then texts must be read to count."""
        text = self._cells.text
        return self._asked("1", f"({text} IS NULL OR {text} < '!') AND trim(coalesce({text}, '')) = '' LIMIT 1")

    def first_words(self) -> Asked:
        """The `words` that the first rows have."""
        return f"SELECT DISTINCT {', '.join(self.words)} FROM (FROM {self._cells.rows} LIMIT {_FIRST})", [self._path]  # noqa: S608 - as above

    def other_words(self, column: str, known: Sequence[str]) -> Asked:
        """The words of `column` that are not `known`; what has no other is not read."""
        others = f"{column} IS NULL OR NOT {column} {_one_of(known)}" if known else "TRUE"
        query, path = self._asked(f"DISTINCT {column}", others)
        return query, [*path, *known]

    def groups(self) -> Asked:
        """Makes the groups."""
        query, path = self._asked(
            f"""moment // {self._every} AS bucket, {self._cells.source} AS source, {self._cells.sentiment} AS sentiment,
            0 AS reason, {self._sums()}""",
            f"{self._dated} GROUP BY bucket, source, sentiment",
        )
        return f"CREATE TEMP TABLE groups AS {query}", path

    def buckets(self, sources: Sequence[str | None], weights: Mapping[str | None, int]) -> Asked:
        """What `groups` come to, of which none is made: each bucket with its sums, `sources` and sentiments.

        A bit for each of the sources, the first 1; and one sum of the `weights` of its words for a sentiment.
        """
        # By its time alone, as rows of one bucket lie together, the engine finds nearly each row's group at once.
        cells = self._cells
        bit = f"list_position(?::VARCHAR[], {cells.source})"
        bit = f"coalesce({bit}, 0)" if None in sources else bit
        query, path = self._asked(
            f"""moment // {self._every} AS bucket, {self._sums()}, bit_or(1::BIGINT << {bit}),
            coalesce(sum(list_extract(?::BIGINT[], list_position(?::VARCHAR[], {cells.sentiment}))), 0)""",
            f"{self._dated} GROUP BY bucket ORDER BY bucket",
        )
        words = [word for word in weights if word is not None]
        return query, [[word for word in sources if word is not None], [weights[word] for word in words], words, *path]

    def skipped(self) -> Asked:
        """Rows by the reason for which they are no mention."""
        off = f"{self._cells.when} IS NULL OR NOT ({self._dated})"
        return self._asked(f"{self._cells.no_date()} AS reason, count(*)", f"{off} GROUP BY reason ORDER BY reason")

    def ends(self) -> Asked:
        """The first and the last moment."""
        return self._asked(f"epoch_us(min({self._cells.when})), epoch_us(max({self._cells.when}))", self._dated)

    def reposts(self) -> Asked:
        """Texts that repeat another's words, by the word for their source."""
        where = f"({self._cells.retweet()}) AND {self._dated} GROUP BY source"
        return self._asked(f"{self._cells.source} AS source, count(*)", where)

    def choose(self, negative: Sequence[tuple[int, int]]) -> None:
        """Decide which complaints are looked at, knowing how many there are in each bucket."""
        if sum(rows for _, rows in negative) > COMPLAINTS:
            for span in (WEEK, LATELY):
                self.span, self.since = span, negative[-1][0] + 1 - span // MICROSECOND // self._every
                self.one_in = max(1, sum(rows for bucket, rows in negative if bucket >= self.since) // COMPLAINTS)
                if self.one_in >= SEVERAL:
                    break

    def complaints(self, negative: Sequence[str]) -> Asked:
        """Hours and texts of mentions with a `negative` word, from the bucket `since` on one in `one_in`."""
        cells = self._cells
        since = _LOW if self.since is None else self.since * self._every
        query, path = self._asked(
            f"moment // {_HOUR}, left({cells.text}, {LONGEST})",
            f"""{cells.when} >= make_timestamp({since}) AND {self._dated} AND {cells.sentiment} {_one_of(negative)}
            AND {cells.chosen(self.one_in)} ORDER BY moment // {self._every}, {cells.text}""",
        )
        return query, [*path, *negative]

    def _sums(self) -> str:
        reach, engagement = self._cells.amount("reach"), self._cells.amount("engagement")
        return f"count(*) AS rows, {reach} AS reach, {engagement} AS engagement"
