"""What was read off an incident before, and what it rested on: read again only once some of that has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from operator import is_
from typing import Any, TypeVar

from msgspec import Struct

T = TypeVar("T")
Grounds = tuple[object, ...]


class _Reading(Struct, frozen=True):
    grounds: Grounds
    value: Any
    taken: datetime | None = None
    until: datetime | None = None


class Memory:
    """The last reading of each thing. It only saves work: forgetting all of it changes nothing.

    Grounds are compared by identity. The fold replaces what an event changes and carries the rest along, so
    the same object says: nothing has happened to it.
    """

    def __init__(self) -> None:
        self._readings: dict[Hashable, _Reading] = {}

    def read(self, what: Hashable, grounds: Grounds, take: Callable[[], T]) -> T:
        """The reading, taken again if it rested on something else.

        One that says the same as the last is the last: what rests on it need not be read again either.
        """
        last = self._readings.get(what)
        if last is not None and all(map(is_, last.grounds, grounds)):
            return last.value  # type: ignore[no-any-return]  # what is kept under a name is of one type
        value = take()
        if last is not None and last.value == value:
            value = last.value
        self._readings[what] = _Reading(grounds, value)
        return value

    def recall(self, what: Hashable, grounds: Grounds, now: datetime) -> Any:
        """The reading that was kept, if it rested on the same and still holds at `now`; else None."""
        last = self._readings.get(what)
        if last is None or not all(map(is_, last.grounds, grounds)):
            return None
        if last.taken is None or now < last.taken or (last.until is not None and last.until <= now):
            return None
        return last.value

    def keep(self, what: Hashable, grounds: Grounds, value: object, now: datetime, until: datetime | None) -> None:
        """Keep a reading that was taken at `now` and that time alone changes only at `until`."""
        self._readings[what] = _Reading(grounds, value, now, until)
