"""Incidents played in memory: small plans, commands at said times, and what must hold after each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crisis.engine import events as ev
from crisis.engine.commands import Answer, By, Command, Decide, GoBack, Open, SetFact, SetSeverity, Skip, Tick
from crisis.engine.decide import decide
from crisis.engine.events import DraftedText, Event, Line, Member, Recorded
from crisis.engine.evolve import fold
from crisis.engine.look import Agenda, OpenAsk, agenda
from crisis.engine.memory import Memory
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan, PlannedMessage, PlannedStep
from crisis.engine.settle import consequences
from crisis.engine.state import Incident, MessageState, StepState
from crisis.kernel.fingerprints import fingerprint
from crisis.kinds import KINDS
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Chain, Fact, MessageUse
from crisis.playbook.values import Edge

START = datetime(2026, 3, 7, 2, 50, tzinfo=UTC)

PEOPLE = (
    Member(id="kim", name="Kim", roles=("crisis-lead",), languages=("en", "da")),
    Member(id="ana", name="Ana", roles=("legal",), deputies={"legal": "cem"}, languages=("en",)),
    Member(id="cem", name="Cem", roles=("legal",), languages=("en",)),
    Member(id="eva", name="Eva", roles=("executive",), languages=("en",)),
    Member(id="bo", name="Bo", roles=("community-manager",), languages=("en", "da")),
)
FACTS = {
    "aware_at": Fact(type="time", prompt="Since when?"),
    "product": Fact(type="text", prompt="Which product?", required=True),
    "injury": Fact(type="yes-no", prompt="Anyone hurt?"),
    "media": Fact(type="yes-no", prompt="National media?"),
    "victims": Fact(type="text", prompt="Who?", sensitive=True),
    "sold_in": Fact(type="choice-many", prompt="Where?", options={"dk": "Denmark", "us": "United States"}),
}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def step(name: str, kind: str, *, after: Sequence[str | Edge] = (), **more: Any) -> PlannedStep:
    """A step; what is not of the step itself goes to its spec."""
    of_step = {key: more.pop(key) for key in list(more) if key in PlannedStep.__struct_fields__}
    of_step = {"phase": "response", "role": "crisis-lead", "title": name.replace("-", " ").capitalize()} | of_step
    edges = tuple(one if isinstance(one, Edge) else Edge(one) for one in after)
    spec = KINDS[kind].spec(**more)
    return PlannedStep(id=name, kind_name=kind, kind=KINDS[kind], spec=spec, after=edges, **of_step)


def statement(name: str, message: str, *, after: Sequence[str | Edge] = (), **more: Any) -> tuple[PlannedStep, ...]:
    """Draft, approve and publish, as the compiler expands them; `more` goes to the publish step."""
    draft, approve, publish = (f"{name}.{part}" for part in ("draft", "approve", "publish"))
    repeats = {"repeat_from": draft} if {"repeat_every", "repeat_as_promised"} & set(more) else {}
    return (
        step(draft, "draft", after=after, message=message, group=name),
        step(approve, "approve", after=(draft,), message=message, group=name, on={"rejected": draft}),
        step(publish, "publish", after=(approve,), message=message, group=name, stands_for=name, **repeats, **more),
    )


def chain(**more: Any) -> Chain:
    """Two of three, one of them legal; ten minutes each, good for two hours."""
    usual: dict[str, Any] = {
        "of": ("legal", "executive", "crisis-lead"),
        "quorum": 2,
        "required": ("legal",),
        "within": minutes(10),
        "expires": hours(2),
    }
    return Chain(**usual | more)


def message(**more: Any) -> PlannedMessage:
    """A message on two channels in English."""
    attachments = more.pop("attachments", {})
    facts = more.pop("facts", ("product",))
    usual: dict[str, Any] = {
        "template": "holding",
        "audience": "customers",
        "channels": ("x", "website"),
        "languages": ("en",),
        "approval": {"": "public"},
        "first_statement": True,
    }
    use = MessageUse(**usual | more)
    return PlannedMessage(
        use=use,
        title="Holding statement",
        source_language="en",
        bodies=dict.fromkeys(use.languages, "Stop using {{ product }}."),
        facts=facts,
        attachments=attachments,
    )


def plan(*steps: PlannedStep | tuple[PlannedStep, ...], **more: Any) -> Plan:
    """A plan of these steps, with what they usually need."""
    flat = tuple(one for part in steps for one in (part if isinstance(part, tuple) else (part,)))
    usual: dict[str, Any] = {"facts": FACTS, "approvals": {"public": chain()}, "messages": {"holding": message()}}
    return Plan(playbook="product-defect", title="Product defect", steps=flat, **usual | more)


def but(thing: Any, **changes: Any) -> Any:
    """`thing` with some of its fields changed."""
    return type(thing)(**{name: getattr(thing, name) for name in type(thing).__annotations__} | changes)


class Play:
    """One incident on a plan: commands in, events kept, time moved by hand."""

    def __init__(self, on: Plan, people: Sequence[Member] = PEOPLE, *, drill: bool = False, lead: str = "kim") -> None:
        self.plan = on
        self.now = START
        self.events: list[Recorded] = []
        self.count = 0
        self.memory = Memory()
        self.incident: Incident = None  # type: ignore[assignment]  # opened in the next line
        self.do(
            Open(
                incident="INC-2026-0001",
                uid="u",
                playbook=on.playbook,
                title=on.title,
                plan="p",
                sources={},
                roster=tuple(people),
                lead=lead,
                drill=drill,
            )
        )

    # ── doing ──

    def do(self, command: Command, who: str = "kim", *, present: bool = True) -> tuple[Event, ...]:
        """Give a command; returns its events. What it raises leaves nothing behind."""
        self.count += 1
        by = By(who=who, at=self.now, id=f"c{self.count}", present=present)
        outcome = decide(self.plan, self.incident, command, by, self.memory)
        self.events += outcome.events
        self.incident = outcome.incident
        check(self)
        return tuple(one.event for one in outcome.events)

    def later(self, by: timedelta, *, tick: bool = True) -> tuple[Event, ...]:
        """Time passes; unless told otherwise, somebody looks every time something is due."""
        until, seen = self.now + by, []
        while tick and (wakes := self.agenda.wakes_at) is not None and wakes <= until:
            self.now = max(wakes, self.now)
            seen += self.do(Tick(), "")
        self.now = until
        return (*seen, *(self.do(Tick(), "") if tick else ()))

    def answer(self, name: str, key: str, value: Any, who: str = "kim", **more: Any) -> tuple[Event, ...]:
        """Answer a question of a step."""
        present = more.pop("present", True)
        number = more.pop("round", self.step(name).round)
        return self.do(Answer(step=name, round=number, ask=key, value=value, **more), who, present=present)

    def skip(self, name: str, reason: str = "no need", who: str = "kim") -> tuple[Event, ...]:
        """Leave a step out in the round it is in."""
        return self.do(Skip(step=name, round=self.step(name).round, reason=reason), who)

    def back(self, to: str, source: str, why: str, who: str = "kim") -> tuple[Event, ...]:
        """Go back from `source` in the round it is in."""
        return self.do(GoBack(to=to, source=source, round=self.step(source).round, why=why), who)

    def fact(self, name: str, value: Any, **more: Any) -> tuple[Event, ...]:
        return self.do(SetFact(fact=name, value=value, **more))

    def severity(self, level: Any, reason: str = "because") -> tuple[Event, ...]:
        return self.do(SetSeverity(severity=level, reason=reason))

    def draft(
        self,
        texts: Mapping[str, str] | None = None,
        who: str = "bo",
        *,
        of: str = "holding",
        promises: datetime | None = None,
        cleared: bool = False,
        as_offered: Sequence[str] = (),
        **more: Any,
    ) -> tuple[Event, ...]:
        """Write texts by place (`x/en`); those places get theirs `as_offered`, the others are edited."""
        texts = texts or {"x/en": "Stop using it.", "website/en": "Stop using it, please."}
        made, said = [], []
        for place, text in texts.items():
            channel, language = place.split("/")
            line = Line(channel=channel, language=language, sha256=fingerprint(text))
            edited = not cleared and place not in as_offered
            made.append(DraftedText(line=line, cleared=cleared, edited=edited, promises=promises))
            said.append({"channel": channel, "language": language, "text": text})
        return self.answer(f"{of}.draft", "texts", {"texts": said}, who, texts=tuple(made), **more)

    def decide(self, person: str, verdict: Any = "yes", *, name: str = "holding", **more: Any) -> tuple[Event, ...]:
        """A yes or a no at the terminal; with `heard_by`, by phone and read back."""
        heard_by = more.pop("heard_by", "")
        usual: dict[str, Any] = {
            "message": name,
            "sheet": "",
            "verdict": verdict,
            "person": person,
            "proof": "verbal" if heard_by else "present",
            "heard_by": heard_by,
            "read_back": bool(heard_by),
            "reason": "not like this" if verdict == "no" else "",
        }
        present = more.pop("present", True)
        who = more.pop("who", heard_by or person)
        return self.do(Decide(**usual | more), who, present=present)

    def publish(self, of: str = "holding", who: str = "bo") -> None:
        """Release, and a link for every text."""
        self.answer(f"{of}.publish", "release", "post", who)
        while links := [one for one in self.asks(f"{of}.publish") if one.ask.key.startswith("link:")]:
            self.answer(f"{of}.publish", links[0].ask.key, {"link": f"https://example.org/{self.count}"}, who)

    # ── looking ──

    @property
    def agenda(self) -> Agenda:
        return agenda(self.plan, self.incident, self.now)

    def step(self, name: str) -> StepState:
        return self.incident.steps[name]

    def message(self, name: str = "holding") -> MessageState:
        return self.incident.message(name)

    def asks(self, name: str) -> list[OpenAsk]:
        return [one for one in self.agenda.asks if one.step.id == name]

    def keys(self, name: str) -> list[str]:
        return [one.ask.key for one in self.asks(name)]

    def open_steps(self) -> list[str]:
        return [name for name, state in self.incident.steps.items() if state.status == "started"]

    def clock(self, kind: str) -> Any:
        """The one clock of that kind; None where there is none."""
        found = [one for one in self.agenda.clocks if one.kind == kind]
        assert len(found) <= 1, found
        return found[0] if found else None

    def outcomes(self, name: str) -> list[str]:
        return [
            one.event.outcome for one in self.events if isinstance(one.event, ev.Finished) and one.event.step == name
        ]


def of_type(events: Sequence[Event], cls: type) -> list[Any]:
    return [one for one in events if isinstance(one, cls)]


def check(play: Play) -> None:
    """What must hold after every command, whatever it was."""
    if play.count % 16 == 0:  # it takes as long as all that went before
        assert fold(play.events) == play.incident, "folding again gives the same"
    assert [one.seq for one in play.events] == list(range(1, len(play.events) + 1))
    quiet = consequences(Outlook(play.plan, play.incident, play.now))
    assert quiet == (), f"not settled: {quiet}"
    last = play.events[-1].event
    if isinstance(last, ev.Finished):
        declared = play.plan.by_id[last.step]
        known = (*declared.kind.outcomes(declared.spec), "skipped")
        assert last.outcome in known
    remembered = agenda(play.plan, play.incident, play.now, play.memory)
    assert remembered == play.agenda, "what is remembered is what would be read afresh"
    wakes = remembered.wakes_at
    assert wakes is None or wakes > play.now, "a moment that has passed wakes nobody"


YES = Condition(fact="injury")
