"""What may be put into a message, and how it is written there: the filters of a template, without its engine."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.kernel.errors import CrisisError
from crisis.kernel.text import hostile_characters, safe
from crisis.messages import localised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

MAX_TEXT = 64 * 1024
"""Bytes (UTF-8) in a text, and in a fact put into it."""
MAX_LIST = 1_000


class TemplateError(CrisisError):
    """A body cannot be turned into a text; `line` counts from 1, `fact` names the fact that is missing or unfit.

    `said` is the message without its place.
    """

    def __init__(self, said: str, *, hint: str = "", line: int | None = None, fact: str = "") -> None:
        super().__init__(f"{said} (line {line} of the template)" if line is not None else said, hint=hint)
        self.said = said
        self.line = line
        self.fact = fact

    def at(self, line: int | None) -> TemplateError:
        """The same error with its place in the body."""
        if line is None or self.line is not None:
            return self
        return TemplateError(self.said, hint=self.hint, line=line, fact=self.fact)


class Wording(Struct, frozen=True):
    """How facts are written in one text."""

    language: str
    zone: tzinfo
    now: datetime | None


def plain(name: str, value: object) -> object:
    """`value` if it may stand in a text; it is refused rather than repaired, for what is approved is what was said."""
    match value:
        case None | bool():
            return value
        case str():
            return _clean(name, value)
        case list() | tuple():
            if len(value) > MAX_LIST or not all(isinstance(item, str) for item in value):
                raise TemplateError(f"the fact {name!r} is not a list of at most {MAX_LIST:,} texts", fact=name)
            return [_clean(name, item) for item in value]
        case float() | Decimal() if not isfinite(value):
            raise TemplateError(f"the fact {name!r} is not a number", fact=name)
        case datetime() if value.utcoffset() is None:
            raise TemplateError(f"the fact {name!r} is a time without a zone: nobody knows when it is", fact=name)
        case int() | float() | Decimal() | date():
            return value
        case _:
            raise TemplateError(
                f"the fact {name!r} is of a kind that no text can hold: {type(value).__name__}", fact=name
            )


def _clean(name: str, text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise TemplateError(
            f"the fact {name!r} is too long for a message", hint=f"at most {MAX_TEXT:,} bytes", fact=name
        )
    if hostile := hostile_characters(text):
        shown = safe(" ".join(hostile), keep="", limit=80)
        message = f"the fact {name!r} holds invisible or control characters: {shown}"
        raise TemplateError(message, hint="type it again, without pasting", fact=name)
    return str(text)


def _as_date(words: Wording, value: object, style: object = "long") -> str:
    day = value.astimezone(words.zone) if isinstance(value, datetime) else value
    if not isinstance(day, date):
        raise ValueError("`date` takes a date or a time")
    return localised.format_date(day, words.language, str(style))


def _as_time(words: Wording, value: object) -> str:
    if not isinstance(value, datetime):
        raise ValueError("`time` takes a time")
    return localised.format_time(value, words.language, words.zone, words.now)


def _as_datetime(words: Wording, value: object, style: object = "long") -> str:
    if not isinstance(value, datetime):
        raise ValueError("`datetime` takes a time")
    return localised.format_datetime(value, words.language, words.zone, str(style))


def _as_number(words: Wording, value: object, decimals: object = None) -> str:
    if decimals is not None and (isinstance(decimals, bool) or not isinstance(decimals, int)):
        raise ValueError("`number` takes how many decimals to write, 0 to 6")
    return localised.format_number(_number("number", value), words.language, decimals)


def _as_plural(
    words: Wording, value: object, one: object, other: object, few: object = None, many: object = None
) -> str:
    # Every form is looked at, whichever the language takes: one that is no text is a fault in all of them.
    given = (("one", one), ("few", few), ("many", many))
    forms = {name: _text("plural", form) for name, form in given if form is not None}
    return forms.get(localised.plural_form(_number("plural", value), words.language), _text("plural", other))


def _join(words: Wording, value: object, separator: object = ", ") -> str:
    items, between = _list("join", value), _text("join", separator)
    if sum(map(len, items)) + len(between) * len(items) > MAX_TEXT:
        raise ValueError("`join` makes a text that is too long")
    return between.join(items)


def _listed(words: Wording, value: object) -> str:
    return localised.format_list(_list("listed", value), words.language)


def default(words: Wording, value: object, instead: object) -> object:
    """`value` itself: what it gives way to (`instead`) matters only for a fact that is not known."""
    return value


def _changed(name: str, change: Callable[[str], str]) -> Callable[[Wording, object], str]:
    def apply(words: Wording, value: object) -> str:
        return change(_text(name, value))

    return apply


def _capitalised(text: str) -> str:
    # str.capitalize would turn `acme DK` into `Acme dk`.
    return text[:1].upper() + text[1:]


FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "capitalize": _changed("capitalize", _capitalised),
        "date": _as_date,
        "datetime": _as_datetime,
        "default": default,
        "join": _join,
        "listed": _listed,
        "lower": _changed("lower", str.lower),
        "number": _as_number,
        "plural": _as_plural,
        "time": _as_time,
        "trim": _changed("trim", str.strip),
        "upper": _changed("upper", str.upper),
    }
)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"`{name}` takes a text")
    return value


def _list(name: str, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"`{name}` takes a list")
    return [str(item) for item in value]


def _number(name: str, value: object) -> int | float | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"`{name}` takes a number")
    return value


def write(words: Wording, value: object) -> str:
    """How a fact is written when no filter says otherwise."""
    match value:
        case str():
            return value
        case bool():
            raise ValueError("yes or no is not a text: ask for it with {% if … %}")
        case int() | float() | Decimal():
            return localised.format_number(value, words.language)
        case datetime():
            return localised.format_datetime(value, words.language, words.zone)
        case date():
            return localised.format_date(value, words.language)
        case list() | tuple():
            return _listed(words, value)
        case _:
            raise ValueError("nothing to write: this is neither a text, a number, a date nor a list")
