"""What the runtime needs of the outside world. Adapters satisfy these; a drill brings its own.

Nothing of the engine is imported here to run: whoever only reads heads must not load it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from crisis.kernel.errors import CrisisError, Exit
from crisis.runtime.head import Head as Head  # the journal port speaks of it

if TYPE_CHECKING:
    from crisis.engine.commands import ReadSignals
    from crisis.engine.events import Event, Recorded
    from crisis.runtime.desk import Case
    from crisis.runtime.scene import Meanwhile, Question, Reply, Scene


class Conflict(CrisisError):  # the walk decides the command again on the new state
    """Somebody else has written since this command was decided."""

    exit = Exit.REFUSED


class Envelope(Struct, frozen=True, kw_only=True):
    """An event to be appended: `seq` is the caller's expectation and is checked by the store."""

    seq: int
    at: datetime
    who: str
    via: str
    event: Event
    on_behalf_of: str = ""


class Blob(Struct, frozen=True, kw_only=True):
    """Bytes outside the chain, by `key`: the SHA-256 of the bytes, or a salted hash where `salt` is set."""

    key: str
    data: bytes
    salt: bytes = b""


class Intact(Struct, frozen=True, kw_only=True):
    """What `verify` found: `problems` is empty where everything is as it was written."""

    incident: str
    version: int
    hash: str
    problems: tuple[str, ...] = ()


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """The moment, with its zone."""


class Ids(Protocol):
    """Randomness as an argument."""

    def new(self) -> str:
        """A fresh globally unique id."""

    def salt(self) -> bytes:
        """Sixteen random bytes."""


class Journal(Protocol):
    """The only truth. Append-only; a chain and a lock for each incident."""

    def next_number(self, year: int, *, drill: bool) -> int:
        """The number for the next incident of that year; given again until one is opened with it."""

    def append(
        self,
        incident: str,
        expected: int,
        command: str,
        events: Sequence[Envelope],
        head: Head,
        blobs: Sequence[Blob] = (),
    ) -> tuple[Recorded, ...]:
        """Write all of it or nothing, durably.

        Returns the recorded events. Raises Conflict if the incident is not at version `expected`. A
        command id already written adds nothing and returns what was written then.
        """

    def read(self, incident: str, after: int = 0) -> tuple[Recorded, ...]:
        """The recorded events after that version, in order."""

    def version(self, incident: str) -> int:
        """The last event's seq, cheaply; 0 where there is none."""

    def heads(self) -> tuple[Head, ...]:
        """The heads of all incidents, newest first."""

    def headless(self) -> tuple[str, ...]:
        """Incidents that have events and no head. No append leaves that behind: somebody took the head away."""

    def head(self, incident: str) -> Head | None:
        """The head of one incident."""

    def blob(self, key: str) -> bytes | None:
        """The bytes under that key; None where there are none, or they were erased."""

    def erase(self, key: str) -> bool:
        """Erase the bytes, leaving the key as a marked gap. Whether there was something."""

    def verify(self, incident: str) -> Intact:
        """Read everything again and compare every hash, link, position, blob and the head."""


class Monitoring(Protocol):
    """Reads what monitoring tools export."""

    def read(self, files: Sequence[str], case: Case) -> ReadSignals:
        """What the files say, by the rules of the incident's own plan. Raises CrisisError where they say nothing."""


class News(Struct, frozen=True):
    """One line about what has just happened. `loud` for what must not be overlooked."""

    text: str
    loud: bool = False


class Watch(Protocol):
    """Looks at the journal while a question is open."""

    def news(self) -> tuple[News, ...]:
        """What others did since the last look."""

    def is_stale(self) -> bool:
        """Whether the question should be asked anew: it is gone or another, or time has changed what is known."""

    def scene(self) -> Scene | None:
        """Where things stand, if that has changed since the question was asked."""


class Operator(Protocol):
    """Whoever answers: a person at a terminal, a file of answers, a drill's script."""

    present: bool
    via: str

    def ask(self, question: Question, watch: Watch) -> Reply:
        """The reply to one question. Raises NeedsOperator where nobody is there, Interrupted where they left."""

    def wait(self, meanwhile: Meanwhile, watch: Watch) -> Reply:
        """Nothing must be answered now: wait for the others, or do what can be done meanwhile."""

    def tell(self, news: Iterable[News]) -> None:
        """Show what has happened."""

    def refuse(self, why: CrisisError) -> None:
        """Say that the last reply was refused, and why; it will be asked again."""
