"""How much a text may count at most, told without writing it: most texts are far from any limit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from crisis.messages.links import LINK_WEIGHT

#: One that counts one on every channel, two bytes, and is not in the alphabet of text messages.
WIDE = "ű"
#: So many of it count at least what the filter makes of an example, in every language that CLDR knows.
WRITTEN = {"date": 85, "time": 35, "datetime": 95, "number": 14}
#: The same for what a list puts before each of its items.
BETWEEN = 8

_TAG = re.compile(r"(\{[{%#].*?[}%#]\})", re.DOTALL)
_WORDS = re.compile(r"([a-z][a-z0-9_]*)?\s*\|\s*([a-z]+)|('[^']*'|\"[^\"]*\"|[a-z][a-z0-9_]*)")
# Without what takes two places in a text message.
_NARROW = re.compile(r"[\n -Z_a-z]*")


def heaviest(values: Iterable[object]) -> str:
    """A text that counts at least as much on any channel as any of these values, whatever language writes it."""
    texts = [_heavy(value) for value in values]
    sign = WIDE if any(WIDE in text for text in texts) else "x"
    return sign * max(map(len, texts), default=0)


def _heavy(value: object) -> str:
    match value:
        case str():
            size = sum(_size_of_word(word) + 1 for word in value.split(" ")) - 1
            return ("x" if _NARROW.fullmatch(value) else WIDE) * size
        case bool() | None:
            return ""
        case datetime():
            return WIDE * WRITTEN["datetime"]
        case list():
            return WIDE * sum(len(_heavy(item)) + BETWEEN for item in value)
        case _:
            return WIDE * WRITTEN["number"]


def _size_of_word(word: str) -> int:
    # A character counts no more anywhere than it has bytes; but X and Mastodon count any link as 23 characters.
    return max(len(word.encode()), LINK_WEIGHT if "." in word else 0)


def longest_text(body: str, facts: Mapping[str, str]) -> str:
    """A text as long as `body` can become if all its conditions were independent; `facts` has the heaviest of each."""
    texts, branches = [""], list[str]()
    for part in _TAG.split(body):
        word = part[2:-2].strip(" -+\n").partition(" ")[0] if part.startswith("{%") else ""
        if word == "if":
            texts.append("")
            branches.append("")
        elif word in ("elif", "else") and branches:
            branches[-1] = _either(branches[-1], texts[-1])
            texts[-1] = ""
        elif word == "endif" and branches:
            text = _either(branches.pop(), texts.pop())
            texts[-1] += text.removeprefix("\n")  # the line of a tag is not part of the text
        elif part.startswith("{{"):
            texts[-1] += "".join(_written(fact, by, other, facts) for fact, by, other in _WORDS.findall(part))
        elif not part.startswith("{"):
            texts[-1] += part
    return "".join(texts).lstrip("\n").rstrip()


def _either(one: str, other: str) -> str:
    """A text that counts at least as much as both: the longer, and what the shorter has of signs that count more."""
    shorter, longer = sorted((one, other), key=len)
    strange = set(_NARROW.sub("", shorter)) - set(longer)
    return longer + "".join(sorted(strange)) + WIDE * (len(shorter.encode()) - len(longer))


def _written(fact: str, by: str, other: str, facts: Mapping[str, str]) -> str:
    """What a fact becomes by a filter, or without one; of what stands in quotes, itself."""
    if by in WRITTEN:
        return WIDE * WRITTEN[by]
    return facts.get(fact or other, "") if other[:1] not in ("'", '"') else _heavy(other)
