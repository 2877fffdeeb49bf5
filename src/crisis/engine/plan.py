"""What an incident runs on: a playbook compiled with everything it refers to, frozen when it was opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from typing import Any

from msgspec import Struct, field

from crisis.engine.conditions import Mentioned, mentioned_in
from crisis.engine.memory import once
from crisis.engine.steps import StepKind
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import LegalClock
from crisis.playbook.model import Chain, ClockUse, Cluster, Escalation, Fact, Inform, MessageUse, Role, SeverityRule
from crisis.playbook.values import Edge


class PlannedStep(Struct, frozen=True, kw_only=True, dict=True):
    """A step of the plan.

    Where one written step was expanded into several, `group` is what they have in common, and the part
    whose outcome counts as that of the whole `stands_for` it.
    """

    id: str
    kind_name: str
    kind: StepKind
    spec: Any
    phase: str
    role: str
    title: str
    why: str = ""
    after: tuple[Edge, ...] = ()
    when: Condition | None = None
    within: timedelta | None = None
    repeat_every: timedelta | None = None
    repeat_as_promised: bool = False  # as often as an update is promised at this severity
    repeat_until: Condition | None = None
    repeat_from: str = ""
    on: Mapping[str, str] = field(default_factory=dict)
    hold_until: Condition | None = None
    do_not: tuple[str, ...] = ()
    group: str = ""
    stands_for: str = ""

    @once
    def message(self) -> str:
        """The message that the step is about; empty for most kinds."""
        name: str = getattr(self.spec, "message", "")
        return name

    def follows_on(self, outcome: str) -> bool:
        """Whether `outcome` leads forward: it is passing, and has no route of its own."""
        return outcome not in self.on and outcome not in self.kind.stops


class PlannedMessage(Struct, frozen=True, kw_only=True):
    """A message of the plan; the template's bodies are frozen with it."""

    use: MessageUse
    title: str
    source_language: str
    bodies: Mapping[str, str]
    facts: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)  # file → sha256
    alt_texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cleared: Mapping[str, str] = field(default_factory=dict)
    cleared_by: str = ""
    cleared_until: str = ""

    def body(self, channel: str, language: str) -> tuple[str, str] | None:
        """The key and the template for that channel and language, the most specific one."""
        for key in (f"{language}.{channel}", language):
            if key in self.bodies:
                return key, self.bodies[key]
        return None


class PlannedClock(Struct, frozen=True, kw_only=True, dict=True):
    """A legal clock with what starts it here."""

    clock: LegalClock
    use: ClockUse

    @once
    def started_by(self) -> Mentioned:
        """All that what starts it mentions."""
        return mentioned_in(self.use.starts_with)

    @once
    def shown_by(self) -> Mentioned:
        """All that what shows it was done mentions."""
        return mentioned_in(self.use.met_with or Condition())

    @once
    def looks_at(self) -> Mentioned:
        """All that it rests on."""
        concerned = Mentioned(facts=(self.use.for_,) if self.use.for_ else (), signals=(), severity=False, outcomes=())
        return self.started_by.and_of(self.shown_by).and_of(concerned)


class Plan(Struct, frozen=True, kw_only=True, dict=True):
    """A compiled playbook. Steps stand in the order in which they are offered."""

    playbook: str
    title: str
    steps: tuple[PlannedStep, ...]
    definition: str = ""
    type: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    severity: Mapping[str, SeverityRule] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    escalation: Mapping[str, Escalation] = field(default_factory=dict)
    inform: tuple[Inform, ...] = ()
    approvals: Mapping[str, Chain] = field(default_factory=dict)
    messages: Mapping[str, PlannedMessage] = field(default_factory=dict)
    clocks: tuple[PlannedClock, ...] = ()
    clock_notice: str = ""
    cluster: Cluster = field(default_factory=Cluster)
    criteria: tuple[str, ...] = ()
    criteria_for: Mapping[str, timedelta] = field(default_factory=dict)  # by criterion: how long it must have been so
    contrary: Mapping[str, Condition] = field(default_factory=dict)
    do_not: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    brand: str = ""
    website: str = ""
    hotline: str = ""
    timezone: str = ""
    channel_limits: Mapping[str, int] = field(default_factory=dict)

    @once
    def by_id(self) -> Mapping[str, PlannedStep]:
        """The steps by id."""
        return {step.id: step for step in self.steps}

    @once
    def titles(self) -> Mapping[str, str]:
        """What the steps are called, those too that were expanded into several."""
        return {name: step.title for step in self.steps for name in (step.id, step.stands_for) if name}

    @once
    def facts_seen(self) -> Mapping[str, tuple[str, ...]]:
        """For each step the facts that it may look at: those that it asks for, or that its message names."""
        return {step.id: self._facts_of(step) if step.kind.reads_facts else () for step in self.steps}

    def _facts_of(self, step: PlannedStep) -> tuple[str, ...]:
        asked: tuple[str, ...] = getattr(step.spec, "facts", ())
        return (*asked, *self.messages[step.message].facts) if step.message else asked

    @once
    def counts_as(self) -> Mapping[str, str]:
        """For what was expanded into several steps, the one whose outcome is that of the whole."""
        return {step.stands_for: step.id for step in self.steps if step.stands_for}

    @once
    def timed(self) -> tuple[PlannedStep, ...]:
        """The steps that have a limit."""
        return tuple(step for step in self.steps if step.within is not None)

    @once
    def calling(self) -> tuple[PlannedStep, ...]:
        """The steps that call the ladder of the severity."""
        return tuple(step for step in self.steps if step.kind_name == "notify" and not step.spec.roles)

    @once
    def timed_ids(self) -> tuple[str, ...]:
        """The ids of the steps that have a limit, or call somebody who has one."""
        return tuple(step.id for step in (*self.timed, *self.calling))

    @once
    def clocks_look_at(self) -> Mentioned:
        """All that the legal clocks rest on."""
        return reduce(Mentioned.and_of, (one.looks_at for one in self.clocks), mentioned_in(Condition()))

    @once
    def first_statements(self) -> tuple[str, ...]:
        """The messages of which one must be the first to reach anyone outside."""
        return tuple(name for name, message in self.messages.items() if message.use.first_statement)

    @once
    def promising(self) -> tuple[PlannedStep, ...]:
        """The steps that are repeated as often as an update is promised, until something has come about."""
        return tuple(step for step in self.steps if step.repeat_as_promised and step.repeat_until is not None)

    @once
    def approvals_asked(self) -> tuple[PlannedStep, ...]:
        """The steps that ask for an approval."""
        return tuple(step for step in self.steps if step.kind_name == "approve")

    @once
    def approval_ids(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(step.id for step in self.approvals_asked)

    @once
    def approvals_of(self) -> Mapping[str, tuple[PlannedStep, ...]]:
        """For each message the steps that ask for its approval."""
        names = dict.fromkeys(step.message for step in self.approvals_asked)
        return {name: tuple(step for step in self.approvals_asked if step.message == name) for name in names}

    @once
    def drafts(self) -> Mapping[str, tuple[str, ...]]:
        """For each message the steps that write it."""
        found: dict[str, tuple[str, ...]] = {}
        for step in self.steps:
            if step.kind_name == "draft":
                found[step.message] = (*found.get(step.message, ()), step.id)
        return found

    @once
    def texts_of(self) -> Mapping[str, frozenset[str]]:
        """For each step about a message, the drafts whose texts it is for: not those that were posted before another.

        Of several statements of one message each approves and posts what was drafted in it, and nothing else.
        """
        return {step.id: self._texts_of(step) for step in self.steps if step.message}

    def _texts_of(self, step: PlannedStep) -> frozenset[str]:
        if step.kind_name == "draft":
            return frozenset({step.id})
        before = self.ancestors[step.id]
        drafts = [one for one in self.drafts.get(step.message, ()) if one in before]
        posts = {one.id for one in self.steps if one.kind_name == "publish" and one.message == step.message} & before
        over = [self.ancestors[draft] & posts for draft in drafts]  # for each, what was posted before it
        return frozenset(
            one for one in drafts if not any(one in self.ancestors[post] for each in over for post in each)
        )

    @once
    def may_come_again(self) -> tuple[PlannedStep, ...]:
        """The steps that, once finished, can lapse or are repeated."""
        return tuple(
            step for step in self.steps if step.kind.stands or step.repeat_every is not None or step.repeat_as_promised
        )

    @once
    def stand_in_roles(self) -> Mapping[str, str]:
        """For a role that nobody holds: the role whose holders step in."""
        return {name: role.deputy for name, role in self.roles.items() if role.deputy}

    @once
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """For each step, every step that leads to it."""
        found: dict[str, frozenset[str]] = {}
        for step in self.in_order:
            near = {edge.step for edge in step.after}
            found[step.id] = frozenset(near.union(*(found.get(one, frozenset()) for one in near)))
        return found

    @once
    def in_order(self) -> tuple[PlannedStep, ...]:
        """The steps so that each comes after all it follows; what is in a cycle comes last."""
        left, done, order = list(self.steps), set[str](), list[PlannedStep]()
        while left:
            ready = [
                step for step in left if all(edge.step in done or edge.step not in self.by_id for edge in step.after)
            ]
            ready = ready or left[:]
            order += ready
            done.update(step.id for step in ready)
            left = [step for step in left if step.id not in done]
        return tuple(order)

    def whole(self, target: str) -> tuple[str, ...]:
        """All that the written step became of which a route names `target`, where it is done for each of some values.

        A statement is one text: a route leads to its draft.
        """
        step = self.by_id[target]
        is_one_of_many = bool(step.group) and not step.message
        return tuple(one.id for one in self.steps if one.group == step.group) if is_one_of_many else (target,)

    def between(self, target: str, source: str) -> tuple[str, ...]:
        """The target, the source, and every step on a way from the one to the other, in plan order."""
        return tuple(
            step.id
            for step in self.steps
            if step.id in (target, source) or (target in self.ancestors[step.id] and step.id in self.ancestors[source])
        )

    def chain_for(self, message: str, severity: str, *, cleared: bool = False) -> tuple[str, Chain]:
        """The approval chain of a message at this severity, by name."""
        use = self.messages[message].use
        name = use.cleared_approval if cleared and use.cleared_approval else ""
        name = name or use.approval.get(severity) or use.approval.get("") or next(iter(use.approval.values()))
        return name, self.approvals[name]
