"""What a monitoring tool's export becomes: mentions or counts in UTC, and a report of what was left out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

Sentiment = Literal["positive", "neutral", "negative", "unknown"]
Records = Literal["mentions", "counts"]

UNKNOWN_ORIGINAL = "?"
"""`Mention.repost_of` where the tool says "a repost" without saying of what."""


class Mention(Struct, frozen=True):
    """One post, article or message about the brand, whichever tool found it.

    `at` is aware and in UTC. `sentiment` is the tool's, `unknown` where it gave none: blank is not
    neutral. `reach` and `engagement` are people and interactions as the tool estimates them, None
    where it does not. `language` is ISO 639-1 and `country` ISO 3166 alpha-2 where they could be
    told, else what the tool wrote. Texts are as they came, and hostile: `kernel.text.safe` them
    before they reach a terminal.
    """

    id: str
    at: datetime
    source: str
    author: str
    text: str
    url: str = ""
    language: str = ""
    sentiment: Sentiment = "unknown"
    reach: int | None = None
    engagement: int | None = None
    country: str = ""
    repost_of: str = ""

    @property
    def is_repost(self) -> bool:
        """Whether it spreads somebody's words without adding any; `repost_of` says whose."""
        return bool(self.repost_of)


class Count(Struct, frozen=True):
    """So many at a time: a row of a file that was counted before it reached us. `at` is in UTC."""

    at: datetime
    value: float
    source: str = ""


class ImportReport(Struct, frozen=True):
    """What was read, and what was not and why.

    `rows` = `mentions` + `counts` + the sum of `skipped`; `mentions` = originals + `reposts`, and
    `sentiment` is over `mentions`. `time_zone_from` says how the zone was found.
    """

    format: str
    container: str
    records: Records
    time_zone: str
    time_zone_from: str
    rows: int
    mentions: int
    reposts: int
    counts: int
    skipped: Mapping[str, int]
    sentiment: Mapping[str, int]
    first: datetime | None
    last: datetime | None
    notes: tuple[str, ...] = field(default=())
    estimated: Mapping[str, int] = field(default_factory=dict)
    """Of the mentions whose sentiment the tool left unknown: what their words say, and `unknown` where nobody can."""
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    """Of several files' mentions: from when to when nobody knows anything, as no file covers it."""

    @property
    def originals(self) -> int:
        """Mentions that are nobody's repost."""
        return self.mentions - self.reposts

    def as_data(self) -> dict[str, object]:
        """The report as JSON would have it, times in ISO 8601."""
        data: dict[str, object] = {
            "format": self.format,
            "container": self.container,
            "records": self.records,
            "time_zone": self.time_zone,
            "time_zone_from": self.time_zone_from,
            "rows": self.rows,
            "mentions": self.mentions,
            "originals": self.originals,
            "reposts": self.reposts,
            "counts": self.counts,
            "skipped": dict(self.skipped),
            "sentiment": dict(self.sentiment),
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "notes": list(self.notes),
        }
        if self.gaps:
            data["gaps"] = [{"from": since.isoformat(), "until": until.isoformat()} for since, until in self.gaps]
        return data | ({"estimated_sentiment": dict(self.estimated)} if self.estimated else {})


def together(reports: Iterable[ImportReport]) -> ImportReport:
    """One report for several files that were read in one call; what differs is named once each."""
    several = list(reports)

    def each(*values: str) -> str:
        return ", ".join(dict.fromkeys(values))

    def total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
        summed: Counter[str] = Counter()
        for one in counts:
            summed.update(one)
        return dict(summed)

    return ImportReport(
        format=each(*(one.format for one in several)),
        container=each(*(one.container for one in several)),
        records="counts" if several and all(one.records == "counts" for one in several) else "mentions",
        time_zone=each(*(one.time_zone for one in several)),
        time_zone_from=each(*(one.time_zone_from for one in several)),
        rows=sum(one.rows for one in several),
        mentions=sum(one.mentions for one in several),
        reposts=sum(one.reposts for one in several),
        counts=sum(one.counts for one in several),
        skipped=total(one.skipped for one in several),
        sentiment=total(one.sentiment for one in several),
        first=min((one.first for one in several if one.first), default=None),
        last=max((one.last for one in several if one.last), default=None),
        notes=tuple(dict.fromkeys(note for one in several for note in one.notes)),
        estimated=total(one.estimated for one in several),
    )
