"""A small hand-made playbook, and incidents that run on it: through the real desk, into a real journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crisis.engine.commands import Answer, Command, Decide, GoBack, Note, Open, SetFact, Skip
from crisis.engine.events import DraftedText, Line, Member, Recorded
from crisis.engine.plan import Plan, PlannedClock, PlannedMessage, PlannedStep
from crisis.kernel.fingerprints import fingerprint, salted
from crisis.kinds import KINDS
from crisis.plan.codec import encode_plan
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import LegalClock
from crisis.playbook.model import Chain, ClockUse, Escalation, Fact, LastResort, MessageUse, Role, Rung, SeverityRule
from crisis.playbook.values import Cadence, Edge, Item
from crisis.runtime.desk import Case, Desk
from crisis.runtime.ports import Blob, Journal

START = datetime(2026, 3, 7, 1, 50, tzinfo=UTC)
HOLDING = {
    "x": "Stop using Kettle 3 and unplug it. We are sorry, and we will say more by 04:30.",
    "facebook": "Stop using Kettle 3 and unplug it.\nWe have been told of a burn. More by 04:30.",
}


class TestClock:
    """A clock that stands until it is moved."""

    __test__ = False

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


class CountedIds:
    """Ids that are the same in every run."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"id-{self.count}"

    def salt(self) -> bytes:
        return b"sixteen bytes!!!"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def step(
    name: str, kind: str, title: str, phase: str = "response", role: str = "crisis-lead", **more: Any
) -> PlannedStep:
    spec = more.pop("spec", {})
    return PlannedStep(
        id=name,
        kind_name=kind,
        kind=KINDS[kind],
        spec=KINDS[kind].spec(**spec),
        phase=phase,
        role=role,
        title=title,
        **more,
    )


PEOPLE = (
    Member(id="kim", name="Kim Dahl", roles=("crisis-lead",), languages=("en",)),
    Member(id="ana", name="Ana Berg", roles=("legal",), deputies={"legal": "cem"}, languages=("en", "da")),
    Member(id="cem", name="Cem Aydin", roles=("legal",)),
    Member(id="eva", name="Eva Holm", roles=("executive",)),
    Member(id="bo", name="Bo Lind", roles=("community-manager",)),
)


def make_plan() -> Plan:
    """Every kind of step once, two approvers, one legal clock, a stop-sale only from SEV2."""
    within = minutes(10)
    chain = Chain(
        of=("legal", "executive"),
        quorum=2,
        required=("legal",),
        within=within,
        expires=timedelta(hours=2),
        last_resort=LastResort(
            after=minutes(15), when=Condition(fact="injury"), by="crisis-lead", review_within=timedelta(hours=4)
        ),
    )
    holding = PlannedMessage(
        use=MessageUse(
            template="holding",
            audience="customers",
            channels=("x", "facebook"),
            languages=("en",),
            approval={"": "public"},
            first_statement=True,
        ),
        title="Holding statement",
        source_language="en",
        bodies={"en": "Stop using {{ product }}."},
        facts=("product",),
        slots=("do-now",),
    )
    gpsr = LegalClock(
        id="gpsr-20",
        title="Tell the authority of an accident",
        due="asap",
        source="https://example.org/gpsr",
    )
    told_by_then = ClockUse(
        use="gpsr-20", starts_with=Condition(fact="injury"), met_with=Condition(outcome={"authority": "done"})
    )
    return Plan(
        playbook="product-defect",
        title="Product defect or safety problem",
        definition="A product we sold may hurt people.",
        steps=(
            step(
                "facts",
                "question",
                "What do we know?",
                "detection",
                spec={"facts": ("aware_at", "product", "injury", "victims")},
            ),
            step("assess", "assess", "How bad is it?", "detection", after=(Edge("facts"),)),
            step(
                "verify",
                "checklist",
                "Is it real?",
                "detection",
                "community-manager",
                within=minutes(10),
                spec={"items": (Item("Capture the first post", evidence=True), Item("Search the care tickets"))},
            ),
            step(
                "triage",
                "decision",
                "Open the playbook?",
                "detection",
                after=(Edge("assess"),),
                spec={
                    "options": {"open": "Open the playbook", "no-answer": "Do not respond"},
                    "reasons": ("no-answer",),
                },
                on={"no-answer": "close"},
            ),
            step("call", "notify", "Call the team", after=(Edge("triage", ("open",)),), spec={"say": "Kettle 3 burns"}),
            step(
                "freeze",
                "freeze",
                "Freeze what is scheduled",
                after=(Edge("triage", ("open",)),),
                spec={"items": ("Newsletter", "Ads")},
            ),
            step(
                "holding.draft",
                "draft",
                "Holding statement",
                after=(Edge("triage", ("open",)),),
                spec={"message": "holding"},
                group="holding",
            ),
            step(
                "holding.approve",
                "approve",
                "Holding statement",
                after=(Edge("holding.draft"),),
                spec={"message": "holding"},
                group="holding",
                on={"rejected": "holding.draft"},
            ),
            step(
                "holding.publish",
                "publish",
                "Holding statement",
                after=(Edge("holding.approve"),),
                spec={"message": "holding"},
                group="holding",
                stands_for="holding",
            ),
            step(
                "authority",
                "checklist",
                "Authority",
                role="legal",
                after=(Edge("triage", ("open",)),),
                when=Condition(all_=(Condition(fact="injury"), Condition(severity="SEV2-or-worse"))),
                spec={"items": (Item("Authority phoned"), Item("Portal filed"))},
                do_not=("Speculate in the form",),
            ),
            step(
                "insurer",
                "action",
                "Insurer",
                role="legal",
                after=(Edge("triage", ("open",)),),
                spec={"do": "Tell the insurer"},
            ),
            step(
                "over",
                "stand-down",
                "Is it over?",
                "recovery",
                after=(Edge("holding.publish"),),
                on={"not-yet": "over"},
            ),
            step("thaw", "resume-posting", "Let posting go again", "recovery", after=(Edge("over"),)),
            step("debrief", "debrief", "Debrief", "recovery", after=(Edge("thaw"),), on={"done": "close"}),
        ),
        facts={
            "aware_at": Fact(type="time", prompt="When did the first report reach us?"),
            "product": Fact(type="text", prompt="Which product?", required=True),
            "injury": Fact(type="yes-no", prompt="Has anyone been hurt?"),
            "victims": Fact(type="text", prompt="Who was hurt?", sensitive=True),
        },
        severity={
            "SEV1": SeverityRule(
                any_=(Condition(fact="injury"),),
                first_statement=minutes(30),
                update_every=(Cadence(timedelta(hours=1)),),
            ),
            "SEV3": SeverityRule(first_statement=timedelta(hours=4)),
        },
        roles={
            "crisis-lead": Role(duties=("decides",), deputy="community-manager"),
            "community-manager": Role(title="Community manager", duties=("channels",)),
            "legal": Role(title="Legal", duties=("regulators", "admission")),
            "executive": Role(title="Executive"),
        },
        escalation={"SEV1": Escalation(ladder=(Rung(page=("crisis-lead", "legal"), acknowledge_within=minutes(5)),))},
        approvals={"public": chain},
        messages={"holding": holding},
        clocks=(PlannedClock(clock=gpsr, use=told_by_then),),
        clock_notice="Incomplete, not legal advice: ask counsel.",
        criteria=("No new cases for 24 hours", "Negative share back to normal"),
        do_not=("Speculate about the cause", "Promise compensation"),
        questions=("When did customer care first have it?",),
        timezone="Europe/Copenhagen",
    )


class Story:
    """An incident as it is told: commands through the desk, at times that are said."""

    def __init__(
        self,
        journal: Journal,
        *,
        plan: Plan | None = None,
        people: Sequence[Member] = PEOPLE,
        lead: str = "kim",
        drill: bool = False,
        incident: str = "INC-2026-0007",
        blobs: Sequence[Blob] = (),
    ) -> None:
        self.journal, self.clock, self.ids = journal, TestClock(), CountedIds()
        self.ids.count = int(incident.rpartition("-")[2]) * 10_000  # command ids differ between incidents
        self.desk = Desk(journal, self.clock, self.ids)
        self.plan = plan or make_plan()
        self.id = incident
        data = encode_plan(self.plan)
        command = Open(
            incident=incident,
            uid=f"uid-{incident}",
            playbook=self.plan.playbook,
            title=self.plan.title,
            plan=fingerprint(data),
            sources={},
            roster=tuple(people),
            lead=lead,
            drill=drill,
        )
        self.desk.open(
            self.plan, command, [Blob(key=fingerprint(data), data=data), *blobs], via="terminal", present=True
        )

    @property
    def case(self) -> Case:
        return self.desk.case(self.id)

    def later(self, count: float) -> Story:
        """So many minutes later."""
        self.clock.time += minutes(count)
        return self

    def skip(self, step: str, reason: str, who: str = "kim") -> tuple[Recorded, ...]:
        """Leave a step out in the round it is in."""
        return self.do(Skip(step=step, round=self.case.incident.steps[step].round, reason=reason), who)

    def back(self, to: str, source: str, why: str, who: str = "kim") -> tuple[Recorded, ...]:
        """Go back from `source` in the round it is in."""
        number = self.case.incident.steps[source].round
        return self.do(GoBack(to=to, source=source, round=number, why=why), who)

    def do(self, command: Command, who: str = "kim", **more: Any) -> tuple[Recorded, ...]:
        return self.desk.execute(self.id, command, who=who, **more)

    def answer(self, step: str, ask: str, value: Any, who: str = "kim", **more: Any) -> Story:
        blobs = more.pop("blobs", ())
        number = self.case.incident.steps[step].round
        self.do(Answer(step=step, round=number, ask=ask, value=value, **more), who, blobs=blobs)
        return self

    def note(self, text: str, who: str = "ana") -> Story:
        self.do(Note(text=text), who)
        return self

    def facts(self, *, injury: bool = True, victims: str = "") -> Story:
        self.answer("facts", "aware_at", {"value": (START - minutes(14)).isoformat()})
        self.answer("facts", "product", {"value": "Kettle 3"})
        self.answer("facts", "injury", {"value": injury})
        if victims:
            sealed = Blob(key=salted(victims.encode(), b"s" * 16), data=victims.encode(), salt=b"s" * 16)
            self.do(SetFact(fact="victims", sealed=sealed.key), blobs=[sealed])
        else:
            again = (self.clock.time + timedelta(days=2)).isoformat()
            self.answer("facts", "victims", {"again": again})
        return self

    def assessed(self, severity: str = "SEV1", reason: str = "") -> Story:
        return self.answer("assess", "severity", {"severity": severity, "reason": reason})

    def opened(self) -> Story:
        """Facts, severity and triage: the response may begin."""
        return self.facts().assessed().answer("triage", "choice", "open")

    def drafted(
        self,
        texts: Mapping[str, str] = HOLDING,
        who: str = "bo",
        message: str = "holding",
        promises: datetime | None = None,
        says: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Story:
        drafts, blobs, said = [], [], []
        for channel, text in texts.items():
            line = Line(channel=channel, language="en", sha256=fingerprint(text))
            drafts.append(DraftedText(line=line, promises=promises, says=says.get(channel) if says else None))
            blobs.append(Blob(key=line.sha256, data=text.encode()))
            said.append({"channel": channel, "language": "en", "text": text})
        return self.answer(f"{message}.draft", "texts", {"texts": said}, who, texts=tuple(drafts), blobs=blobs)

    def decided(
        self, person: str, verdict: str = "yes", *, heard_by: str = "", reason: str = "", message: str = "holding"
    ) -> Story:
        proof = "verbal" if heard_by else "present"
        command = Decide(
            message=message,
            sheet="",
            verdict=verdict,  # type: ignore[arg-type]
            person=person,
            proof=proof,
            heard_by=heard_by,
            read_back=bool(heard_by),
            reason=reason,
        )
        self.do(command, heard_by or person, on_behalf_of=person if heard_by else "")
        return self

    def published(self) -> Story:
        self.answer("holding.publish", "release", "post", "bo")
        self.answer("holding.publish", "link:x/en", {"link": "https://x.example/1"}, "bo")
        return self.answer("holding.publish", "link:facebook/en", {"left_out": "the page is down"}, "bo")


def whole(story: Story) -> Story:
    """From the first report to the close: a statement in time, a step skipped, something left undone."""
    story.opened().later(3)
    story.answer("verify", "items", [0], "bo").answer("verify", "evidence:0", "https://x.example/first", "bo")
    story.answer("verify", "rest", "without", "bo").answer("verify", "why", "care is asleep", "bo")
    story.answer("call", "reach:legal:ana", "no-answer").answer("call", "reach:legal:cem", "acknowledged")
    story.answer("freeze", "accounts:0", {"Newsletter": "paused by Bo"}, "bo")
    story.answer("freeze", "rest:0", "without", "bo").answer("freeze", "why", "the agency has the key", "bo")
    story.drafted().later(2).decided("eva").later(2).decided("ana", heard_by="kim").later(1).published()
    story.answer("authority", "items", [0, 1], "ana")
    story.skip("insurer", "no policy for this", "ana")
    story.later(120)
    story.answer("over", "criteria", [0, 1]).answer("over", "choice", "agreed")
    story.answer("thaw", "accounts", {"Newsletter": "queue read"}, "bo")
    for ask, said in (
        ("cause", "A seal that leaks"),
        ("impact", "One burned hand"),
        ("worked", "The holding statement was out in 22 minutes"),
        ("failed", "Nobody could reach the agency"),
        ("question:0", "The Tuesday before"),
    ):
        story.answer("debrief", ask, said)
    story.answer("debrief", "action:0", [{"action": "Get the key", "owner": "Bo", "due": "2026-04-01"}])
    return story.answer("debrief", "action:1", [])
