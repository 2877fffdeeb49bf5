"""`kind: approve`: people say yes or no to a sheet; silence passes to deputies, and never approves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from crisis.engine.approvals import (
    Awaited,
    Lack,
    Standing,
    counts_as,
    is_of_readers,
    lacking,
    left_behind,
    refusal,
    standings,
    translations_behind,
    waited_for,
)
from crisis.engine.events import Json, Line, SheetIssued
from crisis.engine.shapes import LastResortCall, NamePerson, OnlyIn, SignOff, Waiver
from crisis.engine.state import Decision, Sheet
from crisis.engine.steps import Ask, Done, Lapsed, MessageView, Next, Open, Record, Seen, Stands, StepKind, Waiting
from crisis.kernel.fingerprints import fingerprint, short
from crisis.kinds.draft import message_of
from crisis.messages.languages import called
from crisis.playbook.authored import authored, described
from crisis.playbook.model import Chain
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
    lacks = lacking(texts, state, view.chain, seen.people, seen.now, _nobody(seen))
    if refused := refusal(state, view.chain) or _last_no(lacks, view):
        return Done("rejected", because=f"{seen.people.name(refused.person)}: {refused.reason}")
    # What is approved already may expire while the rest still waits.
    expiries = [how.until for how in texts.values()]
    return _ask(lacks, state.sheet, expiries, view, seen)


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
    state = view.state.under(view.chain_name)
    return standings(state.open_lines(), state, view.chain, seen.people, seen.now, view.source_language)


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


def _last_no(lacks: Iterable[Lack], view: MessageView) -> Decision | None:
    """Who said no to what cannot be approved: nobody goes on over a no because nobody else is there."""
    sheet = view.state.sheet
    stuck = {line for lack in lacks if lack.cannot_be_met for line in lack.lines}
    noes = [one for one in view.state.decisions if one.verdict == "no" and sheet and one.sheet == sheet.id]
    return next((one for one in reversed(noes) if not stuck.isdisjoint(one.lines)), None)


def _missing(lacks: Iterable[Lack]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for lack in lacks for role in lack.by_role))


def _unstaffed(lacks: Iterable[Lack]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for lack in lacks for role in lack.unstaffed))


def _to_name(lacks: Iterable[Lack]) -> int:
    """How many people must be named besides the roles: whoever is named may approve every text."""
    return max(lack.to_name for lack in lacks)


def _unread(lacks: Iterable[Lack], chain: Chain, *, by_anyone: bool = False) -> tuple[str, ...]:
    """The languages of which nobody has said yet that the translation is right; `by_anyone`: and nobody here could."""
    return tuple(
        dict.fromkeys(
            lack.lines[0].language
            for lack in lacks
            for role, people in lack.by_role.items()
            if is_of_readers(role, chain) and not (by_anyone and people)
        )
    )


def _ask(
    lacks: Sequence[Lack], sheet: Sheet, expiries: Sequence[datetime | None], view: MessageView, seen: Seen
) -> Open:
    asks = [*_only_in(lacks, sheet, view, seen), *_staffing(lacks, sheet, view, seen)]
    if any(lack.able for lack in lacks):
        wants = SignOff(message=view.name, sheet=sheet.id, roles=_missing(lacks) or view.chain.of)
        prompt = f"{view.title}: has somebody decided? (sheet {short(sheet.id)})"
        behind = left_behind(translations_behind(view.state, view.source_language), view.source_language)
        advice = (f"!! {behind}",) if behind else ()
        asks.append(Ask(key="sign-off", role=seen.role, prompt=prompt, wants=wants, optional=True, advice=advice))
    asks += _last_resort(view, seen)
    moments = [sheet.due if sheet.due > seen.now else None, _last_resort_at(view, seen), *expiries]
    return Open(
        asks=tuple(asks),
        waiting=_waiting(lacks, sheet, view, seen),
        until=min((moment for moment in moments if moment is not None), default=None),
    )


def _staffing(lacks: Sequence[Lack], sheet: Sheet, view: MessageView, seen: Seen) -> list[Ask]:
    """Nobody on the roster can give what some text lacks: name somebody, or go on with a waiver."""
    nobody, unstaffed, to_name = _nobody(seen), _unstaffed(lacks), _to_name(lacks)
    wanted = [role for role in unstaffed if role not in nobody]
    if wanted:
        return [_who_is(wanted[0], lacks, view, seen)]
    if to_name and _ANYONE not in nobody:
        return [_who_else(lacks, view, seen)]
    if any(lack.able for lack in lacks):
        # First the people there are; the waiver comes when nobody is left to ask.
        return _somebody_else(lacks, sheet, view, seen)
    people = "1 more person" if to_name == 1 else f"{to_name} more people"
    rules = (*(f"no {role}" for role in unstaffed), *([f"{people} should have approved"] if to_name else ()))
    prompt = "Nobody is left to ask. Why must it go out without a full approval? (it stands beside the text for good)"
    wants = Waiver(message=view.name, rules=rules)
    missing = f"!! Missing: {'; '.join(rules).replace('-', ' ')}."
    advice = (missing, *_no_help(lacks, view, seen, named_as=_ANYONE))
    after_all = NamePerson(roles=unstaffed or view.chain.of, anyone=not unstaffed)
    name = _name(
        "Is there somebody after all who may say yes? (name, number; empty: nobody)", after_all, seen, optional=True
    )
    return [Ask(key="waiver", role=seen.role, prompt=prompt, wants=wants, advice=advice), name]


#: What is not asked of one role but of whoever may approve.
_ANYONE = ""


def _named(seen: Seen) -> list[Json]:
    return [value for key, value in seen.answers.items() if key.startswith("name:")]


def _nobody(seen: Seen) -> set[str]:
    """For which roles there is nobody; _ANYONE where nobody else can be named at all."""
    return {value.get("nobody", _ANYONE) for value in _named(seen) if "named" not in value}


def _only_in(lacks: Sequence[Lack], sheet: Sheet, view: MessageView, seen: Seen) -> list[Ask]:
    """Nobody reads a language, or the time of who does is up: it can be left out, so that the others need not wait."""
    rule, others = view.chain.translation, dict.fromkeys(line.language for line in view.state.open_lines())
    is_late, is_settled = seen.now >= sheet.due, "languages" in seen.answers
    is_said = rule is not None and not _nobody(seen).isdisjoint(rule.of)
    unread_by_anyone = _unread(lacks, view.chain, by_anyone=True) if is_said else ()
    # First what nobody reads; who reads another language may still answer.
    is_nobody = bool(unread_by_anyone) and not (is_late and is_settled)
    without = unread_by_anyone if is_nobody else _unread(lacks, view.chain) if is_late else ()
    only = tuple(one for one in others if one not in without)
    if not without or not only:
        return []
    has = "Nobody reads" if set(without) <= set(unread_by_anyone) else "Nobody has vouched for the"
    prompt = f"{has} {called(without)}. Post {view.title.lower()} only in {called(only)}?"
    wants = OnlyIn(message=view.name, without=without, only=only)
    optional = not is_nobody or is_settled
    kept = {"keep": True}
    return [Ask(key="languages", role=seen.role, prompt=prompt, wants=wants, suggested=kept, optional=optional)]


def _who_is(role: str, lacks: Sequence[Lack], view: MessageView, seen: Seen) -> Ask:
    """One role at a time, since each stands for a person of its own."""
    needed = f"It needs a yes from {_said(role)}, and nobody here is that. Who is?"
    if is_of_readers(role, view.chain):
        languages = called(_unread(lacks, view.chain, by_anyone=True))
        needed = f"Somebody who reads {languages} must say that the translation is right. Who can?"
    prompt = f"{needed} (name, number; empty: nobody)"
    return _name(prompt, NamePerson(roles=(role,)), seen, advice=_no_help(lacks, view, seen, named_as=role))


def _who_else(lacks: Sequence[Lack], view: MessageView, seen: Seen) -> Ask:
    """Then anyone of the chain. A role that nobody has is one of those who are missing, too."""
    lack = max(lacks, key=lambda one: one.to_name)
    nobody = [role for role in lack.unstaffed if role in view.chain.of]
    among = f", {' and '.join(map(_said, nobody))} among them, which nobody is" if nobody else ""
    author = "" if view.chain.self_approval else "; whoever wrote the text does not count"
    why = _no_help(lacks, view, seen, named_as=_ANYONE)
    advice = (*why, f"{_people(view.chain.quorum)} must say yes{author}.")
    wants = NamePerson(roles=_of_whom_more(view, seen), anyone=True)
    as_what = f", as {_said(wants.roles[0])}" if len(wants.roles) == 1 else ""
    who = f"Who{' else' if nobody else ''} can{as_what}?"
    prompt = f"It needs {lack.to_name + len(nobody)} more to say yes{among}. {who} (name, number; empty: nobody)"
    return _name(prompt, wants, seen, advice=advice)


def _name(prompt: str, wants: NamePerson, seen: Seen, *, advice: tuple[str, ...] = (), optional: bool = False) -> Ask:
    key = f"name:{len(_named(seen))}"
    return Ask(key=key, role=seen.role, prompt=prompt, wants=wants, suggested={}, advice=advice, optional=optional)


def _no_help(lacks: Iterable[Lack], view: MessageView, seen: Seen, *, named_as: str) -> tuple[str, ...]:
    """Why whoever was named last gives nothing of what is asked for: a yes as a role, or of one more person."""
    said = _named(seen)[-1] if _named(seen) else {}
    last = said.get("named")
    if last is None:
        return ()
    lacks = [one for one in lacks if (named_as in one.unstaffed if named_as else one.to_name)] or list(lacks)
    is_as_before = "counted" in said if named_as == _ANYONE else named_as in seen.people.members[last].roles
    if any(last in one.able for one in lacks) and not is_as_before:
        return ()
    return (f"{seen.people.name(last)} {_why_no_help(last, lacks, view)}: it must be somebody else.",)


def _why_no_help(person: str, lacks: Iterable[Lack], view: MessageView) -> str:
    sheet = view.state.sheet.id if view.state.sheet else ""
    said = [one.verdict for one in view.state.decisions if one.person == person and one.sheet == sheet]
    if "no" in said:
        return "has said no"
    if any(one.person == person and one.verdict == "yes" for one in view.state.decisions):
        return "has said yes already, and counts once"
    authors = {view.state.drafted_by.get(line.sha256) for one in lacks for line in one.lines}
    if person in authors and not view.chain.self_approval:
        return "wrote the text, and does not count"
    return "is asked already, and counts once"


def _said(role: str) -> str:
    return role.replace("-", " ")


def _of_whom_more(view: MessageView, seen: Seen) -> tuple[str, ...]:
    """The roles in which somebody else could say yes: first those that nobody holds, and nobody is said not to be."""
    left = [role for role in view.chain.of if role not in _nobody(seen)]
    return tuple(role for role in left if not seen.people.holders(role)) or tuple(left) or view.chain.of


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} different people"


def _somebody_else(lacks: Sequence[Lack], sheet: Sheet, view: MessageView, seen: Seen) -> list[Ask]:
    """Whoever could still give something is silent and time is up, or cannot be called at all: name somebody else."""
    is_late = seen.now >= sheet.due
    if not is_late and not seen.people.out_of_reach:
        return []
    silent = [
        one
        for one in _all_waited_for(lacks, view, seen)
        if one.people
        and one.role not in _nobody(seen)
        and (seen.people.out_of_reach.issuperset(one.people) or (is_late and not _steps_in(one, view, seen)))
    ]
    if not silent:
        return []
    named = {value["named"] for value in _named(seen) if "named" in value}
    role = min(silent, key=lambda one: len(named.intersection(one.people))).role
    roles = view.chain.of if role == _ANYONE else (role,)
    as_what = " or ".join(map(_said, roles))
    why = "Time is up, and nobody steps in." if is_late else "Nobody who could can be called."
    prompt = f"{why} Who else can say yes as {as_what}?"
    return [_name(prompt, NamePerson(roles=roles, anyone=role == _ANYONE), seen, optional=True)]


def _steps_in(awaited: Awaited, view: MessageView, seen: Seen) -> bool:
    """Whether a deputy is among those who are waited for."""
    roles = view.chain.of if awaited.role == _ANYONE else counts_as(awaited.role, view.chain)
    return any(member.id in awaited.people for one in roles for member in seen.people.deputies(one))


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
    sent = set(view.state.to_decide())
    untouched = all(text.cleared and not text.edited for text in view.state.texts if text.line in sent)
    answered = any(one.sheet == sheet.id and not sent.isdisjoint(one.lines) for one in view.state.decisions)
    if not untouched or answered:
        return []
    prompt = f"Everyone is silent. As {rule.by} you may send this cleared text now: why can it not wait?"
    return [Ask(key="last-resort", role=rule.by, prompt=prompt, wants=LastResortCall(message=view.name), optional=True)]


def _waiting(lacks: Iterable[Lack], sheet: Sheet, view: MessageView, seen: Seen) -> tuple[Waiting, ...]:
    """All that some text lacks, each with those who are asked for it now."""
    what = f"approval of {view.title.lower()}, sheet {short(sheet.id)}"
    until = None if seen.now >= sheet.due else sheet.due
    return tuple(
        Waiting(people=one.people, role=_as_what(one, view.chain), what=what, until=until)
        for one in _all_waited_for(lacks, view, seen)
    )


def _all_waited_for(lacks: Iterable[Lack], view: MessageView, seen: Seen) -> Iterable[Awaited]:
    each = (waited_for(lack, view.state, view.chain, seen.people, seen.now) for lack in lacks)
    return dict.fromkeys(one for of_one in each for one in of_one)


def _as_what(awaited: Awaited, chain: Chain) -> str:
    anyone = " or ".join(chain.of)
    return awaited.role or (anyone if awaited.number == 1 else f"{awaited.number} people, {anyone}")


KIND = StepKind(
    ApproveSpec,
    advance,
    outcomes=lambda spec: ("approved", "rejected"),
    stops=frozenset({"rejected"}),
    by_itself=lambda spec: frozenset({"approved", "skipped"}),  # where nothing is left to approve
    stands=stands,
    summary="people say yes or no to the exact texts",
    asks=lambda spec: ("name", "sign-off", "waiver", "last-resort", "languages"),
)
