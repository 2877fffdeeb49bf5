"""The range of time that an export says it covers, in the rows above its header."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.times import read_time

Range = tuple[datetime, datetime]
"""The first and the last moment, in UTC."""
_INSTANT = timedelta(microseconds=1)


def stated_range(above: Sequence[Sequence[str]]) -> Range | None:
    """What `From:` and `To:` above a header say, where both carry their zone; nothing where they do not."""
    found: dict[str, datetime] = {}
    for row in above:
        label = plain(row[0]).rstrip(": ") if len(row) > 1 else ""
        if label in ("from", "to") and (at := read_time(row[1].strip())) is not None and at.tzinfo is not None:
            found.setdefault(label, at.astimezone(UTC))
    if "from" not in found or "to" not in found or found["from"] >= found["to"]:
        return None
    return found["from"], found["to"] - _INSTANT  # an hour that ends at ten says nothing of ten


def covers(seen: Range | None, stated: Range | None) -> Range | None:
    """The span of a file with mentions from `seen[0]` to `seen[1]`: what it states, unless its mentions deny it."""
    if seen is None or stated is None:
        return seen
    return stated if stated[0] <= seen[0] and seen[1] <= stated[1] + _INSTANT else seen
