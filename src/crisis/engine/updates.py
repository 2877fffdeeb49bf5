"""How often an update is promised, and when the next one must be begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crisis.engine.state import Publication
from crisis.playbook.values import Cadence

#: How long before a promised update its preparation begins: it must be written and approved, too.
TO_PREPARE_AN_UPDATE = timedelta(minutes=20)


def interval_after(elapsed: timedelta, cadences: Sequence[Cadence]) -> timedelta | None:
    """How often the next update is promised, this long after the first report."""
    for cadence in cadences:
        if cadence.until is None or elapsed < cadence.until:
            return cadence.every
    return cadences[-1].every if cadences else None


def begin_update_at(
    since: datetime, cadences: Sequence[Cadence], known_since: datetime, promise: Publication | None
) -> datetime | None:
    """Early enough for what was promised, and no later than `cadences` ask for since then."""
    interval = interval_after(since - known_since, cadences)
    moments = [since + _before(interval)] if interval is not None else []
    if promise is not None and promise.promises is not None:
        moments.append(promise.at + _before(promise.promises - promise.at))
    return min(moments, default=None)


def _before(interval: timedelta) -> timedelta:
    """How much of the interval between two updates passes before the next one is begun."""
    return interval - min(TO_PREPARE_AN_UPDATE, interval / 2)
