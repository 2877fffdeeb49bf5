"""`kind: approve`: people say yes or no to a sheet; silence passes to deputies, and never approves."""

from __future__ import annotations

from datetime import datetime

from crisis.engine.approvals import Standing, may_still_approve, refusal, standing
from crisis.engine.events import Line, SheetIssued
from crisis.engine.shapes import LastResortCall, NamePerson, SignOff, Waiver
from crisis.engine.steps import Ask, Done, Lapsed, MessageView, Next, Open, Record, Seen, Stands, StepKind, Waiting
from crisis.kernel.fingerprints import fingerprint, short
from crisis.kinds.draft import message_of
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
    pending = tuple(line for line in state.lines if not _standing(line, view, seen).approved)
    if not pending:
        return Done("approved")
    if state.sheet is None or state.sheet.chain != view.chain_name or not set(pending) <= set(state.sheet.lines):
        return Record(_sheet(pending, view, seen))
    if refused := refusal(state, view.chain):
        return Done("rejected", because=f"{seen.people.name(refused.person)}: {refused.reason}")
    if state.sheet.issued_at < seen.started_at and any(one.sheet == state.sheet.id for one in state.decisions):
        return Record(_sheet(pending, view, seen))
    return _ask(pending, view, seen)


def stands(spec: ApproveSpec, seen: Seen) -> Stands | Lapsed:
    """Until an approval expires or the chain changes; what is being posted was approved when it was locked."""
    view = message_of(seen)
    left = [line for line in view.state.lines if line not in view.state.locked and not view.state.is_out(line)]
    until: list[datetime] = []
    for line in left:
        how = _standing(line, view, seen)
        if not how.approved:
            return Lapsed(f"the approval of {line.place} no longer counts: it expired, or more people must approve now")
        until += [how.until] if how.until else []
    return Stands(min(until, default=None))


def _standing(line: Line, view: MessageView, seen: Seen) -> Standing:
    return standing(line, view.state, view.chain, seen.people, seen.now, view.source_language)


def _sheet(pending: tuple[Line, ...], view: MessageView, seen: Seen) -> SheetIssued:
    # The id binds the exact texts, the chain, the step's round and the moment: an old yes names an old sheet.
    lines = "\n".join(f"{line.place} {line.sha256} {','.join(line.attachments)}" for line in pending)
    identity = f"{view.name}\n{view.chain_name}\n{seen.round}\n{seen.now.isoformat()}\n{lines}"
    due = seen.now + view.chain.within
    return SheetIssued(
        message=view.name, sheet=fingerprint(identity)[:16], lines=pending, chain=view.chain_name, due=due
    )


def _ask(pending: tuple[Line, ...], view: MessageView, seen: Seen) -> Next:
    sheet = view.state.sheet
    assert sheet is not None  # noqa: S101  # advance has recorded one
    states = [_standing(line, view, seen) for line in pending]
    missing = tuple(dict.fromkeys(role for one in states for role in one.missing))
    short_by = max(one.short for one in states)
    able = may_still_approve(pending, view.state, view.chain, seen.people)
    unstaffed = tuple(
        role for role in missing if not may_still_approve(pending, view.state, view.chain, seen.people, role)
    )
    asks = [*_staffing(unstaffed, short_by - len(able), able, view, seen)]
    if able or (missing and len(unstaffed) < len(missing)):
        wants = SignOff(message=view.name, sheet=sheet.id, roles=missing or view.chain.of)
        prompt = f"{view.title}: has somebody decided? (sheet {short(sheet.id)})"
        asks.append(Ask(key="sign-off", role=seen.role, prompt=prompt, wants=wants, optional=True))
    asks += _last_resort(view, seen)
    moments = [sheet.due if sheet.due > seen.now else None, _last_resort_at(view, seen)]
    return Open(
        asks=tuple(asks),
        waiting=_waiting(missing, short_by, able, view, seen),
        until=min((moment for moment in moments if moment is not None), default=None),
    )


def _staffing(
    unstaffed: tuple[str, ...], too_few: int, able: tuple[str, ...], view: MessageView, seen: Seen
) -> list[Ask]:
    """Nobody on the roster can give what is missing: name somebody, or go on with a waiver."""
    if not unstaffed and too_few <= 0:
        return []
    named = [value for key, value in seen.answers.items() if key.startswith("name:")]
    roles = unstaffed or tuple(role for role in view.chain.of if not seen.people.holders(role)) or view.chain.of
    if {} not in named:
        who = f"as {' and '.join(unstaffed)}" if unstaffed else "as well"
        prompt = f"Who can approve this {who}? (name, number; leave empty if there is nobody)"
        return [
            Ask(key=f"name:{len(named)}", role=seen.role, prompt=prompt, wants=NamePerson(roles=roles), suggested={})
        ]
    if able:
        return []  # first the people there are; the waiver comes when nobody is left to ask
    people = "1 more person" if too_few == 1 else f"{too_few} more people"
    rules = tuple(f"no {role}" for role in unstaffed) or (f"{people} should have approved",)
    prompt = "Nobody is left to ask. Why must it go out without a full approval? (it stands beside the text for good)"
    return [Ask(key="waiver", role=seen.role, prompt=prompt, wants=Waiver(message=view.name, rules=rules))]


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


def _waiting(
    missing: tuple[str, ...], short_by: int, able: tuple[str, ...], view: MessageView, seen: Seen
) -> tuple[Waiting, ...]:
    sheet = view.state.sheet
    assert sheet is not None  # noqa: S101  # advance has recorded one
    late = seen.now >= sheet.due
    what = f"approval of {view.title.lower()}, sheet {short(sheet.id)}"
    until = None if late else sheet.due
    waiting = []
    for role in missing:
        people = seen.people.primaries(role) + (seen.people.deputies(role) if late else ())
        left = tuple(dict.fromkeys(member.name for member in people if member.id in able))
        waiting.append(Waiting(people=left, role=role, what=what, until=until))
    if short_by > len(missing):
        others = tuple(seen.people.name(one) for one in able)
        waiting.append(Waiting(people=others, role=" or ".join(view.chain.of), what=what, until=until))
    return tuple(waiting)


KIND = StepKind(
    ApproveSpec,
    advance,
    outcomes=lambda spec: ("approved", "rejected"),
    stops=frozenset({"rejected"}),
    stands=stands,
    summary="people say yes or no to the exact texts",
)
