"""What a script says to the questions of a step, as far as it can be told before they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from crisis.adapters.operator.scripted import Script, Unanswered
from crisis.adapters.operator.written import allowed, coerce, fact_value
from crisis.engine.events import Json
from crisis.engine.look import OpenAsk
from crisis.engine.outlook import Outlook
from crisis.engine.plan import PlannedStep
from crisis.engine.shapes import Accounts, Choice, Draft, FactValue, SeverityChoice, is_by_hand
from crisis.engine.steps import Ask
from crisis.kernel.diagnostics import Path
from crisis.kernel.errors import Usage
from crisis.playbook.values import SEVERITIES, shown
from crisis.projections.foreseen import foreseen
from crisis.runtime.compose import sized
from crisis.runtime.scene import ProposedText


class Fault(Struct, frozen=True):
    """Why something that is written is no answer, what may stand there, and where it is, below the answer."""

    why: str
    may_be: str
    path: Path = ()


class Said(Struct, frozen=True, kw_only=True):
    """A question, and what is written for it: `path` leads there from the top of the answers; None for nothing."""

    ask: Ask
    path: Path | None = None
    faults: tuple[Fault, ...] = ()


def said_to(step: PlannedStep, outlook: Outlook, script: Script) -> list[Said]:
    """The questions of `step` one after the other, as they follow if each is answered with what is written for it."""
    found: list[Said] = []

    def answer(ask: Ask) -> Json:
        if isinstance(ask.wants, FactValue) and ask.wants.name in script.facts:
            found.append(Said(ask=ask, path=("facts", ask.wants.name)))
            return fact_or_none(ask.wants, script.facts[ask.wants.name], outlook.now)
        try:
            written, path = script.find(OpenAsk(step, 1, ask))
        except Unanswered:
            found.append(Said(ask=ask))
            return None
        value, faults = fitted(ask, written, outlook.now, outlook.plan.channel_limits)
        # What only a person may answer is not taken from a file, whatever it says; a drill takes it.
        found.append(Said(ask=ask, path=path, faults=() if is_by_hand(ask.wants) else faults))
        return value

    for _ in foreseen(step, outlook, answer):
        pass
    return found


def fact_or_none(wants: FactValue, written: Json, now: datetime) -> Json:
    """The value of a fact; None where what is written is none."""
    try:
        return fact_value(wants.fact, written, now)
    except Usage:
        return None


def fitted(ask: Ask, written: Json, now: datetime, limits: Mapping[str, int]) -> tuple[Json, tuple[Fault, ...]]:
    """What is written, as its question wants it; else None, and everything that is wrong with it.

    `limits` are the lengths that an organisation has set for its channels.
    """
    wants = ask.wants
    proposed = (
        tuple(ProposedText(channel=channel, language=language, text="") for channel, language in wants.places)
        if isinstance(wants, Draft)
        else ()
    )
    try:
        value = coerce(ask, written, proposed, now)
    except Usage as error:
        may = f"it may be: {allowed(wants)}"
        near = error.hint.partition("?")[0] + "? " if error.hint.startswith("did you mean") else ""
        return None, (Fault(error.message, f"{near}{may}"),)
    if isinstance(wants, Draft):
        # Of what is proposed nobody can say yet what it will be.
        texts = value["texts"] if isinstance(written, dict) else ()
        faults = tuple(fault for one in texts for fault in _of_text(one, limits))
        return (None, faults) if faults else (value, ())
    why = wants.illegal(value)
    if not why:
        return value, ()
    may = f"it may be: {allowed(wants)}"
    if isinstance(wants, SeverityChoice) and isinstance(written, dict) and value.get("severity") not in SEVERITIES:
        return None, (Fault(f"{shown(written.get('severity'))} is no severity", may, ("severity",)),)
    is_told_by_hint = isinstance(wants, Choice | SeverityChoice | Accounts)
    return None, (Fault(f"{shown(written)} is no answer{'' if is_told_by_hint else f': {why}'}", may),)


def _of_text(text: Mapping[str, str], limits: Mapping[str, int]) -> tuple[Fault, ...]:
    given = ProposedText(channel=text["channel"], language=text["language"], text=text["text"])
    problem = sized(given, limits).problem
    if not problem:
        problem = Draft(message="", places=((given.channel, given.language),)).illegal({"texts": [text]})
    may = f"write another text for {given.place}, or send to take what is proposed"
    return (Fault(f"the text for {given.place}: {problem}", may, (given.place,)),) if problem else ()
