"""The post-mortem: what happened, against the clocks; what was said, and who approved it how; what changes now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

from msgspec import Struct

from crisis.engine.events import Recorded
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.projections.debriefing import Action, Answered, actions_of, answers_of
from crisis.projections.key_times import ClockRun, KeyTime, key_times, measured_clocks, over_all_the_same
from crisis.projections.left import Left, left_of
from crisis.projections.progress import run_of
from crisis.projections.response import Response, responses
from crisis.projections.said import Refusal, Statement, refusals, statements
from crisis.projections.timeline import Entry, timeline
from crisis.projections.trail import Call, Known, Rating, Stopped, calls, known_facts, severities, stopped
from crisis.projections.words import fact_value


class Record(Struct, frozen=True, kw_only=True):
    """What stands behind the document: so many events, the chain's last link, and what is wrong with them."""

    version: int
    hash: str
    problems: tuple[str, ...]


class PostMortem(Struct, frozen=True, kw_only=True):
    """The whole of it. Texts from people are as they gave them: whoever shows them makes them safe."""

    incident: str
    title: str
    playbook: str
    definition: str
    drill: bool
    lead: str
    opened_at: datetime
    known_since: datetime
    closed_at: datetime | None
    severity: str
    worst: str
    impact: str
    key_times: tuple[KeyTime, ...]
    over_all_the_same: str
    clocks: tuple[ClockRun, ...]
    notice: str
    severities: tuple[Rating, ...]
    facts: tuple[Known, ...]
    statements: tuple[Statement, ...]
    refusals: tuple[Refusal, ...]
    responses: tuple[Response, ...]
    stopped: tuple[Stopped, ...]
    calls: tuple[Call, ...]
    debrief: tuple[Answered, ...]
    actions: tuple[Action, ...]
    left: tuple[Left, ...]
    timeline: tuple[Entry, ...]
    record: Record


def postmortem(
    plan: Plan,
    incident: Incident,
    events: Iterable[Recorded],
    *,
    text: Callable[[str], str | None],
    record: Record,
    now: datetime,
    zone: tzinfo | None,
) -> PostMortem:
    """The post-mortem as of `now`, which counts only while the incident is open.

    `text` gives the exact text of a fingerprint, or None where it is not there any more.
    """
    events = tuple(events)
    end = incident.closed_at or now
    run = run_of(plan, incident, events, zone)
    answers = answers_of(plan, events)
    rated = severities(events, run.names)
    return PostMortem(
        incident=incident.id,
        title=incident.title,
        playbook=incident.playbook,
        definition=plan.definition,
        drill=incident.drill,
        lead=run.names.person(incident.lead),
        opened_at=incident.opened_at,
        known_since=incident.known_since,
        closed_at=incident.closed_at,
        severity=incident.severity,
        worst=min((one.severity for one in rated), default=""),
        impact="; ".join(str(one) for one in answers if one.key == "impact"),
        key_times=key_times(plan, incident, events, end),
        over_all_the_same=over_all_the_same(plan, events),
        clocks=measured_clocks(plan, incident, events, end),
        notice=plan.clock_notice if plan.clocks else "",
        severities=rated,
        facts=known_facts(incident, events, run.names, lambda fact, value: fact_value(fact, value, run.names, zone)),
        statements=statements(plan, events, run.names, text),
        refusals=refusals(events, run.names),
        responses=responses(events, run.names),
        stopped=stopped(events, run.names),
        calls=calls(events, run.names),
        debrief=answers,
        actions=actions_of(plan, events),
        left=left_of(run, events),
        timeline=timeline(plan, incident, events, zone),
        record=record,
    )
