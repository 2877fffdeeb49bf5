"""Who has said yes to a text, whether that is enough, and who is asked now. Persons are counted, never signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from crisis.engine.events import Line
from crisis.engine.people import Roster
from crisis.engine.state import Decision, MessageState, approvals
from crisis.playbook.model import Chain

#: A promised time this close is stale when the text goes out: readers would be promised what cannot be kept.
STALE_PROMISE = timedelta(minutes=30)


class Standing(Struct, frozen=True, kw_only=True):
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
    by = _counting(line, message, chain, now)
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


def standings(
    lines: Sequence[Line], message: MessageState, chain: Chain, people: Roster, now: datetime, source_language: str
) -> Mapping[Line, Standing]:
    """How each of `lines` stands at `now` under `chain`, in their order."""
    found: dict[Line, Standing] = {}
    for like in put_together(lines, message):
        found |= dict.fromkeys(like, standing(like[0], message, chain, people, now, source_language))
    return {line: found[line] for line in lines}


def put_together(lines: Iterable[Line], message: MessageState) -> Iterable[list[Line]]:
    """`lines`, those together that stand the same: in one language, by one author, with the same said of them."""
    found: dict[object, list[Line]] = {}
    for line in lines:
        said = tuple(n for n, one in enumerate(message.decisions) if line in one.lines)
        without = line in message.waived, line in message.last_resort
        found.setdefault((line.language, message.drafted_by.get(line.sha256), said, without), []).append(line)
    return found.values()


def with_the_same_text(lines: Iterable[Line]) -> Iterable[Sequence[Line]]:
    """`lines`, those together that say the same in one language: nobody need read it once for each channel."""
    found: dict[object, list[Line]] = {}
    for line in lines:
        found.setdefault((line.language, line.sha256, line.attachments), []).append(line)
    return found.values()


def _counting(line: Line, message: MessageState, chain: Chain, now: datetime | None) -> tuple[Decision, ...]:
    """Everyone whose latest word on the line is a yes that has not expired."""
    yeses = approvals(line, message.decisions)
    return tuple(one for one in yeses if now is None or one.at + chain.expires > now)


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


def translations_behind(message: MessageState, source_language: str) -> tuple[tuple[str, str], ...]:
    """The channel and language of each translation whose source a person has edited since it was made.

    Whatever round that was in; a translation that a person edited was made of what the source said then.
    """
    kept = {(one.line.channel, one.line.language): one for one in message.texts if one.line not in message.left_out}
    return tuple(
        place
        for place, one in kept.items()
        if place[1] != source_language
        and (source := kept.get((place[0], source_language))) is not None
        and source.edited
        and not (one.edited and source.line in message.made_beside.get(one.line, ()))
    )


def left_behind(behind: Sequence[tuple[str, str]], source_language: str) -> str:
    """That these translations were not edited, and their sources were; empty where there are none.

    Whoever approves decides.
    """
    if not behind:
        return ""
    sources = ", ".join(dict.fromkeys(f"{channel}/{source_language}" for channel, _ in behind))
    places = ", ".join(f"{channel}/{language}" for channel, language in behind)
    if len(behind) == 1:
        return f"{sources} was edited, its translation {places} was not: does it still say the same?"
    return f"{sources} edited, the translations {places} not: do they still say the same?"


def promise_stale_from(message: MessageState) -> datetime | None:
    """When the soonest update these texts promise is too close to be promised any more.

    Half an hour before it; where less than an hour was promised, half of that.
    """
    promises = [text.promises for text in message.texts if text.promises is not None]
    if not promises or message.drafted_at is None:
        return None
    soonest = min(promises)
    return soonest - min(STALE_PROMISE, (soonest - message.drafted_at) / 2)


def translations(lines: Iterable[Line], source_language: str) -> tuple[Line, ...]:
    """Those of `lines` that are in another language than the one that is written first."""
    return tuple(line for line in lines if line.language != source_language)


def roles_asked(chain: Chain, lines: Iterable[Line], source_language: str) -> tuple[str, ...]:
    """The roles that are asked about `lines`: of the chain, and whoever vouches for a translation if there is one."""
    readers = chain.translation.of if chain.translation and translations(lines, source_language) else ()
    return tuple(dict.fromkeys((*chain.of, *readers)))


def speaks_for(
    person: str, roles: Iterable[str], message: MessageState, people: Roster, now: datetime
) -> tuple[str, ...]:
    """Those of `roles` in which `person` counts now; deputies once the time of the first asked is up."""
    late = message.sheet is not None and now >= message.sheet.due
    return tuple(role for role in roles if people.may_speak_for(person, role, deputies_too=late))


def who_counts(
    message: MessageState, chain: Chain, people: Roster, now: datetime, source_language: str
) -> dict[str, tuple[str, ...]]:
    """Everyone whose yes would count now, whoever may vouch for a translation too, with the roles they count as."""
    lines = message.to_decide()
    able = [*may_still_approve(lines, message, chain, people, now=now)]
    for role in chain.translation.of if chain.translation else ():
        able += may_still_approve(translations(lines, source_language), message, chain, people, role, now)
    asked = roles_asked(chain, lines, source_language)
    roles = {person: speaks_for(person, asked, message, people, now) for person in dict.fromkeys(able)}
    return {person: counts for person, counts in roles.items() if counts}


def refusal(message: MessageState, chain: Chain) -> Decision | None:
    """The no that ends this sheet: a veto, a required role's, or one that leaves too few to say yes."""
    sheet = message.sheet.id if message.sheet else ""
    noes = [one for one in message.decisions if one.verdict == "no" and one.sheet == sheet]
    final = {*chain.veto, *chain.required}
    for one in noes:
        if final & set(one.roles):
            return one
    refusing_roles = {role for one in noes for role in one.roles}
    left = [role for role in chain.of if role not in refusing_roles]
    return noes[-1] if noes and len(left) < chain.quorum else None


def may_still_approve(
    lines: Iterable[Line],
    message: MessageState,
    chain: Chain,
    people: Roster,
    role: str | None = None,
    now: datetime | None = None,
) -> tuple[str, ...]:
    """Who on the roster could still say yes (to `role`, or at all) to one of `lines`.

    Not who wrote it, not who has decided this sheet, not whose yes to it counts already; without
    `now`, no yes has expired.
    """
    wanted = (role,) if role else chain.of
    members = dict.fromkeys(member.id for one in wanted for member in (*people.primaries(one), *people.deputies(one)))
    decided = {one.person for one in message.decisions if message.sheet and one.sheet == message.sheet.id}
    able: dict[str, None] = {}
    for line in lines:
        counting = _counting(line, message, chain, now)
        said = {one.person for one in counting if role is None or role in one.roles}
        author = "" if chain.self_approval else message.drafted_by.get(line.sha256, "")
        able |= dict.fromkeys(one for one in members if one not in said and one not in decided and one != author)
    return tuple(one for one in members if one in able)


def who_may_fill(
    role: str, line: Line, message: MessageState, chain: Chain, people: Roster, now: datetime
) -> tuple[str, ...]:
    """Who could still give `line` what `role` stands for; a translation also whoever approves and reads it."""
    fills = may_still_approve((line,), message, chain, people, role, now)
    if chain.translation is None or role not in chain.translation.of:
        return fills
    readers = [
        one
        for vouching in chain.translation.of
        for one in may_still_approve((line,), message, chain, people, vouching, now)
    ]
    readers += [
        one
        for one in may_still_approve((line,), message, chain, people, now=now)
        if line.language in people.members[one].languages
    ]
    return tuple(dict.fromkeys((*fills, *readers)))
