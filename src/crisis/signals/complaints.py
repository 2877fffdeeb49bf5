"""The same complaint again: which phrase most negative mentions of an hour share, and one of them as an example.

A text is reduced to a few of its phrases, always the same ones of the same phrase (those with the smallest
marks: Broder, doi:10.1109/SEQUEN.1997.666900), and an hour counts them in bounded memory as Misra and Gries do
(doi:10.1016/0167-6423(82)90012-0). Near-duplicates share most of their phrases, and longer texts that repeat one
sentence share that one. It takes no model and no word list, so any language will do.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from zlib import crc32

from msgspec import Struct, field

PHRASES = 6
"""Phrases kept of a text."""
WORDS, SIGNS = 3, 5
"""Words of a phrase; and its signs in a script that puts no spaces between words."""
KEPT = 64
"""Phrases that an hour goes on counting, when four times as many were met."""
LONGEST = 400
"""Characters of a text that are looked at."""
_SPREAD = 0x9E3779B1  # golden ratio: neighbouring checksums get marks far apart
_NO_WORD = b"\t\n\x0b\x0c\r" + bytes(range(0x1C, 0x41)) + b"[\\]^_`{|}~"
_SPACED = bytes.maketrans(_NO_WORD, b" " * len(_NO_WORD))
"""Of ASCII, what lies between words, numbers among it: the same as `between` and a tenth of its time."""


@cache
def _of_any_script() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What is not said, what lies `between` words, and the signs of scripts that put no spaces between words."""
    not_said = re.compile(r"https?://\S+|www\.\S+|@\w+|\d+")
    between = re.compile(
        r"[\s!-/:-@\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u0964\u0965\u2000-\u206f\u3000-\u303f"
        r"\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
    )
    unspaced = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
    return not_said, between, re.compile(rf"[{unspaced}]")


def phrases(text: str) -> tuple[int, ...]:
    """A few phrases of `text` as marks, the same ones in every text that has them; none for a single word."""
    said = text[:LONGEST].casefold()
    if said.isascii() and not ("@" in said or "://" in said or "www." in said):
        return _marks(b" ".join(said.encode().translate(_SPACED).split()), WORDS)
    not_said, between, unspaced = _of_any_script()
    said = not_said.sub(" ", said)
    words = [word for word in between.split(said) if word]
    width = WORDS
    if not said.isascii() and unspaced.search(said):
        words, width = [sign for word in words for sign in word], SIGNS
    return _marks(" ".join(words).encode("utf-8", "replace"), width)


@lru_cache(maxsize=256)
def _marks(said: bytes, width: int) -> tuple[int, ...]:
    """The marks of words with a space between each: what returns mostly returns word for word."""
    words = said.split(b" ")
    if len(words) < 2:
        return ()
    joined = set(map(b" ".join, zip(*[words[n:] for n in range(min(width, len(words)))], strict=False)))
    return tuple(sorted({mark * _SPREAD & 0xFFFFFFFF for mark in map(crc32, joined)})[:PHRASES])


class Hour(Struct):
    """What was complained of in one hour: how often each phrase came, and the first text with it.

    `times` alone may be kept and come back: then a phrase's example is the first text that has it from there on.
    """

    times: dict[int, int] = field(default_factory=dict)
    first: dict[int, str] = field(default_factory=dict)

    def add(self, text: str, worth: int) -> None:
        """Take in a complaint that stands for `worth` mentions."""
        times, first = self.times, self.first
        for mark in phrases(text):
            times[mark] = times.get(mark, 0) + worth
            if mark not in first:
                first[mark] = text[:LONGEST]
        if len(times) > 4 * KEPT:
            self._thin()

    def most(self) -> tuple[int, str]:
        """How many mentions say what most say, and the first of them."""
        mark = max(self.times, key=lambda one: self.times[one], default=None)
        return (0, "") if mark is None else (self.times[mark], self.first.get(mark, ""))

    def _thin(self) -> None:
        least = sorted(self.times.values(), reverse=True)[KEPT]
        self.times = {mark: times - least for mark, times in self.times.items() if times > least}
        self.first = {mark: text for mark, text in self.first.items() if mark in self.times}


class Complaints(Struct):
    """The complaints of every hour, numbered from 1970 on. Memory grows with the hours, not with the mentions."""

    hours: dict[int, Hour] = field(default_factory=dict)

    def add(self, hour: int, text: str, worth: int = 1) -> None:
        """Take in the text of a negative mention that is nobody's repost."""
        known = self.hours.get(hour)
        if known is None:
            known = self.hours[hour] = Hour()
        known.add(text, worth)

    def most(self, hours: range) -> tuple[int, str]:
        """How many mentions say what most say in the fullest of `hours`, and the first of them."""
        return max(
            (self.hours[one].most() for one in hours if one in self.hours), default=(0, ""), key=lambda it: it[0]
        )
