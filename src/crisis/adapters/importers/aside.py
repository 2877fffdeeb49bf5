"""A question that the engine answers while something else is done."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from crisis.adapters.importers.bulk_query import Asked


class Aside:
    """Asked at once, through a connection of its own to what `engine` has; the answer is waited for when it is wanted.

    Whoever does not want it any more waits for it all the same when the process ends: the engine is not torn down
    while it reads.
    """

    def __init__(self, engine: DuckDBPyConnection, asked: Asked) -> None:
        self._rows: Sequence[tuple[Any, ...]] = ()
        self._error: Exception | None = None
        self._thread = Thread(target=self._ask, args=(engine.cursor(), *asked))
        self._thread.start()

    def rows(self) -> Sequence[tuple[Any, ...]]:
        """What was found. Raises what the engine raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._rows

    def _ask(self, engine: DuckDBPyConnection, query: str, about: list[object]) -> None:
        try:
            with engine:
                self._rows = engine.execute(query, about).fetchall()
        except Exception as error:  # noqa: BLE001  # it is raised where somebody waits for the answer
            self._error = error
