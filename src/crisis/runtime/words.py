"""What has just happened, in a line: for whoever sits at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from crisis.engine import events as ev
from crisis.engine.events import Recorded
from crisis.engine.links import same_elsewhere
from crisis.engine.look import roster_of
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.fingerprints import short
from crisis.kernel.text import one_line, sentence
from crisis.playbook.values import SEVERITY_WORDS
from crisis.projections.monitored import measured_in_words
from crisis.projections.names import Names
from crisis.projections.out_there import out_there
from crisis.projections.words import ANSWERS, fact_value
from crisis.runtime.ports import News


def news_of(recorded: Recorded, plan: Plan, incident: Incident, zone: tzinfo, *, own: bool) -> News | None:
    """A line about an event, or None where it is not worth one. Of one's `own` only what follows is told."""
    event = recorded.event
    people = roster_of(plan, incident)
    who = people.name(recorded.who)
    match event:
        case ev.ClockBreached(name=name, due=due):
            return News(f"!! {name}: was due {due.astimezone(zone):%H:%M}", loud=True)
        case ev.SheetIssued(message=message, sheet=sheet, lines=lines):
            texts = f"{len(lines)} text{'s' if len(lines) != 1 else ''}"
            sent = sentence(f"✓ {_title(message, plan)} sent for approval: {texts}, sheet {short(sheet)}")
            return News(f"{sent} Ring whoever must say yes")
        case ev.SentBack(to=to, why=why):
            return News(f"↩ {plan.by_id[to].title}: to be done again, {one_line(why)}", loud=True)
        case ev.Finished(step=step, outcome="rejected", because=because):
            return News(f"✗ {plan.by_id[step].title}: refused, {one_line(because)}", loud=True)
        case ev.Finished(step=step, outcome="approved"):
            message_state = incident.message(plan.by_id[step].message)
            how = "goes on without a full approval (waived)" if message_state.waived else "approved"
            how = "goes out as a last resort, not approved" if message_state.last_resort else how
            return News(f"✓ {plan.by_id[step].title}: {how}. NOT POSTED YET", loud=True)
        case ev.Closed(reason=reason):
            return News(f"✓ {incident.id} is closed: {one_line(reason)}")
        case ev.Decided(message=message, verdict=verdict, person=person, roles=roles, sheet=sheet):
            mark, said = ("✓", "approved") if verdict == "yes" else ("✗", "refused")
            named = f"{people.name(person)} ({_roles(roles)})"
            return News(f"{mark} {named} {said} {_title(message, plan)}, sheet {short(sheet)}")
        case ev.Injected(source=source, text=text):
            return News(f"» {one_line(source, 60) or 'outside'}: {one_line(text)}", loud=True)
        case ev.FactSet(fact=fact) if wrong := _says_it_as_it_was(fact, recorded.seq, plan, incident):
            says = f"!! {fact.replace('_', ' ')} has changed; {wrong} is out and says it as it was"
            return News(f"{says}: “Correct the …” in the menu puts it right", loud=True)
        case ev.LinkCorrected(line=line, link=link, was=was):
            by = "" if own else f" by {who}"
            said = f"✓ link of {line.place} corrected{by}: {one_line(link)} (was {one_line(was)})"
            return News(f"{said}{_same_link(event, recorded.seq, incident)}", loud=True)
        case ev.Published(line=line) if own and (same := _same_link(event, recorded.seq, incident)):
            return News(f"!! {line.place} is out{same}", loud=True)
        case _ if own or not recorded.who:
            return None
        case ev.Noted(text=text):
            return News(f"· {who}: {one_line(text)}")
        case ev.FactSet(fact=fact, known=known, value=value, sealed=sealed):
            said = fact_value(fact, value, Names.of(plan), zone)
            shown = "(kept outside the log)" if sealed else said if known else "not known yet"
            return News(f"· {who}: {fact.replace('_', ' ')} is {one_line(shown)}")
        case ev.SeverityDecided(severity=severity):
            return News(f"· {who} decided {severity} {SEVERITY_WORDS[severity]}", loud=True)
        case ev.Answered(step=step):
            return News(f"· {who} answered {plan.by_id[step].title if step in plan.by_id else step}")
        case ev.Drafted(message=message):
            return News(f"· {who} wrote {_title(message, plan)}")
        case ev.Published(message=message, line=line):
            same = _same_link(event, recorded.seq, incident)
            return News(f"✓ {who} posted {_title(message, plan)} on {line.place}{same}", loud=True)
        case ev.Locked(message=message):
            return News(f"· {who} is posting {_title(message, plan)}")
        case ev.SignalsRead(measured=measured) if measured is not None:
            return News(f"· {who} read {one_line(', '.join(measured.files))}: {measured_in_words(measured, zone)}")
        case ev.RosterChanged(member=member):
            return News(f"· {who} named {one_line(member.name, 60)} ({_roles(member.roles)})")
        case ev.Reached(person=person, answer=answer):
            return News(f"· {who} called {people.name(person)}: {ANSWERS.get(answer, answer)}")
        case _:
            return None


def _says_it_as_it_was(fact: str, seq: int, plan: Plan, incident: Incident) -> str:
    """The messages that are out and say something else of the fact than is known since `seq`."""
    if incident.facts[fact].changed != seq:
        return ""
    out = out_there(plan, incident)
    said = [one.title.lower() for one in out if fact in one.outdated and one.publication.seq < seq]
    return ", ".join(dict.fromkeys(said))


def _same_link(event: ev.Published | ev.LinkCorrected, seq: int, incident: Incident) -> str:
    """`; the same link as for x/en`, and what to do if one of them is wrong."""
    same = same_elsewhere(incident, event.line, event.link, before=seq)
    correct = "if one is wrong: “Correct a link” in the menu"
    return f"; the same link as for {', '.join(same)}; {correct}" if same else ""


def _roles(roles: Sequence[str]) -> str:
    return ", ".join(role.replace("-", " ") for role in roles)


def _title(message: str, plan: Plan) -> str:
    return plan.messages[message].title.lower() if message in plan.messages else message
