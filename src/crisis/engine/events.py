"""What can happen in an incident, in the past tense. The journal holds these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from crisis.engine.monitoring import Measured

Json = Any  # a JSON value; what a step's answer looks like is checked by the shape that asked for it

Verdict = Literal["yes", "no"]
#: Why a step is done again. `repeat` (its turn came round) and `outdated` (its answer may have changed) do not
#: hold up what comes after it; `lapsed`, `asked` and `route` do.
Cause = Literal["lapsed", "outdated", "asked", "repeat", "route"]


class Member(Struct, frozen=True, kw_only=True):
    """Someone on the roster. Contact details lie in a blob outside the chain, `contact` is its salted hash."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    deputies: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    contact: str = ""


class Line(Struct, frozen=True, kw_only=True):
    """One line of a sheet: this exact text, on this channel, in this language."""

    channel: str
    language: str
    sha256: str
    attachments: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`x/en`: where it goes, whatever it says."""
        return f"{self.channel}/{self.language}"


class DraftedText(Struct, frozen=True, kw_only=True):
    """A text as drafted: its line, how it came about, and the next update it promises, if any.

    `says`: the facts that its template names, of an edited text those of the template it was made from; None where
    that was not recorded. `only_asked`: those of them of which the text only depends on whether they are so, and reads
    the same with no as while nobody knew.
    """

    line: Line
    cleared: bool = False
    edited: bool = False
    promises: datetime | None = None
    says: tuple[str, ...] | None = None
    only_asked: tuple[str, ...] = ()


class Reading(Struct, frozen=True, kw_only=True):
    """A signal as it was read: 14 times the baseline, for so many seconds, from so many mentions."""

    value: float | None = None
    ratio: float | None = None
    lasting: float = 0.0
    count: int = 0


class Opened(Struct, frozen=True, kw_only=True):
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


class RosterChanged(Struct, frozen=True, kw_only=True):
    """A person was added or corrected."""

    member: Member


class FactSet(Struct, frozen=True, kw_only=True):
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


class SignalsRead(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Monitoring said something: `readings` as rules see them; `measured` says more where an export was read.

    `instead` names the files of an export that a person has called the wrong one: it says nothing any more.
    What is left out is not written, so that older journals come out with the hashes they have.
    """

    readings: Mapping[str, Reading]
    measured: Measured | None = None
    instead: tuple[str, ...] = ()


class SeverityDecided(Struct, frozen=True, kw_only=True):
    """A named person decided how bad it is; what was proposed, and why, stands beside it.

    `ground` is what spoke for the proposal: weighed once, it does not raise the question again.
    """

    severity: str
    reason: str = ""
    proposed: str = ""
    because: str = ""
    ground: str = ""


class Started(Struct, frozen=True, kw_only=True):
    """A step began, or began again: a new round sees none of the last one's answers."""

    step: str
    round: int
    phase: str


class Answered(Struct, frozen=True, kw_only=True):
    """A person answered one question of a step."""

    step: str
    round: int
    ask: str
    value: Json


class Finished(Struct, frozen=True, kw_only=True):
    """A step came to an outcome; `reopens` names the steps a route back makes to be done again."""

    step: str
    round: int
    outcome: str
    because: str = ""
    reopens: tuple[str, ...] = ()


class SentBack(Struct, frozen=True, kw_only=True):
    """Something already done must be done again: refused, lapsed, asked for, or its turn came round."""

    step: str
    to: str
    why: str
    cause: Cause
    reopens: tuple[str, ...]


class Dropped(Struct, frozen=True, kw_only=True):
    """A step that had begun no longer applies, and nobody had touched it."""

    step: str
    round: int
    why: str


class Drafted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The texts of a message were written. What was there before no longer counts where it differs.

    `again`: why, where it is not the first time; `step`: in which step, where several write that message. Left out
    they are not written, so that older journals come out with the hashes they have.
    """

    message: str
    texts: tuple[DraftedText, ...]
    again: Cause | None = None
    step: str = ""


class SheetIssued(Struct, frozen=True, kw_only=True):
    """The exact texts were put before the approvers, at once; a decision will name this sheet."""

    message: str
    sheet: str
    lines: tuple[Line, ...]
    chain: str
    due: datetime


class Decided(Struct, frozen=True, kw_only=True):
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


class ApprovalWaived(Struct, frozen=True, kw_only=True):
    """Nobody was there to approve; a named person went on, and said why. It stands beside the text for good."""

    message: str
    sheet: str
    lines: tuple[Line, ...]
    rules: tuple[str, ...]
    reason: str


class LastResortTaken(Struct, frozen=True, kw_only=True):
    """A cleared, unedited safety text goes out because everyone is silent; it must be reviewed by `review_due`."""

    message: str
    sheet: str
    lines: tuple[Line, ...]
    reason: str
    review_due: datetime


class Locked(Struct, frozen=True, kw_only=True):
    """Someone is about to post these approved texts; they cannot be edited until withdrawn."""

    message: str
    lines: tuple[Line, ...]


class Published(Struct, frozen=True, kw_only=True):
    """A person says: this text is out, here is where."""

    message: str
    line: Line
    link: str
    promises: datetime | None = None


class LinkCorrected(Struct, frozen=True, kw_only=True):
    """A person says: the link that was recorded of this text, which is out, `was` wrong; here is where it is."""

    message: str
    line: Line
    link: str
    was: str


class LeftOut(Struct, frozen=True, kw_only=True):
    """A text that was written was not posted there after all."""

    message: str
    line: Line
    reason: str


class Withdrawn(Struct, frozen=True, kw_only=True):
    """Texts about to be posted were taken back."""

    message: str
    why: str


class HoldOverridden(Struct, frozen=True, kw_only=True):
    """A named person published before what should have come first, and said why."""

    step: str
    reason: str


class PostingFrozen(Struct, frozen=True, kw_only=True):
    """Scheduled posting was stopped there; `evidence` shows it."""

    account: str
    evidence: str = ""


class PostingResumed(Struct, frozen=True, kw_only=True):
    """Posting was let go again there."""

    account: str
    evidence: str = ""


class Reached(Struct, frozen=True, kw_only=True):
    """Someone was called: `acknowledged`, `no-answer`, or `nobody` where they cannot be called at all."""

    step: str
    round: int
    role: str
    person: str
    answer: str


class Noted(Struct, frozen=True, kw_only=True):
    """Someone wrote something down."""

    text: str


class Injected(Struct, frozen=True, kw_only=True):
    """The outside world said something, in a drill."""

    inject: str
    source: str
    text: str


class ClockBreached(Struct, frozen=True, kw_only=True):
    """A deadline passed unmet. It stays breached, whatever is done later."""

    clock: str
    name: str
    anchor: datetime
    due: datetime


class Erased(Struct, frozen=True, kw_only=True):
    """A sensitive value was erased; the gap stays marked."""

    fact: str
    reason: str


class Closed(Struct, frozen=True, kw_only=True):
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
    | LinkCorrected
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


class Recorded(Struct, frozen=True, kw_only=True):
    """An event with its envelope. Order is `seq`, never time. `who` is empty for what the engine concluded."""

    seq: int
    at: datetime
    who: str
    via: str
    command: str
    event: Event
    on_behalf_of: str = ""
    v: int = 1
