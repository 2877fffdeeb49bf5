"""Playbook and step kinds become a plan. What is compiled has been checked; faults here are bugs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec.structs import replace

from crisis.engine.plan import Plan, PlannedClock, PlannedMessage, PlannedStep
from crisis.kinds import KINDS
from crisis.kinds.statement import StatementSpec
from crisis.plan.book import Book, LoadedTemplate
from crisis.playbook.conditions import Condition
from crisis.playbook.documents import Organisation
from crisis.playbook.model import MessageUse, StepHead
from crisis.playbook.validate import WrittenStep
from crisis.playbook.values import Edge

#: Channels that everyone has, whether or not an organisation lists an account for them.
NO_ACCOUNT_NEEDED = frozenset({"email", "press-release", "sms", "internal", "website", "blog", "status-page"})


def compile_plan(book: Book) -> Plan:
    """The plan of a checked book: statements and `for_each` expanded, templates and clocks resolved."""
    playbook, organisation = book.playbook, book.organisation
    messages = {
        name: _message(use, book.templates[use.template], organisation) for name, use in playbook.messages.items()
    }
    legal = {clock.id: clock for clock in book.clocks.clocks} if book.clocks else {}
    return Plan(
        playbook=playbook.id,
        title=playbook.title,
        steps=tuple(_Expansion(book, messages).steps()),
        definition=playbook.about.definition,
        type=playbook.about.type,
        facts=playbook.facts,
        severity={str(level): rule for level, rule in playbook.severity.items()},
        roles=playbook.roles,
        escalation={str(level): ladder for level, ladder in playbook.escalation.items()},
        inform=playbook.inform,
        approvals=playbook.approvals,
        messages=messages,
        clocks=tuple(PlannedClock(clock=legal[use.use], use=use) for use in playbook.clocks if use.use in legal),
        clock_notice=book.clocks.notice if book.clocks else "",
        cluster=playbook.cluster,
        criteria=tuple(one.text for one in playbook.stand_down.criteria),
        criteria_for={one.text: one.for_ for one in playbook.stand_down.criteria if one.for_ is not None},
        contrary=playbook.stand_down.contrary,
        do_not=playbook.do_not,
        questions=playbook.postmortem.questions,
        accounts=_accounts(organisation),
        brand=organisation.name if organisation else "",
        website=organisation.website if organisation else "",
        hotline=organisation.hotline if organisation else "",
        timezone=organisation.timezone if organisation else "",
        channel_limits=_limits(organisation),
    )


def _accounts(organisation: Organisation | None) -> Mapping[str, str]:
    if organisation is None:
        return {}
    return {channel.id: f"{channel.kind} {channel.handle}".strip() for channel in organisation.channels}


def _limits(organisation: Organisation | None) -> Mapping[str, int]:
    if organisation is None:
        return {}
    return {channel.kind: channel.limit for channel in organisation.channels if channel.limit is not None}


def _message(use: MessageUse, template: LoadedTemplate, organisation: Organisation | None) -> PlannedMessage:
    message, clearance = template.message, template.message.clearance
    return PlannedMessage(
        use=_for_us(use, organisation),
        title=message.title,
        source_language=message.source_language,
        bodies=template.bodies,
        facts=message.facts,
        slots=message.slots,
        attachments={media.file: media.sha256 for media in message.media},
        alt_texts={media.file: media.alt for media in message.media},
        cleared=clearance.fingerprints if clearance else {},
        cleared_by=clearance.by if clearance else "",
        cleared_until=clearance.expires.isoformat() if clearance and clearance.expires else "",
    )


def _for_us(use: MessageUse, organisation: Organisation | None) -> MessageUse:
    """Only the channels we have and the languages our public speaks, where the organisation says so."""
    if organisation is None:
        return use
    kinds = {channel.kind for channel in organisation.channels} | NO_ACCOUNT_NEEDED
    channels = tuple(one for one in use.channels if one in kinds) if organisation.channels else use.channels
    languages = tuple(one for one in use.languages if one in organisation.languages)
    return MessageUse(
        template=use.template,
        audience=use.audience,
        channels=channels or use.channels,
        languages=languages or use.languages,
        approval=use.approval,
        cleared_approval=use.cleared_approval,
        first_statement=use.first_statement,
    )


class _Expansion:
    """Statements become three steps, `for_each` one for each value; references follow."""

    def __init__(self, book: Book, messages: Mapping[str, PlannedMessage]) -> None:
        self.book = book
        self.messages = messages
        self.forward: dict[str, tuple[str, ...]] = {}  # written id → the steps that finish it
        self.back: dict[str, str] = {}  # written id → the step that begins it
        for step in book.steps:
            name = step.head.id
            instances = self._instances(step.head)
            if isinstance(step.spec, StatementSpec):
                self.forward[name], self.back[name] = (f"{name}.publish",), f"{name}.draft"
            else:
                self.forward[name], self.back[name] = tuple(instances), next(iter(instances))

    def steps(self) -> Iterator[PlannedStep]:
        for written in self.book.steps:
            if isinstance(written.spec, StatementSpec):
                yield from self._statement(written.head, written.spec)
            else:
                for name, value in self._instances(written.head).items():
                    yield self._step(written, name, value)

    def _instances(self, head: StepHead) -> Mapping[str, str]:
        """The ids of the steps that this one becomes, each with its value of the `for_each` fact."""
        fact = self.book.playbook.facts.get(head.for_each) if head.for_each else None
        return {f"{head.id}.{value}": value for value in fact.options} if fact else {head.id: ""}

    def _step(self, written: WrittenStep, name: str, value: str) -> PlannedStep:
        head, spec = written.head, written.spec
        only = Condition(fact=head.for_each, is_=value) if value and head.for_each else None
        label = self.book.playbook.facts[head.for_each].options[value] if value and head.for_each else ""
        message = getattr(spec, "message", "")
        title = head.title or (self.messages[message].title if message in self.messages else "")
        title = title or (KINDS[head.kind].summary.capitalize())
        step = PlannedStep(
            id=name,
            kind_name=head.kind,
            kind=KINDS[head.kind],
            spec=spec,
            phase=head.phase,
            role=head.role,
            title=f"{title}: {label}" if label else title,
            why=head.why,
            after=self._after(head),
            when=_both(head.when, only),
            within=head.within,
            on=self._routes({outcome: name if target == head.id else target for outcome, target in head.on.items()}),
            hold_until=getattr(spec, "hold_until", None),
            do_not=head.do_not,
            group=f"message:{message}" if message else head.id if value else "",
        )
        return _repeating(step, head)

    def _statement(self, head: StepHead, spec: StatementSpec) -> Iterator[PlannedStep]:
        title = head.title or self.messages[spec.message].title
        draft, approve, publish = (f"{head.id}.{part}" for part in ("draft", "approve", "publish"))
        routes = self._routes(head.on)
        for name, after, on in (
            (draft, self._after(head), {}),
            (approve, (Edge(draft),), {"rejected": routes.get("rejected", draft)}),
            (publish, (Edge(approve),), {key: to for key, to in routes.items() if key != "rejected"}),
        ):
            kind = KINDS[name.rpartition(".")[2]]
            is_last = name == publish
            own = (
                kind.spec(message=spec.message, hold_until=spec.hold_until)
                if is_last
                else kind.spec(message=spec.message)
            )
            step = PlannedStep(
                id=name,
                kind_name=name.rpartition(".")[2],
                kind=kind,
                spec=own,
                phase=head.phase,
                role=head.role,
                title=title,
                why=head.why,
                after=after,
                when=head.when,
                on=on,
                hold_until=spec.hold_until if is_last else None,
                do_not=head.do_not,
                group=head.id,
                stands_for=head.id if is_last else "",
                repeat_from=draft if is_last and head.repeat else "",
            )
            yield _repeating(step, head) if is_last else step

    def _after(self, head: StepHead) -> tuple[Edge, ...]:
        return tuple(Edge(name, edge.outcomes) for edge in head.after for name in self.forward[edge.step])

    def _routes(self, on: Mapping[str, str]) -> Mapping[str, str]:
        return {outcome: self.back.get(target, target) for outcome, target in on.items()}


def _repeating(step: PlannedStep, head: StepHead) -> PlannedStep:
    if head.repeat is None:
        return step
    every = head.repeat.every
    if isinstance(every, timedelta):
        return replace(step, repeat_every=every, repeat_until=head.repeat.until)
    return replace(step, repeat_as_promised=True, repeat_until=head.repeat.until)


def _both(one: Condition | None, other: Condition | None) -> Condition | None:
    if one is None or other is None:
        return one or other
    return Condition(all_=(one, other))
