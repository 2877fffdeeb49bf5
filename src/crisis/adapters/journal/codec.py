"""Events to and from the text of a journal row: canonical JSON, and exactly what was written comes back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from crisis.engine.events import EVENT_TYPES, Event, Json
from crisis.kernel.errors import Refused, Tampered, Unreadable
from crisis.kernel.text import one_line

#: The newest form of an event that this version writes and reads.
NEWEST = 1

_BITS = 63  # the whole numbers that every later reader, in whatever language, can hold
_UPGRADE = "a newer version of crisis wrote it: upgrade this one; nothing is lost"


class _NotFinite(Exception):
    """A float that JSON has no word for; it would silently come back as null."""


_UNWRITABLE = (_NotFinite, UnicodeEncodeError, OverflowError, RecursionError)


class Unwritable(Refused):
    """A value that no journal can hold and give back as it was: not a number, half a character, without end."""


def encode(event: Event) -> str:
    """The event as canonical JSON: keys sorted, no spaces, every moment in UTC.

    Raises Unwritable for a value that would not come back the same, ValueError for a moment without a zone.
    """
    try:
        return _text(_plain(msgspec.to_builtins(event, builtin_types=(datetime,), str_keys=True)))
    except _UNWRITABLE as error:
        raise _refused(type(event).__name__, error) from None


def encode_brief(brief: Mapping[str, Any]) -> str:
    """A brief as canonical JSON: it holds text, numbers, yes and no, and nothing else."""
    try:
        return _text(brief)
    except _UNWRITABLE as error:
        raise _refused("the brief", error) from None


def _text(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _refused(what: str, error: Exception) -> Unwritable:
    match error:
        case _NotFinite():
            return Unwritable(f"{what} holds {error}, not a number", hint="give a number, or say it is not known")
        case UnicodeEncodeError():
            return Unwritable(f"{what} holds half a character", hint="type the text again; it must be UTF-8")
        case OverflowError():
            return Unwritable(f"{what} holds a number or a date that is too large", hint="correct the value")
        case _:
            return Unwritable(f"{what} is nested too deeply", hint="give a flatter value")


def decode(name: str, v: int, text: str) -> Event:
    """The event of that type and form.

    Raises Unreadable where type or form are newer than we are, Tampered where the text makes no sense.
    """
    if v != NEWEST or name not in EVENT_TYPES:
        raise Unreadable(f"a {one_line(str(name), 60)} event of form {one_line(str(v), 20)} is unknown", hint=_UPGRADE)
    try:
        return _decoder(name).decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError) as error:
        raise Tampered(f"its text cannot be read as {name}: {one_line(str(error))}") from None


def moment_text(moment: datetime) -> str:
    """A moment as a row holds it: UTC, always to the microsecond, so that it sorts. It must have a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be recorded")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(value: Json) -> Json:
    kind = type(value)  # what `to_builtins` returns is of these types themselves
    if kind is dict:
        # Most of what is written is text, and a call for each of it is a quarter of the time.
        return {key: one if type(one) is str else _plain(one) for key, one in value.items()}
    if kind is list or kind is tuple:
        return [one if type(one) is str else _plain(one) for one in value]
    if kind is datetime:
        return moment_text(value)
    if kind is float and not math.isfinite(value):
        raise _NotFinite(str(value))
    if kind is int and value.bit_length() > _BITS:
        raise OverflowError
    return value


@cache
def _decoder(name: str) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(EVENT_TYPES[name])
