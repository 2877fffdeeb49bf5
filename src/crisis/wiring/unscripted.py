"""What the script of a drill does not answer yet, as far as it can be told before it is asked: all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from crisis.adapters.operator.scripted import Script, Unanswered, names_of
from crisis.adapters.operator.written import allowed
from crisis.engine import shapes
from crisis.engine.look import OpenAsk
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.steps import Ask
from crisis.runtime.desk import Case
from crisis.wiring.foreseeing import said_to

#: What a drill answers by itself where its script says nothing.
_BY_ITSELF = (shapes.Draft, shapes.Release, shapes.Link, shapes.Reach)


class Missing(Struct, frozen=True, kw_only=True):
    """A question that will come up and has no answer: where one is written, and what it may be."""

    key: str
    may_be: str
    for_sure: bool = True


def missing_for(step: PlannedStep, ask: Ask, plan: Plan, *, for_sure: bool = True) -> Missing:
    """That question, as one that has no answer."""
    if isinstance(ask.wants, shapes.FactValue):
        key = f"facts.{ask.wants.name}"
    else:
        key = f"answers.{_name(step, plan)}.{ask.key.partition(':')[0]}"
    return Missing(key=key, may_be=allowed(ask.wants), for_sure=for_sure)


def _name(step: PlannedStep, plan: Plan) -> str:
    """The name under which its answers are written: where it is one of several of a kind, that of them all."""
    *_, whole = names_of(step)
    alike = {one.kind_name for one in plan.steps if whole in names_of(one)}
    return whole if len(alike) == 1 else step.id


def missing(case: Case, script: Script, now: datetime) -> Iterator[Missing]:
    """Every question of the steps that are not done, and may still come, that the script has no answer to."""
    outlook = Outlook(case.plan, case.incident, now)
    said: set[str] = set()
    unsure: set[str] = set()
    for step in case.plan.in_order:
        if outlook.where.of[step.id] in ("finished", "moot"):
            continue
        if step.when is not None or any(edge.outcomes or edge.step in unsure for edge in step.after):
            unsure.add(step.id)
        for ask in (*_questions(step, outlook, script), *_approvers(step, outlook, script)):
            one = missing_for(step, ask, case.plan, for_sure=step.id not in unsure)
            if one.key not in said:
                said.add(one.key)
                yield one


def _questions(step: PlannedStep, outlook: Outlook, script: Script) -> Iterator[Ask]:
    for said in said_to(step, outlook, script):
        if said.path is None and not said.ask.optional and not isinstance(said.ask.wants, _BY_ITSELF):
            yield said.ask


def _approvers(step: PlannedStep, outlook: Outlook, script: Script) -> Iterator[Ask]:
    """Where nobody but the author is there to approve, somebody must be named, or it goes out without."""
    if step.kind_name != "approve":
        return
    _, chain = outlook.plan.chain_for(step.message, outlook.incident.severity)
    others = {one.id for role in chain.of for one in outlook.people.holders(role)} - {outlook.incident.lead}
    wants = shapes.NamePerson(roles=chain.of)
    ask = Ask(key="name:0", role=step.role, prompt="", wants=wants)
    try:
        script.find(OpenAsk(step, 1, ask))
    except Unanswered:
        if not others and not chain.self_approval:
            yield ask
