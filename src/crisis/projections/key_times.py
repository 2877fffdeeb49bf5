"""How long it took: to open, to be acknowledged, to say something, to stand down; against the clocks that ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from crisis.engine import events as ev
from crisis.engine.clocks import Clock, promised_updates, time_to_acknowledge
from crisis.engine.events import Recorded
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan
from crisis.engine.state import Incident


class KeyTime(Struct, frozen=True, kw_only=True):
    """A moment that matters. `at` is None where it never came; `after` counts from the first report.

    `due` is the clock it is measured against, if one ran; `breached` whether it came too late, or not in time.
    """

    name: str
    at: datetime | None
    after: timedelta | None
    due: datetime | None = None
    breached: bool = False


class ClockRun(Struct, frozen=True, kw_only=True):
    """A clock as it went. `met_at` is None while it is unmet; `late` is by how much it was, or is, breached.

    `skipped`: its step was left out at `met_at`, and nothing was met.
    """

    name: str
    kind: str
    since: datetime
    due: datetime | None
    met_at: datetime | None
    breached: bool
    late: timedelta | None
    note: str = ""
    skipped: bool = False


def key_times(plan: Plan, incident: Incident, events: tuple[Recorded, ...], end: datetime) -> tuple[KeyTime, ...]:
    """The key times, in the order in which they should come."""
    known = incident.known_since
    first = next((clock for clock in _running(plan, incident) if clock.kind == "first-statement"), None)
    moments = (
        ("Opened", incident.opened_at, None),
        ("Acknowledgement", _acknowledged(events), _page_due(plan, incident, events)),
        ("First statement", _first_statement(plan, events), first.due if first else None),
        ("Stood down", _stood_down(plan, events), None),
        ("Closed", incident.closed_at, None),
    )
    return tuple(
        KeyTime(
            name=name,
            at=at,
            after=at - known if at is not None else None,
            due=due,
            breached=due is not None and (at or end) > due,
        )
        for name, at, due in moments
    )


def measured_clocks(plan: Plan, incident: Incident, events: Iterable[Recorded], end: datetime) -> tuple[ClockRun, ...]:
    """Every clock that runs or ran out, and every promise, soonest first.

    One that has been replaced since is there if it was breached.
    """
    found: dict[str, ClockRun] = {}
    for clock in (*_running(plan, incident), *promised_updates(plan, incident)):
        breached = clock.key in incident.breaches or clock.is_breached(end)
        over = (clock.met_at or end) - clock.due if clock.due is not None else timedelta(0)
        found[clock.key] = ClockRun(
            name=clock.name,
            kind=clock.kind,
            since=clock.anchor,
            due=clock.due,
            met_at=clock.met_at,
            breached=breached,
            late=over if breached and over > timedelta(0) else None,
            note=clock.note,
            skipped=clock.skipped,
        )
    running = {key.partition("@")[0] for key in found}
    for event in (recorded.event for recorded in events):
        if isinstance(event, ev.ClockBreached) and event.clock not in found:
            found[event.clock] = ClockRun(
                name=event.name,
                kind=event.clock.partition("/")[0].partition("@")[0],
                since=event.anchor,
                due=event.due,
                met_at=None,
                breached=True,
                late=None,
                note="replaced by a later clock" if event.clock.partition("@")[0] in running else "no longer applies",
            )
    return tuple(sorted(found.values(), key=lambda one: (one.due or one.since, one.name)))


def _running(plan: Plan, incident: Incident) -> tuple[Clock, ...]:
    return Outlook(plan, incident, incident.at).clocks


def _acknowledged(events: Iterable[Recorded]) -> datetime | None:
    for recorded in events:
        if isinstance(recorded.event, ev.Reached) and recorded.event.answer == "acknowledged":
            return recorded.at
    return None


def _page_due(plan: Plan, incident: Incident, events: Iterable[Recorded]) -> datetime | None:
    """When the first of those who were called had to have it, from when the calling first began."""
    calling = {step.id for step in plan.calling}
    for recorded in events:
        if isinstance(recorded.event, ev.Started) and recorded.event.step in calling:
            within = time_to_acknowledge(plan, incident, recorded.at)
            return recorded.at + within if within is not None else None
    return None


def _first_statement(plan: Plan, events: Iterable[Recorded]) -> datetime | None:
    first = {name for name, message in plan.messages.items() if message.use.first_statement}
    return next(_moments_of_publication(events, first), None)


def _moments_of_publication(events: Iterable[Recorded], messages: set[str]) -> Iterator[datetime]:
    for recorded in events:
        if isinstance(recorded.event, ev.Published) and recorded.event.message in messages:
            yield recorded.at


def _stood_down(plan: Plan, events: Iterable[Recorded]) -> datetime | None:
    return max((at for at, _ in _agreed(plan, events)), default=None)


def over_all_the_same(plan: Plan, events: Iterable[Recorded]) -> str:
    """What spoke against its being over when that was agreed, and why it was; empty where nothing did."""
    return "; ".join(because for _, because in _agreed(plan, events) if because)


def _agreed(plan: Plan, events: Iterable[Recorded]) -> Sequence[tuple[datetime, str]]:
    """When it was agreed that it is over, in each step that asks so, as far as nobody went back on it."""
    asking = {step.id for step in plan.steps if step.kind_name == "stand-down"}
    found: dict[str, tuple[datetime, str]] = {}
    for recorded in events:
        event = recorded.event
        if isinstance(event, ev.Finished) and event.step in asking and event.outcome == "agreed":
            found[event.step] = recorded.at, event.because
        if isinstance(event, ev.Finished | ev.SentBack):
            for step in event.reopens:
                found.pop(step, None)
    return list(found.values())
