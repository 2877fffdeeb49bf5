"""Times as people type them at night: `now`, `25m`, `02:36`, `yesterday 23:10`, ISO 8601; and days to come."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from crisis.kernel.durations import parse_duration, roughly
from crisis.kernel.text import quoted

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_LENGTH = re.compile(rf"(?:in )?(\d{{1,4}}|{'|'.join(_NUMBERS)}) ?(d|days?|w|weeks?)", re.ASCII)
_CLOCK = re.compile(r"(?:(yesterday|tomorrow)\s+)?(\d{1,2})[:.](\d{2})", re.ASCII)

#: A time of day without its day is likely to be meant within this time.
_RECENT = timedelta(hours=6)


def past_moment(text: str, now: datetime) -> datetime:
    """When something was: `25m` or `25 min ago` is that long ago, `02:36` the last time it was 02:36.

    Raises ValueError with a message that says what can be written.
    """
    said = " ".join(text.lower().split())
    if said in ("", "now", "just now"):
        return now
    if (length := _length(said.removesuffix(" ago"))) is not None:
        return _shifted(now, -length, text)
    moment = _on_the_clock(said, now)
    if moment is not None:
        day, at = moment
        return at if day or at <= now else at - timedelta(days=1)
    return _iso(text, now)


def how_long_ago(text: str, moment: datetime, now: datetime) -> str:
    """How a time without a day was taken, where another may be meant: `2:40 is 16 h 06 min ago`; else empty."""
    said = _CLOCK.fullmatch(" ".join(text.lower().split()))
    is_yesterday = moment.date() != now.date()
    if said is None or said[1] or not (is_yesterday or now - moment > _RECENT):
        return ""
    return f"{said[0]} is {roughly(now - moment)} ago{', yesterday' if is_yesterday else ''}"


def coming_moment(text: str, now: datetime) -> datetime:
    """When something will be: `4h` or `in 4h` from now, `09:00` the next time it is 09:00.

    Raises ValueError with a message that says what can be written.
    """
    said = " ".join(text.lower().split())
    if (length := _length(said.removeprefix("in "))) is not None:
        return _shifted(now, length, text)
    moment = _on_the_clock(said, now)
    if moment is not None:
        day, at = moment
        return at if day or at > now else at + timedelta(days=1)
    return _iso(text, now)


def coming_day(text: str, today: date) -> date:
    """The day on which something is due: `2026-03-20`, `tomorrow`, `friday` (the next one), `2w`, `in two weeks`.

    Raises ValueError with a message that says what can be written.
    """
    said = " ".join(text.lower().split())
    if said in ("today", "tomorrow"):
        return today + timedelta(days=said == "tomorrow")
    if said in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS.index(said) - today.weekday() - 1) % 7 + 1)
    if match := _LENGTH.fullmatch(said):
        count = int(match[1]) if match[1].isdigit() else max(1, _NUMBERS.index(match[1]))
        return today + timedelta(days=count * (7 if match[2].startswith("w") else 1))
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError(f"{quoted(text, 60)} is not a date: write {days_to_come(today)}") from None


def days_to_come(today: date) -> str:
    """Some days as they may be written, none of them past."""
    return f"{today + timedelta(days=14)}, tomorrow, friday, in two weeks"


def _shifted(now: datetime, length: timedelta, text: str) -> datetime:
    try:
        return now + length
    except OverflowError:
        raise ValueError(f"{quoted(text, 60)} is further away than the calendar goes") from None


def _length(said: str) -> timedelta | None:
    compact = re.sub(r"\s*(minutes?|mins?|min)\b", "m", said)
    compact = re.sub(r"\s*(hours?|hrs?)\b", "h", compact)
    compact = re.sub(r"\s*days?\b", "d", compact).replace(" ", "")
    try:
        return parse_duration(compact)
    except (ValueError, OverflowError):
        return None


def _on_the_clock(said: str, now: datetime) -> tuple[str, datetime] | None:
    match = _CLOCK.fullmatch(said)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        return None
    shift = {"yesterday": -1, "tomorrow": 1}.get(match[1] or "", 0)
    at = now.replace(hour=int(match[2]), minute=int(match[3]), second=0, microsecond=0) + timedelta(days=shift)
    return match[1] or "", at


def _iso(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{quoted(text, 60)} is not a time: write now, 25m, 02:36, yesterday 23:10 or {now:%Y-%m-%d} 02:36"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
