"""Talkwalker: `https://api.talkwalker.com/api/v1/search/p/PROJECT/results?topic=TOPIC`, pages of 500."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from crisis.adapters.feeds.kinds import Given
from crisis.adapters.feeds.tools import SPARING, Ask, Span, Tool, kind, within

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _ask(given: Given, span: Span) -> Ask:
    since, until = (span.since - _EPOCH) // _MILLISECOND, (span.until - _EPOCH) // _MILLISECOND
    params = {
        "access_token": given.token,
        "q": f"published:>={since} AND published:<{until}",
        "sort_by": "published",
        "sort_order": "asc",
        "hpp": "500",
        "hl": "false",
    }
    return Ask(params | ({"offset": span.page} if span.page else {}))


def _following(found: Any, span: Span) -> str:
    """The offset in `pagination.next`; the rest of that address is not taken over."""
    offset = parse_qs(str(within(found, "pagination", "next") or "").partition("?")[2]).get("offset", [""])[0]
    return offset if offset.isdecimal() and int(offset) > int(span.page or 0) else ""


KIND = kind(
    Tool("talkwalker", _ask, lambda found: within(found, "result_content", "data"), _following, **SPARING),
    "api.talkwalker.com",
    every=timedelta(minutes=5),
    pace=timedelta(seconds=2),
)
