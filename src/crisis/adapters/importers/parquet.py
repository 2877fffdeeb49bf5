"""Parquet tables, read by duckdb in batches; the one module that knows it."""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Self

from crisis.adapters.importers.errors import NeedsLibrary
from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.tables import Header, header_in, unknown
from crisis.kernel.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from types import ModuleType

    import duckdb

    from crisis.adapters.importers.layout import Field
    from crisis.adapters.importers.source import Source
    from crisis.adapters.importers.tables import Recognise, Skip

_BATCH = 2000
_FIRST = 2048
"""Rows that are read without reading ahead: more than whoever wants a look takes."""
_BITS = 18
"""Of the number of a group; by default 12, which are quarter-hours of six weeks only. More would fill the memory."""
_INTEGERS = {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")} | {"INTEGER", "UINTEGER"}


class ParquetTable:
    """A Parquet file's rows as texts, as a CSV would have them."""

    container = "parquet"

    def __init__(self, source: Source, recognise: Sequence[Recognise]) -> None:
        if source.path is None:
            raise Unreadable(f"{source}: Parquet is read from files only", hint="save it to a file first")
        self.source = source
        self.notes: list[str] = []
        self.engine = open_engine()
        """What it raises, and what others may ask through cursors of their own."""
        about = "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))"
        described = list(self._asked(about))
        columns = [name for name, _ in described]
        self.timestamps = frozenset(n for n, (_, type_) in enumerate(described) if type_.startswith("TIMESTAMP"))
        """The places of columns that are moments, and no text of one; those without a zone are UTC."""
        self.texts = frozenset(n for n, (_, type_) in enumerate(described) if type_ == "VARCHAR")
        self.uniform = False
        """Whether all cells that are not blank are moments, which say the same of every row as of the first ones."""
        self._cells = ", ".join(f"c{n}::VARCHAR" for n in range(len(columns)))
        self._names = ", ".join(f"c{n}" for n in range(len(columns)))
        self.integers = frozenset(n for n, (_, type_) in enumerate(described) if type_ in _INTEGERS)
        for known in recognise:
            if header := header_in([columns], known):
                self.header: Header = header
                return
        raise unknown(str(source), [columns])

    def only(self, wanted: Collection[Field]) -> Self:
        """The same rows with every other cell blank: columns lie apart, and texts cost most."""
        names = {name for meaning in wanted for name in self.header.layout.fields.get(meaning, ())}
        places = {n for n, column in enumerate(self.header.columns) if plain(column) in names}
        other = copy(self)
        other._cells = ", ".join(f"c{n}::VARCHAR" if n in places else "NULL" for n in range(len(self.header.columns)))
        other.uniform = self.timestamps.issuperset(places)
        return other

    def rows(self, skip: Skip) -> Iterator[Sequence[str]]:
        """The rows in batches, so that memory stays the same however many there are."""
        del skip
        # Who wants a look at the first rows only shall not have the file read ahead.
        first = 0
        query = f"SELECT {self._cells} FROM (SELECT * FROM read_parquet(?)) AS t({self._names})"  # noqa: S608 - c0, c1 …
        for row in self._asked(f"{query} LIMIT ?", _FIRST):
            first += 1
            yield [cell or "" for cell in row]
        if first == _FIRST:
            for row in self._asked(f"{query} OFFSET ?", _FIRST):
                yield [cell or "" for cell in row]

    def count(self) -> int:
        """How many rows the file says that it has."""
        return int(next(self._asked("SELECT count(*) FROM read_parquet(?)"))[0])

    def _asked(self, query: str, *more: int) -> Iterator[tuple[str, ...]]:
        engine_error, engine = self.engine
        with engine.cursor() as cursor, asking(self.source, engine_error):
            found = cursor.execute(query, [str(self.source.path), *more])
            while batch := found.fetchmany(_BATCH):
                yield from batch


def open_engine() -> tuple[type[Exception], duckdb.DuckDBPyConnection]:
    """What the engine raises, and a connection of its own: in memory, bounded, installing nothing, in UTC."""
    engine_of = _library()
    engine = engine_of.connect(config={"threads": 2, "memory_limit": "400MB", "autoinstall_known_extensions": False})
    engine.execute("SET GLOBAL TimeZone = 'UTC'")  # for its cursors as well
    engine.execute("SET GLOBAL parquet_metadata_cache = true")  # a file is asked ten things, and is the same meanwhile
    # Where groups are numbers so near to each other, each has its place and none is looked for.
    engine.execute(f"SET GLOBAL perfect_ht_threshold = {_BITS}")
    return engine_of.Error, engine


def _library() -> ModuleType:
    """The engine, where it can be without the package around it: that is for data frames, and takes 0.1 s to load."""
    for name in ("_duckdb", "duckdb"):
        try:
            return import_module(name)
        except ImportError:
            continue
    raise NeedsLibrary.named("a Parquet file", "signals", "export CSV")


@contextmanager
def asking(source: Source, engine_error: type[Exception]) -> Iterator[None]:
    """Whatever the engine raises of `source` is said in our words: that it is damaged, or that somebody left."""
    try:
        yield
    except (engine_error, RuntimeError) as error:
        if type(error).__name__ == "InterruptException" or str(error) == "Query interrupted":
            raise KeyboardInterrupt from None  # two ways in which it tells of Ctrl-C
        if isinstance(error, engine_error):
            raise _damaged(source, error) from None
        raise


def _damaged(source: Source, error: Exception) -> Unreadable:
    """The error for a file that the engine cannot read."""
    return Unreadable(f"{source}: the file is cut off or damaged ({type(error).__name__})", hint="export it again")
