"""What a file says, as the shape of its question wants it; and in words what it may say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from crisis.adapters.operator.moments import coming_day, coming_moment, past_moment
from crisis.adapters.operator.numbers import number_from
from crisis.adapters.operator.typed import name_and_number
from crisis.engine import shapes
from crisis.engine.allowed import LONGEST_ANSWER, fits_fact, number_allowed, out_of_bounds
from crisis.engine.events import Json
from crisis.engine.steps import Ask
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import Usage
from crisis.kernel.names import is_nobody
from crisis.kernel.text import quoted
from crisis.playbook.model import Fact
from crisis.playbook.values import SEVERITIES, Severity, shown
from crisis.runtime.scene import ProposedText

#: What a file may say instead of a fact's value.
NOT_KNOWN_YET = ("not known yet", "unknown")


def coerce(ask: Ask, value: Json, proposed: Sequence[ProposedText], now: datetime) -> Json:
    """What a file says, as the shape wants it. What does not fit is left for the loop to refuse."""
    match ask.wants:
        case shapes.FactValue(fact=fact):
            return fact_value(fact, value, now)
        case shapes.SeverityChoice():
            given = value if isinstance(value, dict) else {"severity": value, "reason": ""}
            level = given.get("severity")
            return {**given, "severity": level.upper()} if isinstance(level, str) else given
        case shapes.Ticks(items=items, left=left):
            # What speaks against a line stands behind its words, and is no part of them.
            words = [one.text.partition(" (!! ")[0] for one in items]
            return list(left) if value == "all" else _numbers(value, items=words)
        case shapes.Accounts(accounts=accounts):
            return dict.fromkeys(accounts, "ticked by script") if value == "all" else value
        case shapes.Draft(places=places):
            return {"texts": _texts(value, [f"{channel}/{language}" for channel, language in places], proposed)}
        case shapes.When():
            return _when(value, now)
        case shapes.Rows(columns=columns, dates=dates):
            rows = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
            # What a file leaves out stays open: nobody is there to be asked for it.
            left_open = dict.fromkeys(columns, "")
            return [_row(left_open | row, dates, now) if isinstance(row, dict) else row for row in rows]
        case shapes.NamePerson():
            return _person(value)
        case shapes.Export():
            return _export(value)
        case shapes.OnlyIn():
            return value if isinstance(value, dict) else {"keep": True} if value == "keep" else {"leave_out": value}
        case shapes.Text() if not isinstance(value, dict | list):
            return "" if value is None else str(value)
        case _:
            return value


def _numbers(value: Json, items: Sequence[str]) -> Json:
    """Numbers count from 1 in files; a line's text names it as well."""
    if value in (None, "none"):
        return []
    listed = value if isinstance(value, list) else [value]
    found = []
    for one in listed:
        if isinstance(one, str) and one in items:
            found.append(items.index(one))
        elif len(str(one)) < 6 and str(one).isascii() and str(one).isdigit() and 0 < int(str(one)) <= len(items):
            found.append(int(str(one)) - 1)
        else:
            raise Usage(f"{shown(one)} is no line of this checklist")
    if len(set(found)) != len(found):
        raise Usage("a line stands there twice")
    return found


def _texts(value: Json, places: Sequence[str], proposed: Sequence[ProposedText]) -> Json:
    """`send` takes what is proposed and fits; a map from place (`x/en`) replaces those texts."""
    if not isinstance(value, dict) and value != "send":
        raise Usage(f"{shown(value)} is neither send nor a map of texts")
    edits = value if isinstance(value, dict) else {}
    for place, text in edits.items():
        if place not in places:
            raise Usage(f"{shown(place)} is no channel and language of this message", hint=nearest(place[:100], places))
        if not isinstance(text, str) or not text.strip():
            raise Usage(f"the text for {place} is empty")
    texts = []
    for one in proposed:
        text = edits.get(one.place, one.text)
        if text and (one.place in edits or not one.problem):
            texts.append({"channel": one.channel, "language": one.language, "text": text})
    return texts


def _when(value: Json, now: datetime) -> str:
    try:
        return coming_moment(str(value), now).isoformat(timespec="seconds")
    except ValueError as error:
        raise Usage(str(error)) from error


def _row(row: Mapping[str, Json], dates: Collection[str], now: datetime) -> Json:
    try:
        return {
            key: coming_day(cell, now.date()).isoformat() if key in dates and isinstance(cell, str) and cell else cell
            for key, cell in row.items()
        }
    except ValueError as error:
        raise Usage(str(error)) from error


def _person(value: Json) -> Json:
    if not value or (isinstance(value, str) and is_nobody(value)):
        return {}
    if isinstance(value, str):
        name, contact = name_and_number(value)
        return {"name": name, "contact": contact}
    return value


def _export(value: Json) -> Json:
    """A path, or a list of them; `not now`, or nothing, is no file."""
    if value in (None, "", "not now", "not-now"):
        return {"not_now": ""}
    return value if isinstance(value, dict) else {"files": value if isinstance(value, list) else [str(value)]}


def severity_named(level: str) -> Severity:
    """A severity as it is kept, of one that somebody typed. Raises Usage for what is none."""
    for one in SEVERITIES:
        if level.strip().upper() == one:
            return one
    raise Usage(f"{quoted(level, 40)} is not a severity", hint=f"one of {', '.join(SEVERITIES)}")


def fact_value(fact: Fact, value: Json, now: datetime) -> dict[str, Json]:
    """What a person wrote for a fact (`yes`, `Kettle 3`, `dk, de`, `25m ago`, `not known yet`), typed.

    Raises Usage for what the fact cannot be.
    """
    typed = _typed(fact, value, now)
    if "value" in typed and fits_fact(fact, typed["value"]):
        raise _misfit(fact, value, typed["value"])
    return typed


def _misfit(fact: Fact, value: Json, typed: Json) -> Usage:
    """Why a value that was understood is none of this fact, and what may be one."""
    near = ""
    match fact.type:
        case "text" if typed:
            why = f"text has at most {LONGEST_ANSWER:,} characters; this has {len(typed):,}"
        case "choice" | "choice-many":
            listed = typed if isinstance(typed, list) else [typed]
            strange = next((one for one in listed if one not in fact.options), None)
            why = "a choice stands there twice" if strange is None else f"{shown(strange)} is no choice"
            near = nearest((strange or "")[:100], fact.options)
        case "number":
            why = out_of_bounds(fact, typed)
        case _:
            why = f"{shown(value)} does not fit"
    said = f"{near} " if near.startswith("did you mean") else ""
    return Usage(why, hint=f"{said}it may be: {_allowed_fact(fact)}, or: not known yet")


def _typed(fact: Fact, value: Json, now: datetime) -> dict[str, Json]:
    if isinstance(value, dict) or (isinstance(value, list) and fact.type != "choice-many"):
        raise Usage(f"{shown(value)} is no value of this fact")
    text = str(value).strip() if not isinstance(value, list) else ""
    if text.lower() in NOT_KNOWN_YET:
        after = fact.ask_again or timedelta(minutes=15)
        return {"again": (now + after).isoformat(timespec="seconds")}
    if not text and not value:
        raise Usage("nothing is given", hint=f"it may be: {_allowed_fact(fact)}, or: not known yet")
    match fact.type:
        case "yes-no":
            truth = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
            if truth is None:
                raise Usage(f"{quoted(text, 60)} is neither yes nor no", hint="write yes, no, or not known yet")
            return {"value": truth}
        case "number":
            try:
                return {"value": number_from(text)}
            except ValueError as error:
                raise Usage(str(error)) from None
        case "time":
            try:
                return {"value": past_moment(text, now).isoformat(timespec="seconds")}
            except ValueError as error:
                raise Usage(str(error)) from error
        case "choice-many":
            listed = value if isinstance(value, list) else [part.strip() for part in text.split(",") if part.strip()]
            return {"value": [str(one) for one in listed]}
        case _:
            return {"value": text}


def allowed(wants: shapes.Shape) -> str:
    """What a file may say to such a question; empty for what only a person may answer."""
    match wants:
        case shapes.FactValue(fact=fact):
            return f"{_allowed_fact(fact)}, or: not known yet"
        case shapes.SeverityChoice():
            return f"one of {', '.join(SEVERITIES)}, or a map with severity and reason"
        case shapes.Choice(options=options):
            return f"one of {', '.join(options)}"
        case shapes.Ticks(items=items):
            return f"all, none, or numbers from 1 to {len(items)} in a list" if len(items) > 1 else "all or none"
        case shapes.Accounts(accounts=accounts):
            return f"all, or a map from each to who did it: {', '.join(accounts)}"
        case shapes.Draft(places=places):
            return f"send, or a map from place to text: {', '.join('/'.join(place) for place in places)}"
        case shapes.When():
            return "a time, such as 4h or 09:00"
        case shapes.Day():
            return "a day, such as friday or in two weeks; it may be empty"
        case shapes.Rows(columns=columns):
            return f"a list of maps with {', '.join(columns)}"
        case shapes.NamePerson():
            return "a name and a number, or: nobody"
        case shapes.Export():
            return "a file, a list of files, or: not now"
        case shapes.Reach():
            return "acknowledged, no-answer or nobody"
        case shapes.Text(optional=optional):
            return "text; it may be empty" if optional else "text"
        case shapes.OnlyIn():
            return "keep, or the reason for leaving it out"
        case shapes.Waiver() | shapes.LastResortCall() | shapes.Override():
            return "the reason"
        case shapes.Release():
            return "post or edit"
        case shapes.Link():
            return "a map with link, or with left_out and why"
        case shapes.SignOff():
            return "a map with person, verdict (yes or no) and proof"


def _allowed_fact(fact: Fact) -> str:
    match fact.type:
        case "yes-no":
            return "yes, no"
        case "number":
            return number_allowed(fact)
        case "time":
            return "a time such as 25m ago or 02:36"
        case "choice":
            return f"one of {', '.join(fact.options)}"
        case "choice-many":
            return f"some of {', '.join(fact.options)} in a list"
        case _:
            return "text"
