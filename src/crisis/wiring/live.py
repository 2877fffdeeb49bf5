"""A live incident: the system clock, the SQLite journal, a person at a terminal or a file of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from crisis.adapters import templates as engine
from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.adapters.operator.fitting import tell
from crisis.adapters.operator.scripted import AnswersFile, FileThenPerson, Script
from crisis.adapters.operator.stopping import stopping
from crisis.adapters.operator.typed import let_go_of_terminal, somebody_is_there, whole
from crisis.adapters.system import SystemClock, SystemIds, local_zone, operator_name
from crisis.engine import commands
from crisis.engine.events import Member
from crisis.engine.state import Incident
from crisis.kernel.errors import Interrupted, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.ids import incident_id
from crisis.kernel.names import as_kept, unseen_in
from crisis.plan.codec import encode_plan
from crisis.playbook.values import Severity
from crisis.runtime.desk import Desk
from crisis.runtime.ports import Blob, Conflict, Operator
from crisis.runtime.roster import members_of, person_from
from crisis.runtime.walk import Ended, Walk
from crisis.wiring.answering import Answers
from crisis.wiring.exporting import ExportedFiles
from crisis.wiring.naming import exactly, meant
from crisis.wiring.preparing import Prepared

#: The longest name of a person, in characters.
LONGEST_NAME = 200


class Beginning(Struct, frozen=True, kw_only=True):
    """What is known when an incident is opened from the command line."""

    severity: Severity | None = None
    facts: Mapping[str, str]
    signals: commands.ReadSignals | None = None


def desk_at(journal: Path) -> Desk:
    """The desk over the journal at that path."""
    clock = SystemClock()
    return Desk(SqliteJournal(journal, clock.now), clock, SystemIds())


def me_of(given: str, people: Mapping[str, str]) -> str:
    """Who sits here: `--as`, else the user of this machine; of one of `people` (names by id), the id.

    Raises Usage where several could be meant. A part of a name will do only where somebody gave it.
    """
    said = as_kept(whole(given)) or as_kept(operator_name())
    if len(said) > LONGEST_NAME:
        raise Usage(f"a name has at most {LONGEST_NAME} characters; this one has {len(said):,}", hint="see --as")
    if why := unseen_in(said):
        raise Usage(why, hint="type it by hand: --as NAME, or CRISIS_AS")
    return (meant(said, people) if given else exactly(said, people)) or said


def zone_of(organisation_zone: str) -> tzinfo:
    """The organisation's zone, else that of this machine."""
    try:
        return ZoneInfo(organisation_zone) if organisation_zone else local_zone()
    except (ZoneInfoNotFoundError, ValueError):
        return local_zone()


def open_incident(desk: Desk, prepared: Prepared, me: str, beginning: Beginning, *, present: bool) -> Incident:
    """Open an incident with the facts and the severity that were given."""
    plan = prepared.plan
    now = desk.clock.now()
    answers = {name: _fact(prepared, name, value, desk) for name, value in beginning.facts.items()}
    roster, blobs = members_of(prepared.organisation, desk.ids) if prepared.organisation else ((), [])
    lead, roster, more = _lead(me, roster, desk)
    encoded = encode_plan(plan)
    sources = {name: fingerprint(data) for name, data in sorted(prepared.sources.items())}
    blobs += [*more, Blob(key=fingerprint(encoded), data=encoded)]
    blobs += [Blob(key=fingerprint(data), data=data) for data in prepared.sources.values()]
    for _ in range(20):
        name = incident_id(now.year, desk.journal.next_number(now.year, drill=False))
        command = commands.Open(
            incident=name,
            uid=desk.ids.new(),
            playbook=plan.playbook,
            title=plan.title,
            plan=fingerprint(encoded),
            sources=sources,
            roster=roster,
            lead=lead,
        )
        try:
            incident = desk.open(plan, command, blobs, via="terminal" if present else "command line", present=present)
            break
        except Conflict:
            continue  # another terminal opened one with this number a moment ago
    else:
        raise Conflict("no number for a new incident could be had", hint="try again")
    via = "terminal" if present else "command line"
    if beginning.signals is not None:
        desk.execute(incident.id, beginning.signals, who=lead, via=via, present=present)
    for command_, blobs_ in answers.values():
        desk.execute(incident.id, command_, who=lead, via=via, present=present, blobs=blobs_)
    if beginning.severity:
        decided = commands.SetSeverity(severity=beginning.severity, reason="given when the incident was opened")
        desk.execute(incident.id, decided, who=lead, via=via, present=present)
    return incident


def _fact(prepared: Prepared, name: str, value: str, desk: Desk) -> tuple[commands.SetFact, list[Blob]]:
    from crisis.wiring.acting import fact_command

    return fact_command(prepared.plan, name, value, desk)


def people_of(prepared: Prepared) -> tuple[Member, ...]:
    """Those whom the organisation names, as they will stand on the roster."""
    return members_of(prepared.organisation, SystemIds())[0] if prepared.organisation else ()


def _lead(me: str, roster: Sequence[Member], desk: Desk) -> tuple[str, tuple[Member, ...], list[Blob]]:
    """Whoever opens it leads, until somebody else is named; without an organisation they are all there is."""
    for member in roster:
        if member.id == me:
            return me, tuple(roster), []
    known = {member.id: member for member in roster}
    holds_lead = any("crisis-lead" in member.roles for member in roster)
    member, blobs = person_from(me, "", () if holds_lead else ("crisis-lead",), known, desk.ids)
    return member.id, (*roster, member), blobs


def names_on(incident: Incident) -> Mapping[str, str]:
    """The name of each one on the roster, by id."""
    return {one.id: one.name for one in incident.roster.values()}


@contextmanager
def operator_for(
    me: str, desk: Desk, zone: tzinfo, answers: Answers, script: Script, drafts: Path, *, plain: bool
) -> Iterator[Operator]:
    """The file of answers; where it ends, a person if stdin is a terminal. `drafts` keeps what they edit."""

    def now() -> datetime:
        return desk.clock.now().astimezone(zone)

    file = AnswersFile(script, now, answers.place)
    if not somebody_is_there():
        yield file
        return
    from crisis.adapters.operator.conversation import Conversation
    from crisis.adapters.operator.drawer import Drawer
    from crisis.wiring.choosing import prompts_for

    with stopping() as stop:
        person = Conversation(prompts_for(stop, plain=plain), me, now, stop, Drawer(drafts, me))
        yield FileThenPerson(file, person) if answers.by_step else person


def drafts_of(journal: Path) -> Path:
    """Where texts lie that were edited and not sent yet: beside the journal, named after it."""
    return journal.with_name(f"{journal.name}.drafts")


def walk(desk: Desk, incident: str, me: str, answers: Answers, drafts: Path, *, plain: bool) -> Ended:
    """Walk an open incident. Raises NeedsOperator, or Interrupted with what to type to go on."""
    case = desk.case(incident)
    zone = zone_of(case.plan.timezone)
    person = exactly(me, names_on(case.incident)) or me
    script = Script(answers.by_step)
    with operator_for(person, desk, zone, answers, script, drafts, plain=plain) as operator:
        try:
            ended = Walk(desk, operator, person, engine, zone, ExportedFiles()).run(incident)
        except (Interrupted, KeyboardInterrupt) as left:
            again = f"crisis resume {incident}{' --accessible' if plain else ''}"
            error = Interrupted("Saved. Clocks go on.", hint=f"continue with: {again}")
            error.exit = getattr(left, "exit", Interrupted.exit)
            let_go_of_terminal()
            raise error from None
        finally:
            if left_over := answers.left_over(script, case.plan):
                tell(left_over)
    throw_away_drafts(drafts, case.incident)
    return ended


def throw_away_drafts(drafts: Path, incident: Incident) -> None:
    """It is closed: what was written and never sent will not be sent any more."""
    from crisis.adapters.operator.drawer import Drawer

    Drawer(drafts).clear(incident.uid)
