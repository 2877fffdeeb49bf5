"""A step kind is a value: the shape of its spec, one pure function, its outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from crisis.engine.events import Event, Json
from crisis.engine.memory import once
from crisis.engine.people import Roster
from crisis.engine.severity import Proposal
from crisis.engine.shapes import Shape
from crisis.engine.state import FactState, MessageState, Publication
from crisis.engine.updates import begin_update_at
from crisis.playbook.model import Chain, Fact, MessageUse
from crisis.playbook.values import Cadence

#: Outcomes that end a step without its work being done.
UNDONE = frozenset({"skipped", "partly", "not-done", "not-published", "unreached", "not-now"})


class Ask(Struct, frozen=True, kw_only=True):
    """One question of a step. `optional`: the step goes on without it when time or others answer.

    `advice` stands above the question, one line each; `suggested` is what Enter takes. `at` is a moment that the
    prompt ends with, in the zone of whoever reads it: a step knows of none.
    """

    key: str
    role: str
    prompt: str
    wants: Shape
    advice: tuple[str, ...] = ()
    suggested: Json = None
    optional: bool = False
    at: datetime | None = None

    def told_in(self, zone: tzinfo) -> Ask:
        """The same, with its moment said in that zone."""
        if self.at is None:
            return self
        return replace(self, prompt=f"{self.prompt} {self.at.astimezone(zone):%a %H:%M %Z}", at=None)


class Waiting(Struct, frozen=True, kw_only=True):
    """Someone is waited for: who (by id), in which role, for what, and until when before something else happens."""

    people: tuple[str, ...]
    role: str
    what: str
    until: datetime | None = None


class Open(Struct, frozen=True, kw_only=True, dict=True):
    """Not done: these questions are open, these people are waited for, and time alone may change it at `until`."""

    asks: tuple[Ask, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    until: datetime | None = None

    @once
    def is_work(self) -> bool:
        """Whether there is something to wait for."""
        # What ends by itself at a time, such as a pause, is not done before.
        return self.until is not None or bool(self.waiting) or any(not ask.optional for ask in self.asks)


class Done(Struct, frozen=True):
    """The step has come to this outcome."""

    outcome: str
    because: str = ""


class Record(Struct, frozen=True):
    """Something follows from what is known: record it, and ask again."""

    event: Event


Next = Open | Done | Record


class Stands(Struct, frozen=True):
    """A finished step's result still holds, at least until then."""

    until: datetime | None = None


class Lapsed(Struct, frozen=True):
    """It no longer holds: the step must be done again. `quietly`: those after it need not wait."""

    why: str
    quietly: bool = False


class MessageView(Struct, frozen=True, kw_only=True):
    """A message as its steps see it: how it is used, its chain at this severity, what became of it."""

    name: str
    use: MessageUse
    title: str
    source_language: str
    chain_name: str
    chain: Chain
    state: MessageState
    template_facts: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()


class Seen(Struct, frozen=True, kw_only=True):
    """All that a step may look at. This round's answers only; the last round's are `previous`."""

    now: datetime
    step: str
    role: str
    title: str
    round: int
    started_at: datetime
    started_seq: int
    answers: Mapping[str, Json]
    previous: Mapping[str, Json]
    facts: Mapping[str, FactState]
    fact_specs: Mapping[str, Fact]
    severity: str
    considered: frozenset[str]
    proposal: Proposal
    people: Roster
    lead: str
    again: str = ""
    why_again: str = ""
    message: MessageView | None = None
    danger: bool = False
    ladder: tuple[tuple[str, ...], ...] = ()
    acknowledge: str = "any"
    held: str = ""
    hold_overridden: str = ""
    overridden_before: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)
    frozen: Mapping[str, str] = field(default_factory=dict)
    resumed: frozenset[str] = frozenset()
    criteria: tuple[str, ...] = ()
    criteria_for: Mapping[str, timedelta] = field(default_factory=dict)  # by criterion: how long it must have been so
    contrary: Mapping[str, str] = field(default_factory=dict)  # by criterion: what monitoring says against it
    questions: tuple[str, ...] = ()
    update_every: tuple[Cadence, ...] = ()
    known_since: datetime
    promise: Publication | None = None
    owes_update: bool = False  # one was promised in public, and has not been given yet

    @property
    def prepare_update_at(self) -> datetime | None:
        """When to begin the next update, whether it was promised or is due at this severity."""
        return begin_update_at(self.started_at, self.update_every, self.known_since, self.promise)


class StepKind(Struct, frozen=True):
    """A kind of step.

    `advance(spec, seen)` says what is next; `outcomes(spec)` names what it may come to, and `stops`
    those of them after which nothing may follow without a route back. `asks(spec)` names the questions it
    may have, up to a colon: `evidence` stands for `evidence:2`. `stands(spec, seen)` is for results that
    can lapse. What cannot be skipped has `skippable=False`. `by_itself(spec)` names the outcomes it may come to at
    once, without anybody doing anything in that round. One that `reads_facts` sees those that it asks for, or that its
    message names; the others see none.
    """

    spec: type[Any]
    advance: Callable[[Any, Seen], Next]
    outcomes: Callable[[Any], tuple[str, ...]]
    asks: Callable[[Any], tuple[str, ...]]
    stops: frozenset[str] = frozenset()
    by_itself: Callable[[Any], frozenset[str]] = lambda spec: frozenset()
    stands: Callable[[Any, Seen], Stands | Lapsed] | None = None
    skippable: bool = True
    reads_facts: bool = False
    summary: str = ""
