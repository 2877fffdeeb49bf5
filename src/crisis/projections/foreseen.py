"""What the steps of a plan will ask, as far as it can be told before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from crisis.engine.events import Json, Member
from crisis.engine.outlook import Outlook
from crisis.engine.plan import Plan, PlannedStep
from crisis.engine.shapes import Accounts, Rows, SeverityChoice, Shape, Text, Ticks
from crisis.engine.state import Incident
from crisis.engine.steps import Ask, Open

#: More questions than any step has: one that asks so many goes in a circle.
_MOST_ASKED = 200


def before_it_begins(plan: Plan, people: Iterable[Member], now: datetime) -> Outlook:
    """The outlook of an incident in which nothing has happened yet."""
    nothing = Incident(
        id="",
        uid="",
        playbook=plan.playbook,
        title=plan.title,
        plan="",
        lead="",
        drill=False,
        opened_at=now,
        version=0,
        at=now,
        roster={member.id: member for member in people},
        known_since=now,
    )
    return Outlook(plan, nothing, now)


def foreseen(step: PlannedStep, outlook: Outlook, answer: Callable[[Ask], Json]) -> Iterator[Ask]:
    """The questions of `step` one after the other, if each is answered as `answer` says; None is no answer.

    After one without an answer come those that follow whatever it is. What hangs on something else (on texts, on who
    approved them) is not foreseen.
    """
    seen, answers, asked = outlook.seen_by(step), dict[str, Json](), set[str]()
    while len(asked) < _MOST_ASKED:
        following = step.kind.advance(step.spec, replace(seen, answers=dict(answers)))
        fresh = [one for one in following.asks if one.key not in asked] if isinstance(following, Open) else []
        if not fresh:
            return
        for one in fresh:
            asked.add(one.key)
            # What will be proposed hangs on the facts: nobody can be said to fall short of it yet.
            ask = replace(one, wants=SeverityChoice()) if isinstance(one.wants, SeverityChoice) else one
            yield ask
            value = answer(ask)
            if value is None and (value := _whatever(ask.wants)) is None:
                continue
            answers[ask.key] = value
            if isinstance(ask.wants, Accounts) and not ask.wants.resume:
                seen = replace(seen, frozen={**seen.frozen, **value})


def _whatever(wants: Shape) -> Json:
    """An answer after which a step goes on as after any other, if there is such a one."""
    match wants:
        case Text():
            return ""
        case Ticks(left=left):
            return list(left)
        case Rows():
            return []
        case _:
            return None
