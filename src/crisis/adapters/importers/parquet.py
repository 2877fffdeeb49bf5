"""Parquet tables, read by duckdb in batches; the one module that knows it."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from crisis.adapters.importers.errors import NeedsLibrary
from crisis.adapters.importers.tables import Header, header_in, unknown
from crisis.adapters.importers.xlsx import cell_text
from crisis.kernel.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crisis.adapters.importers.source import Source
    from crisis.adapters.importers.tables import Recognise, Skip

_BATCH = 2000


class ParquetTable:
    """A Parquet file's rows as texts, as a CSV would have them."""

    container = "parquet"

    def __init__(self, source: Source, recognise: Sequence[Recognise]) -> None:
        if source.path is None:
            raise Unreadable(f"{source}: Parquet is read from files only", hint="save it to a file first")
        self.source = source
        self.notes: list[str] = []
        columns = self._columns()
        for known in recognise:
            if header := header_in([columns], known):
                self.header: Header = header
                return
        raise unknown(str(source), [columns])

    def rows(self, skip: Skip) -> Iterator[Sequence[str]]:
        """The rows in batches, so that memory stays the same however many there are."""
        del skip
        duckdb = _duckdb()
        with duckdb.connect(
            config={"threads": 1, "memory_limit": "400MB", "autoinstall_known_extensions": False}
        ) as engine:
            try:
                found = engine.execute("SELECT * FROM read_parquet(?)", [str(self.source.path)])
                while batch := found.fetchmany(_BATCH):
                    for row in batch:
                        yield [cell if type(cell) is str else cell_text(cell) for cell in row]
            except duckdb.Error as error:
                raise _damaged(self.source, error) from None

    def _columns(self) -> list[str]:
        duckdb = _duckdb()
        with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False}) as engine:
            try:
                described = engine.execute(
                    "SELECT name FROM (DESCRIBE SELECT * FROM read_parquet(?))", [str(self.source.path)]
                )
                return [str(name) for (name,) in described.fetchall()]
            except duckdb.Error as error:
                raise _damaged(self.source, error) from None


def _duckdb() -> ModuleType:
    try:
        import duckdb
    except ImportError:
        raise NeedsLibrary.named("a Parquet file", "signals") from None
    return duckdb


def _damaged(source: Source, error: Exception) -> Unreadable:
    return Unreadable(
        f"{source}: the Parquet file is cut off or damaged ({type(error).__name__})", hint="export it again"
    )
