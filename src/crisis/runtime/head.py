"""The head of an incident, alone in its module: `status` reads one, and loads none of the other ports for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class Head(NamedTuple):
    """The kept summary of an incident: what `status` and `list` read without folding anything.

    `version` is the last event's seq, `hash` the chain's last link, `wakes_at` when time alone changes
    something, `brief` what `status --json` prints, with deadlines instead of remaining times; it is empty where
    what is kept cannot be read: the events are the record, and whoever only looks for an incident still finds it.
    """

    incident: str
    version: int
    hash: str
    wakes_at: datetime | None
    brief: Mapping[str, Any]
