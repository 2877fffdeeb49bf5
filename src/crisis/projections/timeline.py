"""The timeline: what happened, in the order in which it was recorded, each event in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec import Struct

from crisis.engine.events import Recorded
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.projections.fact_history import said_before
from crisis.projections.irregular import Irregular
from crisis.projections.names import Names
from crisis.projections.words import sentence

#: Who is named for what nobody did: it followed from the playbook, or from time.
BY_ITSELF = "the playbook"


class Entry(Struct, frozen=True, kw_only=True):
    """One event. `who` is a name; `text` holds what people wrote as they wrote it."""

    seq: int
    at: datetime
    type: str
    who: str
    via: str
    on_behalf_of: str
    text: str
    drill: bool


def timeline(plan: Plan, incident: Incident, events: Iterable[Recorded], zone: tzinfo | None) -> tuple[Entry, ...]:
    """Every event, by `seq`. `zone` is that of the moments inside the sentences."""
    names = Names.of(plan, incident)
    irregular, events = Irregular(plan), tuple(events)
    was = said_before(events)
    return tuple(
        Entry(
            seq=one.seq,
            at=one.at,
            type=type(one.event).__name__,
            who=names.person(one.who) if one.who else BY_ITSELF,
            via=one.via,
            on_behalf_of=names.person(one.on_behalf_of) if one.on_behalf_of else "",
            text=sentence(one.event, names, zone, irregular.after(one.event), was.get(one.seq)),
            drill=incident.drill,
        )
        for one in events
    )


def as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The entries as a list of JSON objects, moments in UTC."""
    return [
        {
            "seq": one.seq,
            "at": one.at.astimezone(UTC).isoformat(),
            "type": one.type,
            "who": one.who,
            "via": one.via,
            "on_behalf_of": one.on_behalf_of,
            "text": one.text,
            "drill": one.drill,
        }
        for one in entries
    ]
