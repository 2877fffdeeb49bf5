"""What people ask of an incident. Each becomes events in one append, or is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crisis.engine.events import DraftedText, Json, Member, Reading, Verdict
from crisis.playbook.values import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open an incident."""

    incident: str
    uid: str
    playbook: str
    title: str
    plan: str
    sources: Mapping[str, str]
    roster: tuple[Member, ...]
    lead: str
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer one question of a step. `texts` goes with an answer to a draft: what is stored outside the chain.

    `sealed` stands for the value of a sensitive fact, which the caller keeps in a blob. `as_of` is the version
    of the incident that was on screen (0: not known); an answer about texts that changed since is refused.
    """

    step: str
    round: int
    ask: str
    value: Json
    texts: tuple[DraftedText, ...] = ()
    sealed: str = ""
    member: Member | None = None
    as_of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFact:
    """Set or correct a fact, or say that it is not known yet."""

    fact: str
    value: Json = None
    known: bool = True
    ask_again_at: datetime | None = None
    since: datetime | None = None
    sealed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeverity:
    """Decide how bad it is, outside of a step."""

    severity: Severity
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSignals:
    """Monitoring said something."""

    readings: Mapping[str, Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Write something down."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Say yes or no to a sheet; `sheet` may be a unique prefix, and empty means the only one that waits."""

    message: str
    sheet: str
    verdict: Verdict
    person: str
    proof: str
    heard_by: str = ""
    read_back: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson:
    """Put someone on the roster, or correct them."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Leave a step out, with a reason."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoBack:
    """Do a step again, and what lies between it and `source`."""

    to: str
    source: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Take back texts that were about to be posted, to edit them."""

    message: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject:
    """The outside world says something, in a drill."""

    inject: str
    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Mark a sensitive value as erased; the caller erases the blob."""

    fact: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """End it, whatever is left open; that is named."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed."""


Command = (
    Open
    | Answer
    | SetFact
    | SetSeverity
    | ReadSignals
    | Note
    | Decide
    | AddPerson
    | Skip
    | GoBack
    | Withdraw
    | Inject
    | Erase
    | Close
    | Tick
)


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who gives a command, when, by what means; `present` when a person sits at a terminal."""

    who: str
    at: datetime
    id: str
    via: str = "terminal"
    present: bool = True
    on_behalf_of: str = field(default="")
