"""Who has said yes to a text, whether that is enough, and who is asked now. Persons are counted, never signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crisis.engine.events import Line
from crisis.engine.people import Roster
from crisis.engine.state import Decision, MessageState
from crisis.playbook.model import Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one text stands. `missing` names roles still needed; `short` is how many more people, whoever they are."""

    approved: bool
    by: tuple[Decision, ...] = ()
    missing: tuple[str, ...] = ()
    short: int = 0
    until: datetime | None = None
    how: str = ""


def standing(
    line: Line, message: MessageState, chain: Chain, people: Roster, now: datetime, source_language: str
) -> Standing:
    """How `line` stands at `now` under `chain`."""
    if line in message.last_resort:
        return Standing(approved=True, how="last resort, to be reviewed")
    by = tuple(
        decision
        for decision in message.decisions
        if decision.verdict == "yes" and line in decision.lines and decision.at + chain.expires > now
    )
    counted = [one for one in by if set(one.roles) & set(chain.of)]
    missing = [role for role in chain.required if not any(role in one.roles for one in counted)]
    missing += _missing_reader(line, by, chain, people, source_language)
    short = max(0, chain.quorum - len({one.person for one in counted}))
    waived = line in message.waived
    enough = not missing and not short
    until = min((one.at + chain.expires for one in by), default=None)
    return Standing(
        approved=enough or waived,
        by=by,
        missing=tuple(missing),
        short=short,
        until=None if waived and not enough else until,
        how="waived" if waived and not enough else "approved" if enough else "",
    )


def _missing_reader(
    line: Line, by: Iterable[Decision], chain: Chain, people: Roster, source_language: str
) -> list[str]:
    """Someone must have read the text in its own language, or a named reader vouch for it."""
    if chain.translation is None or line.language == source_language:
        return []
    vouching = set(chain.translation.of)
    for decision in by:
        member = people.members.get(decision.person)
        if vouching & set(decision.roles) or (member and line.language in member.languages):
            return []
    return [chain.translation.of[0]]


def speaks_for(person: str, chain: Chain, message: MessageState, people: Roster, now: datetime) -> tuple[str, ...]:
    """The roles of the chain in which `person` counts now; deputies once the time of the first asked is up."""
    late = message.sheet is not None and now >= message.sheet.due
    roles = (*chain.of, *(chain.translation.of if chain.translation else ()))
    return tuple(role for role in dict.fromkeys(roles) if people.may_speak_for(person, role, deputies_too=late))


def refusal(message: MessageState, chain: Chain) -> Decision | None:
    """The no that ends this sheet: a veto, a required role's, or one that leaves too few to say yes."""
    if message.sheet is None:
        return None
    noes = [one for one in message.decisions if one.verdict == "no" and one.sheet == message.sheet.id]
    final = {*chain.veto, *chain.required}
    for one in noes:
        if final & set(one.roles):
            return one
    refusing_roles = {role for one in noes for role in one.roles}
    left = [role for role in chain.of if role not in refusing_roles]
    return noes[-1] if noes and len(left) < chain.quorum else None


def may_still_approve(
    lines: Iterable[Line], message: MessageState, chain: Chain, people: Roster, role: str | None = None
) -> tuple[str, ...]:
    """Who on the roster could still say yes (to `role`, or at all): not the drafter, not who has decided."""
    wanted = (role,) if role else chain.of
    said = {one.person for one in message.decisions if message.sheet and one.sheet == message.sheet.id}
    said |= {one.person for one in message.decisions if one.verdict == "yes" and set(lines) & set(one.lines)}
    drafters = set() if chain.self_approval else {message.drafted_by.get(line.sha256, "") for line in lines}
    able = (
        member.id
        for one in wanted
        for member in (*people.primaries(one), *people.deputies(one))
        if member.id not in said and member.id not in drafters
    )
    return tuple(dict.fromkeys(able))
