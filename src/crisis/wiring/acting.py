"""One act on an incident from any terminal: note, fact, severity, closing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

from crisis.adapters.operator.fitting import for_terminal
from crisis.adapters.operator.moments import how_long_ago, past_moment
from crisis.adapters.operator.typed import somebody_is_there, whole
from crisis.adapters.operator.written import fact_value, severity_named
from crisis.engine import commands
from crisis.engine.allowed import LONGEST_ANSWER
from crisis.engine.clocks import Clock, promised_updates
from crisis.engine.events import FactSet, Recorded, SentBack
from crisis.engine.look import agenda
from crisis.engine.plan import Plan
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import Interrupted, NotFound, Refused, Usage
from crisis.kernel.text import one_line, quoted, safe, sentence
from crisis.playbook.values import AWARE_AT, SEVERITY_WORDS
from crisis.projections.names import Names
from crisis.projections.out_there import as_they_were, out_there
from crisis.projections.words import fact_value as fact_in_words
from crisis.runtime.desk import Case, Desk
from crisis.runtime.facts import fact_as_said
from crisis.runtime.ports import Blob
from crisis.wiring.live import desk_at, drafts_of, me_of, names_on, throw_away_drafts, zone_of
from crisis.wiring.naming import how_understood
from crisis.wiring.reading import find, journal_path

#: The most that is read from a pipe for a note; the engine refuses what is too long, with a clear word.
MOST_PIPED = 100_000


def at(incident: str | None, me: str, url: str | None, *, closed_too: bool = False) -> tuple[Desk, Case, str]:
    """The desk, the case, and who acts: `--as`, else the user of this machine."""
    desk = desk_at(journal_path(url))
    name = find(desk.journal.heads(), incident, closed_too=closed_too).incident
    desk.tick(name)
    case = desk.case(name)
    return desk, case, me_of(me, names_on(case.incident))


def as_whom(case: Case, who: str, me: str) -> list[str]:
    """As whom something was recorded, where that may be another than was meant."""
    people = names_on(case.incident)
    if me:
        said = how_understood(me, who, people)
        return [said] if said else []
    if who in people:
        return []
    return [f"Recorded as {one_line(who, 80)}, who is not on the roster. To say who you are: --as NAME, or CRISIS_AS."]


def add_note(text: str, incident: str | None, me: str, url: str | None) -> str:
    """Write a note; `-` reads it from stdin."""
    if text == "-":
        text = _piped()
    desk, case, who = at(incident, me, url, closed_too=True)
    desk.execute(case.incident.id, commands.Note(text=whole(text).strip()), who=who, via="command line")
    closed = ", which is closed" if case.incident.closed_at is not None else ""
    return "\n".join([f"Noted in {case.incident.id}{closed}.", *as_whom(case, who, me)])


def _piped() -> str:
    """What stands on stdin, in UTF-8."""
    if sys.stdin is None:
        return ""
    data = sys.stdin.buffer.read(MOST_PIPED + 1)
    if len(data) > MOST_PIPED:
        raise Usage(f"a note from stdin has at most {MOST_PIPED:,} bytes", hint="shorten it; a file can be linked")
    return data.decode("utf-8", "replace")


def set_fact(setting: str, since: str, incident: str | None, me: str, url: str | None) -> str:
    """Set a fact from `name=value`."""
    name, equals, value = setting.partition("=")
    if not equals:
        hint = "such as injury=yes, or hazard='not known yet'"
        raise Usage(f"{quoted(setting, 80)} is not name=value", hint=hint)
    desk, case, who = at(incident, me, url)
    command, blobs = fact_command(case.plan, name.strip(), value, desk, since=since)
    written = desk.execute(case.incident.id, command, who=who, via="command line", blobs=blobs)
    after = desk.case(case.incident.id)
    said = fact_in_words(name.strip(), command.value, Names.of(case.plan), zone_of(case.plan.timezone))
    shown = "kept outside the log" if command.sealed else said if command.known else "not known yet"
    follows = [f"; {title} is to be done again" for title in _sent_back(written, after)]
    lines = [sentence(f"{case.incident.id}: {name.strip()} is {one_line(shown)}{''.join(follows)}")]
    lines += [f"{one}." for one in _how_taken(value, command, since, after) if one]
    lines += _known_before(command, after)
    posted = [one for one in out_there(after.plan, after.incident) if name.strip() in one.outdated]
    if wrong := as_they_were(posted):
        lines += [f"!! {sentence(one_line(one))}" for one in wrong]
        lines.append(f"To correct it: `crisis resume {case.incident.id}`, press Esc, and choose “Correct the …”.")
    return "\n".join([*lines, *as_whom(case, who, me)])


def _how_taken(value: str, command: commands.SetFact, since: str, after: Case) -> Iterator[str]:
    """How times that were written without their day were taken, where another may be meant."""
    now = after.incident.at.astimezone(zone_of(after.plan.timezone))
    if after.plan.facts[command.fact].type == "time" and isinstance(command.value, str):
        yield how_long_ago(value, datetime.fromisoformat(command.value).astimezone(now.tzinfo), now)
    if command.since is not None:
        yield how_long_ago(since, command.since.astimezone(now.tzinfo), now)


def _known_before(command: commands.SetFact, after: Case) -> list[str]:
    """That something is said to be known since before anybody knew of it all: then the clocks count from too late."""
    first = after.incident.known_since
    if command.since is None or command.since >= first or AWARE_AT not in after.plan.facts:
        return []
    zone = zone_of(after.plan.timezone)
    said, since = (moment.astimezone(zone) for moment in (first, command.since))
    earlier = f"`crisis fact {AWARE_AT}='{since:%Y-%m-%d %H:%M}' -i {after.incident.id}`"
    return [f"The first report is recorded for {said:%Y-%m-%d %H:%M}, later than that. If it came sooner: {earlier}"]


def erase_fact(name: str, reason: str, incident: str | None, me: str, url: str | None) -> str:
    """Erase a sensitive value; the log keeps a marked gap."""
    desk, case, who = at(incident, me, url, closed_too=True)
    if not reason.strip():
        raise Usage("erasing needs a reason", hint="add --reason")
    desk.execute(case.incident.id, commands.Erase(fact=name, reason=reason_of(reason)), who=who, via="command line")
    said = (recorded.event for recorded in case.events)
    sealed = [event.sealed for event in said if isinstance(event, FactSet) and event.fact == name and event.sealed]
    for key in sealed:
        desk.journal.erase(key)
    erased = f"{case.incident.id}: {name} is erased; the log keeps a marked gap."
    return "\n".join([erased, *as_whom(case, who, me)])


def set_severity(level: str, reason: str, incident: str | None, me: str, url: str | None) -> str:
    """Decide the severity."""
    level = severity_named(level)
    desk, case, who = at(incident, me, url)
    command = commands.SetSeverity(severity=level, reason=reason_of(reason))
    desk.execute(case.incident.id, command, who=who, via="command line")
    decided = f"{case.incident.id} is {level} {SEVERITY_WORDS[level]} now."
    return "\n".join([decided, *as_whom(case, who, me)])


def close_incident(reason: str, incident: str | None, me: str, url: str | None) -> str:
    """Close it, whatever is left open."""
    desk, case, who = at(incident, me, url)
    if not reason.strip():
        raise Usage(f"closing {case.incident.id} needs a reason", hint="add --reason")
    written = desk.execute(case.incident.id, commands.Close(reason=reason_of(reason)), who=who, via="command line")
    throw_away_drafts(drafts_of(journal_path(url)), case.incident)
    left = [title for event in written for title in getattr(event.event, "left_open", ())]
    lines = [f"{case.incident.id} is closed."]
    if left:
        lines.append(f"Left open: {one_line('; '.join(left), 2_000)}")
    return "\n".join([*lines, *what_goes_on(desk.case(case.incident.id)), *as_whom(case, who, me)])


def what_goes_on(case: Case) -> list[str]:
    """What does not end with an incident: what is out and wrong, promises, and legal duties that were not met."""
    plan, incident = case.plan, case.incident
    wrong = as_they_were(out_there(plan, incident))
    duties = [one for one in agenda(plan, incident, incident.at).clocks if one.kind == "legal"]
    done = [one_line(one.name) for one in duties if one.met_at is not None]
    promised = "Promised updates do not end with the incident; those who were told to wait for these still wait:"
    legal = "Legal duties do not end with the incident; make sure that somebody has seen to each:"
    return [
        *(f"!! {one_line(one)}: take it down, or correct it where it stands." for one in wrong),
        *_still_due(promised, promised_updates(plan, incident), plan),
        *_still_due(legal, duties, plan),
        *([f"Legal duties that stand here as done: {'; '.join(done)}"] if done else []),
    ]


def _still_due(head: str, clocks: Iterable[Clock], plan: Plan) -> list[str]:
    """Those of `clocks` that nothing has met, under a line that says what they are."""
    zone = zone_of(plan.timezone)
    said = [
        f"  {one_line(one.name)}: "
        + ("as soon as possible" if one.due is None else f"by {one.due.astimezone(zone):%a %d %b %H:%M}")
        for one in clocks
        if one.met_at is None
    ]
    return [head, *said] if said else []


def fact_command(
    plan: Plan, name: str, value: str, desk: Desk, *, since: str = ""
) -> tuple[commands.SetFact, list[Blob]]:
    """The command that sets a fact from what a person wrote. Raises NotFound or Usage."""
    spec = plan.facts.get(name)
    if spec is None:
        raise NotFound(f"{plan.playbook} has no fact {quoted(name, 80)}", hint=nearest(name, plan.facts))
    now = desk.clock.now().astimezone(zone_of(plan.timezone))
    try:
        typed = fact_value(spec, whole(value), now)
    except Usage as error:
        raise Usage(f"{name}: {error.message}", hint=error.hint or spec.prompt) from error
    try:
        known_since = past_moment(since, now) if since else None
    except ValueError as error:
        raise Usage(f"--since: {error}", hint="it says when this became known") from error
    return fact_as_said(name, spec, typed, desk.ids, known_since)


def reason_of(text: str) -> str:
    """A reason as it may be kept. Raises Usage where it is too long."""
    if len(text) > LONGEST_ANSWER:
        raise Usage(f"a reason has at most {LONGEST_ANSWER:,} characters; this one has {len(text):,}")
    return whole(text).strip()


def _sent_back(written: tuple[Recorded, ...], after: Case) -> list[str]:
    back = (recorded.event.to for recorded in written if isinstance(recorded.event, SentBack))
    return list(dict.fromkeys(after.plan.by_id[to].title.lower() for to in back))


def needs_terminal(what: str) -> None:
    """Raise unless a person sits at a terminal."""
    if not somebody_is_there():
        raise Refused(f"{what} needs a person at a terminal: a pipe is no proof")


def typed(prompt: str) -> str:
    """What a person at the terminal types. Raises Interrupted where they leave."""
    sys.stderr.write(f"{for_terminal(safe(prompt.rstrip()), sys.stderr)} ")
    sys.stderr.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    except UnicodeDecodeError:
        raise Usage("that cannot be read as text: your terminal does not send UTF-8") from None
    if not line:
        raise Interrupted("Nothing was recorded.")
    return whole(line.strip())
