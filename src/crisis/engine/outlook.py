"""What can be read off an incident at a moment. Each reading is taken once, and only if somebody wants it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from crisis.engine.clocks import Clock, clocks, time_before_update, update_interval
from crisis.engine.conditions import World, judge
from crisis.engine.graph import Status, no_longer_apply, statuses, world_of
from crisis.engine.people import Roster
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.severity import Proposal, propose
from crisis.engine.state import Incident, Publication
from crisis.engine.steps import Lapsed, MessageView, Next, Seen, Stands

_FOR_GOOD = Stands()


def roster_of(plan: Plan, incident: Incident) -> Roster:
    """The people, with the playbook's word on which role stands in for which."""
    return Roster(incident.roster, plan.stand_in_roles)


@dataclass(frozen=True)
class Outlook:
    """An incident on its plan at `now`."""

    plan: Plan
    incident: Incident
    now: datetime

    @cached_property
    def world(self) -> World:
        """What conditions can be about."""
        return world_of(self.plan, self.incident)

    @cached_property
    def people(self) -> Roster:
        """Who holds which role."""
        return roster_of(self.plan, self.incident)

    @cached_property
    def proposal(self) -> Proposal:
        """The severity that the rules propose."""
        return propose(self.plan.severity, self.world)

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """Every deadline that has started."""
        return clocks(self.plan, self.incident, self.world)

    @cached_property
    def statuses(self) -> Mapping[str, Status]:
        """Where every step is."""
        return statuses(self.plan, self.incident, self.world)

    @cached_property
    def outdated(self) -> frozenset[str]:
        """The steps that have begun and would not begin now."""
        return no_longer_apply(self.plan, self.incident, self.world, self.statuses)

    @cached_property
    def ladder(self) -> tuple[tuple[str, ...], ...]:
        """Who is called, rung by rung, at this severity."""
        escalation = self.plan.escalation.get(self.incident.severity)
        return tuple(rung.page for rung in escalation.ladder) if escalation else ()

    def seen_by(self, step: PlannedStep) -> Seen:
        """All that `step` may look at."""
        plan, incident = self.plan, self.incident
        state = incident.steps.get(step.id)
        view = self._message(step)
        hold = judge(step.hold_until, self.world) if step.hold_until is not None else None
        escalation = plan.escalation.get(incident.severity)
        return Seen(
            now=self.now,
            step=step.id,
            role=step.role,
            title=step.title,
            round=state.round if state else 0,
            started_at=state.started_at if state else self.now,
            started_seq=state.started_seq if state else incident.version,
            answers=state.answers if state else {},
            previous=state.previous if state else {},
            facts=incident.facts,
            fact_specs=plan.facts,
            severity=incident.severity,
            considered=incident.considered,
            proposal=self.proposal,
            people=self.people,
            lead=incident.lead,
            again=state.again if state else "",
            why_again=state.why_again if state else "",
            message=view,
            danger=bool(view and view.chain.last_resort and judge(view.chain.last_resort.when, self.world).holds),
            ladder=self.ladder,
            acknowledge=escalation.acknowledge if escalation else "any",
            held="" if hold is None or hold.holds else hold.because,
            hold_overridden=state.hold_overridden if state else "",
            accounts=plan.accounts,
            frozen=incident.frozen,
            resumed=incident.resumed,
            criteria=plan.criteria,
            questions=plan.questions,
            prepare_update_at=self._before_update(self._first_promise, state.started_at if state else self.now),
        )

    def next_of(self, step: PlannedStep) -> Next:
        """What a started step says is next."""
        if step.id not in self._next:
            self._next[step.id] = step.kind.advance(step.spec, self.seen_by(step))
        return self._next[step.id]

    def stands(self, step: PlannedStep) -> Stands | Lapsed:
        """Whether a finished step's result still holds.

        What was left out, or led back or away, relies on nothing; nor does a text that is being posted or is out.
        """
        if step.kind.stands is None:
            return _FOR_GOOD
        if step.id not in self._stands:
            self._stands[step.id] = self._judged(step, step.kind.stands)
        return self._stands[step.id]

    def _judged(self, step: PlannedStep, stands: Callable[[Any, Seen], Stands | Lapsed]) -> Stands | Lapsed:
        outcome = self.incident.steps[step.id].outcome
        if outcome == "skipped" or not step.follows_on(outcome):
            return _FOR_GOOD
        name = getattr(step.spec, "message", "")
        if name and not self.incident.message(name).open_lines():
            return _FOR_GOOD
        return stands(step.spec, self.seen_by(step))

    @cached_property
    def _next(self) -> dict[str, Next]:
        return {}

    @cached_property
    def _stands(self) -> dict[str, Stands | Lapsed]:
        return {}

    def repeats_at(self, step: PlannedStep) -> datetime | None:
        """When a finished step is due again; None when it is not."""
        if step.repeat_every is None and not step.repeat_as_promised:
            return None
        state = self.incident.steps.get(step.id)
        if state is None or state.status != "finished" or state.finished_at is None:
            return None
        if not step.follows_on(state.outcome):
            return None
        if step.repeat_until is not None and judge(step.repeat_until, self.world).holds:
            return None
        if step.repeat_every is not None:
            return state.finished_at + step.repeat_every
        name = getattr(step.spec, "message", "")
        promise = self.incident.message(name).promise if name else None
        # A round that was left out made no promise: an older one would bring the next round at once, for ever.
        of_this_round = promise if promise is not None and promise.seq > state.started_seq else None
        return self._before_update(of_this_round, state.finished_at)

    @cached_property
    def _first_promise(self) -> Publication | None:
        promises = [one.promise for one in self.incident.messages.values()]
        made = [(one.promises, one.seq, one) for one in promises if one is not None and one.promises is not None]
        return min(made)[2] if made else None

    def _before_update(self, promise: Publication | None, since: datetime) -> datetime | None:
        """Early enough for what was promised, and no later than this severity asks for since then."""
        interval = update_interval(self.plan, self.incident, since)
        moments = [since + time_before_update(interval)] if interval is not None else []
        if promise is not None and promise.promises is not None:
            moments.append(promise.at + time_before_update(promise.promises - promise.at))
        return min(moments, default=None)

    def _message(self, step: PlannedStep) -> MessageView | None:
        name = getattr(step.spec, "message", "")
        if not name:
            return None
        message, planned = self.incident.message(name), self.plan.messages[name]
        cleared = bool(message.texts) and all(text.cleared and not text.edited for text in message.texts)
        chain_name, chain = self.plan.chain_for(name, self.incident.severity, cleared=cleared)
        return MessageView(
            name=name,
            use=planned.use,
            title=planned.title,
            source_language=planned.source_language,
            chain_name=chain_name,
            chain=chain,
            state=message,
            template_facts=planned.facts,
            attachments=tuple(planned.attachments.values()),
        )
