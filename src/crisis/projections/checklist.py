"""A checklist: of a playbook, to be ticked; or of an incident, with what was done, by whom, and what was not."""

from __future__ import annotations

from msgspec import Struct

from crisis.engine.plan import Plan, PlannedStep
from crisis.kernel.diagnostics import nearest
from crisis.kernel.durations import roughly
from crisis.kernel.errors import Usage
from crisis.playbook.model import Chain
from crisis.playbook.values import PHASES, SEVERITIES
from crisis.projections.clock_rules import rules_of
from crisis.projections.names import Names
from crisis.projections.progress import Run
from crisis.projections.reasons import in_words, may_hold
from crisis.projections.step_lines import Line, lines_of


class Filter(Struct, frozen=True, kw_only=True):
    """What is wanted of it; empty: everything."""

    role: str = ""
    phase: str = ""
    severity: str = ""

    def checked(self, plan: Plan) -> Filter:
        """Itself. Raises Usage for a role, phase or severity that the playbook does not know."""
        roles = {*plan.roles, *(step.role for step in plan.steps)}
        for name, value, known in (("role", self.role, roles), ("phase", self.phase, PHASES)):
            if value and value not in known:
                raise Usage(f"{plan.playbook} knows no {name} {value!r}", hint=nearest(value, known))
        if self.severity and self.severity not in SEVERITIES:
            raise Usage(f"{self.severity!r} is no severity", hint=f"one of {', '.join(SEVERITIES)}")
        return self


class Task(Struct, frozen=True, kw_only=True):
    """A step: what it is called, who does it, what to know, what to do, and how it went."""

    step: str
    title: str
    role: str
    done: bool
    result: str
    lines: tuple[Line, ...]


class Checklist(Struct, frozen=True, kw_only=True):
    """The whole of it. `title` names the incident, if it is of one."""

    title: str
    playbook: str
    incident: str
    drill: bool
    about: tuple[str, ...]
    clocks: tuple[tuple[str, str], ...]
    phases: tuple[tuple[str, tuple[Task, ...]], ...]
    do_not: tuple[str, ...]


def checklist(plan: Plan, wanted: Filter, run: Run | None = None) -> Checklist:
    """The checklist of a playbook, or of the incident of `run`. The same every time. Raises Usage."""
    wanted = wanted.checked(plan)
    names = run.names if run else Names.of(plan)
    steps = [step for step in plan.steps if _is_wanted(step, plan, wanted, run)]
    phases = tuple(
        (phase, tuple(_task(step, names, run, wanted) for step in steps if step.phase == phase)) for phase in PHASES
    )
    incident = run.incident if run else None
    return Checklist(
        title=f"{incident.id}: {incident.title}" if incident else plan.title,
        playbook=plan.playbook,
        incident=incident.id if incident else "",
        drill=incident.drill if incident else False,
        about=tuple(_about(plan, names, wanted, run)),
        clocks=rules_of(plan, names, wanted.severity),
        phases=tuple((phase, tasks) for phase, tasks in phases if tasks),
        do_not=plan.do_not,
    )


def _about(plan: Plan, names: Names, wanted: Filter, run: Run | None) -> list[str]:
    about = [plan.definition] if plan.definition else []
    if run is not None:
        incident = run.incident
        how_bad = names.severity(incident.severity) if incident.severity else "severity not decided yet"
        state = f"closed {run.when(incident.closed_at)}" if incident.closed_at else "open"
        about.append(f"{how_bad}, {state}, led by {names.person(incident.lead)}; as of event {incident.version}")
    if wanted.severity:
        about.append(f"For {names.severity(wanted.severity)} only.")
    if wanted.role:
        role = plan.roles.get(wanted.role)
        duties = f": {', '.join(role.duties)}" if role and role.duties else ""
        deputy = f" Deputy: {names.role(role.deputy)}." if role and role.deputy else ""
        about.append(f"For {names.role(wanted.role)} only{duties}.{deputy}")
    if wanted.phase:
        about.append(f"For the phase {wanted.phase} only.")
    return about


def _is_wanted(step: PlannedStep, plan: Plan, wanted: Filter, run: Run | None) -> bool:
    if wanted.phase and step.phase != wanted.phase:
        return False
    if wanted.role and step.role != wanted.role and wanted.role not in _approvers(step, plan, wanted.severity):
        return False
    begun = run is not None and step.id in run.incident.steps
    return begun or not wanted.severity or step.when is None or may_hold(step.when, wanted.severity)


def _approvers(step: PlannedStep, plan: Plan, severity: str) -> frozenset[str]:
    """Whoever may have to say yes works on an approval, too."""
    if step.kind_name != "approve":
        return frozenset()
    chains: list[Chain] = [
        plan.chain_for(step.spec.message, one)[1] for one in ([severity] if severity else SEVERITIES)
    ]
    return frozenset(
        role for chain in chains for role in (*chain.of, *(chain.translation.of if chain.translation else ()))
    )


def _task(step: PlannedStep, names: Names, run: Run | None, wanted: Filter) -> Task:
    progress = run.steps[step.id] if run else None
    notes = [Line(f"only if {in_words(step.when, names)}")] if step.when is not None else []
    if step.within is not None:
        notes.append(Line(f"within {roughly(step.within)}"))
    if step.hold_until is not None:
        notes.append(Line(f"not posted before {in_words(step.hold_until, names)}; a named person may override"))
    if step.repeat_every is not None or step.repeat_as_promised:
        often = roughly(step.repeat_every) if step.repeat_every else "time an update is due"
        until = f", until {in_words(step.repeat_until, names)}" if step.repeat_until else ""
        notes.append(Line(f"again every {often}{until}"))
    if run is None or progress is None or progress.applies or run.incident.closed_at is None:
        notes += lines_of(step, names, run, wanted.severity)  # after the close nobody does what did not apply
    notes += [Line(f"never: {text}") for text in step.do_not]
    return Task(
        step=step.id,
        title=names.step(step.id),
        role=names.role(step.role),
        done=progress.done if progress else False,
        result=progress.result if progress else "",
        lines=tuple(notes),
    )
