"""The small values inside a playbook: durations, dates, edges, checklist items, update cadences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import isfinite, nan
from typing import Annotated, Any, Literal

from msgspec import Struct

from crisis.kernel.durations import parse_duration
from crisis.kernel.ids import KEBAB, SNAKE
from crisis.kernel.moments import is_within_years
from crisis.kernel.names import as_kept, unseen_in
from crisis.kernel.text import quoted
from crisis.playbook.authored import Parsed

Severity = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
SEVERITIES: tuple[Severity, ...] = ("SEV1", "SEV2", "SEV3", "SEV4")
SEVERITY_WORDS: Mapping[str, str] = {"SEV1": "critical", "SEV2": "serious", "SEV3": "moderate", "SEV4": "low"}

Phase = Literal["preparation", "detection", "response", "monitoring", "recovery"]
PHASES: tuple[Phase, ...] = ("preparation", "detection", "response", "monitoring", "recovery")

#: What starts every clock that is not told otherwise: the first credible report to anyone of ours.
AWARE_AT = "aware_at"


def shown(value: Any) -> str:
    """A value as a message names it: a short text in quotes, and nothing long or many-lined."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    return quoted(str(value), 60)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is written as text")
    return value


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    return parse_duration(_text(value, "a duration"))


def _date(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(_text(value, "a date"))
    except ValueError:
        raise ValueError(f"{shown(value)} is not a date: write it as 2026-03-07") from None


def _moment(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value, "a moment"))
    except ValueError:
        raise ValueError(f"{shown(value)} is not a moment: write it as 2026-03-07T02:50:00+01:00") from None
    if moment.tzinfo is None:
        raise ValueError(f"{shown(value)} has no time zone: write it as 2026-03-07T02:50:00+01:00")
    if not is_within_years(moment):
        raise ValueError(f"{shown(value)} is not within the years 1900 to 2200")
    return moment


def _number(value: Any) -> int | float:
    try:
        number = float(value) if not isinstance(value, bool | list | Mapping) else nan
    except (ValueError, TypeError, OverflowError):
        number = nan
    if not isfinite(number):
        raise ValueError(f"{shown(value)} is not a number: write digits, such as 1200 or 3.5")
    return int(number) if number.is_integer() else number


def _kebab(value: Any) -> str:
    if not isinstance(value, str) or not KEBAB.fullmatch(value):
        text = f"{shown(value)} is not an id"
        raise ValueError(f"{text}: use small letters, digits and single hyphens, such as call-team")
    return value


def _snake(value: Any) -> str:
    if not isinstance(value, str) or not SNAKE.fullmatch(value):
        raise ValueError(f"{shown(value)} is not a name: use small letters, digits and underscores, such as stop_use")
    return value


def _person_name(value: Any) -> str:
    name = _text(value, "a name")
    if why := unseen_in(name):
        raise ValueError(f"{why}: type it by hand")
    return as_kept(name)


DURATION_SCHEMA = {"type": "string", "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$", "examples": ["15m", "1h30m", "2d"]}
Duration = Annotated[timedelta, Parsed(_duration, DURATION_SCHEMA)]
Date = Annotated[date, Parsed(_date, {"type": "string", "format": "date"})]
Moment = Annotated[datetime, Parsed(_moment, {"type": "string", "format": "date-time"})]
Number = Annotated[int | float, Parsed(_number, {"type": "number"})]
Id = Annotated[str, Parsed(_kebab, {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})]
PersonName = Annotated[str, Parsed(_person_name, {"type": "string"})]
FactName = Annotated[str, Parsed(_snake, {"type": "string", "pattern": "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"})]


class Edge(Struct, frozen=True):
    """`after:` names a step, and the outcomes that lead on (none: every passing one)."""

    step: str
    outcomes: tuple[str, ...] = ()


def _edge(value: Any) -> Edge:
    if isinstance(value, Edge):
        return value
    if isinstance(value, str):
        return Edge(value)
    if isinstance(value, Mapping) and len(value) == 1:
        ((step, outcomes),) = value.items()
        if isinstance(outcomes, str):
            return Edge(step, (outcomes,))
        if isinstance(outcomes, list) and outcomes and all(isinstance(one, str) for one in outcomes):
            return Edge(step, tuple(outcomes))
    raise ValueError("write a step's id, or one step with its outcome, such as {triage: open}")


class Item(Struct, frozen=True):
    """One line to tick off; `evidence` asks for a link, a file or a few words that show it."""

    text: str
    evidence: bool = False


def _item(value: Any) -> Item:
    if isinstance(value, Item):
        return value
    if isinstance(value, str) and value.strip():
        return Item(value)
    if isinstance(value, Mapping) and set(value) <= {"text", "evidence"} and isinstance(value.get("text"), str):
        if value.get("evidence", "false") in ("true", "false", True, False):
            return Item(value["text"], str(value.get("evidence", "false")).lower() == "true")
        raise ValueError("evidence is true or false")
    raise ValueError("write a line of text, or {text: …, evidence: true}")


class Criterion(Struct, frozen=True):
    """By what one sees that it is over; `for_`: how long it must have been so, where its words say that."""

    text: str
    for_: timedelta | None = None


def _criterion(value: Any) -> Criterion:
    if isinstance(value, Criterion):
        return value
    if isinstance(value, str) and value.strip():
        return Criterion(value)
    if isinstance(value, Mapping) and set(value) <= {"text", "for"} and isinstance(value.get("text"), str):
        return Criterion(value["text"], _duration(value["for"]) if "for" in value else None)
    raise ValueError("write a line of text, or {text: …, for: 24h}")


class Cadence(Struct, frozen=True):
    """Until so long after the first report, promise an update every so often; no `until`: from then on."""

    every: timedelta
    until: timedelta | None = None


def _cadences(value: Any) -> tuple[Cadence, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, str):
        return (Cadence(_duration(value)),)
    if not isinstance(value, list) or not value:
        raise ValueError("write a duration, or a list such as [{until: 4h, every: 60m}, {every: 4h}]")
    cadences = []
    for one in value:
        if not isinstance(one, Mapping) or not {"every"} <= set(one) <= {"every", "until"}:
            raise ValueError("each cadence is {until: 4h, every: 60m}; the last may leave `until` out")
        until = _duration(one["until"]) if "until" in one else None
        cadences.append(Cadence(_duration(one["every"]), until))
    limits = [cadence.until for cadence in cadences[:-1]]
    if any(limit is None for limit in limits) or any(a >= b for a, b in pairwise(limits)):  # type: ignore[operator]
        raise ValueError("each cadence but the last needs an `until`, and they grow")
    return tuple(cadences)


def _repeat_every(value: Any) -> timedelta | Literal["update_every"]:
    if value == "update_every":
        return "update_every"
    return _duration(value)


_ITEM_OBJECT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "evidence": {"type": "boolean"}},
    "required": ["text"],
    "additionalProperties": False,
}
_CRITERION_OBJECT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "for": DURATION_SCHEMA},
    "required": ["text"],
    "additionalProperties": False,
}
_CADENCE_OBJECT = {
    "type": "object",
    "properties": {"every": DURATION_SCHEMA, "until": DURATION_SCHEMA},
    "required": ["every"],
    "additionalProperties": False,
}
_EDGE_OBJECT = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
}
After = Annotated[Edge, Parsed(_edge, {"anyOf": [{"type": "string"}, _EDGE_OBJECT]})]
ChecklistItem = Annotated[Item, Parsed(_item, {"anyOf": [{"type": "string"}, _ITEM_OBJECT]})]
StandDownCriterion = Annotated[Criterion, Parsed(_criterion, {"anyOf": [{"type": "string"}, _CRITERION_OBJECT]})]
Cadences = Annotated[
    tuple[Cadence, ...],
    Parsed(_cadences, {"anyOf": [DURATION_SCHEMA, {"type": "array", "items": _CADENCE_OBJECT, "minItems": 1}]}),
]
RepeatEvery = Annotated[
    timedelta | Literal["update_every"], Parsed(_repeat_every, {"anyOf": [{"const": "update_every"}, DURATION_SCHEMA]})
]
