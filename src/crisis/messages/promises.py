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


class _Said(NamedTuple):
    """A time as a text says it, with the word before it."""

    clock: time
    zone: str
    word: str


def promise_in(text: str, offered: str, promises: datetime, written_with: datetime | None = None) -> datetime | None:
    """The next update that `text` promises, which was made of the `offered` one, and that `promises`.

    It is the time it was `written_with`, or the one that is offered, where the text says it; else another time in the
    same words (`by 13:00 CET` for `by 12:45 CET`), the one nearest to it; else nothing. Where the offered text does not
    say its time on the clock there is nothing to compare, and the promise stays.
    """
    known = sorted({promises, written_with or promises})
    was = next((one for one in _times(offered) if one.clock == _clock(promises, promises)), None)
    if was is None:
        return known[0]
    said = [one for one in _times(text) if not one.zone or not was.zone or one.zone == was.zone]
    for promise in known:
        if any(one.clock == _clock(promise, promises) for one in said):
            return promise
    others = {one.clock for one in said if one.word == was.word} - {one.clock for one in _times(offered)}
    return _nearest(others.pop(), promises) if len(others) == 1 else None


def _times(text: str) -> Iterator[_Said]:
    for found in _TIME.finditer(text):
        hour, half = int(found["hour"]), (found["half"] or "").lower()
        hour = hour if not half else hour % 12 + (12 if half == "p" else 0)
        before = text[: found.start()].split()
        yield _Said(time(hour, int(found["minute"])), found["zone"] or "", before[-1].casefold() if before else "")


def _clock(moment: datetime, like: datetime) -> time:
    return moment.astimezone(like.tzinfo).time().replace(second=0, microsecond=0)


def _nearest(clock: time, to: datetime) -> datetime:
    days = (to + timedelta(days=count) for count in (-1, 0, 1))
    return min((day.replace(hour=clock.hour, minute=clock.minute) for day in days), key=lambda at: abs(at - to))
