"""What else was done: how bad it was thought to be, what was known, what was stopped, who was called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import dropwhile

from msgspec import Struct
from msgspec.structs import replace

from crisis.engine import events as ev
from crisis.engine.events import Json, Recorded
from crisis.engine.state import Incident
from crisis.playbook.values import AWARE_AT
from crisis.projections.fact_history import Word, words_of
from crisis.projections.names import Names


class Rating(Struct, frozen=True, kw_only=True):
    """A decision on the severity, with what was proposed and why."""

    at: datetime
    severity: str
    who: str
    reason: str
    proposed: str
    because: str


class Former(Struct, frozen=True, kw_only=True):
    """What a fact was said to be, or that it was not known, until something else was said.

    Each begins where the one before it ends. `value` is empty where it is sensitive, or not known.
    """

    value: str
    since: datetime
    until: datetime
    known: bool = True


class Known(Struct, frozen=True, kw_only=True):
    """A fact as it stood at the end. `since` is when it was known to us; `value` is empty where it is not."""

    fact: str
    question: str
    value: str
    known: bool
    sensitive: bool
    since: datetime
    before: tuple[Former, ...] = ()


class Stopped(Struct, frozen=True, kw_only=True):
    """An account on which posting was stopped, and let go again, if it was."""

    account: str
    at: datetime
    who: str
    evidence: str
    resumed_at: datetime | None = None
    resumed_by: str = ""


class Call(Struct, frozen=True, kw_only=True):
    """Someone was called, and what came of it."""

    at: datetime
    person: str
    role: str
    answer: str
    by: str


def severities(events: Iterable[Recorded], names: Names) -> tuple[Rating, ...]:
    """Every decision on the severity."""
    return tuple(
        Rating(
            at=one.at,
            severity=one.event.severity,
            who=names.person(one.who),
            reason=one.event.reason,
            proposed=one.event.proposed,
            because=one.event.because,
        )
        for one in events
        if isinstance(one.event, ev.SeverityDecided)
    )


def known_facts(
    incident: Incident, events: Iterable[Recorded], names: Names, say: Callable[[str, Json], str]
) -> tuple[Known, ...]:
    """The facts that were asked for, in the playbook's order, each with what it was known to be before."""
    words = words_of(events)
    order = [*names.plan.facts, *(fact for fact in incident.facts if fact not in names.plan.facts)]
    found = []
    for fact in order:
        state, spec = incident.facts.get(fact), names.plan.facts.get(fact)
        if state is None:
            continue
        # Nobody knew later than when it was opened, whatever was typed a minute after that.
        value = incident.known_since.isoformat() if fact == AWARE_AT else state.value
        found.append(
            Known(
                fact=fact,
                question=spec.prompt if spec else names.fact(fact),
                value=say(fact, value) if state.known and not state.sealed else "",
                known=state.known,
                sensitive=bool(state.sealed),
                since=state.since,
                before=tuple(_former(words.get(fact, ()), say)),
            )
        )
    return tuple(found)


def _former(words: Iterable[Word], say: Callable[[str, Json], str]) -> Iterator[Former]:
    """All that was said before the last word, from when something was first known."""
    first = True
    for one in dropwhile(lambda word: not word.said.known, words):
        if one.until is None:
            return
        value = say(one.said.fact, one.said.value) if one.said.known and not one.said.sealed else ""
        since = (one.said.since or one.since) if first else one.since
        yield Former(value=value, since=since, until=one.until, known=one.said.known)
        first = False


def stopped(events: Iterable[Recorded], names: Names) -> tuple[Stopped, ...]:
    """Every account that was frozen, each time it was."""
    found: list[Stopped] = []
    latest: dict[str, int] = {}
    for one in events:
        match one.event:
            case ev.PostingFrozen(account=account, evidence=evidence):
                latest[account] = len(found)
                name = names.account(account)
                found.append(Stopped(account=name, at=one.at, who=names.person(one.who), evidence=evidence))
            case ev.PostingResumed(account=account) if account in latest:
                before = found[latest[account]]
                found[latest[account]] = replace(before, resumed_at=one.at, resumed_by=names.person(one.who))
            case ev.Answered(step=step, ask=ask, value=str(evidence)) if evidence and _is_freeze(step, names):
                what, _, account = ask.partition(":")
                if what == "evidence" and account in latest:
                    found[latest[account]] = replace(found[latest[account]], evidence=evidence)
            case _:
                pass
    return tuple(found)


def _is_freeze(step: str, names: Names) -> bool:
    planned = names.plan.by_id.get(step)
    return planned is not None and planned.kind_name == "freeze"


def calls(events: Iterable[Recorded], names: Names) -> tuple[Call, ...]:
    """Everyone who was called, in order."""
    return tuple(
        Call(
            at=one.at,
            person=names.person(one.event.person),
            role=names.role(one.event.role),
            answer=one.event.answer,
            by=names.person(one.who),
        )
        for one in events
        if isinstance(one.event, ev.Reached)
    )
