"""Meltwater: `https://api.meltwater.com/v3/search/SEARCH`; documents count against a monthly allowance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crisis.adapters.feeds.kinds import Given
from crisis.adapters.feeds.tools import SPARING, Ask, Span, Tool, kind, within

_PAGE = 100


def _ask(given: Given, span: Span) -> Ask:
    body: dict[str, Any] = {
        "tz": "UTC",
        "start": f"{span.since:%Y-%m-%dT%H:%M:%S}",
        "end": f"{span.until:%Y-%m-%dT%H:%M:%S}",
        "sort_by": "date",
        "sort_order": "asc",
        "page": int(span.page or 1),
        "page_size": _PAGE,
        "template": {"name": "api.json"},
    }
    return Ask(headers={"apikey": given.token, "Accept": "application/json"}, body=body)


def _records(found: Any) -> Any:
    return within(found, "result", "documents") if within(found, "result") is not None else within(found, "documents")


def _following(found: Any, span: Span) -> str:
    records = _records(found)
    return str(int(span.page or 1) + 1) if isinstance(records, list) and len(records) >= _PAGE else ""


KIND = kind(
    Tool("meltwater", _ask, _records, _following, **SPARING),
    "api.meltwater.com",
    every=timedelta(minutes=10),
    pace=timedelta(seconds=2),
)
