"""Rows as they come: what is missing is unknown, unless the source says that it reports every bin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

LONGEST_FILL = timedelta(days=7)


def complete(rows: Iterable[tuple[datetime, float]], every: timedelta) -> Iterator[tuple[datetime, float]]:
    """`rows` with a zero for each missing bin of `every`, for a source that leaves out empty bins.

    A hole longer than a week is left a hole: then the source was down, whatever it says.
    Raises ValueError if `every` is not positive.
    """
    if every <= timedelta(0):
        raise ValueError(f"bins must have a length, not {every}")
    last: datetime | None = None
    for at, value in rows:
        if last is not None and at - last <= LONGEST_FILL:
            missing = last + every
            # Half a bin of slack: stamps jitter, and a late bin is not two bins.
            while at - missing >= every / 2:
                yield missing, 0.0
                missing += every
        yield at, value
        last = at
