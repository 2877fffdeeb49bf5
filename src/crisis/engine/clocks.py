"""Deadlines, derived: due = anchor + limit. A breach is recorded once and stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from crisis.engine.conditions import Truth, World, judge
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.durations import parse_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One deadline. `due` is None for `as soon as possible`; `key` tells a clock and its anchor apart from others."""

    key: str
    name: str
    kind: str  # first-statement, next-update, approval, step, review, legal
    anchor: datetime
    due: datetime | None
    met_at: datetime | None = None
    note: str = ""

    def is_breached(self, now: datetime) -> bool:
        """Whether it passed unmet, or was met too late."""
        return self.due is not None and (self.met_at or now) > self.due


def clocks(plan: Plan, incident: Incident, world: World) -> tuple[Clock, ...]:
    """Every clock that has started, soonest first, `as soon as possible` before all."""
    running = [
        *_first_statement(plan, incident),
        *_next_updates(plan, incident, world),
        *_approvals(plan, incident),
        *_steps(plan, incident),
        *_legal(plan, incident, world),
    ]
    return tuple(sorted(running, key=lambda clock: (clock.due or clock.anchor, clock.key)))


def due_with_severity(anchor: datetime, changes: list[tuple[datetime, timedelta]]) -> datetime:
    """Raising shortens (the earlier of the old due and raise + limit); lowering counts from the anchor again."""
    due = anchor + changes[0][1]
    for (_, before), (at, limit) in pairwise(changes):
        due = min(due, at + limit) if limit < before else anchor + limit
    return due


def update_interval(plan: Plan, incident: Incident, now: datetime) -> timedelta | None:
    """How often the next update is promised at this severity, this long after the first report."""
    rule = plan.severity.get(incident.severity)
    if rule is None:
        return None
    elapsed = now - incident.known_since
    for cadence in rule.update_every:
        if cadence.until is None or elapsed < cadence.until:
            return cadence.every
    return rule.update_every[-1].every if rule.update_every else None


def _first_statement(plan: Plan, incident: Incident) -> Iterator[Clock]:
    names = [name for name, message in plan.messages.items() if message.use.first_statement]
    changes: list[tuple[datetime, timedelta]] = []
    for at, severity in incident.severities:
        rule = plan.severity.get(severity)
        if rule is not None and rule.first_statement is not None:
            changes.append((at, rule.first_statement))
    if not names or not changes:
        return
    published = [incident.message(name).first_published_at for name in names]
    met = min((when for when in published if when is not None), default=None)
    due = due_with_severity(incident.known_since, changes)
    yield Clock(
        key=f"first-statement@{incident.known_since.isoformat()}",
        name="First statement",
        kind="first-statement",
        anchor=incident.known_since,
        due=due,
        met_at=met,
    )


def _next_updates(plan: Plan, incident: Incident, world: World) -> Iterator[Clock]:
    for name, state in incident.messages.items():
        last = state.last_publication
        promised = [one for one in state.published if one.promises is not None]
        if last is None or last.promises is None or name not in plan.messages:
            continue
        over = any(
            step.repeat_until is not None and judge(step.repeat_until, world).holds
            for step in plan.steps
            if getattr(step.spec, "message", "") == name
        )
        if not over and incident.closed_at is None:
            anchor = promised[-1].at if promised else last.at
            title = plan.messages[name].title
            yield Clock(
                key=f"next-update/{name}@{last.promises.isoformat()}",
                name=f"Promised update ({title.lower()})",
                kind="next-update",
                anchor=anchor,
                due=last.promises,
            )


def _approvals(plan: Plan, incident: Incident) -> Iterator[Clock]:
    for name, state in incident.messages.items():
        message = plan.messages.get(name)
        if message is None:
            continue
        if state.sheet is not None:
            over = all(line in state.locked or state.is_out(line) for line in state.sheet.lines)
            answered = [one.at for one in state.decisions if one.sheet == state.sheet.id]
            step = incident.steps.get(_approve_step(plan, name))
            done = step.finished_at if step and step.status == "finished" and step.finished_at else None
            yield Clock(
                key=f"approval/{name}@{state.sheet.issued_at.isoformat()}",
                name=f"Approval of {message.title.lower()}",
                kind="approval",
                anchor=state.sheet.issued_at,
                due=state.sheet.due,
                met_at=done or (max(answered, default=None) if over else None),
            )
        if state.review_due is not None:
            yield Clock(
                key=f"review/{name}@{state.review_due.isoformat()}",
                name=f"Review of {message.title.lower()} sent as a last resort",
                kind="review",
                anchor=state.review_due,
                due=state.review_due,
            )


def _approve_step(plan: Plan, message: str) -> str:
    names = (step.id for step in plan.steps if step.kind_name == "approve" and step.spec.message == message)
    return next(names, "")


def _steps(plan: Plan, incident: Incident) -> Iterator[Clock]:
    for step in plan.steps:
        state = incident.steps.get(step.id)
        if step.within is None or state is None or state.status in ("reopened", "dropped"):
            continue
        yield Clock(
            key=f"step/{step.id}@{state.started_at.isoformat()}",
            name=step.title,
            kind="step",
            anchor=state.started_at,
            due=state.started_at + step.within,
            met_at=state.finished_at if state.status == "finished" else None,
        )


def _legal(plan: Plan, incident: Incident, world: World) -> Iterator[Clock]:
    for planned in plan.clocks:
        verdict = judge(planned.use.starts_with, world)
        if verdict.truth is not Truth.YES:
            continue
        concerned = incident.facts.get(planned.use.for_) if planned.use.for_ else None
        where = planned.clock.countries
        if where and concerned is not None and concerned.known and not set(where) & set(concerned.value or ()):
            continue
        named = [part.fact for _, part in planned.use.starts_with.parts() if part.fact]
        since = [incident.facts[name].since for name in named if name in incident.facts]
        anchor = max(since, default=incident.opened_at)
        due = None if planned.clock.due == "asap" else anchor + parse_duration(planned.clock.due)
        yield Clock(
            key=f"legal/{planned.clock.id}@{anchor.isoformat()}",
            name=planned.clock.title,
            kind="legal",
            anchor=anchor,
            due=due,
            note="verify with counsel: sources disagree" if planned.clock.verify else "not legal advice: ask counsel",
        )
