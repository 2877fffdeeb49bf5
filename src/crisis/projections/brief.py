"""The brief: what `crisis status --json` prints, with deadlines instead of remaining times.

It is written with every append and read without folding anything, so it holds plain JSON values only.
Moments are in UTC: rebuilt from the journal, which keeps them so, it comes out the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crisis.engine.approvals import put_together, standing
from crisis.engine.clocks import Clock
from crisis.engine.events import Line
from crisis.engine.graph import approve_step
from crisis.engine.look import Agenda, OpenAsk, roster_of
from crisis.engine.outlook import Outlook
from crisis.engine.people import Roster
from crisis.engine.plan import Plan
from crisis.engine.state import Decision, Incident, MessageState, approvals
from crisis.engine.steps import MessageView
from crisis.kernel.fingerprints import short
from crisis.playbook.values import PHASES, SEVERITY_WORDS
from crisis.projections.kept import SCHEMA_VERSION
from crisis.projections.monitored import monitoring_of
from crisis.projections.out_there import out_there
from crisis.projections.posting import stopped_and_posting


def brief_of(plan: Plan, incident: Incident, ahead: Agenda) -> Mapping[str, Any]:
    """The situation in one document."""
    people = roster_of(plan, incident)
    stopped, still_posting = stopped_and_posting(plan, incident)
    monitoring = monitoring_of(incident)
    return {
        "schema_version": SCHEMA_VERSION,
        "incident": incident.id,
        "title": incident.title,
        "playbook": incident.playbook,
        "drill": incident.drill,
        "timezone": plan.timezone,
        "severity": incident.severity,
        "severity_word": SEVERITY_WORDS.get(incident.severity, ""),
        "phase": phase_of(plan, incident),
        "opened_at": _iso(incident.opened_at),
        "known_since": _iso(incident.known_since),
        "closed_at": _iso(incident.closed_at),
        "lead": people.name(incident.lead),
        "waiting_on": _waiting(plan, incident, ahead),
        "clocks": [_clock(clock, incident) for clock in ahead.clocks],
        "next_steps": _next_steps(ahead),
        "frozen": bool(stopped),
        "frozen_accounts": sorted(account for account in incident.frozen if account not in incident.resumed),
        "stopped": stopped,
        "still_posting": still_posting,
        "published": _published(plan, incident),
        "not_posted": _not_posted(plan, incident),
        "waived": sorted(
            f"{name} {line.place}" for name, message in incident.messages.items() for line in message.waived
        ),
        "without_approval": _without_approval(plan, incident),
        "told": _told(plan, incident),
        "stand_down": _stand_down(plan, incident),
        "do_not": list(plan.do_not[:3]),
        "updated_at": _iso(incident.at),
        "version": incident.version,
        # Only where an export was read: what older journals keep says the same without it.
        **({"monitoring": monitoring} if monitoring is not None else {}),
    }


def phase_of(plan: Plan, incident: Incident) -> str:
    """The furthest phase in which somebody has done something; `closed` at the end."""
    if incident.closed_at is not None:
        return "closed"
    reached = [
        PHASES.index(step.phase)
        for step in plan.steps
        if (state := incident.steps.get(step.id)) is not None
        and (state.touched or (state.status == "finished" and state.outcome != "skipped"))
    ]
    return PHASES[max(reached, default=PHASES.index("detection"))]


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None


def _clock(clock: Clock, incident: Incident) -> dict[str, Any]:
    return {
        "name": clock.name,
        "kind": clock.kind,
        "due": _iso(clock.due),
        "since": _iso(clock.anchor),
        "met": _iso(clock.met_at),
        "breached": clock.key in incident.breaches,
        "note": clock.note,
    }


def _contacts(persons: Sequence[str], people: Roster) -> dict[str, str]:
    """Where their numbers are kept, by name. Of two who are waited for under one name, nobody can tell whose it is."""
    members = [people.members[one] for one in persons if one in people.members]
    held = Counter(one.name for one in members)
    return {one.name: one.contact for one in members if one.contact and held[one.name] == 1}


def _waiting(plan: Plan, incident: Incident, ahead: Agenda) -> list[dict[str, Any]]:
    """Approvers and other people first; then whose answer the walk needs.

    Numbers lie in blobs that can be erased, so `contacts` only says in which: whoever reads looks there.
    """
    people = roster_of(plan, incident)
    waiting = [
        {
            "who": " or ".join(map(people.name, one.people)) or f"nobody yet ({one.role.replace('-', ' ')})",
            "role": one.role,
            "for": one.what,
            "until": _iso(one.until),
            "contacts": _contacts(one.people, people),
        }
        for _, one in ahead.waiting
    ]
    by_role: dict[str, OpenAsk] = {}
    for open_ask in ahead.asks:
        if not open_ask.ask.optional:
            by_role.setdefault(open_ask.ask.role, open_ask)
    for role, first in by_role.items():
        holders = [member.id for member in people.primaries(role)] or [incident.lead]
        who, contacts = " or ".join(map(people.name, holders)), _contacts(holders, people)
        waiting.append({"who": who, "role": role, "for": first.ask.prompt, "until": None, "contacts": contacts})
    return waiting


def _next_steps(ahead: Agenda) -> list[dict[str, Any]]:
    """What can be done now, one line a step."""
    found: dict[str, dict[str, Any]] = {}
    for open_ask in ahead.asks:
        step = open_ask.step
        found.setdefault(step.id, {"step": step.id, "title": step.title, "role": step.role, "phase": step.phase})
    return list(found.values())


def _published(plan: Plan, incident: Incident) -> list[dict[str, Any]]:
    """What stands out there, oldest first: the last text of each message in each place, and what it put right.

    Whose yes a text had is told of the text that is out, whatever becomes of the message meanwhile.
    """
    people = roster_of(plan, incident)
    return [
        {
            "message": one.message,
            "title": one.title,
            "channel": out.line.channel,
            "language": out.line.language,
            "sha256": out.line.sha256,
            "fingerprint": short(out.line.sha256),
            "link": out.link,
            "at": _iso(out.at),
            "by": people.name(out.who),
            # What went out as a last resort is approved afterwards, if at all.
            "approved_by": _names((*out.approvals, *approvals(out.line, message.decisions)), people),
            "without_approval": out.without,
            "outdated": list(one.outdated),
            "replaced": one.replaced,
        }
        for one in out_there(plan, incident)
        for out, message in ((one.publication, incident.messages[one.message]),)
    ]


def _not_posted(plan: Plan, incident: Incident) -> list[dict[str, Any]]:
    people = roster_of(plan, incident)
    approved = {
        step.spec.message
        for step in plan.steps
        if step.kind_name == "approve" and (state := incident.steps.get(step.id)) and state.stands == "approved"
    }
    drafting = {
        step.message
        for step in plan.steps
        if step.kind_name == "draft"
        and (state := incident.steps.get(step.id))
        and state.status in ("started", "reopened")
    }
    skipped = _with_a_skipped_step(plan, incident)
    outlook = Outlook(plan, incident, incident.at)
    drafts = {name: plan.by_id[steps[0]] for name, steps in plan.drafts.items()}
    views = {name: view for name in incident.messages if (view := outlook.message(drafts[name])) is not None}
    ends = {name: _approved_until(view, people) for name, view in views.items() if name in approved - drafting}
    return [
        {
            "message": name,
            "title": plan.messages[name].title,
            "channel": line.channel,
            "language": line.language,
            "fingerprint": short(line.sha256),
            "state": _how_far(line, message, name in approved, skipped=name in skipped, anew=anew),
            # Nobody has said yes to what is not written yet.
            "approvals": [] if anew else _good_until(line, views[name], people),
            "approved_until": _iso(ends.get(name, {}).get(line)),
        }
        for name, message in incident.messages.items()
        for anew in (name in drafting,)
        for line in message.lines
        if not message.is_out(line) and line not in message.left_out
    ]


def _good_until(line: Line, view: MessageView, people: Roster) -> list[dict[str, Any]]:
    """Who has said yes to it, and until when that counts: for good where it is being posted."""
    expires = None if line in view.state.locked else view.chain.expires
    return [
        {"by": people.name(one.person), "until": _iso(one.at + expires) if expires is not None else None}
        for one in approvals(line, view.state.decisions)
    ]


def _approved_until(view: MessageView, people: Roster) -> Mapping[Line, datetime]:
    """When so many yeses to a text have expired that it is approved no more, where time alone brings that."""
    state, chain = view.state, view.chain
    found: dict[Line, datetime] = {}
    for like in put_together(state.open_lines(), state):
        for end in sorted(one.at + chain.expires for one in approvals(like[0], state.decisions)):
            if not standing(like[0], state, chain, people, end, view.source_language).approved:
                found |= dict.fromkeys(like, end)
                break
    return found


def _with_a_skipped_step(plan: Plan, incident: Incident) -> set[str]:
    """The messages of which the approval or the posting was skipped, and nothing of which goes on."""
    found: set[str] = set()
    going: set[str] = set()
    for step in plan.steps:
        state = incident.steps.get(step.id)
        if state is not None and step.kind_name in ("draft", "approve", "publish"):
            if state.status in ("started", "reopened"):
                going.add(step.message)
            elif state.outcome == "skipped":
                found.add(step.message)
    return found - going


def _how_far(line: Line, message: MessageState, approved: bool, *, skipped: bool, anew: bool) -> str:
    if anew:
        return "to be written anew"
    if skipped:
        return "skipped"
    if line in message.locked:
        return "being posted"
    if line in message.waived:
        return "waived: goes out without a full approval"
    if approved:
        return "approved"
    on_sheet = message.sheet is not None and line in message.sheet.lines
    return "waits for approval" if on_sheet else "drafted"


def _names(decisions: Iterable[Decision], people: Roster) -> list[str]:
    """Who decided, each once."""
    return list(dict.fromkeys(people.name(one.person) for one in decisions))


def _without_approval(plan: Plan, incident: Incident) -> list[dict[str, str]]:
    """The texts that go, or went, out without a full approval, each with the reason somebody gave."""
    found = []
    for name, message in incident.messages.items():
        step = approve_step(plan, incident, name)
        state = incident.steps.get(step.id) if step is not None else None
        for how, key, lines in (
            ("waived", "waiver", message.waived),
            ("last resort", "last-resort", message.last_resort),
        ):
            said = state.answers.get(key, state.previous.get(key, "")) if state else ""
            title = plan.messages[name].title
            found += [
                {"title": title, "place": one.place, "how": how, "reason": str(said)}
                for one in lines
                if one not in message.left_out
            ]
    return found


def _told(plan: Plan, incident: Incident) -> list[dict[str, str]]:
    """Who was called, and what came of it; the last call counts."""
    people, found = roster_of(plan, incident), {}
    for step in plan.steps:
        state = incident.steps.get(step.id)
        for key, answer in state.answers.items() if state is not None and step.kind_name == "notify" else ():
            kind, _, rest = key.partition(":")
            role, _, person = rest.partition(":")
            if kind == "reach":
                found[role, person] = {"who": people.name(person), "role": role, "answer": str(answer)}
    return list(found.values())


def _stand_down(plan: Plan, incident: Incident) -> list[dict[str, Any]]:
    """The criteria by which one sees that it is over, as last ticked."""
    ticked: set[int] = set()
    for step in plan.steps:
        state = incident.steps.get(step.id)
        if step.kind_name == "stand-down" and state is not None:
            ticked = set(state.answers.get("criteria", state.previous.get("criteria", ())))
    return [{"text": text, "seen": n in ticked} for n, text in enumerate(plan.criteria)]
