"""Events to rows and back, and what every store demands before it takes an append."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crisis.adapters.journal.chain import Row, link
from crisis.adapters.journal.codec import NEWEST, Unwritable, decode, encode, moment_text
from crisis.engine.events import Recorded
from crisis.kernel.errors import Tampered, Unreadable
from crisis.kernel.fingerprints import holds
from crisis.runtime.ports import Blob, Conflict, Envelope, Head


def demand(
    incident: str, expected: int, command: str, events: Sequence[Envelope], head: Head, blobs: Sequence[Blob]
) -> None:
    """Raise ValueError for an append that contradicts itself; that is a mistake in the program, not a conflict."""
    if not command or not events:
        raise ValueError("an append needs a command id and at least one event")
    if [one.seq for one in events] != list(range(expected + 1, expected + len(events) + 1)):
        raise ValueError(f"the events are not numbered from {expected + 1}")
    if (head.incident, head.version) != (incident, events[-1].seq):
        raise ValueError(f"the head is that of {head.incident} at {head.version}")
    if head.wakes_at is not None and head.wakes_at.tzinfo is None:
        raise ValueError("the head wakes at a moment without a zone")
    for blob in blobs:
        if not holds(blob.key, blob.data, blob.salt):
            raise ValueError(f"the blob {blob.key} does not match its key")


def conflict(incident: str, expected: int, found: int) -> Conflict:
    """Somebody else was first."""
    return Conflict(
        f"{incident} is at event {found}, not at {expected}: somebody else has written since",
        hint="look at the incident again, and decide again",
    )


def rows_of(incident: str, previous: str, command: str, events: Sequence[Envelope]) -> tuple[Row, ...]:
    """The rows of one command, chained to `previous`. Raises Unwritable."""
    return linked(previous, unlinked(incident, command, events))


def unlinked(incident: str, command: str, events: Sequence[Envelope]) -> tuple[Row, ...]:
    """The rows of one command, not yet chained to anything. Raises Unwritable."""
    incident, command = _whole(incident), _whole(command)
    moments = {at: moment_text(at) for at in {one.at for one in events}}  # what a command brings is of one moment
    return tuple(
        Row(
            incident=incident,
            seq=one.seq,
            command=command,
            type=type(one.event).__name__,
            at=moments[one.at],
            who=_whole(one.who),
            via=_whole(one.via),
            on_behalf_of=_whole(one.on_behalf_of),
            v=NEWEST,
            payload=encode(one.event),
            previous="",
            hash="",
        )
        for one in events
    )


def linked(previous: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows, each chained to the one before it, and the first to `previous`."""
    chained = []
    for row in rows:
        one = row._replace(previous=previous)
        previous = link(one)
        chained.append(one._replace(hash=previous))
    return tuple(chained)


def _whole(name: str) -> str:
    if not name.isascii():
        try:
            name.encode()
        except UnicodeEncodeError:
            raise Unwritable("a name holds half a character", hint="type it again; it must be UTF-8") from None
    return name


def recorded(row: Row) -> Recorded:
    """The event of a row. Raises Unreadable where it is newer than we are, Tampered where it makes no sense."""
    _, seq, command, name, at, who, via, on_behalf_of, v, payload, _, _ = row
    try:
        event = decode(name, v, payload)
        moment = datetime.fromisoformat(at)
    except (Tampered, ValueError, TypeError) as error:
        why = error.message if isinstance(error, Tampered) else "its time cannot be read"
        hint = f"run `crisis verify {row.incident}`; bring the journal back from a backup"
        raise Tampered(f"{row.incident}, event {seq}: {why}", hint=hint) from None
    except Unreadable as error:
        raise Unreadable(f"{row.incident}, event {seq}: {error.message}", hint=error.hint) from None
    return Recorded(seq=seq, at=moment, who=who, via=via, command=command, event=event, on_behalf_of=on_behalf_of, v=v)
