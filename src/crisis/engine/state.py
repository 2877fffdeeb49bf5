"""What is known of an incident now. `evolve.py` builds it from events; nothing else does."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from crisis.engine import events as ev
from crisis.engine.events import DraftedText, Json, Line, Member, Reading
from crisis.engine.memory import once
from crisis.engine.monitoring import Measured


class FactState(Struct, frozen=True, kw_only=True):
    """The latest word on a fact.

    `since` is when it became known to us, `at` when it was written down; `changed` is the `seq` with which it
    came to say what it says, however often it was said again since. `earlier` is what was said before it
    otherwise, in order, each with since when.
    """

    value: Json
    known: bool
    at: datetime
    since: datetime
    seq: int
    changed: int
    ask_again_at: datetime | None = None
    sealed: str = ""
    earlier: tuple[FactState, ...] = ()

    def says_as(self, other: FactState | None) -> bool:
        """Whether it says what `other` said, whenever either was said; what is not known says nothing."""
        mine = (self.value, self.sealed) if self.known else None
        return mine == ((other.value, other.sealed) if other is not None and other.known else None)


class CameTo(Struct, frozen=True, kw_only=True):
    """What a round of a step came to; `corrects`: somebody went back to say it otherwise."""

    at: datetime
    seq: int
    outcome: str
    corrects: bool


class StepState(Struct, frozen=True, kw_only=True):
    """A step that has begun: its latest round, and what the round before it was answered."""

    round: int
    status: Literal["started", "finished", "reopened", "dropped"]
    started_at: datetime
    started_seq: int
    outcome: str = ""
    finished_at: datetime | None = None
    answers: Mapping[str, Json] = field(default_factory=dict)
    previous: Mapping[str, Json] = field(default_factory=dict)
    touched: bool = False
    acknowledged_at: datetime | None = None  # when the first of those who were called had it
    stands: str = ""  # the outcome those after it rely on: kept while it merely repeats
    came_to: tuple[CameTo, ...] = ()  # in each of its rounds that were finished
    why_again: str = ""
    again: ev.Cause | Literal[""] = ""  # the cause of this round, where it is not the first
    hold_overridden: str = ""
    overridden_before: str = ""  # the reason for which a hold was overridden in an earlier round


class Sheet(Struct, frozen=True, kw_only=True):
    """The texts that are before the approvers."""

    id: str
    lines: tuple[Line, ...]
    chain: str
    issued_at: datetime
    due: datetime
    seq: int


class Decision(Struct, frozen=True, kw_only=True):
    """A yes or a no that was given, by whom, for which lines."""

    person: str
    verdict: ev.Verdict
    roles: tuple[str, ...]
    lines: tuple[Line, ...]
    sheet: str
    at: datetime
    proof: str
    reason: str = ""


class Publication(Struct, frozen=True, kw_only=True):
    """A text that is out; `draft` is the `seq` of the draft it was part of.

    What was said of it stays with it, whatever becomes of the message: the facts as they were known when it was
    written, who had approved it when it went out, and what it went `without` a full approval by (`waived` or
    `last resort`). `corrects`: it puts right what went out before.
    """

    line: Line
    link: str
    at: datetime
    who: str
    seq: int
    draft: int
    promises: datetime | None = None
    drafted_from: Mapping[str, FactState] = field(default_factory=dict)
    approvals: tuple[Decision, ...] = ()
    without: str = ""
    says: tuple[str, ...] | None = None  # the facts that its template names, where that was recorded
    only_asked: tuple[str, ...] = ()  # of these, those of which it only matters whether they are so
    corrects: bool = False

    def outdated(self, names: Iterable[str], facts: Mapping[str, FactState]) -> tuple[str, ...]:
        """The facts that it says, else those of its message, `names`, which are otherwise in `facts` than it says."""
        changed = _outdated(self.said_of(names), self.drafted_from, facts)
        return _that_matter(changed, self.only_asked, self.drafted_from, facts)

    def said_of(self, names: Iterable[str]) -> Iterable[str]:
        """The facts that it says; where that was not recorded, all `names` that its message may say."""
        return names if self.says is None else self.says

    def contradicted(self, names: Iterable[str], facts: Mapping[str, FactState]) -> bool:
        """Whether one of them was known when this was written, and is otherwise in `facts`."""
        return any(self.drafted_from[one].known for one in self.outdated(names, facts) if one in self.drafted_from)


class MessageState(Struct, frozen=True, kw_only=True, dict=True):
    """A message of the incident: its texts, who said what of them, what is locked and what is out."""

    texts: tuple[DraftedText, ...] = ()
    drafted_by: Mapping[str, str] = field(default_factory=dict)  # sha256 → person
    drafted_at: datetime | None = None
    drafted_seq: int = 0
    drafted_in: str = ""  # the step in which, where several write this message
    drafted_from: Mapping[str, FactState] = field(default_factory=dict)  # the facts as they were known then
    made_beside: Mapping[Line, tuple[Line, ...]] = field(default_factory=dict)  # what was sent when it came to say that
    corrects: bool = False  # the texts are written to put right what is out
    sheet: Sheet | None = None
    decisions: tuple[Decision, ...] = ()
    waived: tuple[Line, ...] = ()
    without_under: str = ""  # the chain without whose full approval they go on: under another it says nothing
    last_resort: tuple[Line, ...] = ()
    review: Sheet | None = None  # what went out as a last resort, to be looked at afterwards
    review_due: datetime | None = None
    reviewed_at: datetime | None = None
    locked: tuple[Line, ...] = ()
    left_out: tuple[Line, ...] = ()
    left_out_seq: int = 0  # with which a text was last left out
    published: tuple[Publication, ...] = ()  # of the texts as they are now
    history: tuple[Publication, ...] = ()  # all that ever went out

    @once
    def lines(self) -> tuple[Line, ...]:
        """The lines of the texts as they are now."""
        return tuple(text.line for text in self.texts)

    def without_texts(self) -> MessageState:
        """The message for a step that is for other texts than those it has now."""
        return replace(self, texts=(), sheet=None, waived=(), last_resort=(), locked=(), left_out=(), published=())

    @property
    def first_published_at(self) -> datetime | None:
        """When the message first reached anyone outside."""
        return self.history[0].at if self.history else None

    @property
    def last_publication(self) -> Publication | None:
        """What went out last, whether or not the texts have changed since."""
        return self.history[-1] if self.history else None

    def last_of(self, line: Line) -> Publication | None:
        """When exactly this text went out last, whether or not the texts have changed since."""
        return next((one for one in reversed(self.history) if one.line == line), None)

    @once
    def first_out(self) -> Mapping[int, int]:
        """By the `seq` of each draft of which something went out, the `seq` with which the first of it did."""
        return {one.draft: one.seq for one in reversed(self.history)}

    @once
    def promises(self) -> tuple[Publication, ...]:
        """Of each draft that went out and promised a next update, what promised the soonest."""
        soonest: dict[int, tuple[datetime, int, Publication]] = {}
        for one in self.history:
            if one.promises is not None:
                made = (one.promises, one.seq, one)
                soonest[one.draft] = min(made, soonest.get(one.draft, made))
        return tuple(one for _, _, one in soonest.values())

    @property
    def promise(self) -> Publication | None:
        """The soonest next update that was promised with what went out last."""
        last = self.promises[-1] if self.promises else None
        return last if last is not None and last.draft == self.history[-1].draft else None

    def outdated(self, names: Iterable[str], facts: Mapping[str, FactState]) -> tuple[str, ...]:
        """Those of the facts `names` that say something else now than when the texts were written."""
        changed = _outdated(names, self.drafted_from, facts)
        return _that_matter(changed, self._only_asked, self.drafted_from, facts) if changed else ()

    @once
    def _only_asked(self) -> frozenset[str]:
        """The facts of which it only matters to every text that names them whether they are so."""
        asked = frozenset(name for text in self.texts for name in text.only_asked)
        others = {name for text in self.texts for name in text.says or () if name not in text.only_asked}
        return asked - others if all(text.says is not None for text in self.texts) else frozenset()

    def says(self, line: Line) -> tuple[str, ...] | None:
        """The facts that the text names; None where that was not recorded."""
        return next((text.says for text in self.texts if text.line == line), None)

    def only_asked_in(self, line: Line) -> tuple[str, ...]:
        """Those of the facts that the text names of which it only matters whether they are so."""
        return next((text.only_asked for text in self.texts if text.line == line), ())

    def open_lines(self) -> tuple[Line, ...]:
        """The texts that are neither out nor left out nor being posted."""
        settled = {*self.locked, *self.left_out}
        return tuple(line for line in self.lines if line not in settled and not self.is_out(line))

    def to_decide(self) -> tuple[Line, ...]:
        """The texts on the sheet, without those that were left out since it was issued."""
        return tuple(line for line in self.sheet.lines if line not in self.left_out) if self.sheet else ()

    def under(self, chain: str) -> MessageState:
        """The message without what lets a text that is not out yet go on without a full approval of another chain."""
        if self.without_under in ("", chain) or not (self.waived or self.last_resort):
            return self
        posted = {*self.locked, *(one.line for one in self.published)}
        waived, taken = (tuple(line for line in lines if line in posted) for lines in (self.waived, self.last_resort))
        return replace(self, waived=waived, last_resort=taken)

    def is_being_posted(self) -> bool:
        """Whether a text is locked, and nobody has said yet what became of it."""
        return any(line not in self.left_out and not self.is_out(line) for line in self.locked)

    def is_out(self, line: Line) -> bool:
        """Whether exactly this text is out there."""
        return line in self._out

    @once
    def _out(self) -> frozenset[Line]:
        return frozenset(publication.line for publication in self.published)


def approvals(line: Line, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The yes of everyone whose latest word on `line` is one."""
    latest = {one.person: one for one in decisions if line in one.lines}
    return tuple(one for one in latest.values() if one.verdict == "yes")


def _outdated(names: Iterable[str], then: Mapping[str, FactState], now: Mapping[str, FactState]) -> tuple[str, ...]:
    then_and_now = ((one, then.get(one), now[one]) for one in names if one in now)
    return tuple(one for one, was, is_ in then_and_now if was is not is_ and not is_.says_as(was))


def _that_matter(
    changed: tuple[str, ...], only_asked: Container[str], then: Mapping[str, FactState], now: Mapping[str, FactState]
) -> tuple[str, ...]:
    """Those of the facts that make the text another: not those that are only asked, and were and are no yes."""
    return tuple(one for one in changed if one not in only_asked or _is_so(then.get(one)) or _is_so(now[one]))


def _is_so(state: FactState | None) -> bool:
    return state is not None and state.known and bool(state.value)


class Incident(Struct, frozen=True, kw_only=True):
    """One run of a playbook. Built by `evolve` and by nothing else."""

    id: str
    uid: str
    playbook: str
    title: str
    plan: str
    lead: str
    drill: bool
    opened_at: datetime
    version: int
    at: datetime
    roster: Mapping[str, Member]
    out_of_reach: frozenset[str] = frozenset()  # whom somebody said cannot be called at all, and nobody heard of since
    facts: Mapping[str, FactState] = field(default_factory=dict)
    known_since: datetime  # when the first credible report reached anyone of ours; else when the incident was opened
    signals: Mapping[str, Reading] = field(default_factory=dict)
    measured: Measured | None = None  # of the exports that were read, the one that says how things stand
    measured_at: datetime | None = None
    severity: str = ""
    severities: tuple[tuple[datetime, str], ...] = ()
    considered: frozenset[str] = frozenset()  # the grounds for a severity that somebody has weighed
    steps: Mapping[str, StepState] = field(default_factory=dict)
    began: int = 0  # the `seq` with which a step last began
    ended: int = 0  # … and with which one last ended or was sent back
    messages: Mapping[str, MessageState] = field(default_factory=dict)
    frozen: Mapping[str, str] = field(default_factory=dict)
    resumed: frozenset[str] = frozenset()
    breaches: Mapping[str, datetime] = field(default_factory=dict)
    closed_at: datetime | None = None

    def message(self, name: str) -> MessageState:
        """The message of that name, empty while nothing was drafted."""
        return self.messages.get(name, _NOTHING_DRAFTED)


_NOTHING_DRAFTED = MessageState()
