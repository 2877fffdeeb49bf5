"""What an operator is shown with a question: where things stand, in data. How it looks is the operator's affair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property

from msgspec import Struct, field

from crisis.engine.clocks import Clock
from crisis.engine.events import Json, Line
from crisis.engine.look import OpenAsk
from crisis.playbook.model import Fact


class Scene(Struct, frozen=True, kw_only=True):
    """Where things stand: what must be on screen at all times."""

    incident: str
    uid: str
    title: str
    drill: bool
    severity: str
    known_since: datetime
    lead: str
    deputy: str
    out: int  # all that ever went out: what was corrected since may still stand there
    approved_not_out: int
    waiting: tuple[str, ...]
    clocks: tuple[Clock, ...]
    do_not: tuple[str, ...]
    posting: tuple[str, ...]  # which accounts are stopped, and which still post, in words
    outdated: tuple[str, ...] = ()  # what is out and says a fact as it no longer is, in words


class ProposedText(Struct, frozen=True, kw_only=True):
    """A text filled from its template, which names the facts `says`. `problem`: why it cannot go out like this."""

    channel: str
    language: str
    text: str
    size: str = ""
    cleared: bool = False
    edited: bool = False
    promises: datetime | None = None
    says: tuple[str, ...] = ()
    only_asked: tuple[str, ...] = ()  # of these, those of which it only matters whether they are so
    problem: str = ""
    lacks: str = ""  # the fact without which it cannot be written
    warnings: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`x/en`."""
        return f"{self.channel}/{self.language}"


class Former(Struct, frozen=True):
    """Texts as they were last sent for approval, and whether something that they say has changed since.

    `left_out` has the places that were not sent, or not posted; `sources`, by the place of each translation, the
    fingerprint that its source had when it was made. Of a text that is only written again, there are no texts.
    """

    texts: tuple[ProposedText, ...] = ()
    outdated: bool = False
    left_out: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)


class Elsewhere(Struct, frozen=True):
    """The other message that was written last, and the languages of this one that were left out of it."""

    title: str = ""
    languages: tuple[str, ...] = ()


class LinedText(Struct, frozen=True, kw_only=True):
    """A text that stands on a sheet, with its line and how it was approved."""

    line: Line
    text: str
    approved_by: str = ""


class SayableFact(Struct, frozen=True, kw_only=True):
    """A fact that may be said or corrected, with what is known of it now in words; of a sensitive one no value.

    `suggested` is that value as an answer has it.
    """

    name: str
    fact: Fact
    known_now: str
    is_asked: bool = False
    is_known: bool = False
    is_waited_for: bool = False  # by a text that is approved and held
    suggested: Json = None
    changed: int = 0  # the version at which it was said last; 0 where it never was


class Correction(Struct, frozen=True):
    """A message that is out and says facts as they were: the draft that puts it right, its title, what it has wrong."""

    draft: str
    title: str
    wrong: str  # `says product as it was`


class KnownLink(Struct, frozen=True):
    """The link of a text that is out, which may have been recorded wrong: of which message, and where."""

    message: str
    title: str
    line: Line
    link: str


class Around(Struct, frozen=True, kw_only=True):
    """What stands around a question for whoever reads it.

    `who` names the people who are asked, with their role; `figures` is what monitoring says, line by line, where
    that helps to answer, `beforehand` what one should know before one writes a text, or calls somebody.
    """

    scene: Scene
    who: str = ""
    figures: tuple[str, ...] = ()
    beforehand: tuple[str, ...] = ()
    texts: tuple[LinedText, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    left_to_do: tuple[OpenAsk, ...] = ()
    can_go_back: Mapping[str, str] = field(default_factory=dict)
    to_correct: tuple[Correction, ...] = ()
    facts: tuple[SayableFact, ...] = ()
    links: tuple[KnownLink, ...] = ()


class Question(Struct, frozen=True, kw_only=True, dict=True):
    """One question with all that its operator may need to answer it.

    `limits` are the channels that take less than is usual. `former` are the texts as they were last sent, where this
    is about them again, `source_language` the one that the others are translated from, `facts_changed` the version at
    which what they say last changed, `elsewhere` what another message left out; `has_media`: a picture goes with them.
    `may_close`: with the last answer of its kind the incident is closed.
    What stands around it is put together only when somebody looks: a script does not.
    """

    look: Callable[[], Around]
    step: str
    step_title: str
    open_ask: OpenAsk
    why: str = ""
    again: str = ""
    proposed: tuple[ProposedText, ...] = ()
    former: Former = Former()
    limits: Mapping[str, int] = field(default_factory=dict)
    source_language: str = ""
    facts_changed: int = 0
    elsewhere: Elsewhere = Elsewhere()
    has_media: bool = True
    can_skip: bool = False
    may_close: bool = False
    version: int = 0  # the incident as it was when this was put together

    @cached_property
    def around(self) -> Around:
        """What stands around it, as it was when it was asked."""
        return self.look()


class Meanwhile(Struct, frozen=True, kw_only=True, dict=True):
    """What can be done while nothing must be answered.

    `choices` may be answered all the same; `until` is when time alone will change something. What stands around it is
    put together only when somebody looks.
    """

    look: Callable[[], Around]
    choices: tuple[Question, ...] = ()
    until: datetime | None = None

    @cached_property
    def around(self) -> Around:
        """Where things stand, and where one can go back to."""
        return self.look()


class Say(Struct, frozen=True):
    """The answer to the question."""

    value: Json
    on_behalf_of: str = ""


class WriteNote(Struct, frozen=True):
    """Write something down, then ask the same again."""

    text: str


class SayFact(Struct, frozen=True):
    """Say or correct a fact, as an answer to `FactValue`, then go on where one was."""

    name: str
    value: Json
    changed: int = 0  # when it was said last, as far as was seen: what somebody else says since stands


class SayLink(Struct, frozen=True):
    """Correct the link of a text that is out, then go on where one was."""

    of: KnownLink
    link: str


class LeaveOut(Struct, frozen=True):
    """Skip the step, with a reason."""

    reason: str


class Return(Struct, frozen=True):
    """Go back to an earlier step, with a reason."""

    to: str
    why: str


class Prefer(Struct, frozen=True):
    """Do another open question first, and what else its step asks in this round."""

    step: str
    round: int
    ask: str


class LookAgain(Struct, frozen=True):
    """Something changed meanwhile, or enough time has passed: read the state again.

    `here`: whoever was asked goes on at the same question, if it is still open.
    """

    here: bool = False


Reply = Say | WriteNote | SayFact | SayLink | LeaveOut | Return | Prefer | LookAgain
