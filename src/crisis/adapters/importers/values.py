"""Cells as values: sentiment, numbers, languages, countries, networks, addresses, markup."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from crisis.signals.mention import Sentiment

_NUMBER = re.compile(r"([+-]?\d[\d, \u00a0\u202f']*(?:\.\d+)?(?:e[+-]?\d{1,3})?)\s*([kmb])?", re.I | re.ASCII)
_SCALE = {"k": 1e3, "m": 1e6, "b": 1e9}
_LARGEST = 1e15
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.I)
_SPACES = re.compile(r"[ \t\u00a0]+")
_RETWEET = re.compile(r'"?RT (@\w{1,30})\b', re.ASCII)
_WORDS: tuple[tuple[str, Sentiment], ...] = (("pos", "positive"), ("neg", "negative"), ("neu", "neutral"))
_LETTERS: dict[str, Sentiment] = {"p": "positive", "n": "negative", "v": "neutral"}
_HOSTS = {
    "twitter.com": "x", "x.com": "x", "facebook.com": "facebook", "instagram.com": "instagram", "reddit.com": "reddit",
    "youtube.com": "youtube", "tiktok.com": "tiktok", "linkedin.com": "linkedin", "bsky.app": "bluesky",
    "threads.net": "threads", "threads.com": "threads", "mastodon.social": "mastodon",
}  # fmt: skip
_NETWORKS = {
    "twitter": "x", "tweet": "x", "facebook public": "facebook", "instagram public": "instagram", "fb": "facebook",
    "onlinenews": "news", "online news": "news", "newspaper": "news", "magazine": "news", "press": "news",
    "blogs": "blog",    "message": "forum", "forums": "forum", "messageboard": "forum", "video": "video", "web": "web",
}  # fmt: skip


@lru_cache(maxsize=4096)
def sentiment_of(text: str) -> Sentiment:
    """A tool's verdict in words (of several languages), letters, or a number around 0; `unknown` for the rest.

    Numbers are Talkwalker's -5 to 5 and Mention's tone of -1, 0, 1. Letters are Meltwater's N, P and V.
    """
    word = text.strip().casefold()
    for start, verdict in _WORDS:
        if word.startswith((start, "né" + start[2:] if start == "neg" else start)):
            return verdict
    if word in _LETTERS:
        return _LETTERS[word]
    try:
        score = float(word)
    except ValueError:
        return "unknown"
    return (
        "negative" if -100 <= score < 0 else "neutral" if score == 0 else "positive" if 0 < score <= 100 else "unknown"
    )


def number_of(text: str) -> float | None:
    """`1,234`, `1.2K`, `3e5`, `12` as a number; None where it is none, negative counts included by the caller."""
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return float(text)
    found = _NUMBER.fullmatch(text.strip()) if 0 < len(text) <= 40 else None
    if found is None:
        return None
    value = float(re.sub(r"[, \u00a0\u202f']", "", found[1])) * _SCALE.get((found[2] or "").lower(), 1)
    return value if abs(value) <= _LARGEST else None


def amount_of(text: str) -> int | None:
    """A number of people or interactions: whole, not negative, else None."""
    value = number_of(text)
    return round(value) if value is not None and value >= 0 else None


@lru_cache(maxsize=1024)
def language_of(text: str) -> str:
    """`en` for `en`, `EN-us` and `English`; what is no language we can name stays as it is, in lower case."""
    word = text.strip().casefold()
    head = re.split(r"[-_]", word)[0]
    if len(head) == 2 and head.isascii() and head.isalpha():
        return head
    return _names("languages").get(word, word[:40])


@lru_cache(maxsize=1024)
def country_of(text: str) -> str:
    """`GB` for `gb`, `uk`, `GBR` and `United Kingdom`; what is no country we can name stays as it is."""
    word = text.strip()
    if word.casefold() == "uk":
        return "GB"
    if len(word) == 2 and word.isascii() and word.isalpha():
        return word.upper()
    if len(word) == 3 and word.isascii() and word.isalpha():
        from babel.core import get_global

        alias = get_global("territory_aliases").get(word.upper())
        if alias:
            return str(alias[0])
    return _names("territories").get(word.casefold(), word[:60])


@lru_cache(maxsize=2)
def _names(what: str) -> dict[str, str]:
    from babel.core import Locale

    named = Locale("en")
    table = named.languages if what == "languages" else named.territories
    return {
        str(name).casefold(): str(code) for code, name in table.items() if what == "languages" or len(str(code)) == 2
    }


@lru_cache(maxsize=4096)
def network_of(text: str) -> str:
    """`x` for `twitter`, `X`, `SOCIALMEDIA,SOCIALMEDIA_TWITTER`; other kinds of source in lower case."""
    last = re.split(r"[,;]", text.strip().casefold())[-1].strip().removeprefix("socialmedia_")
    word = last.split("_")[0].strip()
    return _NETWORKS.get(last) or _NETWORKS.get(word) or word[:60]


def network_of_url(url: str) -> str:
    """The social network that an address belongs to, by its host, or nothing."""
    host = url.partition("://")[2].partition("/")[0].lower()
    return _HOSTS.get(host) or _HOSTS.get(".".join(host.rsplit(".", 2)[-2:]), "")


def plain_text(markup: str) -> str:
    """What a reader of `markup` sees: tags gone, entities resolved, spaces folded."""
    from html import unescape  # its table of entities is of use to few exports

    text = unescape(_TAG.sub("", _BREAK.sub("\n", markup)))
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).splitlines() if line.strip())


def unwrapped(url: str) -> str:
    """The page itself behind an alert service's counting link (Google's `/url?…&url=`, Talkwalker's)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = (parts.hostname or "").removeprefix("www.")
    if not (re.fullmatch(r"google\.[a-z.]{2,6}", host) or host.removeprefix("alerts.") == "talkwalker.com"):
        return url
    asked = parse_qs(parts.query, max_num_fields=50) if parts.query.count("&") < 50 else {}
    inner = next((asked[key][0] for key in ("url", "q", "u", "link") if key in asked), "")
    return inner if inner.startswith(("http://", "https://")) else url


def retweeted(text: str) -> str:
    """`@name` if the text is the old form of a repost, `RT @name …`; else nothing."""
    found = _RETWEET.match(text)
    return found[1] if found else ""


def clean(text: str) -> str:
    """`text` without NULs and with lone surrogates replaced, so that it can be written anywhere as UTF-8."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
