"""Asking over HTTP: time-outs, limits of size, tries again with back-off, and what the source says of its limits.

httpx and tenacity come with the extra `feeds` and are imported when something is asked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crisis import __version__
from crisis.adapters.feeds.cutting import Connections, Cut
from crisis.adapters.importers.errors import NeedsLibrary
from crisis.kernel.text import one_line
from crisis.runtime.feeds import FeedFailed

if TYPE_CHECKING:
    import httpx

AGENT = f"crisis/{__version__} (crisis communication; watches what its user named)"
LARGEST = 32 * 1024 * 1024
"""Bytes of one answer, unpacked."""
PATIENCE = 60.0
"""Seconds for one answer with all its tries, however slowly it drips."""
TRIES = 3
SOON = timedelta(seconds=20)
"""A source that wants to be left alone for longer than that is asked again by the loop, and not waited for."""
_LONGEST_WAIT = timedelta(days=1)
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.I)


class _Transient(Exception):  # not an error yet: it is tried again
    def __init__(self, failed: FeedFailed) -> None:
        super().__init__(failed.message)
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status 200 or 304, headers with small letters, and the bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Http:
    """A polite client. `secret` says that a token goes along, and so no redirect is followed.

    `name`: what messages call the source. `sleep` waits so many seconds.
    """

    name: str
    secret: bool = False
    token_name: str = ""
    largest: int = LARGEST
    patience: float = field(default_factory=lambda: PATIENCE)
    sleep: Callable[[float], None] = time.sleep
    _client: httpx.Client | None = field(default=None, repr=False)
    _connections: Connections = field(default_factory=Connections, repr=False)

    def get(
        self, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a GET. Raises FeedFailed."""
        return self.ask("GET", url, params=params, headers=headers)

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Answer:
        """The answer, after up to three tries where the network or the server failed. Raises FeedFailed."""
        httpx, tenacity = _libraries()
        client = self._opened(httpx)
        tries = tenacity.Retrying(
            stop=tenacity.stop_any(tenacity.stop_after_attempt(TRIES), lambda _: self._connections.are_cut),
            wait=_wait(tenacity),
            retry=tenacity.retry_if_exception_type(_Transient),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            # What the address says itself stays; httpx would put `params` in its place.
            asked = httpx.URL(url).copy_merge_params(params or {})
            follow = {"trace": self._connections.follow}
            request = client.build_request(method, asked, headers=dict(headers or {}), json=json, extensions=follow)
            with self._connections.cut_after(self.patience):
                answer: Answer = tries(self._once, client, request, httpx)
        except Cut:
            raise FeedFailed(
                f"{self.name} does not answer in time: it takes longer than {self.patience:g} s for one answer",
                hint="check its address, or wait",
            ) from None
        except _Transient as tried:
            raise tried.failed from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise FeedFailed(
                f"{self.name} cannot be asked: {one_line(str(error), 120)}", hint="check its address"
            ) from None
        return answer

    def _opened(self, httpx: Any) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(
                timeout=httpx.Timeout(20.0),
                follow_redirects=not self.secret,
                max_redirects=5,
                headers={"User-Agent": AGENT},
                limits=httpx.Limits(max_connections=2),
            )
        return self._client

    def _once(self, client: httpx.Client, request: httpx.Request, httpx: Any) -> Answer:
        try:
            with self._streamed(client, request) as response:
                body = self._body(response, urlsplit(str(request.url)).hostname or "")
                status, headers = response.status_code, dict(response.headers)
        except httpx.TooManyRedirects:
            raise FeedFailed(f"{self.name} sends from one address to the next", hint="check its address") from None
        except httpx.TransportError as error:
            what = "does not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
            why = one_line(str(error), 100)
            raise _Transient(
                FeedFailed(f"{self.name} {what}" + (f": {why}" if why else ""), hint="check its address, or wait")
            ) from None
        except httpx.DecodingError:
            raise FeedFailed(f"{self.name} sends what cannot be unpacked", hint="wait; it is asked again") from None
        return self._judged(status, headers, body)

    def _streamed(self, client: httpx.Client, request: httpx.Request) -> Any:
        from contextlib import closing

        return closing(client.send(request, stream=True))

    def _body(self, response: httpx.Response, host: str) -> bytes:
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_bytes(64 * 1024):
            size += len(piece)
            if size > self.largest:
                raise FeedFailed(
                    f"{self.name} sends more than {self.largest // 1_000_000} MB in one answer ({one_line(host, 60)})",
                    hint="check that its address is that of a feed",
                )
            pieces.append(piece)
        return b"".join(pieces)

    def _judged(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        wait = wait_of(headers)
        if status in (200, 304):
            return Answer(status, headers, body)
        if status == 429 or (status == 503 and wait is not None):
            left = wait or timedelta(minutes=1)
            what = "has been asked too often" if status == 429 else "is out of service for now"
            failed = FeedFailed(f"{self.name} {what} ({status})", hint="it is left alone as long as it says", wait=left)
            if wait is not None and wait <= SOON:
                raise _Transient(failed)
            raise failed
        if status >= 500 or status == 408:
            raise _Transient(FeedFailed(f"{self.name} has a fault of its own ({status})", hint="wait", wait=wait))
        said = _said(body)
        if status in (401, 403):
            hint = (
                f"check the token in {self.token_name}"
                if self.token_name
                else "check its address: it asks for a log-in"
            )
            raise FeedFailed(f"{self.name} lets nobody in ({status}{said})", hint=hint)
        if 300 <= status < 400:
            raise FeedFailed(
                f"{self.name} has moved ({status}); a token is not carried to another address",
                hint="write its new address",
            )
        if status in (404, 410):
            raise FeedFailed(f"{self.name} is not there ({status}{said})", hint="check its address")
        raise FeedFailed(f"{self.name} refuses the question ({status}{said})", hint="check its address")


def wait_of(headers: Mapping[str, str]) -> timedelta | None:
    """How long the source wants to be left alone, by Retry-After or by when its limit is lifted; at most a day.

    Moments are compared with the answer's own Date: our clock may be wrong.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
    if not text and headers.get("x-rate-limit-remaining", headers.get("x-ratelimit-remaining")) == "0":
        text = headers.get("x-rate-limit-reset", headers.get("x-ratelimit-reset", "")).strip()
    try:
        return _until(text, parsedate_to_datetime(headers["date"])) if text else None
    except (ValueError, TypeError, OverflowError, LookupError):
        return None


def _until(text: str, now: datetime) -> timedelta:
    """A date of HTTP, ISO 8601, or seconds since 1970 (from now on, if few)."""
    if text.isascii() and text.isdigit():
        seconds = int(text[:12])
        until = datetime.fromtimestamp(seconds, UTC) if seconds > 10**9 else now + timedelta(seconds=seconds)
    else:
        until = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(seconds=1)), _LONGEST_WAIT)


def is_page(body: bytes) -> bool:
    """Whether somebody was sent a web page, perhaps to log in, where a feed was asked for."""
    return bool(_HTML.search(body[:4096])) and not re.search(rb"<rss|<feed|<rdf:RDF", body[:4096])


def _said(body: bytes) -> str:
    """What an error says of itself, if that is short and no web page."""
    text = body[:300].decode("utf-8", "replace").strip()
    return f": {one_line(text, 120)}" if text and not is_page(body) else ""


def _wait(tenacity: Any) -> Any:
    backoff = tenacity.wait_random_exponential(multiplier=1, max=8)

    def wait(state: Any) -> float:
        error = state.outcome.exception()
        asked = error.failed.wait if isinstance(error, _Transient) else None
        seconds = asked.total_seconds() if asked is not None and asked <= SOON else 0.0
        return max(seconds, float(backoff(state)))

    return wait


def _libraries() -> tuple[Any, Any]:
    try:
        import httpx
        import tenacity
    except ImportError:
        raise NeedsLibrary.named("watching", "feeds") from None
    return httpx, tenacity
