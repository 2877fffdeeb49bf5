"""Moments as people read them: always with their zone, with the date unless it is today's."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from crisis.kernel.durations import roughly


def clock_time(moment: datetime, zone: tzinfo | None, now: datetime | None = None) -> str:
    """`03:05 CET`, or `2026-03-07 03:05 CET` on another day than `now`. No `zone`: that of this machine."""
    local = moment.astimezone(zone)
    is_today = now is not None and now.astimezone(zone).date() == local.date()
    return f"{local:%H:%M %Z}" if is_today else f"{local:%Y-%m-%d %H:%M %Z}"


def exact_time(moment: datetime, zone: tzinfo | None) -> str:
    """`2026-03-07 03:05:12 CET`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def ago_or_left(moment: datetime, now: datetime) -> str:
    """`4 min left`, or `12 min ago`."""
    return f"{roughly(moment - now)} left" if moment > now else f"{roughly(now - moment)} ago"


def over_or_under(at: datetime, due: datetime) -> str:
    """`met with 4 min to spare`, or `12 min late`."""
    late = at - due
    return f"{roughly(late)} late" if late > timedelta(0) else f"met with {roughly(late)} to spare"
