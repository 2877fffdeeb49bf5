"""X: how many posts a query has, by the minute, over the last seven days."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from msgspec import Struct

from crisis.adapters.feeds.http import Http
from crisis.adapters.feeds.kinds import Given, Kind, cursor_of, document_of, iso, moment_of, on
from crisis.runtime.feeds import Batch, FeedFailed
from crisis.signals.mention import Count

LAG = timedelta(minutes=1)
REACH = timedelta(days=7) - timedelta(minutes=5)
"""It answers for seven days back; some minutes less, so that none is lost on the way."""


class X(Struct):
    """One query. The cursor is the moment until which it was counted, and the page within that."""

    given: Given
    http: Http

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """The counts since, the first time those of seven days."""
        kept = cursor_of(cursor)
        before = moment_of(kept.get("until"))
        page = str(kept.get("page") or "")
        ends = moment_of(kept.get("ends")) if page else None
        ends = ends or (now - LAG).replace(second=0, microsecond=0)
        earliest = (now - REACH).replace(second=0, microsecond=0)
        since = moment_of(kept.get("since")) if page else None
        since = since or max(before or earliest, earliest)
        if ends <= since:
            return Batch(cursor=cursor, until=before)
        asked = {"granularity": "minute", "start_time": iso(since), "end_time": iso(ends)}
        if page:
            asked |= {"next_token": page}
        headers = {"Authorization": f"Bearer {self.given.token}"}
        found = document_of(self.http.get(self.given.url, params=asked, headers=headers), self.given.name)
        if not isinstance(found, dict) or not isinstance(found.get("data", []), list) or "errors" in found:
            raise FeedFailed(f"{self.given.name} sent no counts", hint="check the query in its address")
        counts, skipped = [], 0
        for one in found.get("data", []):
            at = moment_of(one.get("start")) if isinstance(one, dict) else None
            value = one.get("tweet_count") if isinstance(one, dict) else None
            if at is None or not isinstance(value, int) or value < 0:
                skipped += 1
            elif since <= at < ends:
                counts.append(Count(at, value, "x"))
        meta = found.get("meta")
        following = str(meta.get("next_token") or "") if isinstance(meta, dict) else ""
        done = not following or following == page
        known = ends if done else before
        left = {"until": known.isoformat()} if known else {}
        if not done:
            left |= {"page": following, "since": since.isoformat(), "ends": ends.isoformat()}
        return Batch(
            cursor=json.dumps(left),
            until=ends if done else None,
            since=since if before is None or since > before else None,
            counts=counts,
            more=not done,
            skipped=skipped,
        )


KIND = Kind(
    name="x",
    knows=on("api.x.com", "api.twitter.com"),
    make=lambda given: X(given, Http(given.name, secret=True, token_name=given.token_name)),
    every=timedelta(minutes=2),
    least=timedelta(seconds=10),  # 300 questions in a quarter of an hour
    pace=timedelta(seconds=3),
    token="CRISIS_X_TOKEN",  # noqa: S106  # the name of a variable
)
