"""RSS and Atom, read by feedparser from bytes that are already here; nothing is fetched."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crisis.adapters.importers.errors import NeedsLibrary, NotAnExport, TooLarge
from crisis.adapters.importers.formats.alerts import FEED, GOOGLE_ALERTS, TALKWALKER_ALERTS
from crisis.adapters.importers.values import plain_text, unwrapped
from crisis.kernel.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crisis.adapters.importers.layout import Layout
    from crisis.adapters.importers.source import Source
    from crisis.adapters.importers.tables import Skip

_SAVE_AGAIN = "save what the feed's own address answers; a log-in page is no feed"
LARGEST_FEED = 8 * 1024 * 1024
"""Bytes; Google's hold 20 entries and some tens of kB."""


class FeedRecords:
    """A feed's entries as flat records with the names that `formats.alerts` knows."""

    container = "feed"

    def __init__(self, source: Source) -> None:
        self.notes: list[str] = []
        if source.size > LARGEST_FEED:
            raise TooLarge(
                f"{source}: {source.size // 1_000_000} MB are too many for a feed", hint="export CSV instead"
            )
        with source.open() as handle:
            content = handle.read()
        if re.search(rb"<!ENTITY", content.replace(b"\0", b""), re.I):
            raise NotAnExport(
                f"{source}: it defines XML entities, which no feed needs",
                hint="save the feed again from its own address",
            )
        parsed = _parsed(content, str(source))
        self.entries: list[Any] = parsed.entries
        if parsed.bozo:
            if not self.entries and not parsed.get("version"):
                raise Unreadable(f"{source}: it is neither a feed nor an export", hint=_SAVE_AGAIN)
            self.notes.append("the feed is damaged or cut off: only its whole entries were read")
        self.layout = _layout(parsed, content)
        self.language = str(parsed.feed.get("language", ""))
        self.columns = ("url", "published", "author", "text", "language", "source")

    def rows(self, skip: Skip) -> Iterator[dict[str, str]]:
        """One record per entry."""
        del skip
        for entry in self.entries:
            bodies = [part.get("value", "") for part in entry.get("content", ())] or [entry.get("summary", "")]
            title, body = plain_text(str(entry.get("title", ""))), plain_text(str(bodies[0]))
            yield {
                "url": unwrapped(str(entry.get("link") or entry.get("id") or "")),
                "published": _moment(entry),
                "author": plain_text(str(entry.get("author", ""))),
                "text": title if body in title else body if title in body else f"{title}\n{body}",
                "language": self.language,
            }


def _parsed(content: bytes, name: str) -> Any:
    try:
        import feedparser  # type: ignore[import-untyped]
    except ImportError:
        raise NeedsLibrary.named("a feed", "signals", "export CSV") from None
    try:
        return feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - on bytes made to confuse it the parser raises whatever comes
        raise Unreadable(f"{name}: the feed is damaged ({type(error).__name__})", hint=_SAVE_AGAIN) from None


def _layout(parsed: Any, content: bytes) -> Layout:
    about = " ".join(str(parsed.feed.get(key, "")) for key in ("id", "link", "title", "generator")).lower()
    if "google" in about and ("alert" in about or b"google.com/url?" in content[:100_000]):
        return GOOGLE_ALERTS
    return TALKWALKER_ALERTS if "talkwalker" in about else FEED


def _moment(entry: Any) -> str:
    # dict's own `get`: the entry's would take one date for the other, and warn about it
    parts: time.struct_time | None = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return datetime(*parts[:6], tzinfo=UTC).isoformat() if parts else ""
    except ValueError:
        return ""
