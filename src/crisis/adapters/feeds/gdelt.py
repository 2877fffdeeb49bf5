"""GDELT: how many articles the world's news had, by the quarter-hour."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from crisis.adapters.feeds.http import Http
from crisis.adapters.feeds.kinds import Given, Kind, cursor_of, document_of, moment_of, on
from crisis.runtime.feeds import Batch, FeedFailed
from crisis.signals.mention import Count

_QUARTER = timedelta(minutes=15)
LAG = timedelta(minutes=30)
"""An article is counted a quarter-hour or two after it appeared."""
HISTORY = timedelta(days=2)
"""So far back it counts by the quarter-hour; beyond, by the hour."""
REACH = timedelta(days=80)


class Gdelt(Struct):
    """One query. The cursor is the moment until which it was counted."""

    given: Given
    http: Http

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """The counts of at most two days since."""
        ends = _floor(now - LAG)
        before = moment_of(cursor_of(cursor).get("until"))
        since = _floor(max(before or ends - HISTORY, ends - REACH))
        until = min(since + HISTORY, ends)
        if until <= since:
            return Batch(cursor=cursor, until=before)
        asked = {
            "mode": "timelinevolraw",
            "format": "json",
            "startdatetime": f"{since:%Y%m%d%H%M%S}",
            "enddatetime": f"{until:%Y%m%d%H%M%S}",
        }
        found = document_of(self.http.get(self.given.url, params=asked), self.given.name)
        series = found.get("timeline") if isinstance(found, dict) else None
        if not isinstance(series, list):
            # Without a single article the answer is {}.
            if found != {}:
                raise FeedFailed(f"{self.given.name} sent no timeline", hint="check the query in its address")
            series = []
        data = series[0].get("data") if series and isinstance(series[0], dict) else []
        counts, skipped = [], 0
        for one in data if isinstance(data, list) else []:
            count = _count(one)
            if count is None:
                skipped += 1
            elif since <= count.at < until:
                counts.append(count)
        return Batch(
            cursor=json.dumps({"until": until.isoformat()}),
            until=until,
            since=since if before is None or since > before else None,
            counts=counts,
            more=until < ends,
            skipped=skipped,
        )


def _count(one: Any) -> Count | None:
    try:
        at = datetime.strptime(str(one["date"]), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        value = float(one["value"])
    except (KeyError, TypeError, ValueError):
        return None
    return Count(at, value, "news") if 0 <= value < 1e12 else None


def _floor(at: datetime) -> datetime:
    return at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % _QUARTER


KIND = Kind(
    name="gdelt",
    knows=on("gdeltproject.org"),
    make=lambda given: Gdelt(given, Http(given.name)),
    every=_QUARTER,
    least=timedelta(minutes=5),
    pace=timedelta(seconds=6),  # it asks for no more than one question in five seconds
    span=_QUARTER,
)
