"""Answers from a file, for `crisis start --answers` and drills. What binds the company is never taken from a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from crisis.adapters.operator.moments import coming_day, coming_moment, past_moment
from crisis.adapters.operator.numbers import number_from
from crisis.adapters.operator.typed import name_and_number
from crisis.engine import shapes
from crisis.engine.events import Json
from crisis.engine.look import OpenAsk
from crisis.engine.steps import Ask
from crisis.kernel.errors import CrisisError, NeedsOperator, Usage
from crisis.kernel.text import one_line
from crisis.playbook.model import Fact
from crisis.runtime.ports import News, Operator, Watch
from crisis.runtime.scene import ProposedText, Question, Reply, Say, Scene

#: The most answers that one step takes from a file, over all its rounds: more is a circle.
MOST_ANSWERS = 100

#: What a file may say instead of a fact's value.
NOT_KNOWN_YET = ("not known yet", "unknown")


class Unanswered(Exception):
    """The script has no answer to this question."""


class Script:
    """A map from step to answer, each used once a round; says what was never asked for."""

    def __init__(self, answers: Mapping[str, Json], facts: Mapping[str, Json] | None = None) -> None:
        self.answers = answers
        self.facts = facts or {}
        self.used: set[str] = set()
        self.used_facts: set[str] = set()

    def unused(self) -> tuple[str, ...]:
        """The scripted answers that no step has asked for."""
        facts = [f"facts.{name}" for name in self.facts if name not in self.used_facts]
        return (*(name for name in self.answers if name not in self.used), *facts)

    def value(self, question: Question, now: datetime) -> Json:
        """The answer to `question` as its shape wants it. Raises Unanswered, or Usage where it does not fit."""
        ask, step = question.open_ask.ask, question.open_ask.step
        wants = ask.wants
        if isinstance(wants, shapes.FactValue) and wants.name in self.facts:
            self.used_facts.add(wants.name)
            return fact_value(wants.fact, self.facts[wants.name], now)
        for name in (step.id, step.group, step.id.partition(".")[0]):
            if name and name in self.answers:
                written = self._of_round(self.answers[name], question.open_ask)
                value = _find(written, question.open_ask)
                self.used.add(name)
                return coerce(ask, value, question.proposed, now)
        raise Unanswered

    def _of_round(self, written: Json, one: OpenAsk) -> Json:
        """`rounds:` gives each round its own answer; the last one serves all that follow."""
        if isinstance(written, dict) and set(written) == {"rounds"} and isinstance(written["rounds"], list):
            rounds = written["rounds"]
            return rounds[min(one.round, len(rounds)) - 1]
        return written


def _find(written: Json, one: OpenAsk) -> Json:
    """The answer to this question among those written for its step."""
    ask = one.ask
    if isinstance(written, dict) and not _is_whole_answer(ask.wants, written):
        if ask.key in written:
            return written[ask.key]
        family, _, rest = ask.key.partition(":")
        if family in written:
            found = written[family]
            if isinstance(found, list) and rest.isdigit():
                return found[int(rest)] if int(rest) < len(found) else None
            if isinstance(found, dict):
                for name in (rest, rest.partition(":")[0]):
                    if name in found:
                        return found[name]
                raise Unanswered
            return found
        raise Unanswered
    if isinstance(written, dict) or ask.key in _MAIN or ask.key.partition(":")[0] in _MAIN:
        return written
    raise Unanswered


#: The first question of a step, which a plain value answers.
_MAIN = frozenset({"items", "choice", "severity", "texts", "done", "until", "accounts", "release", "export"})


def _is_whole_answer(wants: shapes.Shape, written: Mapping[str, Json]) -> bool:
    match wants:
        case shapes.SeverityChoice():
            return "severity" in written and not isinstance(written["severity"], dict)
        case shapes.Accounts(accounts=accounts):
            return bool(written) and set(written) <= set(accounts)
        case shapes.Export():
            return set(written) in ({"files"}, {"files", "old"}, {"not_now"})
        case _:
            return False


def coerce(ask: Ask, value: Json, proposed: Sequence[ProposedText], now: datetime) -> Json:
    """What a file says, as the shape wants it. What does not fit is left for the loop to refuse."""
    match ask.wants:
        case shapes.FactValue(fact=fact):
            return fact_value(fact, value, now)
        case shapes.SeverityChoice():
            return value if isinstance(value, dict) else {"severity": value, "reason": ""}
        case shapes.Ticks(items=items):
            return list(range(len(items))) if value == "all" else _numbers(value, items=[one.text for one in items])
        case shapes.Accounts(accounts=accounts):
            return dict.fromkeys(accounts, "ticked by script") if value == "all" else value
        case shapes.Draft():
            return {"texts": _texts(value, proposed)}
        case shapes.When():
            return _when(value, now)
        case shapes.Rows(dates=dates):
            rows = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
            return [_row(row, dates, now) if isinstance(row, dict) else row for row in rows]
        case shapes.NamePerson():
            return _person(value)
        case shapes.Export():
            return _export(value)
        case shapes.OnlyIn():
            return value if isinstance(value, dict) else {"keep": True} if value == "keep" else {"leave_out": value}
        case shapes.Text():
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
        elif str(one).isascii() and str(one).isdigit():
            found.append(int(str(one)) - 1)
        else:
            raise Usage(f"{one_line(str(one), 60)!r} is no line of this checklist: write its number, its text, or all")
    return found


def _texts(value: Json, proposed: Sequence[ProposedText]) -> Json:
    """`send` takes what is proposed and fits; a map from place (`x/en`) replaces those texts."""
    edits = value if isinstance(value, dict) else {}
    texts = []
    for one in proposed:
        text = edits.get(one.place, one.text)
        if text and (one.place in edits or not one.problem):
            texts.append({"channel": one.channel, "language": one.language, "text": str(text)})
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
    if not value or value == "nobody":
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


def fact_value(fact: Fact, value: Json, now: datetime) -> Json:
    """What a person wrote for a fact (`yes`, `Kettle 3`, `dk, de`, `25m ago`, `not known yet`), typed. Raises Usage."""
    text = str(value).strip() if not isinstance(value, list) else ""
    if text.lower() in NOT_KNOWN_YET:
        after = fact.ask_again or timedelta(minutes=15)
        return {"again": (now + after).isoformat(timespec="seconds")}
    match fact.type:
        case "yes-no":
            truth = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
            if truth is None:
                raise Usage(f"{one_line(text, 60)!r} is neither yes nor no", hint="write yes, no, or not known yet")
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


class AnswersFile:
    """The operator when nobody is there: a file of answers, and a clear word where it ends."""

    present = False
    via = "answers file"

    def __init__(self, script: Script, now: Callable[[], datetime]) -> None:
        self.script = script
        self._now = now
        self._given: Counter[str] = Counter()

    def ask(self, question: Question, watch: Watch) -> Reply:
        """The scripted answer; raises NeedsOperator where a person must act."""
        one = question.open_ask
        self._given[question.step] += 1
        # A file that says `not yet` says it for ever: somebody has to look whether that is still so.
        if shapes.is_by_hand(one.ask.wants) or self._given[question.step] > MOST_ANSWERS:
            raise needs_person(question)
        try:
            return Say(self.script.value(question, self._now()))
        except Unanswered:
            raise needs_person(question) from None

    def wait(self, scene: Scene, choices: Sequence[Question], until: datetime | None, watch: Watch) -> Reply:
        """Nobody is there to wait."""
        raise _goes_on(scene, "; ".join(scene.waiting) or "time to pass")

    def tell(self, news: Iterable[News]) -> None:
        """Nobody is listening; the journal has it."""

    def refuse(self, why: CrisisError) -> None:
        """A file cannot think again."""
        raise why


def needs_person(question: Question) -> NeedsOperator:
    """Who must do what, as the last line of a walk without a terminal."""
    scene, ask = question.around.scene, question.open_ask.ask
    who = (
        "; ".join(scene.waiting) if scene.waiting and shapes.is_by_hand(ask.wants) else question.around.who or ask.role
    )
    return _goes_on(scene, f"{who}: {ask.prompt} (step {question.step})")


def _goes_on(scene: Scene, who_and_what: str) -> NeedsOperator:
    """One line and no hint after it: the last line that is printed names who must do what."""
    return NeedsOperator(
        f"`crisis resume {scene.incident}` in a terminal goes on; it waits for {one_line(who_and_what, 400)}"
    )


class FileThenPerson:
    """A file of answers first; whatever it does not say, or says wrongly, a person is asked."""

    def __init__(self, file: AnswersFile, person: Operator) -> None:
        self.file = file
        self.person = person
        self.present = person.present
        self.via = person.via
        self._tried: set[tuple[str, int, str]] = set()

    def ask(self, question: Question, watch: Watch) -> Reply:
        """What the file says, once for each question; else what the person says."""
        one = question.open_ask
        if one.key not in self._tried:
            self._tried.add(one.key)
            try:
                reply = self.file.ask(question, watch)
            except NeedsOperator:
                pass
            except Usage as why:
                self.person.refuse(why)
            else:
                self._says(self.file)
                return reply
        self._says(self.person)
        return self.person.ask(question, watch)

    def wait(self, scene: Scene, choices: Sequence[Question], until: datetime | None, watch: Watch) -> Reply:
        """Only a person can wait."""
        self._says(self.person)
        return self.person.wait(scene, choices, until, watch)

    def _says(self, operator: Operator) -> None:
        self.present, self.via = operator.present, operator.via

    def tell(self, news: Iterable[News]) -> None:
        """Show what has happened."""
        self.person.tell(news)

    def refuse(self, why: CrisisError) -> None:
        """Say that it was refused; the person is asked next."""
        self.person.refuse(why)
