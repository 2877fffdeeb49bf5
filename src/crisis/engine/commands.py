"""What people ask of an incident. Each becomes events in one append, or is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from crisis.engine.events import DraftedText, Json, Line, Member, Reading, Verdict
from crisis.engine.monitoring import Measured
from crisis.playbook.values import Severity


class Open(Struct, frozen=True, kw_only=True):
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


class ReadSignals(Struct, frozen=True, kw_only=True):
    """Monitoring said something; `measured` says more where an export was read."""

    readings: Mapping[str, Reading]
    measured: Measured | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """Answer one question of a step. `texts` goes with an answer to a draft: what is stored outside the chain.

    `sealed` stands for the value of a sensitive fact, which the caller keeps in a blob; `read` is what the files say
    that the answer names. `as_of` is the version of the incident that was on screen (0: not known); an answer about
    texts that changed since is refused.
    """

    step: str
    round: int
    ask: str
    value: Json
    texts: tuple[DraftedText, ...] = ()
    sealed: str = ""
    member: Member | None = None
    read: ReadSignals | None = None
    as_of: int = 0


class SetFact(Struct, frozen=True, kw_only=True):
    """Set or correct a fact, or say that it is not known yet."""

    fact: str
    value: Json = None
    known: bool = True
    ask_again_at: datetime | None = None
    since: datetime | None = None
    sealed: str = ""


class SetSeverity(Struct, frozen=True, kw_only=True):
    """Decide how bad it is, outside of a step."""

    severity: Severity
    reason: str = ""


class Note(Struct, frozen=True, kw_only=True):
    """Write something down."""

    text: str


class Decide(Struct, frozen=True, kw_only=True):
    """Say yes or no to a sheet; `sheet` may be a unique prefix, and empty means the only one that waits.

    `as_of` is the version of the incident whose texts were on screen (0: not known): it is refused where others are on
    the sheet by now.
    """

    message: str
    sheet: str
    verdict: Verdict
    person: str
    proof: str
    heard_by: str = ""
    read_back: bool = False
    reason: str = ""
    as_of: int = 0


class AddPerson(Struct, frozen=True, kw_only=True):
    """Put someone on the roster, or correct them."""

    member: Member


class Skip(Struct, frozen=True, kw_only=True):
    """Leave a step out, with a reason. Leaving a draft out leaves out what is written of it and not out yet."""

    step: str
    round: int
    reason: str


class GoBack(Struct, frozen=True, kw_only=True):
    """Do a step again, and what lies between it and `source`, which is in that `round`."""

    to: str
    source: str
    round: int
    why: str


class Withdraw(Struct, frozen=True, kw_only=True):
    """Take back texts that were about to be posted, to edit them."""

    message: str
    why: str


class CorrectLink(Struct, frozen=True, kw_only=True):
    """Correct the link that was recorded of a text which is out; `was` is the one that was on screen."""

    message: str
    line: Line
    link: str
    was: str


class PostAfterAll(Struct, frozen=True, kw_only=True):
    """Say that a text which was released, and left out when the others were posted, is out after all."""

    message: str
    line: Line
    link: str


class Inject(Struct, frozen=True, kw_only=True):
    """The outside world says something, in a drill."""

    inject: str
    source: str
    text: str


class Erase(Struct, frozen=True, kw_only=True):
    """Mark a sensitive value as erased; the caller erases the blob."""

    fact: str
    reason: str


class Close(Struct, frozen=True, kw_only=True):
    """End it, whatever is left open; that is named."""

    reason: str


class Tick(Struct, frozen=True, kw_only=True):
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
    | CorrectLink
    | PostAfterAll
    | Inject
    | Erase
    | Close
    | Tick
)


class By(Struct, frozen=True, kw_only=True):
    """Who gives a command, when, by what means; `present` when a person sits at a terminal."""

    who: str
    at: datetime
    id: str
    via: str = "terminal"
    present: bool = True
    on_behalf_of: str = field(default="")
