"""Times as tools write them: ISO, epochs, Excel serials, English month names, and slashes in two orders."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone
from functools import cache, lru_cache
from typing import Literal, NamedTuple

Order = Literal["dmy", "mdy", "ymd"]
"""Which of the three numbers of a date is the day, the month, the year."""

ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")

_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - local like every time in a cell
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*([ap])?\.?(?:m\.?)?"
_CLOCK_ONLY = re.compile(_CLOCK, re.I | re.ASCII)
_NUMBERS = re.compile(
    rf"(\d{{1,4}})[/.-](\d{{1,2}})[/.-](\d{{1,4}})(?:[ ,T]+{_CLOCK})?(?:\s*(Z|UTC|GMT))?", re.I | re.ASCII
)
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}|\d{16}", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)


def read_time(text: str, order: Order | None = None) -> datetime | None:
    """`text` as a time: aware where it carries its offset, naive where it does not, None where it is no time.

    `order` is needed only where `needs_order(text)`.
    """
    if len(text) > 64:
        return None
    try:
        if text[4:5] == "-" or text[8:9] == "T":
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return _other(text, order)
    except (ValueError, OverflowError):
        return None


def needs_order(text: str) -> tuple[Order, ...]:
    """The orders in which `text` is a date, if only its order can tell what it means; else nothing."""
    found = _NUMBERS.fullmatch(text) if len(text) <= 64 else None
    if found is None or len(found[1]) > 2 or "." in text[:3]:
        return ()
    return _possible(found[1], found[2], found[3])


@lru_cache(maxsize=4096)
def _possible(a: str, b: str, c: str) -> tuple[Order, ...]:
    return tuple(order for order in ORDERS if read_time(f"{a}/{b}/{c}", order) is not None)


def read_clock(text: str) -> time | None:
    """A time of day that has a column to itself: `9:02 PM`, `21:02:07`, or Excel's part of a day."""
    found = _CLOCK_ONLY.fullmatch(text)
    try:
        if found:
            return _clock(found, 1)
        share = float(text)
        return (_EXCEL_DAY_ZERO + timedelta(seconds=round(share * 86400))).time() if 0 <= share < 1 else None
    except (ValueError, OverflowError):
        return None


def _other(text: str, order: Order | None) -> datetime | None:
    if _EPOCH.fullmatch(text):
        number = float(text)
        divisor = 1e6 if len(text) == 16 else 1e3 if len(text) == 13 else 1.0
        return datetime.fromtimestamp(number / divisor, UTC)
    if _SERIAL.fullmatch(text):
        return _EXCEL_DAY_ZERO + timedelta(seconds=round(float(text) * 86400))
    if len(text) == 8 and text.isdigit():
        return datetime.fromisoformat(text)
    if found := _NUMBERS.fullmatch(text):
        return _from_numbers(found, order)
    return _from_names(text)


def _from_numbers(found: re.Match[str], order: Order | None) -> datetime | None:
    a, b, c = found[1], found[2], found[3]
    if len(a) == 4:
        order = "ymd"
    elif found.string[len(a)] == ".":
        order = "dmy"  # nobody writes months first with points between
    if len(a) == 3 or len(c) == 3 or (len(a) < 4 and len(c) == 1) or order is None:
        return None
    year, month, day = {"dmy": (c, b, a), "mdy": (c, a, b), "ymd": (a, b, c)}[order]
    if len(day) > 2:
        return None
    full_year = int(year) + (2000 if len(year) <= 2 else 0)
    clock = _clock(found, 4) if found[4] else time()
    zone = UTC if found[9] else None
    return datetime(full_year, int(month), int(day), clock.hour, clock.minute, clock.second, clock.microsecond, zone)


class _Named(NamedTuple):
    """What a date with the name of its month is taken apart by."""

    month: re.Pattern[str]
    clock: re.Pattern[str]
    offset: re.Pattern[str]
    year: re.Pattern[str]
    day: re.Pattern[str]
    short: re.Pattern[str]  # 13-Mar-26: the day, and the year in two digits
    inner: re.Pattern[str]  # Fri Mar 13 10:00:00 +0000 2026: the offset before the year


@cache
def _named() -> _Named:
    return _Named(
        re.compile(r"(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.I),
        re.compile(rf"(?<![\d:]){_CLOCK}(?![a-z])", re.I | re.ASCII),
        re.compile(r"(?:(?:UTC|GMT)?\s*([+-])(\d{2}):?(\d{2})|\b(UTC|GMT|Z))\s*(?:\(.*\))?$", re.I | re.ASCII),
        re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII),
        re.compile(r"(?<!\d)(\d{1,2})(?!\d)", re.ASCII),
        re.compile(r"\s*(\d{1,2})[ -][a-z]{3,9}[ -](\d{2})\s*", re.I | re.ASCII),
        re.compile(r"(.*\d)\s+([+-]\d{2}:?\d{2})\s+(\d{4})", re.ASCII),
    )


def _from_names(text: str) -> datetime | None:
    named = _named()
    month = named.month.search(text)
    if month is None:
        return None
    if between := named.inner.fullmatch(text):
        text = f"{between[1]} {between[3]} {between[2]}"
    offset = named.offset.search(text)
    rest = text[: offset.start()] + " " + text[offset.end() :] if offset else text
    zone = _zone(offset) if offset else None
    clock = named.clock.search(rest)
    if clock:
        rest = rest[: clock.start()] + " " + rest[clock.end() :]
    if zone is None and (inner := re.search(r"\b(UTC|GMT)\b", rest)):
        zone = UTC
        rest = rest.replace(inner[0], " ")
    elif zone is None and re.search(r"\b[A-Z]{3,4}T\b", rest.upper().replace("SAT", "").replace("OCT", "")):
        return None  # CEST, EST …: abbreviations mean different offsets in different places
    short, year, day = named.short.fullmatch(rest), named.year.search(rest), named.day.search(rest)
    if day is None or (year is None and short is None):
        return None
    full_year = int(year[1]) if year else 2000 + int(short[2]) if short else 0
    at = _clock(clock, 1) if clock else time()
    return datetime(
        full_year, _MONTHS[month[1].lower()], int(day[1]), at.hour, at.minute, at.second, at.microsecond, zone
    )


def _zone(found: re.Match[str]) -> timezone:
    if found[1] is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(offset if found[1] == "+" else -offset)


def _clock(found: re.Match[str], group: int) -> time:
    hour, minute, second, fraction, half = (found[group + n] for n in range(5))
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(hour)
        number = number % 12 + (12 if half in "pP" else 0)
    return time(number, int(minute), int(second or 0), int((fraction or "").ljust(6, "0")[:6] or 0))
