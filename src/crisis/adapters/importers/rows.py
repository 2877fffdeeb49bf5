"""One row to one mention: every field through its getter, every doubt to `unknown` or to a reason to skip."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from crisis.adapters.importers.postids import moment_of_document, moment_of_url, moment_of_x_id, x_status
from crisis.adapters.importers.times import Order, read_clock, read_time
from crisis.adapters.importers.values import (
    amount_of,
    clean,
    country_of,
    language_of,
    network_of,
    network_of_url,
    number_of,
    plain_text,
    retweeted,
    sentiment_of,
)  # fmt: skip
from crisis.signals.mention import UNKNOWN_ORIGINAL, Count, Mention, Sentiment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crisis.adapters.importers.layout import Field, Layout
    from crisis.adapters.importers.zones import Zone

    Get = Callable[[Any], str]

_YEARS = range(1995, 2200)
_NO = frozenset({"", "0", "false", "no", "none", "null", "nan", "-", "n/a"})
_YES = frozenset({"1", "true", "yes", "y"})
_PARTS = re.compile(r"[,;|\s]+")
_LONGEST_FIELD = 2000
_MOST_COPIES = 1_000_000


class Getters(Struct, frozen=True):
    """The way to each field of a row, made once per file."""

    of_field: dict[Field, Get]
    interactions: tuple[Get, ...]

    @classmethod
    def of(cls, layout: Layout, get: Callable[[Sequence[str]], Get]) -> Getters:
        """The getters for `layout`; `get` makes one for names that are to be tried in turn."""
        single: dict[Field, Get] = {meaning: get(listed) for meaning, listed in layout.fields.items()}
        return cls(single, tuple(get([name]) for name in layout.fields.get("interactions", ())))

    def __getitem__(self, meaning: Field) -> Get:
        return self.of_field.get(meaning, _nothing)

    def at(self, row: object) -> str:
        """The time cell, or that of when the tool found it."""
        return self["at"](row) or self["added"](row)

    def local(self, row: object, order: Order | None) -> datetime | None:
        """The row's time as the file has it, date and clock put together."""
        at = read_time(self.at(row), order)
        clock = read_clock(text) if at and (text := self["clock"](row)) else None
        return (
            at.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0) if at and clock else at
        )

    def moment(self, row: object) -> datetime | None:
        """When the post was made, told by an id in the row."""
        return (
            moment_of_url(self["url"](row))
            or moment_of_x_id(self["post_id"](row))
            or moment_of_document(self["document_id"](row))
        )  # fmt: skip


def _nothing(row: object) -> str:
    return ""


class Composer:
    """Makes mentions or counts of rows, with everything about the file settled."""

    def __init__(self, layout: Layout, getters: Getters, order: Order | None, zone: Zone) -> None:
        self.layout, self.getters, self.order, self.zone = layout, getters, order, zone
        # Bound once: a file may have millions of rows.
        self._at, self._added, self._value = getters["at"], getters["added"], getters["value"]
        self._id, self._text, self._url = getters["id"], getters["text"], getters["url"]
        self._source, self._author, self._kind = getters["source"], getters["author"], getters["kind"]
        self._language, self._country, self._feeling = getters["language"], getters["country"], getters["sentiment"]
        self._reach, self._engaged, self._original = getters["reach"], getters["engagement"], getters["repost_of"]
        self._copies: dict[int, int] = {}
        from crisis.kernel.fingerprints import fingerprint

        self._fingerprint = fingerprint

    def moment(self, row: object) -> datetime | str:
        """When, in UTC; or why it cannot be told."""
        if not self._at(row):
            if told := self.getters.moment(row):
                return told
            if not self._added(row):
                return "no date"
        at = self.getters.local(row, self.order)
        if at is None or at.year not in _YEARS:
            return "unreadable date"
        return at.astimezone(UTC) if at.tzinfo else self.zone.utc(at)

    def count(self, row: object) -> Count | str:
        """The row as a count, or why it is none."""
        at = self.moment(row)
        if isinstance(at, str):
            return at
        value = number_of(self._value(row))
        if value is not None and value < 0:
            return "negative number"
        return "no number" if value is None else Count(at, value, self._source(row)[:_LONGEST_FIELD])

    def mention(self, row: object) -> Mention | str:
        """The row as a mention, or why it is none."""
        at = self.moment(row)
        if isinstance(at, str):
            return at
        text = clean(self._text(row))
        if self.layout.markup and ("<" in text or "&" in text):
            text = plain_text(text)
        url = clean(self._url(row))[:_LONGEST_FIELD]
        if not text or text == url:  # Brandwatch's API puts the address where X's text may not be
            return "no text"
        source = network_of_url(url) or network_of(self._source(row)) or self.layout.source
        author = clean(self._author(row))[:_LONGEST_FIELD]
        repost_of = self._repost_of(row, text, source)
        return Mention(
            self._key(row, at, url, repost_of) or self._content_key(f"{source} {author} {at} {text}"),
            at,
            source,
            author,
            text,
            url,
            language_of(language) if (language := self._language(row)) else "",
            self._sentiment(self._feeling(row)),
            amount_of(reach) if (reach := self._reach(row)) else None,
            self._engagement(row),
            country_of(country) if (country := self._country(row)) else "",
            repost_of,
        )

    def _sentiment(self, text: str) -> Sentiment:
        if not text:
            return "unknown"
        return self.layout.sentiments.get(text.casefold()) or sentiment_of(text[:40])

    def _engagement(self, row: object) -> int | None:
        whole = self._engaged(row)
        if whole and (amount := amount_of(whole)) is not None:
            return amount
        parts = [amount for get in self.getters.interactions if (amount := amount_of(get(row))) is not None]
        return sum(parts) if parts else None

    def _repost_of(self, row: object, text: str, source: str) -> str:
        original = self._original(row)
        if original.casefold() in _YES:
            return UNKNOWN_ORIGINAL
        if original.casefold() not in _NO:
            return clean(original)[:_LONGEST_FIELD]
        kind = self._kind(row)
        if kind and self.layout.reposts.intersection(_PARTS.split(kind.casefold())):
            return retweeted(text) or UNKNOWN_ORIGINAL
        return retweeted(text) if source == "x" else ""

    def _key(self, row: object, at: datetime, url: str, repost_of: str) -> str:
        status = x_status(url)
        if status and status != x_status(repost_of):  # some tools give a repost its original's address
            return f"x:{status}"
        own = clean(self._id(row)).strip('"')[:_LONGEST_FIELD]
        if own and own != url:
            # Ids in a file of nobody in particular may be row numbers, which every file has.
            return f"{self.layout.name}:{own}" if self.layout.signatures else f"{own} {at:%Y-%m-%dT%H:%M:%S}"
        return "" if url == repost_of else url

    def _content_key(self, content: str) -> str:
        """A key for rows without id and address: the n-th copy in one file is the n-th in another."""
        digest = self._fingerprint(content)[:24]
        mark = hash(digest)
        if len(self._copies) >= _MOST_COPIES:
            self._copies.clear()
        self._copies[mark] = copy = self._copies.get(mark, 0) + 1
        return f"text:{digest}" if copy == 1 else f"text:{digest}:{copy}"
