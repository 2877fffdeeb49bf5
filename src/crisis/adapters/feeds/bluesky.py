"""Bluesky: every new post from a Jetstream server, of which those with one of our words are kept."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from crisis.adapters.feeds.http import AGENT
from crisis.adapters.feeds.kinds import Given, Kind, cursor_of
from crisis.adapters.feeds.words import matcher
from crisis.adapters.importers.errors import NeedsLibrary
from crisis.adapters.importers.values import clean, language_of
from crisis.kernel.text import one_line
from crisis.runtime.feeds import Batch, FeedFailed
from crisis.signals.mention import Mention

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.sync.client import ClientConnection

_POSTS = "app.bsky.feed.post"
_REWIND = 5_000_000  # microseconds: what two servers, or one that restarts, may differ by; what comes twice is known
_AHEAD = 3600 * 1_000_000  # microseconds by which its clock may go before ours
_SILENCE = 30.0  # seconds; the network is never that quiet
_LISTEN = 10.0  # seconds for one answer
_MOST = 2000  # mentions in one answer
_LARGEST = 1024 * 1024
CUT = timedelta(minutes=5)
"""A stream that goes on that much later than where it was left does not reach back any further."""


@dataclass(slots=True)
class Bluesky:
    """One stream. The cursor is its time in microseconds; the connection stays open between two questions."""

    given: Given
    listen: float = _LISTEN
    silence: float = _SILENCE
    is_ours: Callable[[str], bool] = lambda _: True
    _socket: ClientConnection | None = field(default=None, repr=False)
    _open: ExitStack = field(default_factory=ExitStack, repr=False)
    _at: int = 0

    def fetch(self, cursor: str, now: datetime) -> Batch:
        """What was posted since, for some seconds; there is more while the stream is behind `now`."""
        before = _whole(cursor_of(cursor).get("time_us"))
        fresh = self._socket is None or before != self._at
        if fresh:
            self._connect(before)
        mentions: list[Mention] = []
        skipped, first, last = 0, 0, before
        ends = time.monotonic() + self.listen
        caught_up = int((now - _EPOCH) / timedelta(microseconds=1))
        while time.monotonic() < ends and len(mentions) < _MOST:
            event = self._next(wait=bool(last > before))
            if event is None:
                break
            at = _whole(event.get("time_us"))
            if not at or at > caught_up + _AHEAD:
                skipped += 1
                continue
            first, last = first or at, max(last, at)
            if mention := self._mention(event, at):
                mentions.append(mention)
            if not before and last >= caught_up:
                break
        self._at = last
        since = (
            _moment(first)
            if fresh and first and (not before or first - before > CUT / timedelta(microseconds=1))
            else None
        )
        behind = now - _moment(last) > timedelta(minutes=1)
        return Batch(
            cursor=json.dumps({"time_us": last}),
            until=min(_moment(last), now),
            since=since,
            mentions=mentions,
            more=behind and last > before,
            skipped=skipped,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._socket = None
        _, exceptions = _library()
        with suppress(OSError, exceptions.WebSocketException):  # what is broken breaks when it is closed, too
            self._open.close()

    def _connect(self, before: int) -> None:
        self.close()
        connect, exceptions = _library()
        parts = urlsplit(self.given.url)
        asked = {"wantedCollections": _POSTS} | ({"cursor": str(max(0, before - _REWIND))} if before else {})
        url = urlunsplit((parts.scheme, parts.netloc, parts.path or "/subscribe", urlencode(asked), ""))
        try:
            opened = connect(
                url, open_timeout=20, close_timeout=2, max_size=_LARGEST, user_agent_header=AGENT, compression=None
            )
            self._socket = self._open.enter_context(opened)
        except (OSError, exceptions.WebSocketException, ValueError) as error:
            raise FeedFailed(
                f"{self.given.name} cannot be reached: {one_line(str(error), 120)}", hint="check its address, or wait"
            ) from None

    def _next(self, *, wait: bool) -> dict[str, Any] | None:
        """The next event; None where there is none just now. Raises FeedFailed where the stream broke off."""
        assert self._socket is not None  # noqa: S101  # _connect came first
        _, exceptions = _library()
        try:
            text = self._socket.recv(timeout=min(1.0, self.silence) if wait else self.silence)
        except TimeoutError:
            if wait:
                return None
            self.close()
            raise FeedFailed(f"{self.given.name} is silent", hint="it is connected to again") from None
        except (OSError, exceptions.WebSocketException) as error:
            self.close()
            raise FeedFailed(
                f"{self.given.name} broke off: {one_line(str(error), 120)}", hint="it is connected to again"
            ) from None
        with suppress(ValueError, RecursionError):
            event = json.loads(text)
            if isinstance(event, dict):
                return event
        return {}

    def _mention(self, event: dict[str, Any], at: int) -> Mention | None:
        commit = event.get("commit")
        if not isinstance(commit, dict) or commit.get("operation") != "create" or commit.get("collection") != _POSTS:
            return None
        record = commit.get("record")
        text = clean(str(record.get("text") or "")) if isinstance(record, dict) else ""
        if not text or not self.is_ours(text):
            return None
        did, key = clean(str(event.get("did") or ""))[:300], clean(str(commit.get("rkey") or ""))[:100]
        langs = record.get("langs") if isinstance(record, dict) else None
        return Mention(
            id=f"at://{did}/{_POSTS}/{key}",
            at=_moment(at),  # when the network saw it: what a post says of itself may be anything
            source="bluesky",
            author=did,
            text=text,
            url=f"https://bsky.app/profile/{did}/post/{key}",
            language=language_of(str(langs[0])) if isinstance(langs, list) and langs else "",
        )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 1 << 60 else 0


def _library() -> tuple[Any, Any]:
    try:
        from websockets import exceptions
        from websockets.sync.client import connect
    except ImportError:
        raise NeedsLibrary.named("a stream", "feeds") from None
    return connect, exceptions


KIND = Kind(
    name="bluesky",
    knows=lambda url: url.scheme in ("ws", "wss"),
    make=lambda given: Bluesky(given, is_ours=matcher(given.words)),
    every=timedelta(seconds=5),
    least=timedelta(seconds=1),
    pace=timedelta(0),
    needs_words=True,
)
