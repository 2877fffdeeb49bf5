"""Durations as people write them: `15m`, `1h30m`, `2d`. A bare number is refused, so is `15:30`.

Libraries for this accept far more (`15:30`, `5 min`, bare seconds); in a playbook each of those is a
misreading waiting to happen, so the grammar is ours and small.
"""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)

_TOO_LONG = re.compile(r"(?=\d)(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?", re.ASCII)


def _head(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def parse_duration(text: str) -> timedelta:
    """`1h30m` → 90 minutes. Units d, h, m, s in that order; zero is refused.

    Raises ValueError with a message that says what is wrong.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None and _TOO_LONG.fullmatch(text.strip()):
        raise ValueError(f"{_head(text)!r} has too many digits: at most 9999d, 9999h, 99999m or 999999s")
    if not text.strip() or match is None:
        raise ValueError(f"{_head(text)!r} is not a duration: write a number with its unit, such as 15m, 1h30m or 2d")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not duration:
        raise ValueError(f"{text!r} is no time at all: write at least 1s")
    return duration


def format_duration(duration: timedelta) -> str:
    """90 minutes → `1h30m`: what `parse_duration` reads, to the second."""
    left = int(abs(duration).total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def roughly(duration: timedelta) -> str:
    """How a person says it, two units at most: `26 min`, `1 h 05 min`, `2 d 3 h`, `under 1 min`."""
    minutes = int(abs(duration).total_seconds()) // 60
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
