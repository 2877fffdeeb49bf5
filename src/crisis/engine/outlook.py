"""What can be read off an incident at a moment: only what somebody wants, and nothing twice that stays the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from crisis.engine.clocks import Clock, at_stake, clocks, next_updates
from crisis.engine.conditions import Verdict, Verdicts, World, judge
from crisis.engine.graph import Whereabouts, no_longer_apply, once_begun, outcomes, whereabouts, world
from crisis.engine.memory import Grounds, Memory, once
from crisis.engine.people import Roster
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.severity import Proposal, propose
from crisis.engine.state import Incident, MessageState, Publication
from crisis.engine.steps import Lapsed, MessageView, Next, Open, Seen, Stands
from crisis.engine.updates import begin_update_at
from crisis.playbook.values import Cadence

_FOR_GOOD = Stands()


def roster_of(plan: Plan, incident: Incident) -> Roster:
    """The people, with the playbook's word on which role stands in for which."""
    return Roster(incident.roster, plan.stand_in_roles, incident.out_of_reach)


class Outlook(Struct, frozen=True, dict=True):
    """An incident on its plan at `now`. `memory` has what was read off it before, if anything was."""

    plan: Plan
    incident: Incident
    now: datetime
    memory: Memory = field(default_factory=Memory)

    @once
    def world(self) -> World:
        """What conditions can be about."""
        one, read = self.incident, self.memory.read
        came_to = read("outcomes", (one.ended,), lambda: outcomes(self.plan, one))
        verdicts = read("verdicts", (), Verdicts)
        titles, grounds = self.plan.titles, (one.facts, one.signals, one.severity, came_to)
        return read("world", grounds, lambda: world(one, came_to, titles, verdicts))

    @once
    def people(self) -> Roster:
        """Who holds which role."""
        grounds = (self.incident.roster, self.incident.out_of_reach)
        return self.memory.read("people", grounds, lambda: roster_of(self.plan, self.incident))

    @once
    def proposal(self) -> Proposal:
        """The severity that the rules propose."""
        return self.memory.read("proposal", (self.world,), lambda: propose(self.plan.severity, self.world))

    @once
    def clocks(self) -> tuple[Clock, ...]:
        """Every deadline that has started."""
        return clocks(self.plan, self.incident, self.world, self.memory)

    @once
    def at_stake(self) -> tuple[Clock, ...]:
        """The deadlines that are breached, or may come to be, without its being recorded."""
        running, known = self.clocks, self.incident.breaches
        return self.memory.read("at stake", (running, known), lambda: at_stake(running, known))

    @once
    def where(self) -> Whereabouts:
        """Where every step is."""
        plan, one, world, read = self.plan, self.incident, self.world, self.memory.read
        before = read("where at first", (world, one.ended), lambda: whereabouts(plan, one, world))
        return read("where", (before, one.began, one.ended), lambda: once_begun(plan, before, one))

    @once
    def outdated(self) -> frozenset[str]:
        """The steps that have begun and would not begin now."""
        one, world, where = self.incident, self.world, self.where
        grounds = (world, one.began, one.ended)
        return self.memory.read("outdated", grounds, lambda: no_longer_apply(self.plan, one, world, where))

    @once
    def ladder(self) -> tuple[tuple[str, ...], ...]:
        """Who is called, rung by rung, at this severity."""
        escalation = self.plan.escalation.get(self.incident.severity)
        return tuple(rung.page for rung in escalation.ladder) if escalation else ()

    def seen_by(self, step: PlannedStep) -> Seen:
        """All that `step` may look at."""
        plan, incident = self.plan, self.incident
        state = incident.steps.get(step.id)
        view = self.message(step)
        hold = self._hold(step)
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
            facts={name: known for name in plan.facts_seen[step.id] if (known := incident.facts.get(name))},
            fact_specs=plan.facts,
            severity=incident.severity,
            considered=incident.considered,
            proposal=self.proposal,
            people=self.people,
            lead=incident.lead,
            again=state.again if state else "",
            why_again=state.why_again if state else "",
            message=view,
            danger=view is not None and view.chain_name in self._dangers,
            ladder=self.ladder,
            acknowledge=escalation.acknowledge if escalation else "any",
            held="" if hold is None or hold.holds else hold.because,
            hold_overridden=state.hold_overridden if state else "",
            overridden_before=state.overridden_before if state else "",
            accounts=plan.accounts,
            frozen=incident.frozen,
            resumed=incident.resumed,
            criteria=plan.criteria,
            criteria_for=plan.criteria_for,
            contrary=self._contrary,
            questions=plan.questions,
            update_every=self._cadences,
            known_since=incident.known_since,
            promise=self._first_promise,
            owes_update=self._owes_update,
        )

    @property
    def rests(self) -> bool:
        """Whether it is known that nothing follows by itself at this moment."""
        return self.memory.recall("rest", (self.incident,), self.now) is not None

    def rests_until(self, moment: datetime | None) -> None:
        """Nothing follows by itself before then."""
        self.memory.keep("rest", (self.incident,), True, self.now, moment)

    @property
    def kept(self) -> Stands | None:
        """That no finished step has lapsed or is due again, and until when, if that is known."""
        known: Stands | None = self.memory.recall("kept", self._kept_grounds, self.now)
        return known

    def kept_until(self, moments: Iterable[datetime | None]) -> None:
        """No finished step lapses, or is due again, before the first of these moments."""
        until = min((moment for moment in moments if moment is not None), default=None)
        self.memory.keep("kept", self._kept_grounds, Stands(until), self.now, until)

    @property
    def _kept_grounds(self) -> Grounds:
        return (self.incident.ended, self.incident.messages, self.world, self._common)

    def next_of(self, step: PlannedStep) -> Next:
        """What a started step says is next."""
        if step.id not in self._heard:
            self._heard[step.id] = self._asked(step)
        return self._heard[step.id]

    @once
    def _heard(self) -> dict[str, Next]:
        """What steps have said at this moment."""
        return {}

    def _asked(self, step: PlannedStep) -> Next:
        what, grounds = ("next", step.id), self._grounds(step)
        known: Open | None = self.memory.recall(what, grounds, self.now)
        if known is not None:
            return known
        said = step.kind.advance(step.spec, self.seen_by(step))
        if isinstance(said, Open):
            self.memory.keep(what, grounds, said, self.now, said.until)
        return said

    def stands(self, step: PlannedStep) -> Stands | Lapsed:
        """Whether a finished step's result still holds.

        What was left out, or led back or away, relies on nothing; nor does a text that is being posted or is out.
        """
        if step.kind.stands is None:
            return _FOR_GOOD
        outcome = self.incident.steps[step.id].outcome
        if outcome == "skipped" or not step.follows_on(outcome):
            return _FOR_GOOD
        what, grounds = ("stands", step.id), self._grounds(step)
        known: Stands | None = self.memory.recall(what, grounds, self.now)
        if known is not None:
            return known
        name = step.message
        is_settled = bool(name) and not self._text_of(step).open_lines()
        said = _FOR_GOOD if is_settled else step.kind.stands(step.spec, self.seen_by(step))
        if isinstance(said, Stands):
            self.memory.keep(what, grounds, said, self.now, said.until)
        return said

    def _text_of(self, step: PlannedStep) -> MessageState:
        """The message, without its texts where these are not what the step is for."""
        state = self.incident.message(step.message)
        is_other = state.drafted_in and state.drafted_in not in self.plan.texts_of[step.id]
        return state.without_texts() if is_other else state

    def _grounds(self, step: PlannedStep) -> Grounds:
        """All that `seen_by` puts together, but for the time and what never changes in an incident."""
        one, name = self.incident, step.message
        hold = None if step.hold_until is None else self._hold(step)
        facts = map(one.facts.get, self.plan.facts_seen[step.id])
        if not name:
            return (one.steps.get(step.id), self._common, hold, *facts)
        return (one.steps.get(step.id), self._common, hold, one.message(name), self._dangers, *facts)

    @once
    def _common(self) -> object:
        """What every step may look at: the same object as long as it is the same."""
        one = self.incident
        grounds = (one.severity, one.considered, one.roster, one.out_of_reach, one.frozen, one.resumed, one.known_since)
        return self.memory.read(
            "common", (*grounds, self.proposal, self._first_promise, self._owes_update, self._contrary), object
        )

    def _hold(self, step: PlannedStep) -> Verdict | None:
        return None if step.hold_until is None else judge(step.hold_until, self.world)

    @once
    def _dangers(self) -> frozenset[str]:
        """The chains whose last resort may be taken, as far as facts tell."""
        chains, world = self.plan.approvals, self.world

        def dangers() -> frozenset[str]:
            rules = {name: chain.last_resort for name, chain in chains.items()}
            return frozenset(name for name, rule in rules.items() if rule and judge(rule.when, world).holds)

        return self.memory.read("dangers", (world,), dangers)

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
        promise = self.incident.message(step.message).promise if step.message else None
        # A round that was left out made no promise: an older one would bring the next round at once, for ever.
        of_this_round = promise if promise is not None and promise.seq > state.started_seq else None
        return begin_update_at(state.finished_at, self._cadences, self.incident.known_since, of_this_round)

    @once
    def _contrary(self) -> Mapping[str, str]:
        """By criterion of standing down, what monitoring says against it."""
        contrary, world = self.plan.contrary, self.world

        def said() -> Mapping[str, str]:
            judged = {criterion: judge(one, world) for criterion, one in contrary.items()}
            return {criterion: verdict.because for criterion, verdict in judged.items() if verdict.holds}

        return self.memory.read("contrary", (world,), said)

    @once
    def _cadences(self) -> tuple[Cadence, ...]:
        rule = self.plan.severity.get(self.incident.severity)
        return rule.update_every if rule else ()

    @once
    def _owes_update(self) -> bool:
        return any(one.met_at is None for one in next_updates(self.plan, self.incident, self.memory))

    @once
    def _first_promise(self) -> Publication | None:
        messages = self.incident.messages

        def first() -> Publication | None:
            promises = [one.promise for one in messages.values()]
            made = [(one.promises, one.seq, one) for one in promises if one is not None and one.promises is not None]
            return min(made)[2] if made else None

        return self.memory.read("first promise", (messages,), first)

    def message(self, step: PlannedStep) -> MessageView | None:
        """The message that `step` is about, as the step sees it."""
        name = step.message
        if not name:
            return None
        # Whoever drafts looks at what there was before.
        message = self.incident.message(name) if step.kind_name == "draft" else self._text_of(step)
        planned = self.plan.messages[name]
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
