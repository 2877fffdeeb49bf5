"""Did it help? Mentions and the negative among them before and after each message, as far as exports tell.

Before and after always come from one export: two tools, or two queries, count differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct, field

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.monitoring import HOUR, Counted, Measured
from crisis.kernel.durations import roughly
from crisis.projections.exports import exports_of
from crisis.projections.names import Names

#: So long before and after a message is looked at, where the export reaches so far; as long on both sides.
LONGEST = timedelta(hours=3)
#: Less time than this on either side says nothing.
SHORTEST = timedelta(minutes=30)
#: Fewer mentions than this, before and after together, say nothing about how many there are …
FEW = 10
#: … and fewer with a sentiment, on either side, nothing about how many of them are negative.
FEW_RATED = 10


class Side(Struct, frozen=True, kw_only=True):
    """Before, or after: mentions per hour, and the share of negative ones, None where too few have a sentiment."""

    mentions_per_hour: float
    negative_share: float | None
    mentions: float
    rated: int


class Response(Struct, frozen=True, kw_only=True):
    """What followed on a message that went out at `at`, first, in these places.

    `before` and `after` are `window` long and end and begin with the span of time in which it went out. Without
    figures they are None; `why` says what is missing, and also when there is little to go by. `others` went out
    within the same time, and may be what helped or hurt.
    """

    message: str
    title: str
    at: datetime
    places: tuple[str, ...]
    window: timedelta | None = None
    before: Side | None = None
    after: Side | None = None
    why: str = ""
    source: str = ""
    files: tuple[str, ...] = ()
    estimated: float = 0.0
    others: tuple[str, ...] = ()


class _Message(Struct):
    name: str
    at: datetime
    last: datetime
    places: list[str] = field(default_factory=list)


def responses(events: Iterable[Recorded], names: Names) -> tuple[Response, ...]:
    """One for each message that went out, each time that it did, in order."""
    events = tuple(events)
    read = [(one, one.counted.until(at)) for at, one in exports_of(events) if one.counted]
    sent = list(_messages(events))
    return tuple(_response(one, sent, read[::-1], names) for one in sent)


def _messages(events: Iterable[Recorded]) -> Iterator[_Message]:
    """What went out of one draft is one message, however many places it went to."""
    found: list[_Message] = []
    current: dict[str, _Message] = {}
    for one in events:
        match one.event:
            case ev.Drafted(message=name):
                current.pop(name, None)
            case ev.Published(message=name, line=line):
                if name not in current:
                    current[name] = _Message(name, one.at, one.at)
                    found.append(current[name])
                current[name].places.append(line.place)
                current[name].last = one.at
            case _:
                pass
    return iter(found)


def _response(sent: _Message, every: list[_Message], read: list[tuple[Measured, Counted]], names: Names) -> Response:
    bare = Response(message=sent.name, title=names.message(sent.name), at=sent.at, places=tuple(sent.places))
    if not read:
        return _with(bare, why="no figures: no export was read that counts mentions")
    # The longest view wins; of two as long, the export that was read last.
    measured, series, spans = max(
        ((one, series, _spans(series, sent.at)) for one, series in read), key=lambda found: found[2] * found[1].span
    )
    window = spans * series.span
    source = _with(bare, source=measured.format, files=measured.files, estimated=measured.estimated)
    if window < SHORTEST:
        return _with(source, why=_missing(series, sent.at, window))
    before, after = _sides(series, sent.at, spans)
    others = tuple(
        names.message(other.name)
        for other in every
        if other is not sent and other.last > sent.at - window and other.at < sent.at + window
    )
    few = before.mentions + after.mentions < FEW
    why = "too few mentions to tell" if few else ""
    return _with(source, window=window, before=before, after=after, why=why, others=others)


def _with(response: Response, **changed: object) -> Response:
    known = {name: getattr(response, name) for name in response.__struct_fields__}
    return Response(**{**known, **changed})


def _place(series: Counted, at: datetime) -> int:
    """The span in which `at` lies; before the first one it is negative."""
    return (at - series.begins) // series.span


def _spans(series: Counted, at: datetime) -> int:
    """How many whole spans are known both before and after the one in which `at` lies, at most `LONGEST`."""
    place, counts = _place(series, at), series.mentions
    if not 0 <= place < len(counts):
        return 0
    most, spans = max(1, LONGEST // series.span), 0
    while spans < most and place - spans - 1 >= 0 and place + spans + 1 < len(counts):
        if counts[place - spans - 1] is None or counts[place + spans + 1] is None:
            break
        spans += 1
    return spans


def _missing(series: Counted, at: datetime, window: timedelta) -> str:
    if window:
        return f"too little: figures for {roughly(window)} before and after it"
    if series.ends <= at:
        return "no figures from after it"
    if series.begins > at:
        return "no figures from before it"
    if series.ends <= at + series.span:
        return f"too little: less than {roughly(series.span)} of figures after it"
    if series.begins > at - series.span:
        return f"too little: less than {roughly(series.span)} of figures before it"
    return "no figures from that time"


def _sides(series: Counted, at: datetime, spans: int) -> tuple[Side, Side]:
    place = _place(series, at)
    return _side(series, place - spans, place), _side(series, place + 1, place + 1 + spans)


def _side(series: Counted, first: int, end: int) -> Side:
    mentions = sum(one or 0.0 for one in series.mentions[first:end])
    rated = sum(series.rated[first:end])
    negative = sum(series.negative[first:end])
    return Side(
        mentions_per_hour=round(mentions / ((end - first) * series.span / HOUR), 3),
        negative_share=round(negative / rated, 4) if rated >= FEW_RATED else None,
        mentions=mentions,
        rated=rated,
    )
