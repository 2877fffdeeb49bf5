"""The exports that were read into an incident, as far as they still say something."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.monitoring import Measured


def exports_of(events: Iterable[Recorded]) -> list[tuple[datetime, Measured]]:
    """When each was read, and what it said; without those that a person has called the wrong ones."""
    found: list[tuple[datetime, Measured]] = []
    for one in events:
        if not isinstance(one.event, ev.SignalsRead) or one.event.measured is None:
            continue
        wrong = [n for n, (_, read) in enumerate(found) if one.event.instead and read.files == one.event.instead]
        if wrong:
            del found[wrong[-1]]
        found.append((one.at, one.event.measured))
    return found
