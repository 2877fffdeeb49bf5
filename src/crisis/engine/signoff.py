"""The rules at the door of a decision: what cannot count is refused, never recorded and ignored."""

from __future__ import annotations

from datetime import datetime

from crisis.engine.approvals import roles_asked, speaks_for, standings, translations, who_counts
from crisis.engine.commands import By, Decide
from crisis.engine.events import Decided, Event, Line
from crisis.engine.graph import approve_step
from crisis.engine.outlook import Outlook
from crisis.engine.people import Roster
from crisis.engine.state import MessageState, Sheet
from crisis.engine.steps import MessageView
from crisis.kernel.diagnostics import nearest
from crisis.kernel.durations import roughly
from crisis.kernel.errors import NotFound, Refused, Usage
from crisis.kernel.fingerprints import short
from crisis.kernel.text import is_blank
from crisis.playbook.model import Chain


def waiting_sheet(outlook: Outlook, message: str, sheet: str) -> tuple[MessageView, Sheet]:
    """The message and the sheet that waits for a decision, or for its review after a last resort.

    Raises where the name, the sheet or the time is wrong.
    """
    plan, incident = outlook.plan, outlook.incident
    if message not in plan.messages:
        raise NotFound(f"{incident.playbook} has no message {message!r}", hint=nearest(message, plan.messages))
    step = approve_step(plan, incident, message)
    state = incident.steps.get(step.id) if step else None
    view = outlook.message(step) if step else None
    if step is None or view is None:
        raise Refused(f"{message!r} is not approved in this playbook")
    current, is_open = view.state.sheet, state is not None and state.status == "started"
    review = view.state.review if view.state.reviewed_at is None else None
    if review is not None and review.id.startswith(sheet) and (sheet or not is_open):
        return view, review
    if current is None:
        raise Refused(f"nothing of {message!r} waits for approval")
    if not current.id.startswith(sheet):
        raise Refused(
            f"sheet {short(sheet)} does not wait: the text has changed, and sheet {short(current.id)} replaced it",
            hint="read the text as it is now, then decide again",
        )
    if not is_open and state is not None and state.status == "finished":
        raise Refused(f"sheet {short(current.id)} of {message!r} has been decided")
    if not is_open:
        raise Refused(
            f"sheet {short(current.id)} of {message!r} does not wait any more: its text is to be written anew",
            hint="wait for the new sheet, then read the text as it is",
        )
    return view, current


def signed(outlook: Outlook, command: Decide, by: By) -> tuple[Event, ...]:
    """The decision as an event, or the reason why it cannot count."""
    view, sheet = waiting_sheet(outlook, command.message, command.sheet)
    people = outlook.people
    if not by.present and not outlook.incident.drill:
        raise Refused("a decision needs a person at a terminal: a pipe is no proof")
    if command.person not in people.members:
        raise NotFound(
            f"nobody called {command.person!r} is on the roster", hint=nearest(command.person, people.members)
        )
    if command.as_of and sheet_changed_at(view.state, sheet) > command.as_of:
        raise text_has_changed()
    roles, lines = decides_on(command.person, command.verdict, view, sheet, people, by.at)
    if any(one.person == command.person and one.sheet == sheet.id for one in view.state.decisions):
        raise Refused(f"{people.name(command.person)} has already decided sheet {short(sheet.id)}")
    if command.verdict == "yes" and _counts_already(command.person, roles, lines, view, people, by.at):
        raise Refused(f"{people.name(command.person)} has already approved these texts; somebody else must")
    _check_proof(command, view.chain, by)
    if command.verdict == "no" and is_blank(command.reason):
        raise Usage("a no needs a reason: whoever drafts again must know what to change")
    return (
        Decided(
            message=command.message,
            sheet=sheet.id,
            verdict=command.verdict,
            person=command.person,
            roles=roles,
            lines=lines,
            proof=command.proof,
            heard_by=command.heard_by if command.proof == "verbal" else "",
            reason=command.reason,
            deputy_for=_deputy_for(command.person, roles, people),
        ),
    )


def decides_on(
    person: str, verdict: str, view: MessageView, sheet: Sheet, people: Roster, now: datetime
) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """The roles in which `person` decides on `sheet`, and the texts that it is about. Raises Refused where none is."""
    on_it = tuple(line for line in sheet.lines if line not in view.state.left_out)
    if not on_it:
        raise Refused(f"every text on sheet {short(sheet.id)} was left out since: there is nothing to decide")
    roles = _roles(person, roles_asked(view.chain, on_it, view.source_language), view, people, now)
    if not set(roles) & set(view.chain.of):
        on_it = translations(on_it, view.source_language)
    if verdict == "no" or view.chain.self_approval:
        return roles, on_it
    lines = tuple(line for line in on_it if view.state.drafted_by.get(line.sha256) != person)
    if not lines:
        raise Refused(f"{people.name(person)} wrote this text and may not approve it", hint="somebody else must")
    return roles, lines


def sheet_changed_at(message: MessageState, sheet: Sheet) -> int:
    """The version at which the texts on the sheet, those that are still to go out, were last others."""
    return max(sheet.seq, message.left_out_seq)


def text_has_changed() -> Refused:
    """Why an answer about texts that are others by now does not count."""
    return Refused("the text has changed since it was shown to you", hint="read it as it is now, then answer again")


def _roles(person: str, asked: tuple[str, ...], view: MessageView, people: Roster, now: datetime) -> tuple[str, ...]:
    state = view.state
    if roles := speaks_for(person, asked, state, people, now):
        return roles
    for role in view.chain.of:
        if people.may_speak_for(person, role, deputies_too=True) and state.sheet is not None:
            first = " or ".join(one.name for one in people.primaries(role))
            raise Refused(
                f"{first} has {roughly(state.sheet.due - now)} left to answer as {role}; then {people.name(person)} may"
            )
    may = who_counts(state, view.chain, people, now, view.source_language)
    said = ", ".join(f"{people.name(one)} ({', '.join(roles)})" for one, roles in may.items())
    raise Refused(
        f"{people.name(person)} holds none of the roles that approve this text: {', '.join(view.chain.of)}",
        hint=f"it may be decided by {said}" if said else "`crisis status` shows whom it waits for",
    )


def _counts_already(
    person: str, roles: tuple[str, ...], lines: tuple[Line, ...], view: MessageView, people: Roster, now: datetime
) -> bool:
    texts = standings(lines, view.state, view.chain, people, now, view.source_language)
    return all(any(one.person == person and set(roles) <= set(one.roles) for one in how.by) for how in texts.values())


def _check_proof(command: Decide, chain: Chain, by: By) -> None:
    if command.proof == "signed":
        raise Refused("signed approvals are not built yet", hint="decide at a terminal, or record a verbal sign-off")
    if command.proof not in chain.proof:
        raise Refused(
            f"this chain does not take the proof {command.proof!r}", hint=f"it takes {', '.join(chain.proof)}"
        )
    if command.proof == "present" and by.who != command.person:
        raise Refused("only the person at the terminal is present; record what somebody else said as a verbal sign-off")
    if command.proof == "verbal":
        if not command.heard_by or command.heard_by == command.person:
            raise Refused("a verbal sign-off needs somebody else who heard it")
        if command.verdict == "yes" and not command.read_back:
            raise Refused("a verbal sign-off counts once the fingerprint was read back and confirmed")


def _deputy_for(person: str, roles: tuple[str, ...], people: Roster) -> str:
    for role in roles:
        primaries = people.primaries(role)
        if primaries and all(one.id != person for one in primaries):
            named = (one.id for one in primaries if one.deputies.get(role) == person)
            return next(named, primaries[0].id)
    return ""
