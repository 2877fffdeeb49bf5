"""How the engine reads the cells of a file: each field of a mention as an expression over the columns c0, c1 …"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.parquet import ParquetTable
from crisis.adapters.importers.tables import LONGEST_CELL, TextTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crisis.adapters.importers.layout import Field
    from crisis.adapters.importers.read import Import

_FULL = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:?00|\+00|)", re.ASCII)


class Cells:
    """The fields of one file's mentions. `times` are those of its first rows.

    Written for speed: what nearly all rows are comes first in each CASE, texts are not rewritten.
    """

    def __init__(self, read: Import, table: ParquetTable | TextTable, times: Sequence[str]) -> None:
        self._own = [plain(name) for name in table.header.columns]
        self._fields, self._table, self._form = read.layout.fields, table, _form_of(times)
        self.source, self.sentiment, self.text = (self._word(one) for one in ("source", "sentiment", "text"))
        at = self._places("at")
        moments = ", ".join(self._moment(n) for n in at)
        self.rows = f"(SELECT coalesce({moments}, NULL) AS moment, * FROM {_rows_from(table)})"  # noqa: S608 - columns are c0, c1 …, the path is a parameter
        """What they are read from, with the `moment` in microseconds since 1970; the path is its parameter."""
        typed = isinstance(table, ParquetTable) and table.timestamps.issuperset(at) and len(at) == 1
        self.when = f"c{at[0]}" if typed else ""
        """The column of times, where it can be compared as it is."""
        text = self._places("text")
        self.texts_apart = isinstance(table, ParquetTable) and len(text) == 1 and text[0] in table.texts
        """Whether texts lie in a column of their own, so that they need not be read to count."""
        words = (self._places("source"), self._places("sentiment"))
        self.words_apart = isinstance(table, ParquetTable) and all(
            not places or (len(places) == 1 and places[0] in table.texts) for places in words
        )
        """Whether sources and sentiments lie in columns of their own, of which Parquet keeps a list of the words."""
        # Where its time tells a row apart, no other column needs to be read for that: a tenth of the whole.
        told_apart = len(set(times)) > 0.9 * len(times)
        self._row = "moment" if told_apart else f"moment, {self._word('author')}"

    def tells(self, meaning: Field) -> bool:
        """Whether there is a column for it."""
        return bool(self._places(meaning))

    def filled(self, meaning: Field) -> str:
        """The first cell that is not blank; else NULL."""
        return self._first(meaning, "CASE WHEN {c}::VARCHAR >= '!' OR trim({c}::VARCHAR) <> '' THEN {c}::VARCHAR END")

    def retweet(self) -> str:
        """Whether a text has the old form of a repost."""
        return " OR ".join(f"{self.text} BETWEEN '{start}@0' AND '{start}@{{'" for start in ("RT ", '"RT '))

    def no_date(self) -> str:
        """Of a row without a moment: 1 if it gives none, 2 if it cannot be read."""
        return f"CASE WHEN {self.filled('at')} IS NULL THEN 1 ELSE 2 END"

    def unread(self) -> str:
        """Whether a row gives a time that cannot be read."""
        return f"moment IS NULL AND {self.filled('at')} IS NOT NULL"

    def amount(self, meaning: Field) -> str:
        """The sum of a number of people or interactions."""
        places = self._places(meaning)
        if isinstance(self._table, ParquetTable) and len(places) == 1 and places[0] in self._table.integers:
            return f"sum(CASE WHEN c{places[0]} BETWEEN 0 AND 1e15::BIGINT THEN c{places[0]} END)"
        number = self._first(meaning, "try_cast({c} AS DOUBLE), try_cast(replace({c}::VARCHAR, ',', '') AS DOUBLE)")
        if number == "NULL":
            return "NULL::HUGEINT"
        return f"sum(CASE WHEN {number} BETWEEN 0 AND 1e15 THEN round({number}) END)"

    def chosen(self, one_in: int) -> str:
        """Whether a row is one of those whose text is looked at."""
        # By what a row says and not by its place, so that two runs choose alike; never by its text: copies go together.
        return f"hash({self._row}) % {one_in} = 0" if one_in > 1 else "TRUE"

    def _places(self, meaning: Field) -> list[int]:
        return [self._own.index(name) for name in self._fields.get(meaning, ()) if name in self._own]

    def _first(self, meaning: Field, form: str) -> str:
        forms = [form.format(c=f"c{n}") for n in self._places(meaning)]
        if len(forms) == 1 and form == "{c}::VARCHAR":  # a tenth of the whole, for a function that does nothing
            return f"c{self._places(meaning)[0]}" if self._is_text(meaning) else forms[0]
        return f"coalesce({', '.join(forms)}, NULL)" if forms else "NULL"

    def _is_text(self, meaning: Field) -> bool:
        return isinstance(self._table, TextTable) or self._table.texts.issuperset(self._places(meaning))

    def _word(self, meaning: Field) -> str:
        several = len(self._fields.get(meaning, ())) > 1
        return self.filled(meaning) if several else self._first(meaning, "{c}::VARCHAR")

    def _moment(self, place: int) -> str:
        """The time in microseconds since 1970, if it is one."""
        if isinstance(self._table, ParquetTable) and place in self._table.timestamps:
            return f"epoch_us(c{place})"
        # To read a time that may carry a zone costs three times as much, and to try a form in vain ten times.
        text = isinstance(self._table, TextTable) or place in self._table.texts
        cell = f"c{place}" if text else f"c{place}::VARCHAR"
        # What ends in a word, such as EST, is left to those who read row by row: it may mean several zones.
        is_told = f"right({cell}, 1) BETWEEN '0' AND '9' OR right({cell}, 1) = 'Z'"
        slowly = f"CASE WHEN {is_told} THEN epoch_us(try_cast({cell} AS TIMESTAMPTZ)) END"
        if self._form:
            slowly = f"coalesce(epoch_us(try_strptime({cell}, '{self._form}')), {slowly})"
        zoneless = f"strlen({cell}) = 19 AND {cell} LIKE '____-__-_____:__:__'"
        return f"CASE WHEN {zoneless} THEN epoch_us(try_cast({cell} AS TIMESTAMP)) ELSE {slowly} END"


def _form_of(times: Iterable[str]) -> str:
    """The form of all `times` that are not plain ones: with a fraction of a second, or said to be in UTC."""
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
