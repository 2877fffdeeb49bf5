"""Mention: `https://api.mention.net/api/accounts/ACCOUNT/alerts/ALERT/mentions`, pages of up to a thousand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crisis.adapters.feeds.kinds import Given, iso
from crisis.adapters.feeds.tools import Ask, Span, Tool, kind, within


def _ask(given: Given, span: Span) -> Ask:
    params = {"limit": "1000", "not_before_date": iso(span.since), "before_date": iso(span.until)}
    if span.page:
        params |= dict(parse_qsl(span.page)[:20])
    return Ask(params, {"Authorization": f"Bearer {given.token}", "Accept-Version": "1.19"})


def _following(found: Any, span: Span) -> str:
    """What the link to more asks for; where it points is not taken over, or the token would go there."""
    link = within(found, "_links", "more", "href")
    return urlsplit(link).query[:2000] if isinstance(link, str) else ""


KIND = kind(
    Tool("mention", _ask, lambda found: within(found, "mentions"), _following),
    "api.mention.net",
    "web.mention.net",
    every=timedelta(minutes=5),
    pace=timedelta(seconds=2),
)
