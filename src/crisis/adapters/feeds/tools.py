"""Monitoring tools that are asked for a span of time, page by page; how each writes a mention the importers know."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from crisis.adapters.feeds.http import Http
from crisis.adapters.feeds.kinds import Given, Kind, cursor_of, document_of, moment_of, on
from crisis.adapters.importers.errors import UnknownLayout
from crisis.adapters.importers.read import read_export
from crisis.kernel.errors import CrisisError
from crisis.runtime.feeds import Batch, FeedFailed


class Ask(Struct, frozen=True):
    """One question: what is added to the address, or sent as a body."""

    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Span(Struct, frozen=True):
    """What is asked for: everything from `since` on and before `until`, and which page of it; "" is the first."""

    since: datetime
    until: datetime
    page: str = ""


class Tool(Struct, frozen=True):
    """How one tool is asked: the question for a span, where the mentions lie, and which page follows ("" for none).

    `lag`: how long it may take to find a post. `overlap`: how far each question reaches back beyond the last, since
    some are found later still; nothing where every mention that is sent is paid for. `history`: how far the first one
    reaches back, to learn what is usual.
    """

    layout: str
    ask: Callable[[Given, Span], Ask]
    records: Callable[[Any], Any]
    following: Callable[[Any, Span], str]
    lag: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(hours=2)
    history: timedelta = timedelta(days=7)


SPARING: Mapping[str, timedelta] = {
    "lag": timedelta(minutes=15),
    "overlap": timedelta(0),
    "history": timedelta(days=1),
}
"""For a tool that counts every mention that it sends: nothing is asked for twice, and less for learning."""


class ToolFeed(Struct):
    """One query of a tool. The cursor is the moment until which all is known, and the page within what is asked."""

    given: Given
    tool: Tool
    http: Http

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """One page."""
        kept = cursor_of(cursor)
        before, page = moment_of(kept.get("until")), str(kept.get("page") or "")
        since = moment_of(kept.get("since")) if page else None
        ends = moment_of(kept.get("ends")) if page else None
        tool = self.tool
        since = since or (before - tool.overlap if before else now - tool.history)
        # Whole seconds, as it is asked for: what is said to be known must have been asked for.
        ends = ends or (now - tool.lag).replace(microsecond=0)
        span = Span(since, ends, page)
        asked = self.tool.ask(self.given, span)
        method = "GET" if asked.body is None else "POST"
        answer = self.http.ask(method, self.given.url, params=asked.params, headers=asked.headers, json=asked.body)
        found = document_of(answer, self.given.name)
        records = self.tool.records(found)
        if not isinstance(records, list):
            raise FeedFailed(f"{self.given.name} sent no mentions", hint="check its address: does it name a query?")
        mentions, skipped = self._read(records)
        following = self.tool.following(found, span) if records else ""
        done = not following or following == page
        until = max(ends, before) if before else ends
        known = until if done else before
        left = {"until": known.isoformat()} if known else {}
        if not done:
            left |= {"page": following, "since": since.isoformat(), "ends": ends.isoformat()}
        return Batch(
            cursor=json.dumps(left),
            until=until if done else None,
            since=None if before else since,
            mentions=mentions,
            more=not done,
            skipped=skipped,
        )

    def _read(self, records: list[Any]) -> tuple[list[Any], int]:
        if not records:
            return [], 0
        try:
            export = read_export(json.dumps(records).encode(), tz="UTC")
            mentions = list(export)
        except UnknownLayout:
            raise FeedFailed(
                f"{self.given.name} sent what no mention of {self.tool.layout} looks like", hint="check its address"
            ) from None
        except CrisisError as error:
            raise FeedFailed(f"{self.given.name}: {error.message}", hint=error.hint) from None
        report = export.report
        return mentions, report.rows - report.mentions


def kind(
    tool: Tool,
    *hosts: str,
    every: timedelta,
    pace: timedelta,
    least: timedelta = timedelta(minutes=1),
) -> Kind:
    """The kind of feed for a tool; its token is in CRISIS_NAME_TOKEN."""

    def make(given: Given) -> ToolFeed:
        return ToolFeed(given, tool, Http(given.name, secret=True, token_name=given.token_name))

    return Kind(
        name=tool.layout,
        knows=on(*hosts),
        make=make,
        every=every,
        least=least,
        pace=pace,
        token=f"CRISIS_{tool.layout.upper()}_TOKEN",
    )


def within(document: Any, *names: str) -> Any:
    """What lies under `names` in a document; None where something else does."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document
