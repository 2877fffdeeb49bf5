"""A drill: virtual clock, journal in memory, scripted people. The same engine and the same walk as a live incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from crisis.adapters import templates as engine
from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.operator.scripted import Script, Unanswered, names_of
from crisis.adapters.operator.written import coerce, fact_value
from crisis.adapters.shelf import read_file, shelves_of
from crisis.checks import rules, rules_of_organisation
from crisis.engine import commands, shapes
from crisis.engine.events import Finished, Json, Recorded
from crisis.engine.plan import Plan
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import CrisisError, NotFound, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.ids import incident_id
from crisis.kernel.text import quoted
from crisis.plan.codec import encode_plan
from crisis.plan.compile import compile_plan
from crisis.plan.load import Gathered, check, gather, load_clocks, load_document
from crisis.playbook.documents import Clocks, Inject, Organisation, Scenario
from crisis.runtime.desk import Desk
from crisis.runtime.drill import DrillFailed, DrillOperator, TimeIsUp, Unscripted, VirtualClock
from crisis.runtime.expectations import Failure, failures
from crisis.runtime.monitoring import InjectedSignals
from crisis.runtime.ports import Blob
from crisis.runtime.roster import members_of, person_from
from crisis.runtime.scene import Question
from crisis.runtime.walk import Walk
from crisis.wiring.preparing import Faulty

if TYPE_CHECKING:
    from crisis.wiring.unscripted import Missing


class Drilled(Struct, frozen=True, kw_only=True):
    """What a drill came to."""

    scenario: Scenario
    failures: tuple[Failure, ...]
    events: tuple[Recorded, ...]
    plan: Plan
    ends: datetime
    closed: bool
    time_was_up: bool
    missing: tuple[Missing, ...]
    answers: int
    answers_before_approval: int

    @property
    def passed(self) -> bool:
        """Whether everything that was expected happened."""
        return not self.failures

    def document(self) -> dict[str, Any]:
        """The drill as JSON values: its steps with outcomes and virtual times."""
        begins = self.scenario.begins
        steps = [
            {
                "step": event.step,
                "title": self.plan.by_id[event.step].title,
                "round": event.round,
                "outcome": event.outcome,
                "at": recorded.at.isoformat(),
                "after": int((recorded.at - begins).total_seconds()),
            }
            for recorded in self.events
            if isinstance(event := recorded.event, Finished)
        ]
        return {
            "scenario": self.scenario.id,
            "title": self.scenario.title,
            "playbook": self.scenario.playbook,
            "drill": True,
            "passed": self.passed,
            "failures": [{"expectation": one.expectation, "step": one.step, "why": one.why} for one in self.failures],
            "missing": [{"key": one.key, "may_be": one.may_be, "for_sure": one.for_sure} for one in self.missing],
            "begins": begins.isoformat(),
            "lasted": int((self.ends - begins).total_seconds()),
            "closed": self.closed,
            "time_was_up": self.time_was_up,
            "answers": self.answers,
            "answers_before_approval": self.answers_before_approval,
            "objectives": dict(self.scenario.objectives),
            "steps": steps,
        }


class Broken(Struct, frozen=True, kw_only=True):
    """A drill that could not begin: there are faults in it, or in its playbook."""

    name: str
    why: CrisisError

    @property
    def passed(self) -> bool:
        """What cannot be rehearsed proves nothing."""
        return False

    def document(self) -> dict[str, Any]:
        """As of a drill that was walked, with nothing in it but why it was not."""
        findings = self.why.findings if isinstance(self.why, Faulty) else ()
        why = [f"{':'.join(map(str, one.position))}: {one.diagnostic.message}" for one in findings]
        return {
            "scenario": self.name,
            "title": "",
            "playbook": "",
            "drill": True,
            "passed": False,
            "failures": [
                {"expectation": "it can be rehearsed", "step": "", "why": one} for one in why or [self.why.message]
            ],
            "missing": [],
            "begins": None,
            "lasted": 0,
            "closed": False,
            "time_was_up": False,
            "answers": 0,
            "answers_before_approval": 0,
            "objectives": {},
            "steps": [],
        }


class CountedIds:
    """Ids and salts that are the same in every run of a drill."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """The next id."""
        self._count += 1
        return f"drill-{self._count:06}"

    def salt(self) -> bytes:
        """Sixteen bytes; nothing secret is in a drill."""
        return fingerprint(self.new()).encode()[:16]


def rehearse_all(names: Sequence[str], project: Path) -> tuple[Drilled | Broken, ...]:
    """Run the drills of those names or paths; all that there are without. What is broken keeps no other from running.

    Raises NotFound where there is none of a name.
    """
    playbooks, results = Playbooks(project), list[Drilled | Broken]()
    for name in _called(names, project):
        try:
            results.append(rehearse(_scenario(name, project), playbooks))
        except CrisisError as why:
            results.append(Broken(name=name, why=why))
    return tuple(results)


def scenarios(names: Sequence[str], project: Path) -> tuple[Scenario, ...]:
    """The scenarios of those names or paths; all that there are without. Raises NotFound, or Faulty with findings."""
    return tuple(_scenario(name, project) for name in _called(names, project))


def _called(names: Sequence[str], project: Path) -> Sequence[str]:
    known = shelves_of(project).drills()
    for name in names:
        if not _is_path(name) and name not in known:
            raise NotFound(f"no drill is called {quoted(name, 60)}", hint=nearest(name[:100], known))
    return names or known


def _is_path(name: str) -> bool:
    return Path(name).suffix in (".yaml", ".yml")


def _scenario(name: str, project: Path) -> Scenario:
    shelf = shelves_of(project)
    file = read_file(Path(name)) if _is_path(name) else shelf.drill(name)
    if file is None:
        raise NotFound(f"no drill is called {quoted(name, 60)}", hint=nearest(name[:100], shelf.drills()))
    scenario, findings = load_document(file, Scenario)
    errors = tuple(one for one in findings if one.is_error)
    if errors or scenario is None:
        raise Faulty(f"{file.name} cannot be rehearsed", errors)
    return scenario


class Playbooks:
    """The playbooks that a run of drills needs, each read and checked once however many drills walk it."""

    def __init__(self, project: Path) -> None:
        self._shelf = shelves_of(project)
        self._gathered: dict[str, Gathered] = {}
        self._sound: set[str] = set()
        self._clocks: Clocks | None = None

    def plan(self, name: str, organisation: Organisation | None) -> Plan:
        """The plan of that playbook for that organisation. Raises NotFound, or Faulty with what is wrong in it."""
        if name not in self._gathered:
            self._gathered[name] = self._gather(name)
        asked = rules_of_organisation if name in self._sound else rules
        loaded = check(self._gathered[name], asked, organisation=organisation, clocks=self._clocks)
        if loaded.errors or loaded.book is None:
            raise Faulty(f"{name} cannot be rehearsed", loaded.errors, hint="mend these first")
        self._sound.add(name)
        return compile_plan(loaded.book)

    def _gather(self, name: str) -> Gathered:
        file = self._shelf.playbook(name)
        if file is None:
            known = self._shelf.playbooks()
            raise NotFound(f"no playbook is called {quoted(name, 60)}", hint=nearest(name[:100], known))
        if self._clocks is None:
            self._clocks, _ = load_clocks(self._shelf)
        return gather(file, self._shelf, None)


def rehearse(scenario: Scenario, playbooks: Playbooks) -> Drilled:
    """Run one drill to its end. Raises Faulty where its playbook has errors; a failed drill is a result."""
    plan = playbooks.plan(scenario.playbook, scenario.organisation)
    clock, ids = VirtualClock(scenario.begins), CountedIds()
    desk = Desk(MemoryJournal(), clock, ids, brief=_no_brief)
    incident, lead = _open(scenario, plan, desk)
    script = Script(scenario.answers, scenario.facts)
    operator = DrillOperator(
        desk=desk,
        clock=clock,
        scenario=scenario,
        incident=incident,
        answers=lambda question, now: _answer(script, question, now, plan),
        fact_commands=lambda inject: _facts(inject, plan, clock.now()),
    )
    zone = scenario.begins.tzinfo
    assert zone is not None  # noqa: S101  # a Moment has its zone
    broken: list[Failure] = []
    lacks: tuple[Missing, ...] = ()
    time_was_up = stopped = False
    try:
        Walk(desk, operator, lead, engine, zone, InjectedSignals(clock)).run(incident)
    except TimeIsUp:
        time_was_up = True  # an exercise of the first hour is over, and the incident open
    except DrillFailed as failed:
        stopped = True  # what would have been asked for later is no fault
        why = failed.message
        if (asked := failed.asked) is not None:
            from crisis.wiring.unscripted import missing, missing_for

            first = missing_for(asked.step, asked.ask, plan)
            why = f"{why}: add {first.key}: {first.may_be}"
            lacks = tuple(one for one in missing(desk.case(incident), script, clock.now()) if one.key != first.key)
        broken.append(Failure(expectation="the script fits the playbook", step=failed.step, why=why))
    except CrisisError as error:
        stopped = True
        broken.append(Failure(expectation="the walk goes on", step="", why=error.message))
    case = desk.case(incident)
    broken += failures(scenario.expect, case.plan, case.incident, case.events, scenario.begins)
    broken += [
        Failure(expectation="every scripted answer is asked for", step=name, why="no step asked for it")
        for name in script.unused()
        if not stopped or not _is_known(name, case.plan)
    ]
    return Drilled(
        scenario=scenario,
        failures=tuple(broken),
        events=case.events,
        plan=case.plan,
        ends=clock.now(),
        closed=case.incident.closed_at is not None,
        time_was_up=time_was_up,
        missing=lacks,
        answers=operator.said,
        answers_before_approval=operator.answers_before_approval + 1,  # choosing the playbook is an answer, too
    )


def _is_known(name: str, plan: Plan) -> bool:
    """Whether there is a step, or a fact, that such an answer is for."""
    fact = name.removeprefix("facts.")
    return fact in plan.facts if fact != name else any(name in names_of(step) for step in plan.steps)


def _no_brief(*_: object) -> Mapping[str, Any]:
    """Nobody looks at a drill from another terminal."""
    return {}


def _open(scenario: Scenario, plan: Plan, desk: Desk) -> tuple[str, str]:
    roster, blobs = members_of(scenario.organisation, desk.ids) if scenario.organisation else ((), [])
    if all(member.id != scenario.operator for member in roster):
        known = {member.id: member for member in roster}
        leads = any("crisis-lead" in member.roles for member in roster)
        operator, more = person_from(scenario.operator, "", () if leads else ("crisis-lead",), known, desk.ids)
        roster, blobs = (*roster, operator), [*blobs, *more]
    encoded = encode_plan(plan)
    kept = Blob(key=fingerprint(encoded), data=encoded)
    year = scenario.begins.year
    name = incident_id(year, desk.journal.next_number(year, drill=True), drill=True)
    command = commands.Open(
        incident=name,
        uid=desk.ids.new(),
        playbook=plan.playbook,
        title=plan.title,
        plan=kept.key,
        sources={},
        roster=roster,
        lead=scenario.operator,
        drill=True,
    )
    incident = desk.open(plan, command, [*blobs, kept], via="drill", present=True)
    return incident.id, scenario.operator


def _answer(script: Script, question: Question, now: datetime, plan: Plan) -> Json:
    """What the script says; posting needs no script, since in a drill nothing is posted anywhere."""
    try:
        return script.value(question, now)
    except Unanswered:
        ask = question.open_ask.ask
        match ask.wants:
            case shapes.Draft():
                return coerce(ask, "send", question.proposed, now)
            case shapes.Release():
                return "post"
            case shapes.Link(line=line):
                return {"link": f"https://drill.invalid/{line.place}"}  # a name that nobody can own
        raise Unscripted from None
    except Usage as wrong:
        from crisis.wiring.unscripted import missing_for

        where = missing_for(question.open_ask.step, question.open_ask.ask, plan)
        why = f"{where.key}: {wrong.message}; it may be: {where.may_be}"
        raise DrillFailed(why, step=question.step) from None


def _facts(inject: Inject, plan: Plan, now: datetime) -> list[commands.SetFact]:
    made = []
    for name, value in inject.facts.items():
        spec = plan.facts.get(name)
        if spec is None:
            raise DrillFailed(f"inject {inject.id} sets {name!r}, which the playbook does not know")
        typed = fact_value(spec, value, now)
        again: Mapping[str, str] = typed
        if "again" in again:
            made.append(commands.SetFact(fact=name, known=False, ask_again_at=datetime.fromisoformat(again["again"])))
        else:
            made.append(commands.SetFact(fact=name, value=typed["value"]))
    return made
