"""By when a text promises the next update, once a person has edited it. No text promises what it does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

#: `12:45`, `12.45 CET`, `1:00 p.m.`; no date (`07.03.2026`), and no part of a longer number.
_TIME = re.compile(
    r"(?<![\d.:])(?P<hour>[01]?\d|2[0-3])\s?[:.hH]\s?(?P<minute>[0-5]\d)(?!\d|[.:]\d)"
    r"(?:\s?(?P<half>[apAP])\.?[mM]\b\.?)?(?:\s(?P<zone>(?:UTC|GMT)(?:[+-]\d+)?|[A-Z]{2,5})\b)?"
)


_END = re.compile(r"(?<=[.!?])\s+|\n+")


class _Said(NamedTuple):
    """A time as a text says it, and the rest of its sentence: what comes before it, and after."""

    clock: time
    zone: str
    before: str
    after: str

    def is_about_the_same(self, other: _Said) -> bool:
        """Whether both sentences say the same of their time, in the same words."""
        same_zone = not self.zone or not other.zone or self.zone == other.zone
        return same_zone and (self.before, self.after) == (other.before, other.after)


def promise_in(text: str, offered: str, promises: datetime, written_with: datetime | None = None) -> datetime | None:
    """The next update that `text` promises, which was made of the `offered` one, and that `promises`.

    Only the sentence that was offered is understood, with its time or with another in its place; of any other nobody
    can say what it promises, or whether it does: then it is nothing. Another time is that of the day nearest to what
    was offered, since another day would stand in other words. Where the offered text does not say its time on the
    clock there is nothing to compare, and the promise stays.
    """
    known = sorted({promises, written_with or promises})
    was = next((one for one in _times(offered) if one.clock == _clock(promises, promises)), None)
    if was is None:
        return known[0]
    said = {one.clock for one in _times(text) if one.is_about_the_same(was)}
    if len(said) != 1:
        return None
    clock = said.pop()
    return next((one for one in known if _clock(one, promises) == clock), None) or _nearest(clock, promises)


def _times(text: str) -> Iterator[_Said]:
    for sentence in _sentences(text):
        for found in _TIME.finditer(sentence):
            hour, half = int(found["hour"]), (found["half"] or "").lower()
            hour = hour if not half else hour % 12 + (12 if half == "p" else 0)
            before, after = _loose(sentence[: found.start()]), _loose(sentence[found.end() :])
            yield _Said(time(hour, int(found["minute"])), found["zone"] or "", before, after)


def _sentences(text: str) -> Iterator[str]:
    begins = 0
    for found in _END.finditer(text):
        follows = text[found.end() : found.end() + 1]
        if not (follows.islower() or follows.isdigit()):  # neither `kl. 12.45` is an end, nor a line that goes on
            yield text[begins : found.start()]
            begins = found.end()
    yield text[begins:]


def _loose(part: str) -> str:
    return " ".join(part.casefold().split()).strip(" .!")


def _clock(moment: datetime, like: datetime) -> time:
    return moment.astimezone(like.tzinfo).time().replace(second=0, microsecond=0)


def _nearest(clock: time, to: datetime) -> datetime:
    days = (to + timedelta(days=count) for count in (-1, 0, 1))
    return min((day.replace(hour=clock.hour, minute=clock.minute) for day in days), key=lambda at: abs(at - to))
