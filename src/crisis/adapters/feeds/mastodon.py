"""Mastodon: the public timeline of a tag, from where it was read last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from msgspec import Struct

from crisis.adapters.feeds.http import Http
from crisis.adapters.feeds.kinds import Given, Kind, cursor_of, document_of, moment_of
from crisis.adapters.importers.values import amount_of, clean, language_of, plain_text
from crisis.kernel.errors import Usage
from crisis.runtime.feeds import Batch, FeedFailed
from crisis.signals.mention import Mention

LAG = timedelta(minutes=2)
"""How long a post may take from its own server to the one that is asked."""
_PAGE = 40  # what the documentation allows at most
_PATH = "/api/v1/timelines/tag/"


class Mastodon(Struct):
    """One tag on one server. The cursor is the id of the newest post; ids grow with time."""

    given: Given
    http: Http

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """The posts that follow, oldest first, a page at a time; the first time only where the timeline ends now."""
        newest = str(cursor_of(cursor).get("newest") or "")
        url, headers = address_of(self.given.url), {}
        if self.given.token:
            headers["Authorization"] = f"Bearer {self.given.token}"
        params = {"limit": str(_PAGE)} | ({"min_id": newest} if newest else {})
        found = document_of(self.http.get(url, params=params, headers=headers), self.given.name)
        if not isinstance(found, list):
            raise FeedFailed(f"{self.given.name} sent no list of posts", hint="check its address")
        posts = [one for one in found if isinstance(one, dict) and str(one.get("id", "")).isdecimal()]
        mentions = [mention for one in posts if (mention := mention_of(one))]
        last = max((str(one["id"]) for one in posts), key=int, default=newest)
        more = bool(newest) and len(found) >= _PAGE and last != newest
        return Batch(
            cursor=json.dumps({"newest": last or "0"}),
            until=None if more else now - LAG,
            mentions=mentions,
            more=more,
            skipped=len(found) - len(mentions),
        )


def address_of(url: str) -> str:
    """The timeline's address of the API, from that or from the page of the tag. Raises Usage."""
    parts = urlsplit(url)
    tag = next(iter(_tags(parts)), "")
    if not tag:
        raise Usage("this address names no tag", hint="write it like https://mastodon.social/tags/kettle")
    return urlunsplit((parts.scheme, parts.netloc, _PATH + quote(unquote(tag), safe=""), "", ""))


def mention_of(post: dict[str, Any]) -> Mention | None:
    """A post as a mention; None without a date or an address of its own."""
    at, uri = moment_of(post.get("created_at")), clean(str(post.get("uri") or post.get("url") or ""))[:2000]
    if at is None or not uri:
        return None
    account = post.get("account") if isinstance(post.get("account"), dict) else {}
    amounts = [amount_of(str(post.get(key, ""))) for key in ("reblogs_count", "favourites_count", "replies_count")]
    text = plain_text(clean(str(post.get("content") or "")))
    warning = clean(str(post.get("spoiler_text") or ""))
    return Mention(
        id=uri,
        at=at,
        source="mastodon",
        author=clean(str((account or {}).get("acct") or ""))[:200],
        text=f"{warning}\n{text}" if warning else text,
        url=clean(str(post.get("url") or uri))[:2000],
        language=language_of(str(post["language"])) if post.get("language") else "",
        engagement=sum(amount or 0 for amount in amounts),
    )


def _tags(url: SplitResult) -> Iterator[str]:
    for start in ("/tags/", _PATH):
        if url.path.startswith(start):
            yield url.path.removeprefix(start).partition("/")[0]


KIND = Kind(
    name="mastodon",
    knows=lambda url: url.scheme in ("http", "https") and bool(next(iter(_tags(url)), "")) and ".rss" not in url.path,
    make=lambda given: Mastodon(given, Http(given.name, secret=bool(given.token), token_name=given.token_name)),
    every=timedelta(minutes=1),
)
