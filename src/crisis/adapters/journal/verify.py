"""Is everything still as it was written? Finds what is wrong, in plain words, and never stumbles over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from crisis.adapters.journal.chain import Row, first_link, link
from crisis.adapters.journal.references import mentions, needs
from crisis.adapters.journal.rows import recorded
from crisis.engine.events import Erased, FactSet, Opened, Recorded
from crisis.kernel.errors import CrisisError
from crisis.kernel.fingerprints import holds, short
from crisis.kernel.text import one_line
from crisis.runtime.ports import Intact

_AT_MOST = 100  # problems; whoever rewrote ten thousand events need not be told ten thousand times
_NUMBERS = (Row._fields.index("seq"), Row._fields.index("v"))


class Kept(NamedTuple):
    """A blob as it lies in the store; `data` is None where it was erased, and then its salt is gone too."""

    data: bytes | None
    salt: bytes
    salted: bool


def inspect(
    incident: str, rows: Sequence[Row], head: tuple[object, object] | None, blob: Callable[[str], Kept | None]
) -> Intact:
    """What is wrong with an incident's rows in their order, its head (version, hash) and its blobs."""
    problems: list[str] = []
    events: list[Recorded] = []
    sound = []
    for row in rows:
        if all(isinstance(value, int if n in _NUMBERS else str) for n, value in enumerate(row)):
            sound.append(row)
        else:
            problems.append(f"event {one_line(str(row.seq), 20)}: a column holds what nobody wrote there")
    problems += _links(incident, sound)
    problems += _commands(sound)
    for row in sound:
        try:
            events.append(recorded(row))
        except CrisisError as error:
            problems.append(f"event {row.seq}: {error.message.partition(': ')[2]}")
    problems += _opening(incident, events)
    version, digest = (sound[-1].seq, sound[-1].hash) if sound else (0, "")
    problems += _head(version, digest, head)
    problems += _blobs(sound, events, blob)
    if len(problems) > _AT_MOST:
        problems[_AT_MOST:] = [f"and {len(problems) - _AT_MOST} more problems"]
    return Intact(incident=incident, version=version, hash=digest, problems=tuple(problems))


def _links(incident: str, rows: Iterable[Row]) -> Iterator[str]:
    seq, previous = 0, first_link(incident)
    for row in rows:
        if row.seq > seq + 1:
            yield f"{_events(seq + 1, row.seq - 1)} missing"
        elif row.seq <= seq:
            yield f"event {row.seq}: is there more than once, or in the wrong place"
        elif row.previous != previous:
            yield f"event {row.seq}: does not follow from what was written before it"
        if link(row) != row.hash:
            yield f"event {row.seq}: its text does not match its hash"
        seq, previous = row.seq, row.hash


def _commands(rows: Iterable[Row]) -> Iterator[str]:
    seen: set[str] = set()
    last = ""
    for row in rows:
        if row.command != last and row.command in seen:
            yield f"event {row.seq}: its command was already done before"
        seen.add(row.command)
        last = row.command


def _opening(incident: str, events: Sequence[Recorded]) -> Iterator[str]:
    for one in events:
        if isinstance(one.event, Opened) != (one.seq == 1):
            yield f"event {one.seq}: an incident begins with its opening, and is opened once"
        elif isinstance(one.event, Opened) and one.event.incident != incident:
            yield f"event {one.seq}: it opened another incident, {one_line(one.event.incident, 40)}"


def _head(version: int, digest: str, head: tuple[object, object] | None) -> Iterator[str]:
    if not version:
        yield "no events are recorded"
    if head is None:
        yield "the head is missing"
        return
    counted, claimed = head
    if not isinstance(counted, int):
        yield "the head holds what nobody wrote there"
    elif counted > version:
        yield f"{_events(version + 1, counted)} missing: the head counts {counted}"
    elif counted < version:
        yield f"the head counts {counted} events, there are {version}"
    elif claimed != digest:
        yield f"the head's hash is not that of event {version}"


def _blobs(rows: Iterable[Row], events: Iterable[Recorded], blob: Callable[[str], Kept | None]) -> Iterator[str]:
    events = tuple(events)
    erased = {one.event.fact: one.seq for one in events if isinstance(one.event, Erased)}
    for one in events:
        for key, need, name in needs(one.event):
            kept = blob(key)
            if kept is None:
                yield f"event {one.seq}: {name} ({_short(key)}) is missing"
            elif kept.data is None and isinstance(one.event, FactSet) and erased.get(one.event.fact, 0) < one.seq:
                yield f"event {one.seq}: {name} ({_short(key)}) is gone, and nobody erased it"
            elif kept.data is None and not (need == "erasable" and kept.salted):
                yield f"event {one.seq}: {name} ({_short(key)}) was erased, and must not be"
    for key in sorted(frozenset().union(*(mentions(row.payload) for row in rows))):
        kept = blob(key)
        if kept is not None and kept.data is not None and not _matches(key, kept):
            yield f"blob {_short(key)}: its bytes do not match its key"


def _matches(key: str, kept: Kept) -> bool:
    return isinstance(kept.data, bytes) and isinstance(kept.salt, bytes) and holds(key, kept.data, kept.salt)


def _short(key: str) -> str:
    return short(one_line(key, 64))


def _events(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"
