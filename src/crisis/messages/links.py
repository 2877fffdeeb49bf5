"""Links and weights as X counts them, by the twitter-text rules.

The rules: https://docs.x.com/resources/fundamentals/counting-characters. `twitter-text-parser` passes their
conformance suite, with two flaws that are dealt with here: its search for links takes seconds for a hostile text of
2,000 characters, and importing it needs setuptools, which it does not ask for and many installations no longer have.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK_WEIGHT = 23
"""What any link counts, on X (t.co) and on Mastodon."""

# No top-level domain begins with anything but a letter, so only these dots can end a link's domain.
_LINK_DOT = re.compile(r"\.(?:[A-Za-z]|[^\x00-\x7f])")
# The blank before a word comes along: the library tells the beginning of a text from the beginning of a word.
_WORD = re.compile(r"(?:^|[ \n\t])[^ \n\t]+")
_LONG_LINK = re.compile(r"(https?://[A-Za-z0-9.-]{1,100}/)[A-Za-z0-9/?&=%_.+~#:,;-]*", re.ASCII)
# What links in statements look like. It saves the 0.3 s that importing the library takes.
_COMMON_LINK = re.compile(
    r"[ \n\t]?((?:https?://)?(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)++(?:com|org|net|info|eu|uk|dk|nl|de|fr|es|ru|cn)"
    r"(?:/[A-Za-z0-9/_-]*)?)[.,;:!?]?",
    re.ASCII,
)
# Searching a word takes time that grows with the square of its length: 0.5 s for 450 characters at the very worst.
_EFFORT = 200_000

# Characters that are never part of an emoji: everything that weighs one but © and ®, and what weighs two and is common.
# Not a pattern: classes as wide as these take a hundredth of `crisis check` to compile.
_LIGHT = (
    *(("\x00", "\xa8"), ("\xaa", "\xad"), ("\xaf", "\u10ff")),
    *(("\u2000", "\u200c"), ("\u2010", "\u201f"), ("\u2032", "\u2037")),
)
_HEAVY = (
    *(("\u20ac", "\u20ac"), ("\u2026", "\u2026"), ("\u3001", "\u3002"), ("\u4e00", "\u9fff")),
    *(("\uff01", "\uff0f"), ("\uff1a", "\uff1f")),
)


class Shortened(Struct, frozen=True):
    """A text with each link replaced by 23 plain characters, and nothing left that reads as a link."""

    text: str
    exact: bool
    """False if a word was too long to be searched; its possible links are then counted on top of its characters."""


def weight(text: str) -> tuple[int, bool]:
    """X's weighted length of `text` and whether it is exact; one that is not is too high, never too low."""
    normal = unicodedata.normalize("NFC", text)
    shortened = shorten(normal)
    used = set(shortened.text)
    light = {char for char in used if _is_among(char, _LIGHT)}
    if all(_is_among(char, _HEAVY) for char in used - light):
        return sum(1 if char in light else 2 for char in shortened.text), shortened.exact
    with _resources():
        from twitter_text import parse_tweet  # type: ignore[import-untyped]
    # Without a dot the library does not look for links; a hyphen weighs as much.
    return int(parse_tweet(shortened.text.replace(".", "-")).weightedLength), shortened.exact


def _is_among(char: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= char <= last for first, last in ranges)


def shorten(text: str, *, bare: bool = True) -> Shortened:
    """Replace each link by a stand-in of its weight; `bare` also finds links without `https://`, as X does."""
    if not _LINK_DOT.search(text) or not (bare or "://" in text):
        return Shortened(text, exact=True)
    out, end, effort, exact = [], 0, 0, True
    for word in _WORD.finditer(text):  # no link holds a blank, so words can be searched one by one
        if not _LINK_DOT.search(word[0]) or not (bare or "://" in word[0]):
            continue
        cost = len(word[0]) ** 2
        if cost + effort <= _EFFORT or _is_one_long_link(word[0]):
            effort += cost if cost + effort <= _EFFORT else 0
            replacement = _shorten_word(word[0], bare=bare)
        else:
            replacement = word[0] + "x" * LINK_WEIGHT * len(_LINK_DOT.findall(word[0]))
            exact = False
        out += [text[end : word.start()], replacement]
        end = word.end()
    return Shortened("".join([*out, text[end:]]), exact)


def _is_one_long_link(word: str) -> bool:
    match = _LONG_LINK.fullmatch(word.strip())
    return match is not None and len(word) <= 4000 and _shorten_word(match[1], bare=True) == "x" * LINK_WEIGHT


def _shorten_word(word: str, *, bare: bool) -> str:
    if len(word) <= 60 and (common := _COMMON_LINK.fullmatch(word)):
        return word[: common.start(1)] + "x" * LINK_WEIGHT + word[common.end(1) :]
    with _resources():
        from twitter_text.extract_urls import extract_urls_with_indices  # type: ignore[import-untyped]
    out, end = [], 0
    for found in extract_urls_with_indices(word, bare):
        start = int(found["indices"][0])
        out += [word[end:start], "x" * LINK_WEIGHT]
        end = start + len(found["url"])
    return "".join([*out, word[end:]])


@contextmanager
def _resources() -> Iterator[None]:
    """Lend the library the one function of setuptools' `pkg_resources` that it uses, while it is imported."""
    if "twitter_text" in sys.modules or "pkg_resources" in sys.modules:
        yield
        return
    stand_in = ModuleType("pkg_resources")
    stand_in.__dict__["resource_string"] = _resource
    sys.modules["pkg_resources"] = stand_in
    try:
        yield
    finally:
        del sys.modules["pkg_resources"]


def _resource(module: str, name: str) -> bytes:
    from importlib.resources import files

    return files(module.rpartition(".")[0]).joinpath(name).read_bytes()
