"""What a feed is made from, and what a kind of feed must say of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from crisis.adapters.feeds.http import Answer, is_page
from crisis.kernel.text import one_line
from crisis.runtime.feeds import FeedFailed

if TYPE_CHECKING:
    from crisis.runtime.feeds import Feed


@dataclass(frozen=True, slots=True)
class Given:
    """One feed as its user wrote it, with the token that the environment holds (never part of a message)."""

    name: str
    url: str
    words: Sequence[str] = ()
    token: str = field(default="", repr=False)
    token_name: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of feed: whose addresses it `knows`, how to `make` one, and how often it may be asked.

    `token`: the environment variable with the token, if it needs one. `span`: what one count stands for.
    `every`: how often it is asked; `least`: and how often at most.
    """

    name: str
    knows: Callable[[SplitResult], bool]
    make: Callable[[Given], Feed]
    every: timedelta
    least: timedelta = timedelta(minutes=1)
    pace: timedelta = timedelta(seconds=2)
    span: timedelta = timedelta(minutes=5)
    token: str = ""
    needs_words: bool = False


def on(*hosts: str) -> Callable[[SplitResult], bool]:
    """Whether an address lies on one of these hosts, or below."""
    return lambda url: any((url.hostname or "") == host or (url.hostname or "").endswith(f".{host}") for host in hosts)


def shown_url(url: str) -> str:
    """An address for messages: without the parts that may be secret."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        where = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return one_line(url, 40)
    return one_line(urlunsplit((parts.scheme, where, parts.path, "", "")), 100)


def document_of(answer: Answer, name: str) -> Any:
    """The JSON of an answer. Raises FeedFailed for a web page, for garbage, and for an error in the place of data."""
    body = answer.body
    if is_page(body):
        raise FeedFailed(
            f"{name} sent a web page, perhaps to log in, where data was asked for", hint="check its address and token"
        )
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        said = one_line(body[:300].decode("utf-8", "replace").strip(), 120)
        raise FeedFailed(
            f"{name} sent no JSON" + (f": {said}" if said else " but nothing at all"), hint="check its address"
        ) from None


def moment_of(text: object) -> datetime | None:
    """A moment in ISO 8601, in UTC; None where it is none."""
    try:
        at = datetime.fromisoformat(str(text))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def iso(at: datetime) -> str:
    """`2026-03-02T10:05:00Z`: whole seconds, as every one of these services takes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cursor_of(text: str) -> dict[str, Any]:
    """A cursor as it was written; an empty one for none, and for what is no cursor of this kind."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
