"""Who has said yes to a text, whether that is enough, and who is asked now. Persons are counted, never signatures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    texts = standings(lines, message, chain, people, now, source_language)
    # Whose yes counts in one role already may still give another that is missing.
    able += [one for lack in lacking(texts, message, chain, people, now) for one in lack.able]
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


class Lack(Struct, frozen=True, kw_only=True):
    """What texts that stand the same lack to a full approval, and who could still give it."""

    lines: tuple[Line, ...]
    by_role: Mapping[str, tuple[str, ...]]  # each role that is missing, and who could say yes as that
    takes: int  # how many different people on the roster must say yes, in these roles or in any
    to_name: int  # how many more who are not on it, besides those for a role
    anyone: tuple[str, ...]  # who could say yes at all, where more people must

    @property
    def unstaffed(self) -> tuple[str, ...]:
        """The missing roles that nobody on the roster can fill."""
        return tuple(role for role, people in self.by_role.items() if not people)

    @property
    def able(self) -> tuple[str, ...]:
        """Everyone on the roster whose yes would still count."""
        return tuple(dict.fromkeys((*self.anyone, *(one for people in self.by_role.values() for one in people))))

    @property
    def cannot_be_met(self) -> bool:
        """Whether it takes people who are not on the roster."""
        return bool(self.unstaffed) or self.to_name > 0


def lacking(
    texts: Mapping[Line, Standing],
    message: MessageState,
    chain: Chain,
    people: Roster,
    now: datetime,
    given_up: Collection[str] = (),
) -> tuple[Lack, ...]:
    """What those of `texts` lack that are not approved; one language or author never speaks for another.

    The roles `given_up` are those that nobody can be named for.
    """
    open_lines = [line for line, how in texts.items() if not how.approved]
    return tuple(
        _lack(tuple(like), texts[like[0]], message, chain, people, now, given_up)
        for like in put_together(open_lines, message)
    )


def _lack(
    lines: tuple[Line, ...],
    how: Standing,
    message: MessageState,
    chain: Chain,
    people: Roster,
    now: datetime,
    given_up: Collection[str],
) -> Lack:
    by_role = {role: _who_may_fill(role, lines[0], message, chain, people, now) for role in how.missing}
    anyone = may_still_approve(lines[:1], message, chain, people, now=now) if how.short else ()
    unstaffed = [role for role, fills in by_role.items() if role in chain.of and not fills]
    # Nobody as one role makes the number no smaller: its place falls to whoever else there is.
    to_come = [role for role in unstaffed if role not in given_up]
    return Lack(
        lines=lines,
        by_role=by_role,
        takes=max(0, min(len(anyone), how.short - len(to_come))),
        to_name=max(0, how.short - len(unstaffed) - len(anyone)),
        anyone=anyone,
    )


def _different_people(places: Iterable[Sequence[str]]) -> int:
    """How many of `places`, each given with who could fill it, different people can fill at once."""
    filled: dict[str, Sequence[str]] = {}

    def fill(place: Sequence[str], tried: set[str]) -> bool:
        for one in place:
            if one not in tried:
                tried.add(one)
                if one not in filled or fill(filled[one], tried):
                    filled[one] = place
                    return True
        return False

    return sum(fill(place, set()) for place in places)


def is_of_readers(role: str, chain: Chain) -> bool:
    """Whether what is missing where `role` is missing is somebody who vouches for a translation."""
    return chain.translation is not None and role in chain.translation.of and role not in chain.required


def counts_as(role: str, chain: Chain) -> tuple[str, ...]:
    """The roles in which one may give what `role` stands for: a translation also whoever approves and reads it."""
    if chain.translation is None or not is_of_readers(role, chain):
        return (role,)
    return tuple(dict.fromkeys((role, *chain.translation.of, *chain.of)))


def _suits(who: str, role: str, line: Line, chain: Chain, people: Roster) -> tuple[str, ...]:
    """The roles in which `who`, if they have them, may give `line` what `role` stands for."""
    reads = line.language in people.members[who].languages
    vouching = chain.translation.of if chain.translation else ()
    return tuple(one for one in counts_as(role, chain) if reads or one == role or one in vouching)


def _who_may_fill(
    role: str, line: Line, message: MessageState, chain: Chain, people: Roster, now: datetime
) -> tuple[str, ...]:
    """Who could still give `line` what `role` stands for."""
    fills: dict[str, None] = {}
    for one in counts_as(role, chain):
        might = may_still_approve((line,), message, chain, people, one, now)
        fills |= dict.fromkeys(who for who in might if one in _suits(who, role, line, chain, people))
    return tuple(fills)


class Awaited(Struct, frozen=True, kw_only=True):
    """Something a text lacks, and who is asked for it now; without a `role`, a yes of so many people of the chain."""

    people: tuple[str, ...]
    role: str = ""
    number: int = 1


def waited_for(lack: Lack, message: MessageState, chain: Chain, people: Roster, now: datetime) -> tuple[Awaited, ...]:
    """All that a text lacks; what nobody can give now, or nobody yet, is waited for of nobody."""
    line = lack.lines[0]
    by_role = {
        role: tuple(
            who for who in fills if speaks_for(who, _suits(who, role, line, chain, people), message, people, now)
        )
        for role, fills in lack.by_role.items()
    }
    found = [Awaited(people=asked, role=role) for role, asked in by_role.items()]
    anyone = [who for who in lack.anyone if speaks_for(who, chain.of, message, people, now)]
    places = [[who for who in asked if who in anyone] for role, asked in by_role.items() if role in chain.of]
    others = max(0, lack.takes - _different_people(places))
    number = min(others, len(anyone) - _different_people(places))
    if number:
        # Whoever alone can speak for a role is waited for as that, and fills no other place.
        taken = {place[0] for place in places if len(place) == 1}
        found.append(Awaited(people=tuple(who for who in anyone if who not in taken), number=number))
    if rest := others - number + lack.to_name:
        found.append(Awaited(people=(), number=rest))
    return tuple(found)
