"""The list of incidents, from their briefs alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from crisis.projections.situation import Brief, breached, situation

SCHEMA_VERSION = 1

_SHOWN = (
    "incident",
    "title",
    "playbook",
    "drill",
    "timezone",
    "severity",
    "severity_word",
    "phase",
    "lead",
    "known_since",
    "opened_at",
    "closed_at",
    "version",
)


def listing(briefs: Iterable[Brief], now: datetime) -> dict[str, Any]:
    """One document: the incidents in the order given, each with the names of its breached clocks."""
    return {"schema_version": SCHEMA_VERSION, "incidents": [_line(brief, now) for brief in briefs]}


def _line(brief: Brief, now: datetime) -> dict[str, Any]:
    late = [clock["name"] for clock in breached(situation(brief, now))]
    return {**{key: brief[key] for key in _SHOWN}, "breached": late}
