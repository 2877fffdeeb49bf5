"""A file of answers: read with the place of every value, and looked through before anything is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field

from crisis.adapters.operator.scripted import PLAIN, Script, in_rounds, names_of
from crisis.adapters.render.findings import as_text
from crisis.adapters.shelf import read_file
from crisis.engine.events import Json, Member
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.shapes import FactValue
from crisis.engine.steps import Ask
from crisis.kernel.diagnostics import Diagnostic, Finding, nearest
from crisis.kernel.diagnostics import Path as Place
from crisis.kernel.errors import NotFound, Unreadable, Usage
from crisis.kernel.text import one_line, quoted, sentence
from crisis.plan.load import locate
from crisis.playbook.reader import Document, read
from crisis.playbook.values import shown as value_shown
from crisis.projections.foreseen import before_it_begins
from crisis.wiring.foreseeing import fitted, said_to

_HINT = "--answers takes a YAML file: a map from step to answer"


class Answers(Struct, frozen=True):
    """A map from step to answer, and the file that it stands in, if any."""

    by_step: Mapping[str, Json] = field(default_factory=dict)
    document: Document | None = None

    def place(self, path: Place) -> str:
        """`answers.yaml:3:9`: where the value at `path` stands."""
        if self.document is None:
            return "answers"
        at = self.document.locate(path)
        return f"{one_line(at.file)}:{at.line}:{at.column}"

    def left_over(self, script: Script, plan: Plan) -> str:
        """What no question has taken this time, in words; empty where all was taken."""
        left = script.left()
        if not left:
            return ""
        file, names = self.place(()).partition(":")[0], one_line(", ".join(left), 2_000)
        said = sentence(f"Of the answers in {file}, not asked for this time: {names}")
        steps = {one if one in self.by_step else one.rpartition(".")[0] for one in left}
        kinds = {step.kind_name for step in plan.steps if steps.intersection(names_of(step))}
        by_hand = "What approves, posts or lets posting go again is never taken from a file."
        return f"{said} {by_hand}" if kinds & _BY_HAND else said


#: The kinds of step that ask for what only a person at a terminal may answer.
_BY_HAND = {"approve", "publish", "resume-posting"}


def read_answers(path: Path) -> Answers:
    """The file of answers. Raises NotFound, or Usage with every finding."""
    if not path.exists():
        raise NotFound(f"there is no answers file {one_line(str(path))}", hint=_HINT)
    try:
        file = read_file(path)
    except Unreadable as error:
        is_pipe = not path.is_dir() and not path.is_file()
        hint = "write the answers into a file first: a pipe, as of <(…), is not read" if is_pipe else _HINT
        raise Usage(f"--answers: {error.message}", hint=hint) from error
    if file.data.strip() in (b"", b"{}"):
        return Answers()
    document, findings = read(file.name, file.data)
    errors = tuple(one for one in findings if one.is_error)
    if errors or document is None:
        raise _faulty(errors)
    if not isinstance(document.data, dict):
        raise Usage(f"{file.name} is not a map from step to answer", hint="write `{}` for no answers")
    return Answers(document.data, document)


def refuse_what_does_not_fit(answers: Answers, plan: Plan, people: Sequence[Member], now: datetime) -> None:
    """Raise Usage with everything in the file that this playbook cannot take, as far as it can be told beforehand."""
    if answers.document is None:
        return
    found = locate(answers.document, problems(answers.by_step, before_it_begins(plan, people, now)))
    if found:
        raise _faulty(sorted(found, key=lambda one: one.position))


def _faulty(findings: Sequence[Finding]) -> Usage:
    return Usage(f"the answers file cannot be used:\n{as_text(findings)}".rstrip(), hint="mend these, then try again")


def problems(answers: Mapping[str, Json], outlook: Outlook) -> Iterator[Diagnostic]:
    """What is wrong with a map from step to answer, under this plan."""
    steps: dict[str, list[PlannedStep]] = {}
    for step in outlook.plan.steps:
        for name in names_of(step):
            steps.setdefault(name, []).append(step)
    for name, written in answers.items():
        if name in steps:
            rounds = _rounds(name, written)
            if not rounds:
                hint = "write the answers of the first round in it; the last one serves all that follow"
                yield Diagnostic("answer", f"{name}: there is no round in it", (name, "rounds"), hint)
            for path, value in rounds:
                yield from _of_steps(value, path, steps[name], outlook)
        else:
            text = f"no step is called {quoted(name, 60)}"
            yield Diagnostic("unknown-step", text, (name,), nearest(name[:100], steps), at_key=True)


def wrong_facts(facts: Mapping[str, Json], plan: Plan, now: datetime, path: Place = ()) -> Iterator[Diagnostic]:
    """What is wrong with values that are given for facts; names that the playbook does not know are passed over."""
    for name, value in facts.items():
        if name in plan.facts:
            ask = Ask(key=name, role="", prompt="", wants=FactValue(name=name, fact=plan.facts[name]))
            _, faults = fitted(ask, value, now, plan.channel_limits)
            for fault in faults:
                yield Diagnostic("answer", f"{name}: {fault.why}", (*path, name, *fault.path), fault.may_be)


def _rounds(name: str, written: Json) -> list[tuple[Place, Json]]:
    if in_rounds(written):
        return [((name, "rounds", n), value) for n, value in enumerate(written["rounds"])]
    return [((name,), written)]


def _of_steps(written: Json, path: Place, steps: Sequence[PlannedStep], outlook: Outlook) -> Iterator[Diagnostic]:
    """What is wrong with what is written for these steps, in one round."""
    known = {key for step in steps for key in step.kind.asks(step.spec)}
    # That an answer is not taken which a person must give is said when its step comes.
    by_hand = any(step.kind_name in _BY_HAND for step in steps)
    if not isinstance(written, dict) and known.isdisjoint(PLAIN) and not by_hand:
        what = "nothing is written" if written is None else f"{value_shown(written)} answers none of its questions"
        hint = f"write a map from question to answer; it asks for {', '.join(sorted(known))}"
        yield Diagnostic("answer", f"{steps[0].id}: {what}", path, hint)
        return
    found: dict[Place, Diagnostic] = {}
    is_whole = False
    for step in steps:
        top = names_of(step)[0]
        for said in said_to(step, outlook, Script({top: written})):
            if said.path is None:
                continue
            below = said.path[1:]
            is_whole = is_whole or not below
            for fault in said.faults:
                at = (*path, *below, *fault.path)
                found.setdefault(at, Diagnostic("answer", f"{step.id}: {fault.why}", at, fault.may_be))
    yield from found.values()
    if isinstance(written, dict) and not is_whole:
        for key in written:
            if key.partition(":")[0] not in known:
                text = f"{steps[0].id} asks for nothing called {quoted(key, 60)}"
                yield Diagnostic("unknown-answer", text, (*path, key), nearest(key[:100], known), at_key=True)
