"""What watching needs of the outside world: feeds, a memory that lasts, and somebody to tell.

A feed is asked with the cursor that it gave out last and answers with what is new and the next cursor. The memory
keeps both in one transaction, so that whatever is killed between two answers is asked again from where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from crisis.kernel.errors import CrisisError

if TYPE_CHECKING:
    from crisis.signals.alerts import Alert
    from crisis.signals.live import Sums
    from crisis.signals.mention import Count, Mention
    from crisis.signals.standing import Standing


class FeedFailed(CrisisError):
    """A feed did not answer, or not with what it should; it is asked again later.

    `wait`: how long the source wants to be left alone; None where it did not say.
    """

    def __init__(self, message: str, *, hint: str = "", wait: timedelta | None = None) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


class Batch(Struct, frozen=True, kw_only=True):
    """What a feed answered.

    `cursor`: where to go on. `until`: everything before that moment is known now; None while there is `more` to be
    had at once. `since`: what lies before is out of the source's reach, so that a later `since` than the last `until`
    is a gap; None where nothing is missing. A first answer's `since` says from when on counting makes sense.
    """

    cursor: str
    until: datetime | None
    since: datetime | None = None
    mentions: Sequence[Mention] = ()
    counts: Sequence[Count] = ()
    more: bool = False
    skipped: int = 0


class Feed(Protocol):
    """One source. It keeps nothing that would be missed: all that must last is in the cursor."""

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """What is new since `cursor`; an empty one is the first. Raises FeedFailed, or another CrisisError."""


class Watched(Struct, frozen=True, kw_only=True):
    """A feed with its name, how often it is asked, and what makes one of its mentions ours.

    `pace`: the least time between two questions while there is more to be had. `span`: how long one count stands for.
    """

    id: str
    kind: str
    feed: Feed
    every: timedelta
    pace: timedelta = timedelta(0)
    span: timedelta = timedelta(minutes=5)
    is_ours: Callable[[str], bool] | None = None


class Kept(Struct, frozen=True, kw_only=True):
    """What is remembered of a feed; `version` counts what was written."""

    version: int
    cursor: str
    open: dict[str, Any]
    learned: dict[str, Any]
    sums: dict[int, Sums]


class Change(Struct, frozen=True, kw_only=True):
    """What one answer changed. `learned` is left out where no bin was closed; `sums` are whole bins, by number."""

    cursor: str
    open: dict[str, Any]
    learned: dict[str, Any] | None
    sums: dict[int, Sums]
    alerts: Sequence[Alert] = ()


class Untold(Struct, frozen=True):
    """An alert that was recorded, and perhaps not shown: told again rather than never."""

    number: int
    feed: str
    alert: Alert


class Ledger(Protocol):
    """The memory of one watch: durable, and written by one process at a time."""

    def kept(self, feed: str) -> Kept | None:
        """What is remembered of a feed."""

    def take(self, feed: str, version: int, now: datetime, work: Callable[[Callable[[str], bool]], Change]) -> int:
        """Do `work` and keep its change, all of it or nothing; returns the new version.

        `work` is given a function that says whether a mention's id is new; it is known from then on. Raises
        Refused if the feed is not at `version`: then another process watches it.
        """

    def untold(self) -> tuple[Untold, ...]:
        """Alerts that nobody is known to have been told of."""

    def told(self, numbers: Sequence[int]) -> None:
        """They were shown."""

    def down_since(self, feed: str) -> datetime | None:
        """Since when a feed is known not to answer."""

    def mark_down(self, feed: str, since: datetime | None) -> None:
        """It does not answer since then; with None, it does again."""

    def proposed(self) -> tuple[str, datetime] | None:
        """The severity that was proposed last, and when."""

    def propose(self, severity: str, now: datetime) -> None:
        """Remember that it was."""


# ── what is said ──


class Began(Struct, frozen=True, kw_only=True):
    """A feed is watched: on from `until`, or from now on."""

    feed: str
    kind: str
    every: timedelta
    until: datetime | None


class Down(Struct, frozen=True, kw_only=True):
    """A feed does not answer; it is asked again at `again`, unless the watch ends here. Said once."""

    feed: str
    why: str
    hint: str
    again: datetime | None


class Up(Struct, frozen=True, kw_only=True):
    """A feed answers again after it was down."""

    feed: str
    down_since: datetime


class Gap(Struct, frozen=True, kw_only=True):
    """What the feed said between these moments is beyond the source's memory: unknown, and not zero."""

    feed: str
    since: datetime
    until: datetime


class Polled(Struct, frozen=True, kw_only=True):
    """What one answer brought: `new` mentions or counts, `known` ones, `older` than the watch, `other` texts."""

    feed: str
    new: int
    known: int = 0
    older: int = 0
    other: int = 0
    skipped: int = 0
    until: datetime | None = None
    learned: bool = False


class Proposal(Struct, frozen=True, kw_only=True):
    """What should be looked at: unusual alerts of a feed, or a severity that the playbook's rules propose.

    `examples`: by feed, one of those who make the complaint that returns, as it came. `estimated`: by feed, the share
    of its sentiments that are estimates.
    """

    at: datetime
    alerts: Sequence[tuple[str, Alert]] = field(default=())
    assessed: Any = None
    command: str = ""
    examples: Mapping[str, str] = field(default_factory=dict)
    estimated: Mapping[str, float] = field(default_factory=dict)


Said = Began | Down | Up | Gap | Polled | Proposal


class Notifier(Protocol):
    """Whoever must know."""

    def tell(self, said: Said) -> None:
        """Show it, at once."""

    def close(self) -> None:
        """Nothing more is said."""


Judge = Callable[[tuple["Standing", ...]], Any]
