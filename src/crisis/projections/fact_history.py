"""What each fact was said to be, one word after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from crisis.engine.events import FactSet, Recorded


class Word(Struct, frozen=True, kw_only=True):
    """A word on a fact, said with the event `seq`: from when it was said `until` another was, or to the end.

    Since when it is said to be known is told with it, and is no beginning: before it, another word stood.
    """

    said: FactSet
    seq: int
    since: datetime
    until: datetime | None = None


def words_of(events: Iterable[Recorded]) -> Mapping[str, tuple[Word, ...]]:
    """All that was said of each fact, in order; what says the same again is no new word."""
    found: dict[str, list[Word]] = {}
    for one in events:
        if not isinstance(one.event, FactSet):
            continue
        words = found.setdefault(one.event.fact, [])
        if words and _what(words[-1].said) == _what(one.event):
            if one.event.since is not None:
                words[-1] = replace(words[-1], said=one.event)
            continue
        if words:
            words[-1] = replace(words[-1], until=one.at)
        words.append(Word(said=one.event, seq=one.seq, since=one.at))
    return {fact: tuple(words) for fact, words in found.items()}


def said_before(events: Iterable[Recorded]) -> Mapping[int, FactSet]:
    """What was known of a fact until the event of that number said otherwise."""
    return {
        after.seq: before.said
        for words in words_of(events).values()
        for before, after in pairwise(words)
        if before.said.known
    }


def _what(event: FactSet) -> object:
    return event.known, event.value, event.sealed
