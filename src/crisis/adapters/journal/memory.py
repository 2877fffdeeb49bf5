"""A journal that lasts as long as the process: for drills and for tests. It demands what the lasting one demands."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crisis.adapters.journal.chain import Row, first_link
from crisis.adapters.journal.codec import encode_brief
from crisis.adapters.journal.rows import conflict, demand, linked, recorded, unlinked
from crisis.adapters.journal.verify import Kept, inspect
from crisis.engine.events import Recorded
from crisis.kernel.ids import incident_id
from crisis.runtime.ports import Blob, Envelope, Head, Intact


class MemoryJournal:
    """The Journal port over dictionaries. Events go through the codec: what a drill accepts, an incident accepts.

    Nobody else can write here, so the chain is made when somebody asks for it.
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self._events: dict[str, list[Recorded]] = {}
        self._written: dict[tuple[str, str], tuple[Recorded, ...]] = {}
        self._heads: dict[str, tuple[Head, str]] = {}  # with its brief as it would be written
        self._blobs: dict[str, Kept] = {}

    def next_number(self, year: int, *, drill: bool) -> int:
        """The number for the next incident of that year."""
        prefix = incident_id(year, 0, drill=drill)[:-4]
        numbers = (one.removeprefix(prefix) for one in self._rows if one.startswith(prefix))
        return max((int(one) for one in numbers if one.isdecimal()), default=0) + 1

    def append(
        self,
        incident: str,
        expected: int,
        command: str,
        events: Sequence[Envelope],
        head: Head,
        blobs: Sequence[Blob] = (),
    ) -> tuple[Recorded, ...]:
        """Write all of it or nothing; see the port."""
        demand(incident, expected, command, events, head, blobs)
        if written := self._written.get((incident, command)):
            return written
        if expected != self.version(incident):
            raise conflict(incident, expected, self.version(incident))
        rows = unlinked(incident, command, events)
        added = tuple(recorded(row) for row in rows)
        brief = encode_brief(head.brief)
        # Nothing below can fail: what was refused above has left nothing behind.
        for blob in blobs:
            there = self._blobs.get(blob.key)
            if there is None or (there.data is None and not there.salted):
                self._blobs[blob.key] = Kept(blob.data, blob.salt, bool(blob.salt))
        self._rows.setdefault(incident, []).extend(rows)
        self._events.setdefault(incident, []).extend(added)
        self._written[incident, command] = added
        self._heads[incident] = head, brief
        return added

    def read(self, incident: str, after: int = 0) -> tuple[Recorded, ...]:
        """The recorded events after that version, in order."""
        return tuple(self._events.get(incident, ())[max(after, 0) :])

    def version(self, incident: str) -> int:
        """The last event's seq; 0 where there is none."""
        return len(self._rows.get(incident, ()))

    def heads(self) -> tuple[Head, ...]:
        """The heads of all incidents, the one opened last first."""
        return tuple(self._as_read(*kept) for kept in reversed(self._heads.values()))

    def headless(self) -> tuple[str, ...]:
        """Incidents that have events and no head."""
        return tuple(sorted(self._rows.keys() - self._heads.keys()))

    def head(self, incident: str) -> Head | None:
        """The head of one incident."""
        kept = self._heads.get(incident)
        return self._as_read(*kept) if kept else None

    def blob(self, key: str) -> bytes | None:
        """The bytes under that key; None where there are none, or they were erased."""
        kept = self._blobs.get(key)
        return kept.data if kept else None

    def erase(self, key: str) -> bool:
        """Erase the bytes and their salt, leaving the key as a marked gap. Whether there was something."""
        kept = self._blobs.get(key)
        if kept is None or kept.data is None:
            return False
        self._blobs[key] = Kept(None, b"", kept.salted)
        return True

    def verify(self, incident: str) -> Intact:
        """Compare every hash, link, position, blob and the head."""
        head = self.head(incident)
        kept = (head.version, head.hash) if head else None
        return inspect(incident, self._chain(incident), kept, self._blobs.get)

    def _chain(self, incident: str) -> tuple[Row, ...]:
        return linked(first_link(incident), self._rows.get(incident, ()))

    def _as_read(self, head: Head, brief: str) -> Head:
        return head._replace(hash=self._chain(head.incident)[-1].hash, brief=msgspec.json.decode(brief))
