"""Dates, times, numbers and lists as a text's language writes them (Unicode CLDR, by Babel).

A time always stands with its zone, on the 24-hour clock: a statement is read in more than one country. For a
language that CLDR does not know, the forms are ISO 8601 and plain digits rather than English words.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from babel import Locale

DateStyle = Literal["full", "long", "medium"]
DATE_STYLES = ("full", "long", "medium")
"""With weekday; with the month's name; with its short name. A date in digits alone is read two ways."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_AMBIGUOUS_ZONES = frozenset({"CST", "IST", "PST"})
_LARGEST = 10**15
_MOST_DECIMALS = 6
_AS_WEEKDAY = 6
"""Days ahead that a weekday alone can name."""


def format_date(day: date, language: str, style: str = "long") -> str:
    """`7 maart 2026`. Raises ValueError for a style that is not in DATE_STYLES."""
    if style not in DATE_STYLES:
        raise ValueError(f"no style of date is called {style!r}: {', '.join(DATE_STYLES)}")
    locale = _locale(language)
    if locale is None:
        return f"{day:%Y-%m-%d}"
    from babel import dates

    # A datetime is a date too, and Babel would format its time.
    written = dates.format_date(day.date() if isinstance(day, datetime) else day, style, locale)
    # CLDR gives West Frisian months a capital letter; inside a sentence they have none.
    return _wider(written.lower() if locale.language == "fy" else written)


def format_time(moment: datetime, language: str, zone: tzinfo, now: datetime | None = None) -> str:
    """`04:30 CET`; with the weekday or the date before it if that is another day than `now`.

    Raises ValueError for a time without a zone, or one that has no date in `zone`.
    """
    local = _local(moment, zone)
    if now is None:
        return f"{_clock(local, language)} {zone_name(local, language)}"
    ahead = (local.date() - _local(now, zone).date()).days
    if ahead == 0:
        return f"{_clock(local, language)} {zone_name(local, language)}"
    if 0 < ahead <= _AS_WEEKDAY and _locale(language) is not None:
        return f"{_clock(local, language, weekday=True)} {zone_name(local, language)}"
    return format_datetime(moment, language, zone, style="full")


def format_datetime(moment: datetime, language: str, zone: tzinfo, style: str = "long") -> str:
    """`7. marts 2026 04.30 CET`. Raises ValueError as `format_date` and `format_time` do."""
    local = _local(moment, zone)
    day, time = format_date(local, language, style), f"{_clock(local, language)} {zone_name(local, language)}"
    locale = _locale(language)
    if locale is None:
        return f"{day} {time}"
    from babel import dates

    glue = str(dates.get_datetime_format("long", locale)).replace("'", "")
    return glue.replace("{1}", day).replace("{0}", time)


def zone_name(moment: datetime, language: str) -> str:
    """`CET`, in German `MEZ`; where there is no abbreviation, or another zone shares it, the offset: `UTC+3`."""
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"
    name = ""
    locale = None if moment.tzname() == "UTC" else _locale(language)  # French would write TU
    if locale is not None and isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key:
        from babel import dates

        name = dates.get_timezone_name(moment, width="short", locale=locale)
    if not name.isalpha():
        name = moment.tzname() or ""
    if not name.isalpha():
        return offset
    return f"{name} ({offset})" if name in _AMBIGUOUS_ZONES else name


def format_number(number: float | Decimal, language: str, decimals: int | None = None) -> str:
    """`1.204,5`; every digit that is there, or exactly `decimals` (0 to 6) of them.

    Raises ValueError for what is not a finite number below 10^15.
    """
    exact = _exact(number)
    if not exact.is_finite() or exact.adjusted() >= len(str(_LARGEST)) - 1 or exact.adjusted() < -_MOST_DECIMALS * 2:
        raise ValueError("a number in a text is finite, and below 1,000,000,000,000,000")
    if decimals is not None and not 0 <= decimals <= _MOST_DECIMALS:
        raise ValueError(f"a number is written with 0 to {_MOST_DECIMALS} decimals")
    locale = _locale(language)
    if locale is None:
        return f"{exact:f}" if decimals is None else f"{exact:.{decimals}f}"
    from babel import numbers

    pattern = None if decimals is None else f"#,##0{'.' if decimals else ''}{'0' * decimals}"
    written = numbers.format_decimal(exact, pattern, locale, decimal_quantization=decimals is not None)
    return _wider(written)


def format_list(items: Sequence[str], language: str) -> str:
    """`Denmark, Norway and Sweden`."""
    locale = _locale(language)
    if locale is None:
        return ", ".join(items)
    from babel import lists

    return lists.format_list(list(items), locale=locale)


def plural_form(number: float | Decimal, language: str) -> str:
    """Which form of a noun goes with `number`: `one`, `few`, `many`, `other`; some languages have `zero` and `two`."""
    locale = _locale(language)
    if locale is None:
        return "one" if number == 1 else "other"
    return str(locale.plural_form(_exact(number)))


def _wider(written: str) -> str:
    # X counts a narrow no-break space as two, an ordinary one as one.
    return written.replace("\u202f", "\u00a0")


def _exact(number: float | Decimal) -> Decimal:
    # A float's 17th digit is noise: 0.1 + 0.2 is 0.3 to a reader.
    return Decimal(f"{number:.15g}") if isinstance(number, float) else Decimal(number)


def _clock(local: datetime, language: str, *, weekday: bool = False) -> str:
    return _on_the_clock(local.replace(tzinfo=None), language, weekday)


@lru_cache(maxsize=32)  # the same moment stands in the text of every channel
def _on_the_clock(local: datetime, language: str, weekday: bool) -> str:
    locale = _locale(language)
    if locale is None:
        return f"{local:%H:%M}"
    from babel import dates

    pattern = locale.datetime_skeletons["EHm" if weekday else "Hm"].pattern.replace("E", "EEEE")
    return dates.format_datetime(local, pattern, None, locale)


def _local(moment: datetime, zone: tzinfo) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone cannot be written: nobody knows when it is")
    try:
        return moment.astimezone(zone)
    except OverflowError as error:
        raise ValueError("this time is too far away to be written") from error


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale | None:
    if not _TAG.fullmatch(language):
        return None
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


def country_called(name: str) -> str:
    """`dk` for `Denmark`, in English, and for `DK`; empty where no country is called so."""
    english = _locale("en")
    names = english.territories if english is not None else {}
    said = name.strip().casefold()
    return next((code.lower() for code, one in names.items() if said in (code.lower(), one.casefold())), "")
