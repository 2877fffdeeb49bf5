"""Deadlines, derived: due = anchor + limit. A breach is recorded once and stays."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from crisis.engine.allowed import tells_countries
from crisis.engine.conditions import Mentioned, World, judge
from crisis.engine.graph import approve_step
from crisis.engine.holding import held_since, last_known, met_since
from crisis.engine.memory import Grounds, Memory
from crisis.engine.plan import Plan, PlannedClock, PlannedStep
from crisis.engine.state import Incident, MessageState, Publication, Sheet, StepState
from crisis.engine.updates import interval_after
from crisis.kernel.durations import parse_duration


class Clock(Struct, frozen=True, kw_only=True):
    """One deadline. `due` is None for `as soon as possible`; `key` tells a clock and its anchor apart from others."""

    key: str
    name: str
    kind: str  # first-statement, next-update, acknowledge, approval, step, review, legal
    anchor: datetime
    due: datetime | None
    met_at: datetime | None = None
    note: str = ""
    skipped: bool = False  # what it counts to was left out: it ended at `met_at`, and nothing was met

    def is_breached(self, now: datetime) -> bool:
        """Whether its time came and it was not met, or it was met too late."""
        if self.due is None:
            return False
        return now >= self.due if self.met_at is None else self.met_at > self.due


def clocks(plan: Plan, incident: Incident, world: World, memory: Memory) -> tuple[Clock, ...]:
    """Every clock that has started, soonest first, `as soon as possible` before all."""
    messages, states = incident.messages, incident.steps
    duties = memory.read(
        "duties",
        (world, incident.severities, incident.began, incident.ended),
        lambda: _looked_at(plan.clocks_look_at, plan, incident, world),
    )
    parts = (
        memory.read(
            "first statement",
            (incident.known_since, incident.severities, *_first_out(plan, incident)),
            lambda: tuple(_first_statement(plan, incident)),
        ),
        next_updates(plan, incident, memory),
        memory.read(
            "approvals",
            (messages, *map(states.get, plan.approval_ids)),
            lambda: tuple(_approvals(plan, incident, memory)),
        ),
        memory.read(
            "steps",
            (incident.severities, *map(states.get, plan.timed_ids)),
            lambda: tuple(_steps(plan, incident, memory)),
        ),
        memory.read("legal", duties, lambda: tuple(_legal(plan, incident, world, memory))),
    )
    return memory.read("sorted clocks", parts, lambda: tuple(sorted(chain(*parts), key=_soonest)))


def next_updates(plan: Plan, incident: Incident, memory: Memory) -> tuple[Clock, ...]:
    """What is promised in public now, and when it was given."""
    grounds = (incident.closed_at, *[message.history for message in incident.messages.values()])
    return memory.read("next updates", grounds, lambda: tuple(_next_updates(plan, incident)))


def at_stake(running: Iterable[Clock], recorded: Container[str]) -> tuple[Clock, ...]:
    """Those of `running` that are breached, or may come to be, and whose breach is not `recorded`."""
    return tuple(
        clock
        for clock in running
        if clock.due is not None and clock.key not in recorded and (clock.met_at is None or clock.met_at > clock.due)
    )


#: What ended in time, and not as it was to be.
_ENDED_AS = {"partly": "done in part", "not-done": "not done", "unreached": "nobody was reached"}


def _soonest(clock: Clock) -> tuple[datetime, str]:
    return clock.due or clock.anchor, clock.key


def due_with_severity(anchor: datetime, changes: Sequence[tuple[datetime, timedelta | None]]) -> datetime | None:
    """When it is due after these changes of the limit, each with its time; None where the last has no limit.

    Raising shortens (the earlier of the old due and raise + limit; at a limit there was before, no later than
    then: lowering and raising again wins no time). Lowering counts from the anchor again, and never makes it
    due sooner. Once it has come due it stays due then: no change afterwards makes what was late less late.
    """
    due = before = None
    earlier: dict[timedelta, datetime] = {}
    for n, (at, limit) in enumerate(changes):
        if due is not None and due <= at:
            return due
        if limit is None:
            due = None
        elif due is None or before is None:
            due = limit + (at if n else anchor)
            due = min(due, earlier.get(limit, due))
        elif limit < before:
            due = min(due, at + limit, earlier.get(limit, due))
        elif limit > before:
            due = max(due, anchor + limit)
        if limit is not None and due is not None:
            earlier[limit] = min(due, earlier.get(limit, due))
        before = limit
    return due


def update_interval(plan: Plan, incident: Incident, now: datetime) -> timedelta | None:
    """How often the next update is promised at this severity, this long after the first report."""
    rule = plan.severity.get(incident.severity)
    if rule is None:
        return None
    return interval_after(now - incident.known_since, rule.update_every)


def time_to_acknowledge(plan: Plan, incident: Incident, began: datetime) -> timedelta | None:
    """How long whoever is called first has, at the severity at which the calling began; None where nothing is said."""
    decided = [severity for at, severity in incident.severities if at <= began]
    escalation = plan.escalation.get(decided[-1]) if decided else None
    return escalation.ladder[0].acknowledge_within if escalation and escalation.ladder else None


def _key(name: str, anchor: datetime) -> str:
    # In UTC: what is read back from the journal has the same key as what was just decided.
    return f"{name}@{anchor.astimezone(UTC).isoformat()}"


def _first_statement(plan: Plan, incident: Incident) -> Iterator[Clock]:
    names = plan.first_statements
    # The shorter time is for a text that needs no writing: every body of it was cleared in advance.
    bodies = [(plan.messages[name].bodies, plan.messages[name].cleared) for name in names]
    cleared = bool(bodies) and all(set(written) <= set(cleared) for written, cleared in bodies)
    published = _first_out(plan, incident)
    met_at = min((when for when in published if when is not None), default=None)
    changes: list[tuple[datetime, timedelta | None]] = []
    for at, severity in incident.severities:
        # It was met, or met too late, by what was asked then: what is decided afterwards asks nothing of it.
        if met_at is not None and at > met_at and changes:
            break
        rule = plan.severity.get(severity)
        limit = rule.first_statement if rule else None
        changes.append((at, (rule.first_statement_cleared or limit) if rule and cleared else limit))
    due = due_with_severity(incident.known_since, changes)
    if not names or due is None:
        return
    yield Clock(
        key=_key("first-statement", incident.known_since),
        name="First statement",
        kind="first-statement",
        anchor=incident.known_since,
        due=due,
        met_at=met_at,
    )


def _first_out(plan: Plan, incident: Incident) -> list[datetime | None]:
    return [incident.message(name).first_published_at for name in plan.first_statements]


def promised_updates(plan: Plan, incident: Incident) -> Iterator[Clock]:
    """Every next update that was ever promised in public, and when it came."""
    for name, state in incident.messages.items():
        yield from (_next_update(promise, name, plan, incident) for promise in state.promises)


def _next_updates(plan: Plan, incident: Incident) -> Iterator[Clock]:
    """What is promised now. That it is over keeps no promise: those who were told to wait still wait."""
    for name, state in incident.messages.items():
        if state.promise is not None:
            clock = _next_update(state.promise, name, plan, incident)
            if clock.met_at is not None or incident.closed_at is None:
                yield clock


def _next_update(promise: Publication, name: str, plan: Plan, incident: Incident) -> Clock:
    assert promise.promises is not None  # noqa: S101  # a message knows those that promise something
    return Clock(
        key=_key(f"next-update/{name}", promise.promises),
        name=f"Promised update ({plan.messages[name].title.lower()})",
        kind="next-update",
        anchor=promise.at,
        due=promise.promises,
        met_at=_kept_at(promise, name, plan, incident),
    )


def _kept_at(promise: Publication, name: str, plan: Plan, incident: Incident) -> datetime | None:
    """When the next text reached those to whom the update was promised: same audience, or a same place.

    In each language in which it was promised: whoever reads another has been given nothing.
    """
    audience, history = plan.messages[name].use.audience, incident.message(name).history
    lines = [one.line for one in history if one.draft == promise.draft and one.promises is not None]
    places = {line.place for line in lines}
    kept: dict[str, datetime] = {}
    for other, state in incident.messages.items():
        is_theirs = plan.messages[other].use.audience == audience
        for one in reversed(state.history):
            if one.seq <= promise.seq:
                break
            # What had been out somewhere by then is no news in one place more.
            if state.first_out[one.draft] > promise.seq and (is_theirs or one.line.place in places):
                kept[one.line.language] = min(one.at, kept.get(one.line.language, one.at))
    languages = {line.language for line in lines}
    return max(kept[one] for one in languages) if languages <= kept.keys() else None


def _approvals(plan: Plan, incident: Incident, memory: Memory) -> Iterator[Clock]:
    for name, state in incident.messages.items():
        asked, title = approve_step(plan, incident, name), plan.messages[name].title.lower()
        step = incident.steps.get(asked.id) if asked is not None else None
        grounds = (
            state.sheet,
            state.waived,
            state.last_resort,
            state.review,
            state.review_due,
            state.reviewed_at,
            step,
        )
        yield from memory.read(("approval", name), grounds, partial(_approval, name, title, state, step))


def _approval(name: str, title: str, state: MessageState, step: StepState | None) -> tuple[Clock, ...]:
    found = []
    if state.sheet is not None and step is not None and _is_of_round(state.sheet, step):
        found.append(
            Clock(
                key=_key(f"approval/{name}", state.sheet.issued_at),
                name=f"Approval of {title}",
                kind="approval",
                anchor=state.sheet.issued_at,
                due=state.sheet.due,
                met_at=step.finished_at,
                note=_ended_without(state, state.sheet, step),
                skipped=step.status != "started" and step.outcome == "skipped",
            )
        )
    if state.review is not None and state.review_due is not None:
        found.append(
            Clock(
                key=_key(f"review/{name}", state.review_due),
                name=f"Review of {title} sent as a last resort",
                kind="review",
                anchor=state.review.issued_at,
                due=state.review_due,
                met_at=state.reviewed_at,
            )
        )
    return tuple(found)


def _ended_without(state: MessageState, sheet: Sheet, step: StepState) -> str:
    """Where an approval was answered, and not by a full yes: by what."""
    if step.status != "started" and step.outcome == "rejected":
        return "refused"
    return "without a full approval" if {*state.waived, *state.last_resort} & set(sheet.lines) else ""


def _is_of_round(sheet: Sheet, step: StepState) -> bool:
    """Whether the sheet waits in this round, or was answered in the last one; one taken back has no clock."""
    return sheet.seq > step.started_seq and (step.status == "started" or step.finished_at is not None)


def _steps(plan: Plan, incident: Incident, memory: Memory) -> Iterator[Clock]:
    for step in plan.timed:
        state = incident.steps.get(step.id)
        if state is not None and state.status not in ("reopened", "dropped"):
            yield memory.read(("clock", step.id), (state,), partial(_step, step, state))
    for step in plan.calling:
        state = incident.steps.get(step.id)
        if state is not None and state.status not in ("reopened", "dropped"):
            yield from memory.read(
                ("acknowledge", step.id),
                (state, incident.severities),
                partial(_acknowledgement, step, state, plan, incident),
            )


def _acknowledgement(step: PlannedStep, state: StepState, plan: Plan, incident: Incident) -> tuple[Clock, ...]:
    within = time_to_acknowledge(plan, incident, state.started_at)
    if within is None:
        return ()
    # Where there is nobody to call but the lead, they have it already.
    had_it = state.finished_at if state.status == "finished" and state.outcome == "acknowledged" else None
    clock = Clock(
        key=_key(f"acknowledge/{step.id}", state.started_at),
        name=f"{step.title}: first “I have it”",
        kind="acknowledge",
        anchor=state.started_at,
        due=state.started_at + within,
        met_at=state.acknowledged_at or had_it,
    )
    return (clock,)


def _step(step: PlannedStep, state: StepState) -> Clock:
    assert step.within is not None  # noqa: S101  # only those with a limit are timed
    return Clock(
        key=_key(f"step/{step.id}", state.started_at),
        name=step.title,
        kind="step",
        anchor=state.started_at,
        due=state.started_at + step.within,
        met_at=state.finished_at if state.status == "finished" else None,
        note=_ENDED_AS.get(state.outcome, "") if state.status == "finished" else "",
        skipped=state.status == "finished" and state.outcome == "skipped",
    )


def _legal(plan: Plan, incident: Incident, world: World, memory: Memory) -> Iterator[Clock]:
    for n, planned in enumerate(plan.clocks):
        grounds = _looked_at(planned.looks_at, plan, incident, world)
        yield from memory.read(("legal", n), grounds, partial(_legal_clock, planned, plan, incident, world))


def _looked_at(mentioned: Mentioned, plan: Plan, incident: Incident, world: World) -> Grounds:
    """What a legal clock rests on: what its conditions mention, with all that those steps ever came to."""
    states = [incident.steps.get(plan.counts_as.get(name, name)) for name in mentioned.outcomes]
    came_to = [(state.came_to, state.status == "started") if state is not None else None for state in states]
    return (incident.severities, *mentioned.of(world), *came_to)


def _legal_clock(planned: PlannedClock, plan: Plan, incident: Incident, world: World) -> tuple[Clock, ...]:
    use = planned.use
    if not judge(use.starts_with, _until_said_otherwise(world, planned, plan, incident)).holds:
        return ()
    if _is_elsewhere(planned, plan, incident):
        return ()
    anchor = held_since(use.starts_with, planned.started_by, plan, incident)
    if anchor is None:
        return ()
    met = met_since(use.met_with, planned.shown_by, anchor, plan, incident) if use.met_with is not None else None
    clock = Clock(
        key=_key(f"legal/{planned.clock.id}", anchor),
        name=planned.clock.title,
        kind="legal",
        anchor=anchor,
        due=None if planned.clock.due == "asap" else anchor + parse_duration(planned.clock.due),
        met_at=met,
        note="verify with counsel: sources disagree" if planned.clock.verify else "not legal advice: ask counsel",
    )
    return (clock,)


def _until_said_otherwise(world: World, planned: PlannedClock, plan: Plan, incident: Incident) -> World:
    """The world in which no duty rests: what is being done again, or somebody is no longer sure of, is as it was."""
    states = {name: incident.steps.get(plan.counts_as.get(name, name)) for name in planned.started_by.outcomes}
    again = {
        name: state.came_to[-1].outcome
        for name, state in states.items()
        if state is not None and state.status == "started" and state.came_to
    }
    doubted = {name: said for name in planned.started_by.facts if (said := world.facts.get(name)) and not said.known}
    known = {name: last for name, said in doubted.items() if (last := last_known(said, said.seq))}
    if not again and not known:
        return world
    facts, outcomes = {**world.facts, **known}, {**world.outcomes, **again}
    return replace(world, facts=facts, outcomes=outcomes, verdicts=None)


def _is_elsewhere(planned: PlannedClock, plan: Plan, incident: Incident) -> bool:
    """Whether it is known that none of the countries where it applies is concerned."""
    where, name = planned.clock.countries, planned.use.for_ or ""
    fact, state = plan.facts.get(name), incident.facts.get(name)
    if fact is None or state is None or not state.known or not tells_countries(fact, where):
        return False
    listed = state.value if isinstance(state.value, list) else [state.value]
    return not set(where).intersection(listed)
