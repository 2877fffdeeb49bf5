"""Monitoring in a walk: what its figures say beside a question."""

from __future__ import annotations

from datetime import datetime, tzinfo

from crisis.engine.look import OpenAsk
from crisis.engine.shapes import SeverityChoice
from crisis.projections.monitored import change_lines
from crisis.projections.names import Names
from crisis.runtime.desk import Case


def figures_for(case: Case, one: OpenAsk, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """What monitoring says, line by line, where somebody judges how bad it is; nothing where no export was read."""
    if case.incident.measured is None or not isinstance(one.ask.wants, SeverityChoice):
        return ()
    return change_lines(case.incident, case.events, Names.of(case.plan, case.incident), now, zone)
