"""The end of a history in a few spans of time, to be kept and drawn: mentions, and how many of them were negative."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.signals.tally import BASE, NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crisis.signals.streams import Stream
    from crisis.signals.tally import Tally

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIZES = (1, 3, 6, 12, 36, 72, 144, 288)  # in bins of five minutes; each is a multiple of those before
_HOUR = 12


class Spans(Struct, frozen=True):
    """Spans of `every` from `begins` on. `mentions` is None where nobody knows; all three are as long.

    `rated` have a sentiment, `negative` are negative; both are empty where nothing is known of sentiments.
    """

    begins: datetime
    every: timedelta
    mentions: tuple[float | None, ...]
    rated: tuple[int, ...] = ()
    negative: tuple[int, ...] = ()


def spans_of(tally: Tally, since: datetime, most: int, gaps: Sequence[tuple[int, int]] = ()) -> Spans | None:
    """Mentions from `since` on, as fine as their times are exact to and as `most` spans allow; the last ones.

    A last span that had only begun when the export was made is left out: it would look like a lull. Nobody knows the
    spans of `gaps` (from which bin to before which), nor those that one as long as a span cuts into.
    """
    if not tally.bins:
        return None
    exact = tally.grid(UTC, fine=True)
    ends = max(tally.bins) + tally.exact
    begins = max(min(tally.bins), (since - _EPOCH) // BASE)
    offset = exact.offset if exact.size >= _HOUR else 0
    sizes = [size for size in _SIZES if size >= exact.size]
    size = next((size for size in sizes if (ends - begins) / size < most), sizes[-1])
    last = (ends - offset) // size
    if size == exact.size or last * size + offset < begins:
        last = -((offset - ends) // size)
    first = min(max((begins - offset) // size, last - most), last - 1)
    sums = [NOTHING] * (last - first)
    for number, one in tally.bins.items():
        place = (number - offset) // size - first
        if 0 <= place < len(sums):
            sums[place] = sums[place].plus(one)
    rated = any(one.rated for one in tally.bins.values())
    unknown = set[int]()
    for gap_begins, gap_ends in gaps:
        if gap_ends - gap_begins >= size:
            ends_in = -((offset - gap_ends) // size) - first
            unknown |= set(range(max(0, (gap_begins - offset) // size - first), min(len(sums), ends_in)))
    sums = [NOTHING if place in unknown else one for place, one in enumerate(sums)]
    return Spans(
        _EPOCH + (first * size + offset) * BASE,
        size * BASE,
        tuple(None if place in unknown else float(one.mentions) for place, one in enumerate(sums)),
        tuple(one.rated for one in sums) if rated else (),
        tuple(one.negative for one in sums) if rated else (),
    )


def spans_of_counts(stream: Stream, since: datetime, most: int) -> Spans | None:
    """The same of a file of counts: its own rows, or so many of them as one. A span that lacks a row is unknown."""
    rows = [row for row in stream.rows() if row[0] >= since] or list(stream.rows())[-1:]
    if not rows:
        return None
    step = stream.step() or BASE
    begins, ends = rows[0][0], rows[-1][0] + step
    together = max(1, -(-((ends - begins) // step) // most))
    every = together * step
    sums: dict[int, list[float]] = {}
    for at, value in rows:
        sums.setdefault((at - begins + step / 2) // every, []).append(value)
    length = max(sums) + 1
    whole = [sum(sums[n]) if len(sums.get(n, ())) >= together else None for n in range(length)]
    cut = max(0, length - most)
    return Spans(begins + cut * every, every, tuple(whole[cut:]))
