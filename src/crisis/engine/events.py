"""What can happen in an incident, in the past tense. The journal holds these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = Any  # a JSON value; what a step's answer looks like is checked by the shape that asked for it

Verdict = Literal["yes", "no"]
#: Why a step is done again. `repeat` (its turn came round) and `outdated` (its answer may have changed) do not
#: hold up what comes after it; `lapsed`, `asked` and `route` do.
Cause = Literal["lapsed", "outdated", "asked", "repeat", "route"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone on the roster. Contact details lie in a blob outside the chain, `contact` is its salted hash."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    deputies: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a sheet: this exact text, on this channel, in this language."""

    channel: str
    language: str
    sha256: str
    attachments: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`x/en`: where it goes, whatever it says."""
        return f"{self.channel}/{self.language}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedText:
    """A text as drafted: its line, how it came about, and the next update it promises, if any."""

    line: Line
    cleared: bool = False
    edited: bool = False
    promises: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A signal as it was read: 14 times the baseline, for so many seconds, from so many mentions."""

    value: float | None = None
    ratio: float | None = None
    lasting: float = 0.0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An incident was opened on a compiled plan that stays its own, whatever happens to the files."""

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
class RosterChanged:
    """A person was added or corrected."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSet:
    """A fact became known, was corrected, or is `not known yet` and will be asked again.

    A sensitive value is not here: `sealed` is its salted hash, the value lies in an erasable blob. `step` is
    the one that asked for it, if any did.
    """

    fact: str
    value: Json = None
    known: bool = True
    ask_again_at: datetime | None = None
    since: datetime | None = None
    sealed: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalsRead:
    """Monitoring said something."""

    readings: Mapping[str, Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityDecided:
    """A named person decided how bad it is; what was proposed, and why, stands beside it.

    `ground` is what spoke for the proposal: weighed once, it does not raise the question again.
    """

    severity: str
    reason: str = ""
    proposed: str = ""
    because: str = ""
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A step began, or began again: a new round sees none of the last one's answers."""

    step: str
    round: int
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A person answered one question of a step."""

    step: str
    round: int
    ask: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A step came to an outcome; `reopens` names the steps a route back makes to be done again."""

    step: str
    round: int
    outcome: str
    because: str = ""
    reopens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """Something already done must be done again: refused, lapsed, asked for, or its turn came round."""

    step: str
    to: str
    why: str
    cause: Cause
    reopens: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A step that had begun no longer applies, and nobody had touched it."""

    step: str
    round: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The texts of a message were written. What was there before no longer counts where it differs."""

    message: str
    texts: tuple[DraftedText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetIssued:
    """The exact texts were put before the approvers, at once; a decision will name this sheet."""

    message: str
    sheet: str
    lines: tuple[Line, ...]
    chain: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A person said yes or no to the lines of a sheet."""

    message: str
    sheet: str
    verdict: Verdict
    person: str
    roles: tuple[str, ...]
    lines: tuple[Line, ...]
    proof: str
    heard_by: str = ""
    reason: str = ""
    deputy_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWaived:
    """Nobody was there to approve; a named person went on, and said why. It stands beside the text for good."""

    message: str
    sheet: str
    lines: tuple[Line, ...]
    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastResortTaken:
    """A cleared, unedited safety text goes out because everyone is silent; it must be reviewed by `review_due`."""

    message: str
    sheet: str
    lines: tuple[Line, ...]
    reason: str
    review_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Someone is about to post these approved texts; they cannot be edited until withdrawn."""

    message: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A person says: this text is out, here is where."""

    message: str
    line: Line
    link: str
    promises: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A locked text was not posted there after all."""

    message: str
    line: Line
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Texts about to be posted were taken back."""

    message: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOverridden:
    """A named person published before what should have come first, and said why."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingFrozen:
    """Scheduled posting was stopped there; `evidence` shows it."""

    account: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingResumed:
    """Posting was let go again there."""

    account: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Someone was called: `acknowledged`, `no-answer`, or `nobody` where the role has no one."""

    step: str
    round: int
    role: str
    person: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Someone wrote something down."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """The outside world said something, in a drill."""

    inject: str
    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBreached:
    """A deadline passed unmet. It stays breached, whatever is done later."""

    clock: str
    name: str
    anchor: datetime
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A sensitive value was erased; the gap stays marked."""

    fact: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """It is over; what had not been done is named."""

    reason: str
    left_open: tuple[str, ...] = ()


Event = (
    Opened
    | RosterChanged
    | FactSet
    | SignalsRead
    | SeverityDecided
    | Started
    | Answered
    | Finished
    | SentBack
    | Dropped
    | Drafted
    | SheetIssued
    | Decided
    | ApprovalWaived
    | LastResortTaken
    | Locked
    | Published
    | LeftOut
    | Withdrawn
    | HoldOverridden
    | PostingFrozen
    | PostingResumed
    | Reached
    | Noted
    | Injected
    | ClockBreached
    | Erased
    | Closed
)

#: Every event by the name it has in the journal.
EVENT_TYPES: Mapping[str, type[Event]] = {cls.__name__: cls for cls in Event.__args__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event with its envelope. Order is `seq`, never time. `who` is empty for what the engine concluded."""

    seq: int
    at: datetime
    who: str
    via: str
    command: str
    event: Event
    on_behalf_of: str = ""
    v: int = 1
