"""What is known and what is not: every fact of the playbook, in its order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Literal

from msgspec import Struct

from crisis.engine.events import Erased, Recorded
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.text import one_line
from crisis.projections.names import Names
from crisis.projections.words import fact_value

State = Literal["known", "not known yet", "not asked yet", "kept outside the log", "erased"]


class FactLine(Struct, frozen=True, kw_only=True):
    """A fact as it stands: its question, its value in words where there is one to show, and since when."""

    fact: str
    question: str
    type: str
    state: State
    value: str = ""
    since: datetime | None = None


def fact_lines(plan: Plan, incident: Incident, events: Iterable[Recorded], zone: tzinfo | None) -> tuple[FactLine, ...]:
    """All of them; a sensitive value is not shown."""
    erased: dict[str, int] = {one.event.fact: one.seq for one in events if isinstance(one.event, Erased)}
    return tuple(_line(name, plan, incident, erased.get(name, 0), zone) for name in plan.facts)


def to_text(lines: tuple[FactLine, ...], zone: tzinfo | None) -> str:
    """A line each: name, value, since when, the question."""
    width = max((len(one.fact) for one in lines), default=0)
    return "\n".join(
        f"{one.fact:<{width}}  {one_line(one.value or one.state, 80)}"
        + (f" (since {one.since.astimezone(zone):%a %H:%M})" if one.since else "")
        + f"  · {one_line(one.question, 120)} [{one.type}]"
        for one in lines
    )


def _line(name: str, plan: Plan, incident: Incident, erased: int, zone: tzinfo | None) -> FactLine:
    spec, state = plan.facts[name], incident.facts.get(name)
    how: State = "not asked yet" if state is None else "not known yet"
    value, since = "", None
    if state is not None and state.known:
        outside: State = "erased" if state.seq < erased else "kept outside the log"
        how, since = (outside if state.sealed else "known"), state.since
        value = "" if state.sealed else fact_value(name, state.value, Names.of(plan), zone)
    return FactLine(fact=name, question=spec.prompt, type=spec.type, state=how, value=value, since=since)
