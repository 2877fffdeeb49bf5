"""Every bundled playbook, walked by an operator who always tries what nobody has tried yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

import pytest

from crisis.adapters import templates
from crisis.adapters.journal.memory import MemoryJournal
from crisis.engine import commands, shapes
from crisis.engine import events as ev
from crisis.engine.events import Json
from crisis.engine.monitoring import Figure, Measured
from crisis.engine.plan import Plan, PlannedStep
from crisis.kernel.errors import CrisisError, Refused
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.ids import incident_id
from crisis.plan.codec import encode_plan
from crisis.playbook.documents import Expectation, Never
from crisis.playbook.values import SEVERITIES
from crisis.runtime.desk import Case, Desk
from crisis.runtime.drill import VirtualClock
from crisis.runtime.expectations import failures
from crisis.runtime.ports import Blob, News, Watch
from crisis.runtime.roster import members_of, person_from
from crisis.runtime.scene import LeaveOut, LookAgain, Meanwhile, Prefer, Question, Reply, Say
from crisis.runtime.walk import Walk
from crisis.wiring.drilling import CountedIds
from crisis.wiring.preparing import Prepared, prepare

BEGINS = datetime(2026, 3, 6, 21, 0, tzinfo=UTC)
LEAD = "ana"
#: More answers than a whole walk needs; after half of them all leads forward, so that it ends.
MOST_ANSWERS = 600
#: How often a step is done in one walk for the sake of what is left.
MOST_TURNS = 8
#: Every walk takes something new, or the search is over.
MOST_WALKS = 24

ORGANISATION = """\
apiVersion: crisis/v1
kind: Organisation
name: Nordlys
website: www.example.com
hotline: "+45 00 00 00 10"
timezone: Europe/Copenhagen
languages: [en, da]
channels:
  - {id: x-main, kind: x, handle: "@nordlys"}
  - {id: facebook-main, kind: facebook, handle: nordlys}
people:
  - {id: ana, name: Ana Berg, roles: [crisis-lead, community-manager], languages: [en, da], contact: {phone: "+45 1"}}
  - id: rie
    name: Rie Thorup
    roles: [legal]
    deputies: {legal: cem}
    languages: [en, da]
    contact: {phone: "+45 2"}
  - {id: cem, name: Cem Arslan, roles: [legal, counsel], languages: [en], contact: {phone: "+45 3"}}
  - {id: per, name: Per Nygaard, roles: [product-safety, native-reader], languages: [en, da], contact: {phone: "+45 4"}}
  - {id: eva, name: Eva Storm, roles: [executive, spokesperson], languages: [en, da], contact: {phone: "+45 5"}}
  - {id: kim, name: Kim Dahl, roles: [customer-care, internal-comms], languages: [en, da], contact: {phone: "+45 6"}}
"""

#: What no walk can come to, with the reason: empty, or the playbook is larger than it looks.
UNREACHABLE: Mapping[tuple[str, str], str] = {}

Outcome = tuple[str, str]


class Explorer:
    """What has been taken of a playbook over all walks, and what to take next."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.taken: Counter[Outcome] = Counter()

    @cached_property
    def declared(self) -> frozenset[Outcome]:
        """Every outcome that every step may come to; what may be left out is `skipped` as well."""
        return frozenset((step.id, outcome) for step in self.plan.steps for outcome in outcomes_of(step))

    @property
    def left(self) -> frozenset[Outcome]:
        return self.declared - self.taken.keys()

    def choose(self, step: PlannedStep, *, begun: AbstractSet[str], turns: int, narrow: bool) -> str:
        """An outcome nobody took yet, first those that come back here; else the way to what is left.

        `begun` are the steps that are under way or come round: for their sake one also goes round again, while
        there are `turns` left. The way leads to most of what is left, or with `narrow` to the least: what little
        lies on a side road is not found on the main one.
        """
        outcomes = outcomes_of(step)
        forward = [
            one for one in outcomes if one != "skipped" and (step.follows_on(one) or step.on.get(one) == "close")
        ]
        back = [one for one in outcomes if self._ends(step, one) == 0]
        fresh = [one for one in outcomes if not self.taken[step.id, one]]
        if fresh and turns:
            return min(fresh, key=lambda one: (self._ends(step, one), outcomes.index(one)))
        if back and turns and any(name in begun and name != step.id for name, _ in self.left):
            return back[0]
        ahead = {one: count for one in forward if (count := self._ahead(step, one))}
        if not ahead:
            return forward[0]
        return (min if narrow else max)(ahead, key=lambda one: (ahead[one], one))

    def _ends(self, step: PlannedStep, outcome: str) -> int:
        """0 for what leads back, 1 for what leads on, 2 for what ends it: in one walk as many as possible."""
        target = step.on.get(outcome, "")
        if target == "close":
            return 2
        return 0 if target or outcome in step.kind.stops else 1

    def _ahead(self, step: PlannedStep, outcome: str) -> int:
        """How many outcomes that are left come after `outcome`."""
        reached = set[str]()
        for one in self.plan.in_order:
            for edge in one.after:
                first = edge.step == step.id and (outcome in edge.outcomes or not edge.outcomes)
                if first or edge.step in reached:
                    reached.add(one.id)
        return sum(1 for name, _ in self.left if name in reached)


def outcomes_of(step: PlannedStep) -> tuple[str, ...]:
    """What it declares; and `skipped`, where it may be left out."""
    skipped = ("skipped",) if step.kind.skippable else ()
    return tuple(dict.fromkeys((*step.kind.outcomes(step.spec), *step.on, *skipped)))


class Figures:
    """An export that says one thing, whatever it is called."""

    def read(self, files: Sequence[str], case: Case) -> commands.ReadSignals:
        figures = {"mention_rate": Figure(value=120.0)}
        measured = Measured(files=tuple(files), format="a tool", last=case.incident.at, figures=figures)
        return commands.ReadSignals(readings={}, measured=measured)


class Curious:
    """An operator who steers each round of each step to the outcome that the explorer wants."""

    present = True
    via = "drill"

    def __init__(self, explorer: Explorer, desk: Desk, clock: VirtualClock, incident: str, number: int) -> None:
        self.explorer = explorer
        self.desk = desk
        self.clock = clock
        self.incident = incident
        self.number = number
        self.answers = 0
        self.noted = 0
        self.wanted: dict[tuple[str, int], str] = {}

    # ── the port

    def ask(self, question: Question, watch: Watch) -> Reply:
        self.answers += 1
        assert self.answers <= MOST_ANSWERS, f"walk {self.number} does not end: {question.step} is asked again"
        self.clock.pass_to(self.clock.now() + timedelta(seconds=20))
        if watch.is_stale():
            return LookAgain()
        wants = self._wanted(question)
        if wants == "skipped":
            return LeaveOut("nobody is there for it")
        return Say(self._answer(question, wants))

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        for choice in meanwhile.choices:
            one = choice.open_ask
            if self._wanted(choice) == "skipped":
                return Prefer(*one.key)
            match one.ask.wants:
                case shapes.SignOff() if choice.around.people:
                    return Prefer(*one.key)
                case shapes.SignOff() as wants if self._signs_elsewhere(wants, self._wanted(choice)):
                    return LookAgain()
                case shapes.Override() | shapes.LastResortCall() | shapes.Export():
                    return Prefer(*one.key)
        assert meanwhile.until is not None, f"a dead end in walk {self.number}: {meanwhile.around.scene.waiting}"
        self.clock.pass_to(meanwhile.until)
        return LookAgain()

    def tell(self, news: Sequence[News]) -> None:
        self._note()

    def refuse(self, why: CrisisError) -> None:
        raise AssertionError(f"refused in walk {self.number}: {why.message} {why.hint}")

    # ── what it says

    def _wanted(self, question: Question) -> str:
        one = question.open_ask
        if one.no_longer_applies:
            return "skipped"
        key = (one.step.id, one.round)
        if key not in self.wanted:
            steps = self.desk.case(self.incident).incident.steps
            repeated = {step.id for step in self.explorer.plan.steps if step.repeat_every or step.repeat_as_promised}
            begun = {name for name, state in steps.items() if state.status == "started" or name in repeated}
            turns = MOST_TURNS - one.round if self.answers < MOST_ANSWERS // 2 else 0
            narrow = self.number % 2 == 1
            self.wanted[key] = self.explorer.choose(one.step, begun=begun, turns=max(0, turns), narrow=narrow)
        return self.wanted[key]

    def _note(self) -> None:
        """What has been taken counts at once, so that the next round of the same step takes something else."""
        case = self.desk.case(self.incident)
        self.explorer.taken.update(taken(case.events[self.noted :]))
        self.noted = len(case.events)

    def _chance(self, name: str, of: int) -> int:
        """The same in every run, different in every walk; every other walk takes the first of everything."""
        return int(fingerprint(f"{self.number} {name}")[:8], 16) % of if self.number % 2 else 0

    def _answer(self, question: Question, wants: str) -> Json:
        one = question.open_ask
        key = one.ask.key
        match one.ask.wants:
            case shapes.FactValue(name=name, fact=fact):
                return self._fact(name, fact.type, tuple(fact.options), required=fact.required)
            case shapes.SeverityChoice():
                severity = SEVERITIES[self._chance("severity", 4)]
                return {"severity": severity, "reason": "as far as we know now"}
            case shapes.Ticks(items=items):
                return list(range(len(items))) if wants in ("done", "agreed") else []
            case shapes.Choice() if key == "choice":
                return wants
            case shapes.Choice() if key == "done":
                return wants
            case shapes.Choice(options=options):
                return next(name for name in ("without", "now") if name in options)
            case shapes.Text():
                return "so it was decided"
            case shapes.Draft():
                return {"texts": [text_of(text.channel, text.language, text.text) for text in question.proposed]}
            case shapes.SignOff():
                return self._sign_off(question, wants)
            case shapes.NamePerson(roles=roles):
                return self._person(key, roles, wants)
            case shapes.Waiver() | shapes.LastResortCall() | shapes.Override():
                return "it cannot wait"
            case shapes.OnlyIn():
                return {"keep": True} if self._chance("languages", 2) else {"leave_out": "nobody here reads it"}
            case shapes.Release():
                return "post"
            case shapes.Link(line=line):
                if wants == "not-published":
                    return {"left_out": "nobody has the password"}
                return {"link": f"https://example.com/{line.place}"}
            case shapes.Accounts(accounts=accounts):
                all_of_them = dict.fromkeys(accounts, "seen by the lead")
                return all_of_them if wants in ("frozen", "resumed") else {}
            case shapes.Reach():
                return "acknowledged" if wants == "acknowledged" else "no-answer"
            case shapes.Export():
                return {"not_now": "the tool is down"} if wants == "not-now" else {"files": ["export.csv"]}
            case shapes.When():
                return (self.clock.now() + timedelta(hours=6)).isoformat()
            case shapes.Rows(columns=columns):
                return [] if not key.endswith(":0") else [dict.fromkeys(columns, "by tomorrow") | {"due": "2026-12-01"}]
        raise AssertionError(f"no answer to {one.ask.wants}")

    def _fact(self, name: str, kind: str, options: tuple[str, ...], *, required: bool) -> Json:
        if not required and name != "aware_at" and self._chance(f"{name} known", 8) == 7:
            return {"again": (self.clock.now() + timedelta(hours=30)).isoformat()}
        match kind:
            case "yes-no":
                return {"value": self._chance(name, 3) < 2}
            case "number":
                return {"value": 40}
            case "time":
                return {"value": (BEGINS - timedelta(minutes=10)).isoformat()}
            case "choice":
                return {"value": options[self._chance(name, len(options))]}
            case "choice-many":
                return {"value": list(options[self._chance(name, len(options)) :])}
        return {"value": "Kettle 3"}

    def _sign_off(self, question: Question, wants: str) -> Json:
        person = next(iter(question.around.people))
        said = {"person": person, "verdict": "no" if wants == "rejected" else "yes", "reason": "say less"}
        if person == LEAD:
            return {**said, "proof": "present"}
        return {**said, "proof": "verbal", "heard_by": LEAD, "read_back": True}

    def _signs_elsewhere(self, wants: shapes.SignOff, outcome: str) -> bool:
        """Who only reads the translation is not offered at the lead's prompt: they decide at their own terminal."""
        incident = self.desk.case(self.incident).incident
        decided = {one.person for one in incident.message(wants.message).decisions if one.sheet == wants.sheet}
        for member in incident.roster.values():
            if member.id in decided or not set(wants.roles) & set(member.roles):
                continue
            verdict: Literal["yes", "no"] = "no" if outcome == "rejected" else "yes"
            command = commands.Decide(
                message=wants.message,
                sheet=wants.sheet,
                verdict=verdict,
                person=member.id,
                proof="present",
                reason="say less",
            )
            try:
                self.desk.execute(self.incident, command, who=member.id, via="another terminal")
            except Refused:
                continue  # a deputy whose time has not come, or whose yes counts already
            return True
        return False

    def _person(self, key: str, roles: tuple[str, ...], wants: str) -> Json:
        """To refuse a text takes a person, and so does reaching one; there is one of them, and no more."""
        another = key != "name:0" and key.removeprefix("name:").isdigit()
        if another or wants not in ("rejected", "acknowledged"):
            return {}
        return {"name": f"{' '.join(roles[:1]).title()} Person", "contact": "+45 00 00 00 99"}


def text_of(channel: str, language: str, text: str) -> Json:
    """The proposal, or a few words where a fact is missing for it."""
    return {"channel": channel, "language": language, "text": text or "We have seen it and will say more at nine."}


def taken(events: Sequence[ev.Recorded]) -> Iterator[Outcome]:
    for recorded in events:
        if isinstance(recorded.event, ev.Finished):
            yield recorded.event.step, recorded.event.outcome


def walked(explorer: Explorer, prepared: Prepared, number: int) -> Case:
    """One walk from the first question to the close."""
    clock, ids, plan = VirtualClock(BEGINS), CountedIds(), prepared.plan
    desk = Desk(MemoryJournal(), clock, ids)
    roster, blobs = members_of(prepared.organisation, ids) if prepared.organisation else ((), [])
    if not roster:
        lead, blobs = person_from(LEAD, "", ("crisis-lead",), {}, ids)
        roster = (lead,)
    encoded = encode_plan(plan)
    name = incident_id(BEGINS.year, 1, drill=True)
    opening = commands.Open(
        incident=name,
        uid=ids.new(),
        playbook=plan.playbook,
        title=plan.title,
        plan=fingerprint(encoded),
        sources={},
        roster=roster,
        lead=LEAD,
        drill=True,
    )
    desk.open(plan, opening, [*blobs, Blob(key=fingerprint(encoded), data=encoded)], via="drill", present=True)
    curious = Curious(explorer, desk, clock, name, number)
    ended = Walk(desk, curious, LEAD, templates, UTC, Figures()).run(name)
    assert ended.closed
    return desk.case(name)


def all_published_was_approved(case: Case) -> bool:
    never = Expectation(never=Never(published="any", without="approved"))
    return not failures([never], case.plan, case.incident, case.events, BEGINS)


@pytest.mark.parametrize("playbook", ["product-defect", "unknown"])
def test_every_outcome_of_every_step_is_taken_and_every_walk_ends_closed(playbook: str, tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "crisis.yaml").write_text(ORGANISATION)
    alone, team = prepare(playbook, tmp_path / "alone"), prepare(playbook, tmp_path / "team")
    explorer = Explorer(alone.plan)
    assert explorer.declared == Explorer(team.plan).declared
    for number in range(MOST_WALKS):
        # Two walks with everybody there, then two with nobody: each kind of walk meets both.
        case = walked(explorer, alone if number & 2 else team, number)
        assert case.incident.closed_at is not None
        assert all_published_was_approved(case), f"walk {number} published what was not approved"
        if explorer.left <= UNREACHABLE.keys():
            break
    assert explorer.left == UNREACHABLE.keys() & explorer.declared
    assert explorer.taken.keys() <= explorer.declared
