"""Answers from a file, for `crisis start --answers` and drills. What binds the company is never taken from a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from crisis.adapters.operator.written import allowed, coerce, fact_value
from crisis.engine import shapes
from crisis.engine.events import Json
from crisis.engine.look import OpenAsk
from crisis.engine.plan import PlannedStep
from crisis.engine.steps import Ask
from crisis.kernel.diagnostics import Path
from crisis.kernel.errors import CrisisError, NeedsOperator, Usage
from crisis.kernel.text import one_line
from crisis.runtime.ports import News, Operator, Watch
from crisis.runtime.scene import Meanwhile, Question, Reply, Say, Scene

#: The most answers that one step takes from a file, over all its rounds: more is a circle.
MOST_ANSWERS = 100


class Unanswered(Exception):
    """The script has no answer to this question."""


class Found(NamedTuple):
    """What is written for a question, and where: the path from the top of the map of answers."""

    value: Json
    path: Path


class Script:
    """A map from step to answer, each used once a round; says what was never asked for."""

    def __init__(self, answers: Mapping[str, Json], facts: Mapping[str, Json] | None = None) -> None:
        self.answers = answers
        self.facts = facts or {}
        self.used: set[Path] = set()
        self.last: Path = ()
        self.used_facts: set[str] = set()

    def unused(self) -> tuple[str, ...]:
        """The scripted answers that no step has asked for."""
        facts = [f"facts.{name}" for name in self.facts if name not in self.used_facts]
        steps = {path[0] for path in self.used}
        return (*(name for name in self.answers if name not in steps), *facts)

    def left(self) -> tuple[str, ...]:
        """All that no question has taken: steps, and of a step that was asked the parts that were not."""
        found = []
        for name, written in self.answers.items():
            parts = {path[1:2] for path in self.used if path[0] == name}
            if not parts:
                found.append(name)
            elif isinstance(written, dict) and () not in parts and not in_rounds(written):
                found += [f"{name}.{key}" for key in written if (key,) not in parts]
        return tuple(found)

    def value(self, question: Question, now: datetime) -> Json:
        """The answer to `question` as its shape wants it. Raises Unanswered, or Usage where it does not fit."""
        wants = question.open_ask.ask.wants
        if isinstance(wants, shapes.FactValue) and wants.name in self.facts:
            self.used_facts.add(wants.name)
            return fact_value(wants.fact, self.facts[wants.name], now)
        value, path = self.find(question.open_ask)
        self.used.add(path)
        self.last = path
        return coerce(question.open_ask.ask, value, question.proposed, now)

    def find(self, one: OpenAsk) -> Found:
        """What is written for that question. Raises Unanswered."""
        for name in names_of(one.step):
            if name in self.answers:
                return _find(*_of_round(Found(self.answers[name], (name,)), one.round), one.ask)
        raise Unanswered


def names_of(step: PlannedStep) -> tuple[str, ...]:
    """The names under which the answers to a step may stand, the nearest first."""
    return tuple(name for name in (step.id, step.group, step.id.partition(".")[0]) if name)


def in_rounds(written: Json) -> bool:
    """Whether the answers to a step are written round by round."""
    return isinstance(written, dict) and set(written) == {"rounds"} and isinstance(written["rounds"], list)


def _of_round(found: Found, number: int) -> Found:
    """`rounds:` gives each round its own answer; the last one serves all that follow."""
    if not in_rounds(found.value):
        return found
    rounds = found.value["rounds"]
    if not rounds:
        raise Unanswered
    at = min(max(number, 1), len(rounds)) - 1
    return Found(rounds[at], (*found.path, "rounds", at))


def _find(written: Json, path: Path, ask: Ask) -> Found:
    """The answer to this question among those written for its step."""
    family, _, rest = ask.key.partition(":")
    if isinstance(written, dict) and not is_whole_answer(ask.wants, written):
        if ask.key in written:
            return Found(written[ask.key], (*path, ask.key))
        if family in written:
            return _of_family(Found(written[family], (*path, family)), rest, ask)
        raise Unanswered
    if isinstance(written, dict) or ask.key in PLAIN or family in PLAIN:
        return Found(written, path)
    raise Unanswered


def _of_family(found: Found, rest: str, ask: Ask) -> Found:
    """The answer to one of several questions of a kind: the third of a list, what stands by its name, one for all."""
    value, path = found
    if isinstance(value, list) and rest.isdigit():
        return Found(value[int(rest)], (*path, int(rest))) if int(rest) < len(value) else Found(None, path)
    if isinstance(value, dict):
        for name in (rest, rest.partition(":")[0]):
            if name in value:
                return Found(value[name], (*path, name))
        raise Unanswered
    # A name is one person: whoever else is asked for is nobody, or the same one would be named for ever.
    more = isinstance(ask.wants, shapes.NamePerson) and rest.isdigit() and rest != "0"
    return Found(None if more else value, path)


#: The first question of a step, which a plain value answers.
PLAIN = frozenset({"items", "choice", "severity", "texts", "done", "until", "accounts", "release", "export"})


def is_whole_answer(wants: shapes.Shape, written: Mapping[str, Json]) -> bool:
    """Whether a map is the answer itself, and not the answers to several questions of its step."""
    match wants:
        case shapes.SeverityChoice():
            return "severity" in written and not isinstance(written["severity"], dict)
        case shapes.Accounts(accounts=accounts):
            return bool(written) and set(written) <= set(accounts)
        case shapes.Draft():
            return any("/" in place for place in written)
        case shapes.Export():
            return set(written) in ({"files"}, {"files", "old"}, {"not_now"})
        case _:
            return False


class AnswersFile:
    """The operator when nobody is there: a file of answers, and a clear word where it ends."""

    present = False
    via = "answers file"

    def __init__(self, script: Script, now: Callable[[], datetime], place: Callable[[Path], str]) -> None:
        self.script = script
        self._now = now
        self._place = place
        self._given: Counter[str] = Counter()
        self._asked: Question | None = None

    def ask(self, question: Question, watch: Watch) -> Reply:
        """The scripted answer; raises NeedsOperator where a person must act."""
        one, self._asked = question.open_ask, question
        self._given[question.step] += 1
        # A file that says `not yet` says it for ever: somebody has to look whether that is still so.
        if shapes.is_by_hand(one.ask.wants) or self._given[question.step] > MOST_ANSWERS:
            raise needs_person(question)
        try:
            return Say(self.script.value(question, self._now()))
        except Unanswered:
            raise needs_person(question) from None
        except Usage as why:
            raise self.placed(why) from None

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        """Nobody is there to wait."""
        scene = meanwhile.around.scene
        raise _goes_on(scene, "; ".join(scene.waiting) or "time to pass")

    def tell(self, news: Iterable[News]) -> None:
        """Nobody is listening; the journal has it."""

    def refuse(self, why: CrisisError) -> None:
        """A file cannot think again."""
        raise self.placed(why)

    def placed(self, why: CrisisError) -> CrisisError:
        """What is wrong with the last answer: where it stands, for which step, and what could stand there."""
        if self._asked is None:
            return why
        may = f"it may be: {allowed(self._asked.open_ask.ask.wants)}"
        hint = f"{why.hint}; {may}" if why.hint else may
        return type(why)(f"{self._place(self.script.last)}: step {self._asked.step}: {why.message}", hint=hint)


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

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        """Only a person can wait."""
        self._says(self.person)
        return self.person.wait(meanwhile, watch)

    def _says(self, operator: Operator) -> None:
        self.present, self.via = operator.present, operator.via

    def tell(self, news: Iterable[News]) -> None:
        """Show what has happened."""
        self.person.tell(news)

    def refuse(self, why: CrisisError) -> None:
        """Say that it was refused, and where it stands if the file said it; the person is asked next."""
        self.person.refuse(self.file.placed(why) if self.via == self.file.via else why)
