"""The list of incidents for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from crisis.adapters.render.moments import clock_time
from crisis.adapters.render.terminal import columns
from crisis.kernel.text import one_line
from crisis.projections.situation import moment


def to_text(listing: Mapping[str, Any], zone_named: Callable[[str], tzinfo | None]) -> str:
    """A line for each incident, with its times in its own zone."""
    found = listing["incidents"]
    return columns([_row(one, zone_named(one["timezone"])) for one in found]) if found else ""


def _row(one: Mapping[str, Any], zone: tzinfo | None) -> tuple[str, ...]:
    opened = moment(one["opened_at"])
    state = "DRILL" if one["drill"] else "closed" if one["closed_at"] else "LIVE"
    how_bad = one_line(f"{one['severity']} {one['severity_word']}", 40) or "not assessed"
    late = f"{len(one['breached'])} breached" if one["breached"] else ""
    when = clock_time(opened, zone) if opened else ""
    name, phase = one_line(one["incident"], 40), one_line(one["phase"], 40)
    return name, state, how_bad, phase, when, late, one_line(one["title"], 80)
