"""Which moments can be worked with: those from which every sum and every other time zone is a date that exists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

_YEARS = range(1900, 2201)
#: A duration is at most 9999 days and a little, and in UTC a year may begin in the one before.
_YEARS_REACHED = range(1899, 2240)


def is_within_years(moment: datetime) -> bool:
    """Whether somebody may give it."""
    return moment.year in _YEARS


def is_moment(value: Any) -> bool:
    """Whether it is a moment with its time zone, as ISO 8601 text, within the years that somebody may give."""
    return _year_of(value) in _YEARS


def as_moment(value: Any) -> datetime | None:
    """The moment that it is; None where it is none, or not within those years."""
    return datetime.fromisoformat(value) if is_moment(value) else None


def is_reached(value: Any) -> bool:
    """The same of one that was worked out: what was given, in another time zone or with durations added."""
    return _year_of(value) in _YEARS_REACHED


def _year_of(value: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.year if moment is not None and moment.tzinfo is not None else None
