"""What a `Watch` file names, checked, and made into feeds that can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crisis.adapters.feeds import KINDS, Given, Kind, kind_of, shown_url
from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kernel.durations import format_duration
from crisis.kernel.errors import NotFound, Usage
from crisis.kernel.text import one_line, quoted
from crisis.playbook.documents import Watch, WatchedFeed
from crisis.runtime.feeds import Watched

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}", re.ASCII)
_SECRETS = re.compile(r"(?:^|[&?])(?:access_token|api_?key|token|apikey|secret)=[^&]", re.IGNORECASE)
MOST_FEEDS = 100


def watch_rules(watch: Watch, playbooks: Iterable[str]) -> Iterator[Diagnostic]:
    """Everything that would keep this file from being watched; a rule names the place."""
    if not watch.feeds:
        yield Diagnostic("no-feeds", "nothing is watched", ("feeds",), "add a feed with its url")
    if len(watch.feeds) > MOST_FEEDS:
        yield Diagnostic("too-many-feeds", f"{len(watch.feeds)} feeds", ("feeds",), f"at most {MOST_FEEDS}")
    known = tuple(playbooks)
    if watch.playbook is not None and watch.playbook not in known:
        text = f"no playbook is called {watch.playbook!r}"
        yield Diagnostic("unknown-playbook", text, ("playbook",), nearest(watch.playbook[:100], known))
    if watch.timezone and not _is_zone(watch.timezone):
        text = f"{quoted(watch.timezone, 60)} is no time zone"
        yield Diagnostic("unknown-zone", text, ("timezone",), "write it like Europe/Copenhagen")
    names: set[str] = set()
    for n, feed in enumerate(watch.feeds):
        name = name_of(feed)
        if name in names:
            yield Diagnostic(
                "feed-twice", f"another feed is called {name!r}, too", ("feeds", n), "give each an id of its own"
            )
        names.add(name)
        for code, message, key, hint in _faults(feed):
            yield Diagnostic(code, message, ("feeds", n, key) if key else ("feeds", n), hint)


def _faults(feed: WatchedFeed) -> Iterator[tuple[str, str, str, str]]:
    """Code, message, key and hint of each fault of one feed."""
    try:
        parts = urlsplit(feed.url)
        host, password = parts.hostname, parts.password
    except ValueError:
        host, password, parts = None, None, urlsplit("")
    if not host or parts.scheme not in ("http", "https", "ws", "wss"):
        yield (
            "bad-address",
            f"{quoted(feed.url, 60)} is no address of the web",
            "url",
            "begin with https:// (or wss:// for a stream)",
        )
        return
    kind = KINDS.get(feed.kind) if feed.kind else kind_of(feed.url)
    # The address of a private feed of RSS is its secret; there is no other place for it.
    if password is not None or (kind is not None and kind.token and _SECRETS.search(parts.query)):
        yield (
            "secret-in-file",
            "the address holds a password or a token",
            "url",
            "put the token into an environment variable, and name that under token:",
        )
    if feed.token and not _VARIABLE.fullmatch(feed.token):
        yield (
            "secret-in-file",
            "token: takes the name of an environment variable, not a token",
            "token",
            "write a name like CRISIS_X_TOKEN; if this was a real token, it should be revoked",
        )
    if kind is None:
        yield "unknown-feed", f"there is no kind of feed called {feed.kind!r}", "kind", nearest(str(feed.kind), KINDS)
        return
    if kind.needs_words and not any(word.strip() for word in feed.words):
        yield "no-words", f"{kind.name} brings everything there is", "", "add words: [our brand, our product]"
    if feed.every is not None and feed.every < kind.least:
        yield (
            "too-often",
            f"{kind.name} is asked at most every {format_duration(kind.least)}",
            "every",
            f"write {format_duration(kind.least)} or more; left out, it is {format_duration(kind.every)}",
        )
    if (kind.token or feed.token) and parts.scheme in ("http", "ws") and not _is_here(host):
        yield "not-encrypted", "a token would go over the line unencrypted", "url", "begin with https://"


def name_of(feed: WatchedFeed) -> str:
    """The name of a feed: its id, else its host and four signs of its whole address, which may be secret."""
    if feed.id is not None:
        return feed.id
    try:
        host = urlsplit(feed.url).hostname or "feed"
    except ValueError:
        host = "feed"
    return f"{one_line(host, 60)}-{sha256(feed.url.encode('utf-8', 'replace')).hexdigest()[:4]}"


def feeds_of(feeds: Sequence[WatchedFeed], environment: Mapping[str, str]) -> tuple[Watched, ...]:
    """What can be asked. Raises NotFound where a token is not there, and Usage for an address that is none."""
    from crisis.adapters.feeds.words import matcher

    made: list[Watched] = []
    for feed in feeds:
        kind = KINDS[feed.kind] if feed.kind else kind_of(feed.url)
        if kind is None:
            raise Usage(f"{shown_url(feed.url)} is no address of the web", hint="begin with https://")
        name = name_of(feed)
        given = Given(
            name=name, url=feed.url, words=feed.words, token=_token(feed, kind, name, environment),
            token_name=feed.token or kind.token,
        )  # fmt: skip
        made.append(
            Watched(
                id=name,
                kind=kind.name,
                feed=kind.make(given),
                every=feed.every or kind.every,
                pace=kind.pace,
                span=kind.span,
                is_ours=matcher(feed.words) if feed.words and not kind.needs_words else None,
            )
        )
    return tuple(made)


def _token(feed: WatchedFeed, kind: Kind, name: str, environment: Mapping[str, str]) -> str:
    variable = feed.token or kind.token
    token = environment.get(variable, "").strip() if variable else ""
    if variable and not token:
        raise NotFound(
            f"{name} needs a token, and {variable} is not set", hint=f"set it in the environment: export {variable}=…"
        )
    if not token.isascii() or any(char.isspace() for char in token):
        raise Usage(f"what {variable} holds is no token", hint="copy it again, without spaces")
    return token


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")
