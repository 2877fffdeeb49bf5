"""A rehearsal: the same walk on a virtual clock, with scripted people and what the world throws at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from msgspec import Struct, field

from crisis.engine import commands, shapes
from crisis.engine.approvals import roles_asked, speaks_for
from crisis.engine.events import Decided, Json, Member, Reading, Recorded
from crisis.engine.look import OpenAsk
from crisis.engine.memory import Memory
from crisis.kernel.durations import parse_duration
from crisis.kernel.errors import CrisisError, Exit
from crisis.playbook.documents import Inject, Scenario, ScriptedPerson
from crisis.runtime.desk import Case, Desk
from crisis.runtime.ports import News, Watch
from crisis.runtime.scene import LookAgain, Meanwhile, Prefer, Question, Reply, Say

#: How long each answer of the operator takes, where the scenario does not say.
PACE = timedelta(seconds=20)
#: More answers than any playbook needs: a drill that gets here goes in circles.
MOST_ANSWERS = 2_000


class DrillFailed(CrisisError):
    """The script and the playbook do not fit together, at this step."""

    exit = Exit.FINDINGS

    def __init__(self, message: str, *, step: str = "", hint: str = "", asked: OpenAsk | None = None) -> None:
        super().__init__(message, hint=hint)
        self.step = step
        self.asked = asked  # the question that has no answer, if that is why


class Unscripted(Exception):
    """The script has no answer to a question."""


class TimeIsUp(Exception):
    """The exercise has lasted as long as it was to last."""


class VirtualClock:
    """Time that passes only when the drill says so."""

    def __init__(self, begins: datetime) -> None:
        self._now = begins

    def now(self) -> datetime:
        """The moment in the drill."""
        return self._now

    def pass_to(self, moment: datetime) -> None:
        """Let time pass until then; never backwards."""
        self._now = max(self._now, moment)


class _Happening(NamedTuple):
    """Something that comes from outside at its time."""

    at: datetime
    name: str
    do: Callable[[], None]


#: From a question and the moment to the scripted answer; raises Unscripted.
Answers = Callable[[Question, datetime], Json]
#: From an inject's facts to commands.
FactCommands = Callable[[Inject], Sequence[commands.SetFact]]


class DrillOperator(Struct, kw_only=True):
    """Answers from the script, each after its time; people act by themselves, injects come when they are due.

    Asking or waiting raises TimeIsUp once the exercise has lasted as long as it was to last.
    """

    desk: Desk
    clock: VirtualClock
    scenario: Scenario
    incident: str
    answers: Answers
    fact_commands: FactCommands
    present: bool = True
    via: str = "drill"
    said: int = 0
    answers_before_approval: int = 0
    refused_once: set[tuple[str, str]] = field(default_factory=set)
    injected: set[str] = field(default_factory=set)
    taken_up: set[tuple[str, int, str]] = field(default_factory=set)
    memory: Memory = field(default_factory=Memory)

    def ask(self, question: Question, watch: Watch) -> Reply:
        """The scripted answer, one pace later, unless something happens before that."""
        due = self.clock.now() + (self.scenario.pace or PACE)
        happening = self._next_happening()
        if happening is not None and happening.at <= due:
            self._happen(happening)
            return LookAgain()
        self._stop_before(due)
        self.said += 1
        if self.said > MOST_ANSWERS:
            raise DrillFailed(f"{MOST_ANSWERS:,} answers and no end", step=question.step)
        if not self._somebody_was_asked():
            self.answers_before_approval += 1
        value = self._value(question)
        self.clock.pass_to(due)
        return Say(value)

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        """Take up what the script says of optional questions; else let time pass to the next thing that happens."""
        for choice in meanwhile.choices:
            one = choice.open_ask
            if one.key in self.taken_up or isinstance(one.ask.wants, shapes.SignOff):
                continue
            try:
                self.answers(choice, self.clock.now())
            except Unscripted:
                continue
            self.taken_up.add(one.key)
            return Prefer(*one.key)
        happening, until = self._next_happening(), meanwhile.until
        if happening is not None and (until is None or happening.at <= until):
            self._happen(happening)
            return LookAgain()
        if until is None:
            self._stop_before(datetime.max.replace(tzinfo=UTC))
            waiting = "; ".join(meanwhile.around.scene.waiting) or "nothing"
            raise DrillFailed(f"the drill stands still, waiting for {waiting}", hint="script the people, or the step")
        self._stop_before(until)
        self.clock.pass_to(until)
        return LookAgain()

    def tell(self, news: Iterable[News]) -> None:
        """Nobody is listening; the journal has it."""

    def refuse(self, why: CrisisError) -> None:
        """A scripted answer that is refused is a fault of the script."""
        raise DrillFailed(f"refused: {why.message}", hint=why.hint)

    def _value(self, question: Question) -> Json:
        wants = question.open_ask.ask.wants
        if isinstance(wants, shapes.Reach):
            script = self._script_of_person(wants.person)
            return "no-answer" if script is not None and script.unreachable else "acknowledged"
        try:
            return self.answers(question, self.clock.now())
        except Unscripted:
            prompt = question.open_ask.ask.prompt
            message = f"no scripted answer to {prompt!r} (step {question.step}, {question.open_ask.ask.key})"
            raise DrillFailed(message, step=question.step, asked=question.open_ask) from None

    def _somebody_was_asked(self) -> bool:
        """Whether a sheet is out and there is somebody on the roster who may decide it."""
        case = self.desk.case(self.incident)
        people = self.desk.people(case)
        for name, message in case.incident.messages.items():
            if message.sheet is None:
                continue
            _, chain = case.plan.chain_for(name, case.incident.severity)
            drafters = set(message.drafted_by.values())
            if any(member.id not in drafters for role in chain.of for member in people.primaries(role)):
                return True
        return False

    def _script_of(self, member: Member) -> ScriptedPerson | None:
        """How a person behaves: by their id, else by a role they hold."""
        people = self.scenario.people
        return next((people[name] for name in (member.id, *member.roles) if name in people), None)

    def _script_of_person(self, person: str) -> ScriptedPerson | None:
        member = self.desk.case(self.incident).incident.roster.get(person)
        return self.scenario.people.get(person) if member is None else self._script_of(member)

    def _next_happening(self) -> _Happening | None:
        happenings = [*self._due_injects(), *self._due_decisions()]
        return min(happenings, key=lambda one: (one.at, one.name), default=None)

    def _stop_before(self, moment: datetime) -> None:
        """Raise TimeIsUp where the exercise is over by then, with all that time alone has brought about recorded."""
        if self.scenario.lasts is None or moment <= self.scenario.begins + self.scenario.lasts:
            return
        self.clock.pass_to(self.scenario.begins + self.scenario.lasts)
        self.desk.tick(self.incident)
        raise TimeIsUp

    def _happen(self, happening: _Happening) -> None:
        self._stop_before(happening.at)
        self.clock.pass_to(happening.at)
        self.desk.tick(self.incident)
        happening.do()

    def _due_injects(self) -> list[_Happening]:
        return [
            _Happening(self.scenario.begins + inject.at, inject.id, lambda inject=inject: self._inject(inject))  # type: ignore[misc]
            for inject in self.scenario.injects
            if inject.id not in self.injected
        ]

    def _inject(self, inject: Inject) -> None:
        self.injected.add(inject.id)
        who = self.desk.case(self.incident).incident.lead
        todo: list[commands.Command] = [commands.Inject(inject=inject.id, source=inject.from_, text=inject.text)]
        todo += self.fact_commands(inject)
        if inject.signals:
            todo.append(commands.ReadSignals(readings={name: reading(value) for name, value in inject.signals.items()}))
        if inject.severity is not None:
            todo.append(commands.SetSeverity(severity=inject.severity, reason=inject.text or "the lead decided so"))
        for command in todo:
            self.desk.execute(self.incident, command, who=who, via=self.via)

    def _due_decisions(self) -> list[_Happening]:
        """When each scripted person will have decided each sheet that waits for them."""
        case = self.desk.case(self.incident)
        waiting = dict.fromkeys(
            step.message
            for step in case.plan.approvals_asked
            if (state := case.incident.steps.get(step.id)) is not None
            and state.status == "started"
            and case.incident.message(step.message).sheet is not None
        )
        grounds = (tuple(waiting), case.incident.messages, case.incident.severity, self.desk.people(case))
        return self.memory.read(
            "decisions", grounds, lambda: [one for name in waiting for one in self._due_decisions_of(name, case)]
        )

    def _due_decisions_of(self, name: str, case: Case) -> Iterator[_Happening]:
        people, message, planned = self.desk.people(case), case.incident.message(name), case.plan.messages[name]
        sheet = message.sheet
        assert sheet is not None  # noqa: S101  # only messages with a sheet wait
        _, chain = case.plan.chain_for(name, case.incident.severity)
        decided = {one.person for one in message.decisions if one.sheet == sheet.id}
        for member in people.members.values():
            script = self._script_of(member)
            if script is None or script.unreachable or script.answers_after is None or member.id in decided:
                continue
            others = [line for line in message.to_decide() if message.drafted_by.get(line.sha256) != member.id]
            if not others:
                continue
            roles, moments = roles_asked(chain, others, planned.source_language), (sheet.issued_at, sheet.due)
            asked = next((at for at in moments if speaks_for(member.id, roles, message, people, at)), None)
            if asked is not None:
                decide = partial(self._decide, member.id, name)
                yield _Happening(asked + script.answers_after, member.id, decide)

    def _decide(self, person: str, message: str) -> None:
        script = self._script_of_person(person)
        refuses = script is not None and message in script.rejects and (person, message) not in self.refused_once
        if refuses:
            self.refused_once.add((person, message))
        sheet = self.desk.case(self.incident).incident.message(message).sheet
        command = commands.Decide(
            message=message,
            sheet=sheet.id if sheet else "",
            verdict="no" if refuses else "yes",
            person=person,
            proof="present",
            reason=(script.because if script else "") or ("it must change" if refuses else ""),
        )
        self.desk.execute(self.incident, command, who=person, via=self.via)


def reading(value: Json) -> Reading:
    """`14x`, `0.4`, or a map with `is`, `for` and `count`: what an inject says of a signal."""
    written = value if isinstance(value, dict) else {"is": value}
    amount = str(written.get("is", "")).strip()
    lasting = parse_duration(str(written["for"])).total_seconds() if "for" in written else 0.0
    count = int(str(written.get("count", 0)))
    if amount.endswith("x"):
        return Reading(ratio=float(amount[:-1]), lasting=lasting, count=count)
    return Reading(value=float(amount), lasting=lasting, count=count)


def approvals_of(events: Sequence[Recorded], message: str) -> list[Decided]:
    """Every yes and no to that message, in order."""
    return [one.event for one in events if isinstance(one.event, Decided) and one.event.message == message]
