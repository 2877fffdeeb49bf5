"""What an export of a monitoring tool said when it was read into an incident: figures, and a short series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

#: The most spans of time that a reading keeps: enough for days, and little beside the texts of an incident.
MOST_SPANS = 300

HOUR = timedelta(hours=1)
#: Clocks differ by this much: what ends later than that after it was read is dated wrongly, or scheduled.
AHEAD = timedelta(minutes=10)


class Figure(Struct, frozen=True, kw_only=True):
    """A signal at the end of an export. Counts are per `window` seconds, shares from 0 to 1.

    `baseline` and `ratio` are None where too little was seen to know what is usual; `since` is when it began to
    stir, if it is `unusual`.
    """

    value: float | None = None
    baseline: float | None = None
    ratio: float | None = None
    since: datetime | None = None
    window: float = 3600.0
    unusual: bool = False


class Counted(Struct, frozen=True, kw_only=True):
    """Mentions in spans of `every` seconds, one after the other from `begins` on; None where nobody knows.

    `rated` of them have a sentiment and `negative` are negative; both are empty where the export knows none.
    """

    begins: datetime
    every: float
    mentions: tuple[float | None, ...]
    rated: tuple[int, ...] = ()
    negative: tuple[int, ...] = ()

    @property
    def span(self) -> timedelta:
        """How long one span is."""
        return timedelta(seconds=self.every)

    @property
    def ends(self) -> datetime:
        """The end of the last span."""
        return self.begins + len(self.mentions) * self.span

    def until(self, at: datetime) -> Counted:
        """Without the spans that had not begun by `at`: when it was read, nobody knew them."""
        length = max(0, -((self.begins - at) // self.span))
        return replace(
            self, mentions=self.mentions[:length], rated=self.rated[:length], negative=self.negative[:length]
        )


class Measured(Struct, frozen=True, kw_only=True):
    """What was read: from which files of which tool, from when to when, and what they say.

    Names of files and formats are text from outside. `estimated` is the share of the sentiments, 0 to 1, that
    are estimates from the words and not the tool's.
    """

    files: tuple[str, ...]
    format: str
    first: datetime | None = None
    last: datetime | None = None
    figures: Mapping[str, Figure] = field(default_factory=dict)
    counted: Counted | None = None
    estimated: float = 0.0


#: From how many times as many on one says that it grows, and up to how many that it calms down.
_GROWS, _CALMS = 1.25, 0.8
#: From how many on, where there were none before, one says that it grows: fewer come and go.
_SOME = 10


def trend(before: Measured | None, now: Measured) -> str:
    """`calmer`, `no-change` or `worse`, by the negative mentions or else by all; empty where nothing can be compared.

    Compared is with what was read before, if it ends earlier and came from the same tool.
    """
    if before is None or before.format != now.format:
        return ""
    if before.last is not None and (now.last is None or now.last <= before.last):
        return ""
    for name in ("negative_rate", "mention_rate"):
        was, is_now = before.figures.get(name), now.figures.get(name)
        if was is None or is_now is None or was.window != is_now.window:
            continue
        if was.value == 0 and is_now.value is not None and is_now.value >= _SOME:
            return "worse"
        pairs = ((was.value, is_now.value), (was.ratio, is_now.ratio))
        for earlier, later in pairs:
            if earlier and later is not None:
                times = later / earlier
                return "worse" if times >= _GROWS else "calmer" if times <= _CALMS else "no-change"
    return ""


#: What ended longer ago than this is more likely the wrong file than news: whoever names it is asked once more.
LONG_OVER = timedelta(days=7)


def is_long_over(measured: Measured, now: datetime) -> bool:
    """Whether it ended so long ago that it can hardly be meant."""
    return measured.last is not None and now - measured.last > LONG_OVER


def is_ahead(measured: Measured, read_at: datetime) -> bool:
    """Whether it ends after the moment when it was read: its zone is wrong, or something in it was only planned."""
    return measured.last is not None and measured.last - read_at > AHEAD


def counts_now(read: Measured, read_at: datetime, known: Measured | None, known_at: datetime | None) -> bool:
    """Whether what was read says how things stand, rather than what is known, which was read at `known_at`.

    Of two the one whose mentions go further counts; of two that go as far, the one that was read last. What ends
    ahead of its own reading goes nowhere: it gives way to whatever is read later, and replaces only its like.
    """
    if known is None or known_at is None or is_ahead(known, known_at):
        return True
    if is_ahead(read, read_at):
        return False
    return known.last is None or (read.last is not None and read.last >= known.last)


def known_without(known: Measured | None, wrong: Sequence[str]) -> Measured | None:
    """What is known, where a person has said that the export of these files was the wrong one."""
    return None if known is not None and wrong and known.files == tuple(wrong) else known
