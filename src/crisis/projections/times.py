"""Moments in sentences: always with their day and their zone."""

from __future__ import annotations

from datetime import datetime, tzinfo


def said_at(moment: datetime, zone: tzinfo | None) -> str:
    """`2026-03-07 03:05 CET`. No `zone`: that of this machine."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def said_at_of(value: object, zone: tzinfo | None) -> str:
    """The same of a moment as an answer holds it; what is none is told as it stands."""
    try:
        return said_at(datetime.fromisoformat(str(value)), zone)
    except ValueError:
        return str(value)
