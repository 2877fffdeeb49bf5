"""Sprout Social: `https://api.sproutsocial.com/v1/CUSTOMER/listening/topics/TOPIC/messages`; X is not in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crisis.adapters.feeds.kinds import Given
from crisis.adapters.feeds.tools import Ask, Span, Tool, kind, within

_FIELDS = [
    "guid", "created_time", "network", "text", "title", "perma_link", "language", "from.name", "from.screen_name",
    "location.country", "listening_metadata.sentiment",
]  # fmt: skip
_METRICS = ["likes", "replies", "shares_count", "engagements", "impressions", "reach"]


def _ask(given: Given, span: Span) -> Ask:
    body: dict[str, Any] = {
        "filters": [f"created_time.in({span.since:%Y-%m-%dT%H:%M:%S}..{span.until:%Y-%m-%dT%H:%M:%S})"],
        "fields": _FIELDS,
        "metrics": _METRICS,
        "sort": ["created_time:asc"],
        "timezone": "UTC",
        "limit": 100,
        "page": int(span.page or 1),
    }
    return Ask(headers={"Authorization": f"Bearer {given.token}"}, body=body)


def _following(found: Any, span: Span) -> str:
    page, pages = within(found, "paging", "current_page"), within(found, "paging", "total_pages")
    return str(page + 1) if isinstance(page, int) and isinstance(pages, int) and page < pages else ""


KIND = kind(
    Tool("sprout", _ask, lambda found: within(found, "data"), _following),
    "api.sproutsocial.com",
    every=timedelta(minutes=5),
    pace=timedelta(seconds=2),
)
