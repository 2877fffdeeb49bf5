"""`kind: approve`: people say yes or no to a sheet; silence passes to deputies, and never approves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from crisis.engine.approvals import (
    Standing,
    left_behind,
    may_still_approve,
    put_together,
    refusal,
    standings,
    translations_behind,
    who_may_fill,
)
from crisis.engine.events import Json, Line, SheetIssued
from crisis.engine.shapes import LastResortCall, NamePerson, OnlyIn, SignOff, Waiver
from crisis.engine.state import Decision, Sheet
from crisis.engine.steps import Ask, Done, Lapsed, MessageView, Next, Open, Record, Seen, Stands, StepKind, Waiting
from crisis.kernel.fingerprints import fingerprint, short
from crisis.kinds.draft import message_of
from crisis.messages.languages import called
from crisis.playbook.authored import authored, described
from crisis.playbook.values import Id


@authored
class ApproveSpec:
    """Which message; its chain stands with the message."""

    message: Id = described("A message of this playbook.")


def advance(spec: ApproveSpec, seen: Seen) -> Next:
    """Put what is not approved yet before the approvers, and count."""
    view = message_of(seen)
    state = view.state
    if set(state.lines) <= set(state.left_out):
        return Done("skipped", because="there is no text to approve")
    texts = _open_texts(view, seen)
    pending = tuple(line for line, how in texts.items() if not how.approved)
    if not pending:
        return Done("approved")
    if state.sheet is None or _is_stale(state.sheet, pending, view, seen):
        return Record(_sheet(pending, view, seen))
    gaps = _gaps(pending, texts, view, seen)
    if refused := refusal(state, view.chain) or (gaps.cannot_be_met and _last_no(view)):
        return Done("rejected", because=f"{seen.people.name(refused.person)}: {refused.reason}")
    # What is approved already may expire while the rest still waits.
    expiries = [how.until for how in texts.values()]
    return _ask(gaps, state.sheet, expiries, view, seen)


def stands(spec: ApproveSpec, seen: Seen) -> Stands | Lapsed:
    """Until an approval expires or the chain changes; what is being posted was approved when it was locked."""
    view = message_of(seen)
    until: list[datetime] = []
    for line, how in _open_texts(view, seen).items():
        if not how.approved:
            return Lapsed(f"the approval of {line.place} no longer counts: it expired, or more people must approve now")
        until += [how.until] if how.until else []
    return Stands(min(until, default=None))


def _open_texts(view: MessageView, seen: Seen) -> Mapping[Line, Standing]:
    """The texts that are neither out nor being posted, and how each stands."""
    return standings(view.state.open_lines(), view.state, view.chain, seen.people, seen.now, view.source_language)


def _is_stale(sheet: Sheet, pending: tuple[Line, ...], view: MessageView, seen: Seen) -> bool:
    """Whether a new sheet is due: another round, chain or text, or a yes to one that is still open has expired."""
    expired = any(
        one.sheet == sheet.id
        and one.verdict == "yes"
        and one.at + view.chain.expires <= seen.now
        and not set(pending).isdisjoint(one.lines)
        for one in view.state.decisions
    )
    other = sheet.chain != view.chain_name or not set(pending) <= set(sheet.lines)
    return expired or other or sheet.seq < seen.started_seq


def _sheet(pending: tuple[Line, ...], view: MessageView, seen: Seen) -> SheetIssued:
    # The id binds the exact texts, the chain, the draft and the sheet before: an old yes names an old sheet.
    before = view.state.sheet.id if view.state.sheet else view.state.drafted_seq
    lines = "\n".join(f"{line.place} {line.sha256} {','.join(line.attachments)}" for line in pending)
    identity = f"{view.name}\n{view.chain_name}\n{seen.round}\n{before}\n{lines}"
    due = seen.now + view.chain.within
    return SheetIssued(
        message=view.name, sheet=fingerprint(identity)[:16], lines=pending, chain=view.chain_name, due=due
    )


class _Gaps(Struct, frozen=True, kw_only=True):
    """What is missing to a full approval, and who could still give it."""

    missing: tuple[str, ...]  # roles
    unstaffed: tuple[str, ...]  # those of them whom nobody on the roster can fill
    short: int  # how many more people
    too_few: int  # how many more than there are
    able: tuple[str, ...]
    unread: tuple[str, ...]  # languages of which nobody has said yet that the translation is right
    unreadable: tuple[str, ...]  # those of them that nobody on the roster could say it of

    @property
    def cannot_be_met(self) -> bool:
        return bool(self.unstaffed) or self.too_few > 0


def _gaps(pending: tuple[Line, ...], texts: Mapping[Line, Standing], view: MessageView, seen: Seen) -> _Gaps:
    state, chain, people = view.state, view.chain, seen.people
    missing: dict[str, None] = {}
    unstaffed: dict[str, None] = {}
    able: dict[str, None] = {}
    unread: dict[str, bool] = {}  # whether somebody could say that it is right
    short = too_few = 0
    for line, *_ in put_together(pending, state):
        how = texts[line]
        could = may_still_approve((line,), state, chain, people, now=seen.now)
        short, too_few = max(short, how.short), max(too_few, how.short - len(could))
        able |= dict.fromkeys(could if how.short else ())
        for role in how.missing:
            fills = who_may_fill(role, line, state, chain, people, seen.now)
            missing[role] = None
            able |= dict.fromkeys(fills)
            if not fills:
                unstaffed[role] = None
            if chain.translation is not None and role in chain.translation.of:
                unread[line.language] = bool(fills) and unread.get(line.language, True)
    return _Gaps(
        missing=tuple(missing),
        unstaffed=tuple(unstaffed),
        short=short,
        too_few=too_few,
        able=tuple(able),
        unread=tuple(unread),
        unreadable=tuple(language for language, somebody in unread.items() if not somebody),
    )


def _last_no(view: MessageView) -> Decision | None:
    """Who said no to what is pending: nobody goes on over a no because nobody else is there."""
    sheet = view.state.sheet
    noes = [one for one in view.state.decisions if one.verdict == "no" and sheet and one.sheet == sheet.id]
    return noes[-1] if noes else None


def _ask(gaps: _Gaps, sheet: Sheet, expiries: Sequence[datetime | None], view: MessageView, seen: Seen) -> Open:
    asks = [*_only_in(gaps, sheet, view, seen), *_staffing(gaps, view, seen)]
    if gaps.able:
        wants = SignOff(message=view.name, sheet=sheet.id, roles=gaps.missing or view.chain.of)
        prompt = f"{view.title}: has somebody decided? (sheet {short(sheet.id)})"
        behind = left_behind(translations_behind(view.state, view.source_language), view.source_language)
        advice = (f"!! {behind}",) if behind else ()
        asks.append(Ask(key="sign-off", role=seen.role, prompt=prompt, wants=wants, optional=True, advice=advice))
    asks += _last_resort(view, seen)
    moments = [sheet.due if sheet.due > seen.now else None, _last_resort_at(view, seen), *expiries]
    return Open(
        asks=tuple(asks),
        waiting=_waiting(gaps, sheet, view, seen),
        until=min((moment for moment in moments if moment is not None), default=None),
    )


def _staffing(gaps: _Gaps, view: MessageView, seen: Seen) -> list[Ask]:
    """Nobody on the roster can give what is missing: name somebody, or go on with a waiver."""
    named, nobody = _named(seen), _nobody(seen)
    if not gaps.cannot_be_met:
        return _somebody_else(gaps, len(named), view, seen) if not nobody else []
    wanted = tuple(role for role in gaps.unstaffed if role not in nobody)
    anyone = not gaps.unstaffed and nobody.isdisjoint(_of_whom_more(view, seen))
    if "" not in nobody and (wanted or anyone):
        return [_who_can(wanted, gaps.too_few, len(named), view, seen)]
    if gaps.able:
        return []  # first the people there are; the waiver comes when nobody is left to ask
    people = "1 more person" if gaps.too_few == 1 else f"{gaps.too_few} more people"
    rules = tuple(f"no {role}" for role in gaps.unstaffed) or (f"{people} should have approved",)
    prompt = "Nobody is left to ask. Why must it go out without a full approval? (it stands beside the text for good)"
    return [Ask(key="waiver", role=seen.role, prompt=prompt, wants=Waiver(message=view.name, rules=rules))]


def _named(seen: Seen) -> list[Json]:
    return [value for key, value in seen.answers.items() if key.startswith("name:")]


def _nobody(seen: Seen) -> set[str]:
    """For which roles there is nobody; "" where nobody else can be named at all."""
    return {value.get("nobody", "") for value in _named(seen) if "named" not in value}


def _only_in(gaps: _Gaps, sheet: Sheet, view: MessageView, seen: Seen) -> list[Ask]:
    """Nobody reads a language, or the time of who does is up: it can be left out, so that the others need not wait."""
    rule, others = view.chain.translation, dict.fromkeys(line.language for line in view.state.open_lines())
    is_late, is_settled = seen.now >= sheet.due, "languages" in seen.answers
    unread_by_anyone = gaps.unreadable if rule is not None and _nobody(seen) & set(rule.of) else ()
    # First what nobody reads; who reads another language may still answer.
    is_nobody = bool(unread_by_anyone) and not (is_late and is_settled)
    without = unread_by_anyone if is_nobody else gaps.unread if is_late else ()
    only = tuple(one for one in others if one not in without)
    if not without or not only:
        return []
    has = "Nobody reads" if set(without) <= set(unread_by_anyone) else "Nobody has vouched for the"
    prompt = f"{has} {called(without)}. Post {view.title.lower()} only in {called(only)}?"
    wants = OnlyIn(message=view.name, without=without, only=only)
    optional = not is_nobody or is_settled
    kept = {"keep": True}
    return [Ask(key="languages", role=seen.role, prompt=prompt, wants=wants, suggested=kept, optional=optional)]


def _who_can(unstaffed: tuple[str, ...], too_few: int, tried: int, view: MessageView, seen: Seen) -> Ask:
    """One role at a time, since each stands for a person of its own; then anyone of the chain."""
    if unstaffed:
        role = unstaffed[0]
        needed = f"It needs a yes from {role.replace('-', ' ')}, and nobody here is that. Who is?"
        if view.chain.translation is not None and role in view.chain.translation.of:
            foreign = dict.fromkeys(one.language for one in view.state.open_lines())
            languages = called(one for one in foreign if one != view.source_language)
            needed = f"Somebody who reads {languages} must say that the translation is right. Who can?"
        prompt = f"{needed} (name, number; empty: nobody)"
        wants = NamePerson(roles=(role,))
        return Ask(key=f"name:{tried}", role=seen.role, prompt=prompt, wants=wants, suggested={})
    author = "" if view.chain.self_approval else "; whoever wrote the text does not count"
    advice = (f"{_people(view.chain.quorum)} must say yes{author}.",)
    wants = NamePerson(roles=_of_whom_more(view, seen))
    as_what = f", as {wants.roles[0].replace('-', ' ')}" if len(wants.roles) == 1 else ""
    prompt = f"It needs {too_few} more to say yes. Who can{as_what}? (name, number; empty: nobody)"
    return Ask(key=f"name:{tried}", role=seen.role, prompt=prompt, wants=wants, suggested={}, advice=advice)


def _of_whom_more(view: MessageView, seen: Seen) -> tuple[str, ...]:
    """The roles in which somebody else could say yes: first those that nobody holds."""
    return tuple(role for role in view.chain.of if not seen.people.holders(role)) or view.chain.of


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} different people"


def _somebody_else(gaps: _Gaps, tried: int, view: MessageView, seen: Seen) -> list[Ask]:
    """Time is up, and whoever could still approve has no deputy: somebody else can be named."""
    sheet = view.state.sheet
    if sheet is None or seen.now < sheet.due:
        return []
    wanted = gaps.missing or view.chain.of
    deputies = {member.id for role in wanted for member in seen.people.deputies(role)}
    if deputies.intersection(gaps.able):
        return []
    prompt = f"Nobody has answered, and nobody steps in. Who else can approve this as {' or '.join(wanted)}?"
    wants = NamePerson(roles=wanted)
    return [Ask(key=f"name:{tried}", role=seen.role, prompt=prompt, wants=wants, suggested={}, optional=True)]


def _last_resort_at(view: MessageView, seen: Seen) -> datetime | None:
    sheet, rule = view.state.sheet, view.chain.last_resort
    if sheet is None or rule is None:
        return None
    at = sheet.issued_at + rule.after
    return at if at > seen.now else None


def _last_resort(view: MessageView, seen: Seen) -> list[Ask]:
    sheet, rule = view.state.sheet, view.chain.last_resort
    if sheet is None or rule is None or not seen.danger or seen.now < sheet.issued_at + rule.after:
        return []
    untouched = all(text.cleared and not text.edited for text in view.state.texts)
    if not untouched or any(one.sheet == sheet.id for one in view.state.decisions):
        return []
    prompt = f"Everyone is silent. As {rule.by} you may send this cleared text now: why can it not wait?"
    return [Ask(key="last-resort", role=rule.by, prompt=prompt, wants=LastResortCall(message=view.name), optional=True)]


def _waiting(gaps: _Gaps, sheet: Sheet, view: MessageView, seen: Seen) -> tuple[Waiting, ...]:
    late = seen.now >= sheet.due
    what = f"approval of {view.title.lower()}, sheet {short(sheet.id)}"
    until = None if late else sheet.due
    waiting = []
    for role in gaps.missing:
        people = seen.people.primaries(role) + (seen.people.deputies(role) if late else ())
        left = tuple(dict.fromkeys(member.id for member in people if member.id in gaps.able))
        waiting.append(Waiting(people=left, role=role, what=what, until=until))
    if gaps.short > len(gaps.missing):
        waiting.append(Waiting(people=gaps.able, role=" or ".join(view.chain.of), what=what, until=until))
    return tuple(waiting)


KIND = StepKind(
    ApproveSpec,
    advance,
    outcomes=lambda spec: ("approved", "rejected"),
    stops=frozenset({"rejected"}),
    stands=stands,
    summary="people say yes or no to the exact texts",
    asks=lambda spec: ("name", "sign-off", "waiver", "last-resort", "languages"),
)
