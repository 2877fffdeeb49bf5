"""What was read off an incident before, and what it rested on: read again only once some of that has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any, Generic, TypeVar, overload

from msgspec import Struct

T = TypeVar("T")
Grounds = tuple[object, ...]


class once(Generic[T]):  # noqa: N801  # used as a decorator, like `property`
    """A property that is worked out when it is first asked for, and kept with the object.

    What Python 3.12's `functools.cached_property` is: before, it takes a lock that costs more than most of what is
    kept here.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, one: None, owner: type) -> once[T]: ...
    @overload
    def __get__(self, one: object, owner: type) -> T: ...
    def __get__(self, one: object | None, owner: type) -> once[T] | T:
        """What was worked out; the next look at it does not come here."""
        if one is None:
            return self
        value = one.__dict__[self._name] = self._work(one)
        return value


class _Reading(Struct, frozen=True):
    grounds: Grounds
    value: Any
    taken: datetime | None = None
    until: datetime | None = None


class Memory:
    """The last reading of each thing. It only saves work: forgetting all of it changes nothing.

    Grounds are compared as values. The fold replaces what an event changes and carries the rest along, so nearly
    everything is the same object still, and that is all the comparison looks at.
    """

    def __init__(self) -> None:
        self._readings: dict[Hashable, _Reading] = {}

    def read(self, what: Hashable, grounds: Grounds, take: Callable[[], T]) -> T:
        """The reading, taken again if it rested on something else.

        One that says the same as the last is the last: what rests on it need not be read again either.
        """
        last = self._readings.get(what)
        if last is not None and last.grounds == grounds:
            return last.value  # type: ignore[no-any-return]  # what is kept under a name is of one type
        value = take()
        if last is not None and last.value == value:
            value = last.value
        self._readings[what] = _Reading(grounds, value)
        return value

    def recall(self, what: Hashable, grounds: Grounds, now: datetime) -> Any:
        """The reading that was kept, if it rested on the same and still holds at `now`; else None."""
        last = self._readings.get(what)
        if last is None or last.grounds != grounds:
            return None
        if last.taken is None or now < last.taken or (last.until is not None and last.until <= now):
            return None
        return last.value

    def keep(self, what: Hashable, grounds: Grounds, value: object, now: datetime, until: datetime | None) -> None:
        """Keep a reading that was taken at `now` and that time alone changes only at `until`."""
        self._readings[what] = _Reading(grounds, value, now, until)
