"""The facts of an incident as one person may say or correct them, and what is recorded of what they say."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, tzinfo

from crisis.engine.commands import SetFact
from crisis.engine.events import Json
from crisis.kernel.fingerprints import salted
from crisis.playbook.model import Fact
from crisis.projections.facts import fact_lines
from crisis.runtime.desk import Case
from crisis.runtime.ports import Blob, Ids
from crisis.runtime.scene import SayableFact


def sayable(case: Case, waited_for: Collection[str], zone: tzinfo) -> tuple[SayableFact, ...]:
    """Every fact of the playbook: first what a text waits for, then what was asked in vain, then what is known.

    What was never asked comes last: it mostly belongs to another course of things.
    """
    facts = []
    for line in fact_lines(case.plan, case.incident, case.events, zone):
        state = case.incident.facts.get(line.fact)
        is_shown = state is not None and state.known and not state.sealed
        facts.append(
            SayableFact(
                name=line.fact,
                fact=case.plan.facts[line.fact],
                known_now=line.value or line.state,
                is_asked=state is not None,
                is_known=state is not None and state.known,
                is_waited_for=line.fact in waited_for,
                suggested={"value": state.value} if state is not None and is_shown else None,
                changed=state.changed if state is not None else 0,
            )
        )
    return tuple(sorted(facts, key=lambda one: (not one.is_waited_for, not one.is_asked, one.is_known)))


def fact_as_said(
    name: str, fact: Fact, said: Json, ids: Ids, since: datetime | None = None
) -> tuple[SetFact, list[Blob]]:
    """What sets the fact, of an answer to `FactValue`; a sensitive value goes with it in a blob.

    `since` is when it became known, where that was before it is said.
    """
    if "again" in said:
        return SetFact(fact=name, known=False, ask_again_at=datetime.fromisoformat(said["again"])), []
    if fact.sensitive:
        blob = sealed(said["value"], ids)
        return SetFact(fact=name, sealed=blob.key, since=since), [blob]
    return SetFact(fact=name, value=said["value"], since=since), []


def sealed(value: Json, ids: Ids) -> Blob:
    """A sensitive value as it is kept outside the chain, which has only its key."""
    salt, data = ids.salt(), json.dumps(value, ensure_ascii=False).encode()
    return Blob(key=salted(data, salt), data=data, salt=salt)
