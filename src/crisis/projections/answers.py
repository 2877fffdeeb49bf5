"""An answer in words: what was ticked, chosen or written, as the kind of its step means it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from crisis.engine.conditions import say_value
from crisis.engine.events import Answered, Json
from crisis.engine.plan import PlannedStep
from crisis.kinds import checklist, debrief, freeze, measure, stand_down
from crisis.kinds.action import OPTIONS as ACTION
from crisis.projections.names import Names
from crisis.projections.times import said_at_of

#: What a person gave as a reason or a word of explanation.
_PLAIN = {"why": "reason", "reason": "reason", "waiver": "why it goes out without a full approval"}
_PLAIN["last-resort"] = "why it cannot wait"
#: What stands for an answer that was optional, and left empty.
_NOTHING = "nothing said"


def answer_in_words(event: Answered, names: Names, zone: tzinfo | None) -> str:
    """What was answered, without the step's title."""
    step = names.plan.by_id.get(event.step)
    if step is None:
        return f"{event.ask}: {_raw(event.value)}"
    key, _, rest = event.ask.partition(":")
    said = _of_kind(step, key, rest, event.value, names, zone)
    if said:
        return said
    return f"{_PLAIN.get(key, event.ask.replace('_', ' '))}: {_raw(event.value) or _NOTHING}"


def ticked_items(step: PlannedStep, ticked: object) -> tuple[str, ...]:
    """The texts of the ticked lines of a checklist."""
    items = getattr(step.spec, "items", ())
    numbers = ticked if isinstance(ticked, list) else []
    return tuple(items[n].text for n in numbers if isinstance(n, int) and n < len(items))


def _of_kind(step: PlannedStep, key: str, rest: str, value: Json, names: Names, zone: tzinfo | None) -> str:
    match step.kind_name, key:
        case "checklist", "items":
            done = ticked_items(step, value)
            return f"ticked {len(done)} of {len(step.spec.items)}{': ' if done else ''}{'; '.join(done)}"
        case "checklist", "evidence":
            return f"{_item(step, rest)}: {_raw(value) or _NOTHING}"
        case "checklist", "rest":
            return checklist.REST.get(str(value), str(value)).partition(" (")[0].lower()
        case "decision", "choice":
            return f"chose “{step.spec.options.get(value, value)}”"
        case "action", "done":
            return "done" if value == "done" else ACTION.get(str(value), str(value)).partition(" (")[0].lower()
        case "assess", "severity":
            return f"answered {names.severity(value.get('severity', ''))}" if isinstance(value, dict) else ""
        case "stand-down", "criteria":
            criteria = names.plan.criteria
            seen = [criteria[n] for n in value if n < len(criteria)] if isinstance(value, list) else []
            return f"sees {len(seen)} of {len(criteria)} criteria{': ' if seen else ''}{'; '.join(seen)}"
        case "stand-down", "choice":
            return f"chose “{stand_down.OPTIONS.get(str(value), value)}”"
        case "stand-down", "again":
            return f"looks again at {said_at_of(value, zone)}"
        case "freeze" | "resume-posting", "accounts":
            accounts = ", ".join(names.account(one) for one in value) if isinstance(value, dict) else ""
            return f"ticked {accounts or 'nothing'}"
        case "freeze", "rest":
            return freeze.REST.get(str(value), str(value)).partition(" (")[0].lower()
        case "freeze", "evidence":
            return f"{names.account(rest)}: {_raw(value) or _NOTHING}"
        case "draft", "texts":
            return "gave the texts"
        case "approve", "languages":
            kept = "keep" in value
            return (
                "keeps every language"
                if kept
                else f"leaves out what nobody has vouched for: {_raw(value['leave_out'])}"
            )
        case "publish", "release":
            return "began to post" if value == "post" else "took the texts back to edit them"
        case "measure", "export":
            return f"read {_raw(value.get('files', []))}" if "files" in value else _because("not now", value)
        case "measure", "choice":
            return f"it was said: {measure.OPTIONS.get(str(value), value)}"
        case "pause", "until":
            return f"until {said_at_of(value, zone)}"
        case "pause" | "stand-down", "end" | "now":
            return "does not wait any longer"
        case "debrief", _:
            return "; ".join(_debrief(key, rest, value, names))
        case _, "name":
            return _named(value, names)
    return ""


def _item(step: PlannedStep, number: str) -> str:
    return step.spec.items[int(number)].text if number.isdecimal() and int(number) < len(step.spec.items) else number


def _because(what: str, value: Json) -> str:
    return f"{what}: {value['not_now']}" if value.get("not_now") else what


def _named(value: Json, names: Names) -> str:
    said = value if isinstance(value, dict) else {}
    if named := said.get("named"):
        return f"named {names.person(named)}"
    return f"there is nobody as {names.role(said['nobody'])}" if "nobody" in said else "there is nobody to name"


def _debrief(key: str, rest: str, value: Json, names: Names) -> Iterator[str]:
    questions = names.plan.questions
    if key == "question" and rest.isdecimal() and int(rest) < len(questions):
        yield f"{questions[int(rest)]} {_raw(value) or '(no answer)'}"
    elif key in debrief.USUAL:
        yield f"{debrief.USUAL[key]} {_raw(value) or '(no answer)'}"
    elif key in debrief.ACTION_COLUMNS and not isinstance(value, list):
        yield f"{debrief.ACTION_COLUMNS[key].lower()}: {_raw(value) or 'open'}"
    elif isinstance(value, list):
        for row in value:
            spare = {"owner": "nobody yet", "due": "no date"}
            parts = [row[column] or spare[column] for column in spare if column in row]
            yield row.get("action", "") + (f" ({', '.join(parts)})" if parts else "")
        if not value:
            yield "no more actions"


def _raw(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_raw(one)}" for key, one in value.items())
    return say_value(value)
