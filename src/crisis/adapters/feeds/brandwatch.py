"""Brandwatch: `https://api.brandwatch.com/projects/1/data/mentions?queryId=2`, thirty questions in ten minutes."""

from __future__ import annotations

from datetime import timedelta

from crisis.adapters.feeds.kinds import Given, iso
from crisis.adapters.feeds.tools import Ask, Span, Tool, kind, within


def _ask(given: Given, span: Span) -> Ask:
    params = {
        "startDate": iso(span.since),
        "endDate": iso(span.until),
        "pageSize": "1000",
        "orderBy": "date",
        "orderDirection": "asc",
    }
    if span.page:
        params |= {"cursor": span.page}
    return Ask(params, {"Authorization": f"Bearer {given.token}"})


KIND = kind(
    Tool(
        "brandwatch",
        _ask,
        lambda found: within(found, "results"),
        lambda found, _: str(within(found, "nextCursor") or ""),
    ),
    "api.brandwatch.com",
    every=timedelta(minutes=5),
    pace=timedelta(seconds=21),
)
