"""What was said in public: the exact texts, where, with which fingerprint, and who approved them how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.events import Line, Recorded
from crisis.engine.evolve import fold
from crisis.engine.plan import Plan
from crisis.engine.state import Decision
from crisis.playbook.model import Chain
from crisis.projections.afterwards import Afterwards, afterwards
from crisis.projections.names import Names


class Yes(Struct, frozen=True, kw_only=True):
    """An approval that counted. `proof` is signed, present or verbal; a verbal one was heard by somebody."""

    person: str
    roles: tuple[str, ...]
    at: datetime
    proof: str
    heard_by: str
    deputy_for: str
    sheet: str


class Unapproved(Struct, frozen=True, kw_only=True):
    """It went out without a full approval: `waived`, or as a `last resort`; who said so, and why."""

    how: str
    who: str
    at: datetime
    reason: str
    rules: tuple[str, ...] = ()
    review_due: datetime | None = None


class Statement(Struct, frozen=True, kw_only=True):
    """A text that went out. `text` is None where the journal does not hold it any more."""

    message: str
    title: str
    channel: str
    language: str
    at: datetime
    who: str
    link: str
    sha256: str
    attachments: tuple[str, ...]
    promises: datetime | None
    text: str | None
    approved_by: tuple[Yes, ...]
    exceptions: tuple[Unapproved, ...]
    afterwards: Afterwards


class Refusal(Struct, frozen=True, kw_only=True):
    """A text that somebody refused, and why."""

    title: str
    at: datetime
    person: str
    roles: tuple[str, ...]
    reason: str
    places: tuple[str, ...]


def statements(
    plan: Plan, events: Iterable[Recorded], names: Names, text: Callable[[str], str | None]
) -> tuple[Statement, ...]:
    """Everything that went out, in the order in which it did."""
    events = tuple(events)
    became = afterwards(plan, events)
    incident = fold(events)
    messages = incident.messages.values() if incident is not None else ()
    out = {one.seq: one for message in messages for one in message.history}
    before: list[Recorded] = []
    locked_at: dict[tuple[str, Line], datetime] = {}
    found: list[Statement] = []
    for recorded in events:
        event = recorded.event
        if isinstance(event, ev.Locked):
            locked_at |= {(event.message, line): recorded.at for line in event.lines}
        elif isinstance(event, ev.Published):
            line = event.line
            found.append(
                Statement(
                    message=event.message,
                    title=names.message(event.message),
                    channel=line.channel,
                    language=line.language,
                    at=recorded.at,
                    who=names.person(recorded.who),
                    link=out[recorded.seq].link,
                    sha256=line.sha256,
                    attachments=line.attachments,
                    promises=event.promises,
                    text=text(line.sha256),
                    approved_by=_approvals(
                        plan, before, event, out[recorded.seq].approvals, locked_at.get((event.message, line)), names
                    ),
                    exceptions=_exceptions(before, event, out[recorded.seq].without, names),
                    afterwards=became[recorded.seq],
                )
            )
        before.append(recorded)
    return tuple(found)


def refusals(events: Iterable[Recorded], names: Names) -> tuple[Refusal, ...]:
    """Every no, with its reason."""
    return tuple(
        Refusal(
            title=names.message(one.event.message),
            at=one.at,
            person=names.person(one.event.person),
            roles=tuple(names.role(role) for role in one.event.roles),
            reason=one.event.reason,
            places=tuple(line.place for line in one.event.lines),
        )
        for one in events
        if isinstance(one.event, ev.Decided) and one.event.verdict == "no"
    )


def _approvals(
    plan: Plan,
    before: list[Recorded],
    published: ev.Published,
    given: Iterable[Decision],
    locked_at: datetime | None,
    names: Names,
) -> tuple[Yes, ...]:
    """Of the yeses `given` when it went out, those that counted for this text when it was locked for posting."""
    still = {(one.person, one.sheet, one.at) for one in given}
    chains = _chains(before)
    source_language = plan.messages[published.message].source_language
    found: dict[str, Yes] = {}
    for one in before:
        event = one.event
        if not isinstance(event, ev.Decided) or event.verdict != "yes" or published.line not in event.lines:
            continue
        if (event.person, event.sheet, one.at) not in still:
            continue  # taken back since, by a no or by another text
        chain = plan.approvals.get(chains.get(event.sheet, ""))
        if event.message != published.message or (
            chain is not None and not _counts(event, published.line, chain, source_language)
        ):
            continue
        if chain is not None and locked_at is not None and one.at + chain.expires <= locked_at:
            continue
        found[event.person] = Yes(
            person=names.person(event.person),
            roles=tuple(names.role(role) for role in event.roles),
            at=one.at,
            proof=event.proof,
            heard_by=names.person(event.heard_by) if event.heard_by else "",
            deputy_for=names.person(event.deputy_for) if event.deputy_for else "",
            sheet=event.sheet,
        )
    return tuple(found.values())


def _counts(event: ev.Decided, line: Line, chain: Chain, source_language: str) -> bool:
    """Whether the roles of a yes count for `line`: a reader's does for a translation, and for nothing else."""
    readers = chain.translation.of if chain.translation and line.language != source_language else ()
    return bool(set(event.roles) & {*chain.of, *readers})


def _chains(events: Iterable[Recorded]) -> Mapping[str, str]:
    return {one.event.sheet: one.event.chain for one in events if isinstance(one.event, ev.SheetIssued)}


def _exceptions(
    before: Iterable[Recorded], published: ev.Published, without: str, names: Names
) -> tuple[Unapproved, ...]:
    """What it went out by, `without` a full approval: of several times that somebody said so, the last."""
    found: list[Unapproved] = []
    for one in before:
        event = one.event
        if not isinstance(event, ev.ApprovalWaived | ev.LastResortTaken):
            continue
        if event.message != published.message or published.line not in event.lines:
            continue
        how = "waived" if isinstance(event, ev.ApprovalWaived) else "last resort"
        if how != without:
            continue
        found.append(
            Unapproved(
                how=how,
                who=names.person(one.who),
                at=one.at,
                reason=event.reason,
                rules=event.rules if isinstance(event, ev.ApprovalWaived) else (),
                review_due=event.review_due if isinstance(event, ev.LastResortTaken) else None,
            )
        )
    return tuple(found[-1:])
