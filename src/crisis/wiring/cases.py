"""An incident read whole: its events folded on the plan it was opened with."""

from __future__ import annotations

import json
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from crisis.adapters.journal.codec import encode_brief
from crisis.adapters.system import local_zone
from crisis.engine.events import Recorded
from crisis.engine.look import Agenda, agenda
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.errors import Tampered, Unreadable
from crisis.plan.codec import decode_plan
from crisis.projections.brief import brief_of
from crisis.runtime.desk import folded
from crisis.runtime.ports import Head, Journal
from crisis.wiring.reading import find, journal_at


class Opened(Struct, frozen=True, kw_only=True):
    """An incident with its plan, all that happened, and the zone its moments are told in."""

    journal: Journal
    head: Head
    plan: Plan
    incident: Incident
    events: tuple[Recorded, ...]
    zone: tzinfo


def case_of(url: str | None, wanted: str | None) -> Opened:
    """An incident, read whole. Raises NotFound, Usage, Tampered or Unreadable."""
    journal = journal_at(url)
    return read_case(journal, find(journal.heads(), wanted))


def read_case(journal: Journal, head: Head) -> Opened:
    """The incident of that head: its events folded, on the plan it was opened with."""
    check = f"run `crisis verify {head.incident}`"
    events = journal.read(head.incident)
    incident = folded(head.incident, events)
    if incident is None:
        raise Tampered(f"{head.incident} is listed, and its events are gone", hint=check)
    data = journal.blob(incident.plan)
    if data is None:
        raise Unreadable(f"the plan of {head.incident} is missing from the journal", hint=check)
    plan = decode_plan(data)
    return Opened(
        journal=journal, head=head, plan=plan, incident=incident, events=events, zone=zone_named(plan.timezone)
    )


def brief_again(case: Opened) -> tuple[dict[str, Any], Agenda]:
    """The brief as its events make it, as it would be read; and what lay ahead when the last one was written."""
    ahead = agenda(case.plan, case.incident, case.events[-1].at)
    return json.loads(encode_brief(brief_of(case.plan, case.incident, ahead))), ahead


def zone_named(name: str) -> tzinfo:
    """The zone of an organisation; that of this machine where it names none that is known here."""
    try:
        return ZoneInfo(name) if name else local_zone()
    except (OSError, ValueError, LookupError):
        return local_zone()
