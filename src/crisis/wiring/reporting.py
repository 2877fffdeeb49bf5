"""What comes out of an incident: its checklist and its post-mortem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crisis.kernel.errors import NotFound, Usage
from crisis.kernel.ids import is_incident_id
from crisis.projections.checklist import Checklist, Filter, checklist
from crisis.projections.progress import run_of
from crisis.wiring.reading import case_of, find, journal_at, read_case

if TYPE_CHECKING:
    from crisis.wiring.reading import Opened


def checklist_of(url: str | None, name: str, wanted: Filter) -> Checklist:
    """The checklist of the playbook of that name, or of an incident; without a name, of the only open one."""
    if not name:
        try:
            return _of_incident(case_of(url, None), wanted)
        except NotFound:
            hint = "`crisis playbook list` shows the playbooks: name one, or an incident"
            raise Usage("checklist of what? No incident is open", hint=hint) from None
    if is_incident_id(name.upper()):
        return _of_incident(case_of(url, name), wanted)
    from crisis.wiring.preparing import prepare

    try:
        return checklist(prepare(name, Path.cwd()).plan, wanted)
    except NotFound as no_playbook:
        journal = journal_at(url)
        try:
            head = find(journal.heads(), name)
        except NotFound:
            raise no_playbook from None
    return _of_incident(read_case(journal, head), wanted)


def _of_incident(case: Opened, wanted: Filter) -> Checklist:
    return checklist(case.plan, wanted, run_of(case.plan, case.incident, case.events, case.zone))
