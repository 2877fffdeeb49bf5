"""What comes out of an incident: its checklist and its post-mortem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crisis.adapters.render.keep import sealed, sealed_json, write_beside
from crisis.adapters.render.postmortem import to_markdown
from crisis.kernel.errors import NotFound, Usage
from crisis.kernel.ids import is_incident_id
from crisis.projections.checklist import Checklist, Filter, checklist
from crisis.projections.plain import document
from crisis.projections.postmortem import PostMortem, Record, postmortem
from crisis.projections.progress import run_of
from crisis.wiring.cases import case_of, read_case
from crisis.wiring.reading import find, journal_at

if TYPE_CHECKING:
    from crisis.runtime.ports import Journal
    from crisis.wiring.cases import Opened


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


def postmortem_of(case: Opened) -> PostMortem:
    """The post-mortem of an incident as it stands, from a record that is verified on the way."""
    from crisis.adapters.system import SystemClock

    found = case.journal.verify(case.head.incident)
    record = Record(version=found.version, hash=found.hash, problems=found.problems)

    def text(sha256: str) -> str | None:
        data = case.journal.blob(sha256)
        return data.decode("utf-8", "backslashreplace") if data is not None else None

    now = SystemClock().now()
    return postmortem(case.plan, case.incident, case.events, text=text, record=record, now=now, zone=case.zone)


def postmortem_text(case: Opened, *, as_json: bool = False) -> str:
    """The post-mortem as Markdown or JSON, sealed: whoever changes it can be told from us."""
    told = postmortem_of(case)
    if as_json:
        return sealed_json(document(told))
    return sealed(to_markdown(told, case.zone))


def write_postmortem(journal: Journal, incident: str, path: Path) -> Path:
    """Write the Markdown post-mortem to `path`; beside it where a person has changed what is there. Returns where."""
    head = journal.head(incident)
    if head is None:
        raise NotFound(f"there is no incident {incident}", hint="`crisis list --all` shows them")
    return write_beside(path, postmortem_text(read_case(journal, head)))
