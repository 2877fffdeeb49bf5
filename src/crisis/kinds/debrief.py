"""`kind: debrief`: causes, what worked, what did not, and who does what by when. Blameless."""

from __future__ import annotations

from crisis.engine.events import Json
from crisis.engine.shapes import Day, Rows, Text
from crisis.engine.steps import Ask, Done, Next, Open, Seen, StepKind
from crisis.playbook.authored import authored

ACTION_COLUMNS = {"action": "What will be done", "owner": "Who does it", "due": "By when"}
USUAL = {
    "cause": "What was the root cause, as far as you know it?",
    "impact": "Whom did it hurt, and how much? (people, customers, brand, cost)",
    "worked": "What worked?",
    "failed": "What did not work?",
}


@authored
class DebriefSpec:
    """Nothing to say: the questions stand under `postmortem`."""


def advance(spec: DebriefSpec, seen: Seen) -> Next:
    """The usual questions, the playbook's own, then the action items."""
    questions = {**USUAL, **{f"question:{n}": text for n, text in enumerate(seen.questions)}}
    for key, prompt in questions.items():
        if key not in seen.answers:
            ask = Ask(
                key=key, role=seen.role, prompt=prompt, wants=Text(optional=True), suggested=seen.previous.get(key, "")
            )
            return Open(asks=(ask,))
    rows = [value for key, value in seen.answers.items() if key.startswith("action:")]
    if rows and (rest := _rest_of(len(rows) - 1, rows[-1], seen)):
        return Open(asks=(rest,))
    if not rows or rows[-1]:
        prompt = "What changes now? (what; who; by when, or one after the other. Empty: no more)"
        wants = Rows(columns=ACTION_COLUMNS, dates=("due",))
        return Open(asks=(Ask(key=f"action:{len(rows)}", role=seen.role, prompt=prompt, wants=wants, suggested=[]),))
    return Done("done")


def _rest_of(number: int, rows: Json, seen: Seen) -> Ask | None:
    """What was not said of the one action that somebody has just written, each as a question of its own."""
    if len(rows) != 1:
        return None
    for column, wants, such_as in (
        ("owner", Text(optional=True), ""),
        ("due", Day(), "friday, in two weeks, a date; "),
    ):
        key = f"{column}:{number}"
        if column not in rows[0] and key not in seen.answers:
            prompt = f"{ACTION_COLUMNS[column]}? ({such_as}empty: open)"
            return Ask(key=key, role=seen.role, prompt=prompt, wants=wants, suggested="")
    return None


KIND = StepKind(
    DebriefSpec,
    advance,
    outcomes=lambda spec: ("done",),
    skippable=False,
    summary="causes, lessons, action items",
    asks=lambda spec: (*USUAL, "question", "action", "owner", "due"),
)
