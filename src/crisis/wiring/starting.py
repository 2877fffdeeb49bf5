"""`crisis start` and `crisis resume`: what is needed is looked for first, and nothing opened where it is missing."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from crisis.adapters.operator.fitting import tell
from crisis.adapters.operator.typed import somebody_is_there
from crisis.adapters.operator.written import fact_value, severity_named
from crisis.adapters.system import SystemClock, current_folder
from crisis.engine.events import Json
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import NotFound, Usage
from crisis.kernel.moments import as_moment
from crisis.kernel.text import one_line, quoted, sentence
from crisis.playbook.documents import Organisation
from crisis.playbook.values import AWARE_AT
from crisis.runtime.desk import Desk
from crisis.runtime.walk import Ended
from crisis.wiring import live
from crisis.wiring.answering import Answers, read_answers, refuse_what_does_not_fit
from crisis.wiring.naming import how_understood
from crisis.wiring.preparing import Prepared, organisation_of, prepare, startable, titles, unusable
from crisis.wiring.reading import find, journal_path
from crisis.wiring.signalled import Signals, read_signals


class Request(Struct, frozen=True, kw_only=True):
    """What was said on the command line."""

    playbook: str = ""
    settings: Sequence[str] = ()
    severity: str = ""
    answers: Path | None = None
    exports: Sequence[Path] = ()
    tz: str | None = None
    map_file: Path | None = None
    me: str = ""
    dry_run: bool = False
    plain: bool = False
    journal: str | None = None


def begin(request: Request) -> int:
    """Open an incident and walk it. Nothing is opened unless everything that was said can be used."""
    present = somebody_is_there()
    project = current_folder()
    facts = _settings(request.settings)
    answers = read_answers(request.answers) if request.answers is not None else Answers()
    severity = severity_named(request.severity) if request.severity else None
    _refuse_silence(request, present=present, project=project)
    signals = read_signals(request.exports, request.tz, request.map_file) if request.exports else None
    name = request.playbook or _chosen(project, signals, plain=request.plain)
    prepared = prepare(name, project)
    refuse_what_does_not_fit(answers, prepared.plan, live.people_of(prepared), SystemClock().now())
    _check_facts(prepared, facts, answers.by_step, present=present)
    me = _me(request, _names_of(prepared.organisation))
    if present and not request.me and not request.dry_run and prepared.organisation is not None:
        me = _who(me, prepared.organisation, plain=request.plain)
    if request.dry_run:
        ready = f"{len(prepared.plan.steps)} steps, ready to start as {one_line(me)}"
        proposed = "".join(f"{line}\n" for line in signals.proposes(name, prepared.plan.severity)) if signals else ""
        sys.stdout.write(f"{one_line(prepared.plan.title)}: {sentence(ready)} Nothing was opened.\n{proposed}")
        return 0
    if signals is not None:
        tell("\n".join(signals.proposes(name, prepared.plan.severity)))
    journal = journal_path(request.journal)
    desk = live.desk_at(journal)
    beginning = live.Beginning(severity=severity, facts=facts)
    if signals is not None:
        known_since = _known_since(prepared, facts, answers.by_step, desk)
        beginning = replace(beginning, signals=signals.command(prepared.plan.severity, known_since))
    incident = live.open_incident(desk, prepared, me, beginning, present=present)
    opened = sentence(f"Opened {incident.id}: {one_line(incident.title)}")
    tell(f"{opened} Saved as you answer; Ctrl-C leaves, `crisis resume {incident.id}` goes on.")
    return finish(
        desk, live.walk(desk, incident.id, incident.lead, answers, live.drafts_of(journal), plain=request.plain)
    )


def go_on(incident: str, request: Request) -> int:
    """Continue an incident where it stopped."""
    answers = read_answers(request.answers) if request.answers is not None else Answers()
    journal = journal_path(request.journal)
    desk = live.desk_at(journal)
    name = find(desk.journal.heads(), incident or None, closed_too=False).incident
    case = desk.case(name)
    refuse_what_does_not_fit(answers, case.plan, tuple(case.incident.roster.values()), desk.clock.now())
    people = {**_names_of(_organisation_here() if request.me else None), **live.names_on(case.incident)}
    person = _me(request, people) if request.me else case.incident.lead
    return finish(desk, live.walk(desk, name, person, answers, live.drafts_of(journal), plain=request.plain))


def _me(request: Request, people: Mapping[str, str]) -> str:
    """Who sits here; said where `--as` was less than their id or name, or where it is nobody who is known here."""
    me = live.me_of(request.me, people)
    if request.me and people and (said := how_understood(request.me, me, people)):
        tell(said)
    return me


def _names_of(organisation: Organisation | None) -> Mapping[str, str]:
    return {one.id: one.name for one in organisation.people} if organisation is not None else {}


def _organisation_here() -> Organisation | None:
    """Who we are, if that is known here: an incident goes on all the same."""
    try:
        return organisation_of(current_folder())[0]
    except NotFound:
        return None


def finish(desk: Desk, ended: Ended) -> int:
    """Write the post-mortem beside where the walk was started, unless a person has one there already."""
    from crisis.wiring.acting import what_goes_on
    from crisis.wiring.reading import write_postmortem

    lines = [f"{ended.incident} is closed.", *what_goes_on(desk.case(ended.incident))]
    tell("\n".join(lines))
    try:
        folder = current_folder()
    except NotFound as gone:
        tell(f"{gone.message}: `crisis postmortem {ended.incident} -o FILE` writes the post-mortem somewhere else")
        return 0
    path, chart = write_postmortem(desk, ended.incident, folder / f"{ended.incident}-post-mortem.md")
    tell(f"Post-mortem: {path}")
    if chart is not None:
        tell(f"Its chart: {chart}")
    return 0


def _settings(settings: Sequence[str]) -> Mapping[str, str]:
    facts: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise Usage(f"--set {quoted(setting, 80)} is not name=value", hint='such as --set product="Kettle 3"')
        facts[name.strip()] = value
    return facts


def _refuse_silence(request: Request, *, present: bool, project: Path) -> None:
    """Without a terminal everything must be given; say what is missing, in one go."""
    if present or (request.playbook and (request.answers is not None or request.settings)):
        return
    missing = [] if request.playbook else ["playbook"]
    if request.playbook:
        prepared = prepare(request.playbook, project)
        given = _settings(request.settings)
        missing += [
            f"facts.{name}" for name, fact in prepared.plan.facts.items() if fact.required and name not in given
        ]
    missing += ["answers"] if request.answers is None else []
    raise Usage(
        f"start needs answers and stdin is not a terminal; missing: {', '.join(missing)}",
        hint=f"try: {_line_for(request, missing)}",
    )


def _line_for(request: Request, missing: Sequence[str]) -> str:
    """The command line that would do."""
    facts = [name.removeprefix("facts.") for name in missing if name.startswith("facts.")]
    given = facts if request.playbook else ["product"]
    settings = "".join(f"--set {name}=… " for name in given)
    playbook = one_line(request.playbook, 60) or "product-defect"
    exports = "--from-signals … " if request.exports else ""
    return f"crisis start {playbook} {settings}{exports}--severity SEV2 --answers answers.yaml < /dev/null"


def _check_facts(prepared: Prepared, facts: Mapping[str, str], answers: Mapping[str, Json], *, present: bool) -> None:
    """Every --set must name a fact and fit it, before anything is opened."""
    specs = prepared.plan.facts
    for name, value in facts.items():
        if name not in specs:
            raise Usage(f"{prepared.plan.playbook} has no fact {quoted(name, 80)}", hint=nearest(name, specs))
        try:
            fact_value(specs[name], value, SystemClock().now())
        except Usage as error:
            raise Usage(f"--set {name}: {error.message}", hint=error.hint or specs[name].prompt) from error
    given = {*facts, *_facts_answered(prepared, answers)}
    missing = [f"facts.{name}" for name, fact in specs.items() if fact.required and name not in given]
    if missing and not present:
        raise Usage(
            f"start needs answers and stdin is not a terminal; missing: {', '.join(missing)}",
            hint="add " + " ".join(f"--set {name.removeprefix('facts.')}=…" for name in missing),
        )


def _known_since(
    prepared: Prepared, facts: Mapping[str, str], answers: Mapping[str, Json], desk: Desk
) -> datetime | None:
    """When somebody of ours first knew, where --set or --answers says so."""
    from crisis.wiring.acting import fact_command

    answered = (_map(answers[step]).get(AWARE_AT) for step in _asking(prepared) if step in answers)
    said = facts.get(AWARE_AT) or next((one for one in answered if isinstance(one, str)), None)
    if not said or AWARE_AT not in prepared.plan.facts:
        return None
    command, _ = fact_command(prepared.plan, AWARE_AT, said, desk)
    return as_moment(command.value)


def _asking(prepared: Prepared) -> Mapping[str, Sequence[str]]:
    """The steps that ask for facts, and for which."""
    return {step.id: step.spec.facts for step in prepared.plan.steps if step.kind_name == "question"}


def _facts_answered(prepared: Prepared, answers: Mapping[str, Json]) -> set[str]:
    """The facts that --answers gives under the step that asks for them."""
    return {name for step, names in _asking(prepared).items() for name in names if name in _map(answers.get(step))}


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _who(user: str, organisation: Organisation, *, plain: bool) -> str:
    """Whoever opens an incident leads it: a user of this machine whom the organisation does not name is asked who."""
    from crisis.wiring.choosing import choose_person

    if not organisation.people or any(one.id == user for one in organisation.people):
        return user
    return choose_person(organisation.people, user, plain=plain)


def _chosen(project: Path, signals: Signals | None, *, plain: bool) -> str:
    """The playbook, asked for: what is happening?"""
    from crisis.wiring.choosing import choose_playbook

    known = titles(project)
    if not known:
        raise NotFound("there is no playbook to start", hint=f"known: {', '.join(startable(project))}")
    notes, suggested = signals.among(known, project) if signals is not None else ({}, "")
    return choose_playbook(known, plain=plain, notes=notes, suggested=suggested, unusable=unusable(known, project))
