"""RSS and Atom: Google Alerts, Talkwalker Alerts, and any other; asked for with what was had last time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from crisis.adapters.feeds.http import Http, is_page
from crisis.adapters.feeds.kinds import Given, Kind, cursor_of
from crisis.adapters.importers.feeds import LARGEST_FEED, FeedRecords
from crisis.adapters.importers.layout import keys
from crisis.adapters.importers.rows import Composer, Getters
from crisis.adapters.importers.source import source_of
from crisis.adapters.importers.zones import Zone
from crisis.kernel.errors import Unreadable
from crisis.runtime.feeds import Batch, FeedFailed

LAG = timedelta(minutes=10)
"""How long an entry may take from its date into the feed."""
_MOST_MARKS = 500
_IS_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)\b", re.I)
_LOG_IN = "write the feed's own address; a page to log in is no feed (Google Alerts: set 'Deliver to' to 'RSS feed')"


class Rss(Struct):
    """One feed. The cursor holds the server's own marks (ETag, Last-Modified) and those of the entries seen last."""

    given: Given
    http: Http

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """The entries of the feed as it is now; those already known are given again."""
        before = cursor_of(cursor)
        headers = {"Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"}
        if self.given.token:
            headers["Authorization"] = f"Bearer {self.given.token}"
        for header, mark in (("If-None-Match", "etag"), ("If-Modified-Since", "modified")):
            if isinstance(before.get(mark), str) and before[mark]:
                headers[header] = before[mark]
        answer = self.http.get(self.given.url, headers=headers)
        if answer.status == 304:
            return Batch(cursor=cursor, until=now - LAG)
        if is_page(answer.body):
            raise FeedFailed(f"{self.given.name} sent a web page, perhaps to log in, and no feed", hint=_LOG_IN)
        try:
            feed = FeedRecords(source_of(answer.body))
        except Unreadable as error:
            raise FeedFailed(f"{self.given.name}: {error.message}", hint=error.hint) from None
        if not feed.entries and not _IS_FEED.search(answer.body[:4096].replace(b"\0", b"")):
            raise FeedFailed(f"{self.given.name} sent no feed", hint=_LOG_IN)
        compose = Composer(feed.layout, Getters.of(feed.layout, keys), None, Zone("UTC", "feeds carry UTC", _utc))
        mentions, skipped = [], 0
        for record in feed.rows(lambda _: None):
            # Without a date, an entry is as old as our knowledge of it.
            found = compose.mention({**record, "published": record["published"] or now.isoformat()})
            if isinstance(found, str):
                skipped += 1
            else:
                mentions.append(found)
        marks = [sha256(one.id.encode()).hexdigest()[:12] for one in mentions][:_MOST_MARKS]
        known = before.get("marks") or []
        # Nothing is left of what was there: more than the feed holds may have come since.
        turned_over = bool(known) and bool(marks) and not set(known) & set(marks)
        cut = min(one.at for one in mentions) if turned_over else None
        kept = {
            "etag": answer.headers.get("etag", "")[:500],
            "modified": answer.headers.get("last-modified", "")[:100],
            "marks": marks or known,
        }
        return Batch(cursor=json.dumps(kept), until=now - LAG, since=cut, mentions=mentions, skipped=skipped)


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


KIND = Kind(
    name="rss",
    knows=lambda url: url.scheme in ("http", "https"),
    make=lambda given: Rss(
        given, Http(given.name, secret=bool(given.token), token_name=given.token_name, largest=LARGEST_FEED)
    ),
    every=timedelta(minutes=10),
    least=timedelta(minutes=2),
)
