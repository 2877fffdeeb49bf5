"""What comes out of an incident: its checklist and its post-mortem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crisis.adapters.render.keep import beside, check, sealed, sealed_json, write
from crisis.adapters.render.postmortem import Chart, to_markdown
from crisis.adapters.system import current_folder
from crisis.kernel.errors import NotFound, Tampered, Usage
from crisis.kernel.ids import is_incident_id
from crisis.projections.checklist import Checklist, Filter, checklist
from crisis.projections.exports import exports_of
from crisis.projections.plain import document
from crisis.projections.postmortem import PostMortem, Record, postmortem
from crisis.projections.progress import run_of
from crisis.wiring.cases import case_of, read_case
from crisis.wiring.reading import find, journal_at

if TYPE_CHECKING:
    from crisis.adapters.render.incident_chart import IncidentChart
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
        return checklist(prepare(name, current_folder()).plan, wanted)
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
        try:
            data = case.journal.blob(sha256)
        except Tampered:
            return None  # the record says so, and another text must not stand in its place
        return data.decode("utf-8", "backslashreplace") if data is not None else None

    now = SystemClock().now()
    return postmortem(case.plan, case.incident, case.events, text=text, record=record, now=now, zone=case.zone)


def postmortem_text(case: Opened, *, as_json: bool = False) -> str:
    """The post-mortem as Markdown or JSON, sealed: whoever changes it can be told from us."""
    told = postmortem_of(case)
    if as_json:
        return sealed_json(document(told))
    return sealed(to_markdown(told, case.zone))


def save_postmortem(case: Opened, path: Path) -> Path | None:
    """Write the Markdown post-mortem to `path`, and beside it a chart where there is one; returns where the chart is.

    Nothing is written where either is there and a person has changed it: raises Refused. There is a chart where
    figures were read into the incident and the library that draws them is installed.
    """
    told = postmortem_of(case)
    drawn = _chart_of(case, told)
    if drawn is None:
        write(path, sealed(to_markdown(told, case.zone)))
        return None
    from crisis.adapters.render.chart import summary, to_svg

    chart = path.with_name(f"{path.stem}-chart.svg")
    text = sealed(to_markdown(told, case.zone, Chart(chart.name, summary(drawn.picture), drawn.caption)))
    check(path)
    write(chart, sealed(to_svg(drawn.picture)))
    write(path, text)
    return chart


def lacks_library(case: Opened) -> bool:
    """Whether there are figures to draw, and only the library is missing."""
    from crisis.adapters.render.drawing import can_draw

    return not can_draw() and any(read.counted is not None for _, read in exports_of(case.events))


def write_postmortem(journal: Journal, incident: str, path: Path) -> tuple[Path, Path | None]:
    """Do as `save_postmortem`; where a person has changed what is there, with the next free name.

    Returns where both are.
    """
    head = journal.head(incident)
    if head is None:
        raise NotFound(f"there is no incident {incident}", hint="`crisis list --all` shows them")
    case = read_case(journal, head)
    charts: list[Path | None] = []
    where = beside(path, lambda candidate: charts.append(save_postmortem(case, candidate)))
    return where, charts[-1]


def _chart_of(case: Opened, told: PostMortem) -> IncidentChart | None:
    from crisis.adapters.render.drawing import can_draw

    if not can_draw() or not exports_of(case.events):
        return None
    from crisis.adapters.render.incident_chart import incident_chart

    return incident_chart(told, case.events, case.zone)
