"""What an answer may be, whatever the question: how long, how large, and what each type of fact takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from crisis.engine.events import Json
from crisis.kernel.moments import is_moment
from crisis.kernel.text import is_blank
from crisis.playbook.model import Fact

#: The longest text a person may give as one answer, in characters.
LONGEST_ANSWER = 20_000

#: The largest number a fact may be; whole numbers up to it survive being read as floating point.
LARGEST_NUMBER = 10**15


def fits_fact(fact: Fact, value: Json) -> str:
    """Why `value` does not fit the fact, or nothing."""
    match fact.type:
        case "text":
            fits = isinstance(value, str) and not is_blank(value) and len(value) <= LONGEST_ANSWER
            return "" if fits else f"write text of at most {LONGEST_ANSWER:,} characters"
        case "yes-no":
            return "" if isinstance(value, bool) else "yes or no"
        case "number":
            number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER
            return "" if number and not out_of_bounds(fact, value) else number_allowed(fact)
        case "time":
            return "" if is_moment(value) else "a moment with its time zone, such as 2026-03-07T02:36:00+01:00"
        case "choice":
            return "" if is_one_of(value, fact.options) else f"one of {', '.join(fact.options)}"
        case "choice-many":
            listed = isinstance(value, list) and all(is_one_of(one, fact.options) for one in value)
            fits = listed and len(set(value)) == len(value)
            return "" if fits else f"some of {', '.join(fact.options)}"


def tells_countries(fact: Fact, countries: Collection[str]) -> bool:
    """Whether its value says which of the countries are concerned: a choice that is no secret, with one of them."""
    return fact.type in ("choice", "choice-many") and not fact.sensitive and not set(countries).isdisjoint(fact.options)


def out_of_bounds(fact: Fact, number: float) -> str:
    """Why the fact cannot be as small or as large as `number`, or nothing."""
    most = LARGEST_NUMBER if fact.maximum is None else fact.maximum
    least = -LARGEST_NUMBER if fact.minimum is None else fact.minimum
    if number > most:
        return f"{number:.15g} is too large a number: it is at most {most}"
    return f"{number:.15g} is too small a number: it is at least {least}" if number < least else ""


def number_allowed(fact: Fact) -> str:
    """Which numbers the fact may be, in words."""
    bounds = (("at least", fact.minimum), ("at most", fact.maximum))
    said = " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    return f"a number of {said}" if said else "a number such as 1200"


def is_one_of(value: Json, options: Mapping[str, str]) -> bool:
    """Whether it is one of the options."""
    return isinstance(value, str) and value in options


def is_reason(value: Json) -> bool:
    """Whether it says something, and not too much."""
    return isinstance(value, str) and not is_blank(value) and len(value) <= LONGEST_ANSWER


def is_day(value: str) -> bool:
    """Whether it is a date such as 2026-03-07."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
