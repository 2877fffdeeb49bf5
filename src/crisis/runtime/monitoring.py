"""Monitoring in a walk: exports are read through a port, and what they say stands beside a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from crisis.engine.commands import ReadSignals
from crisis.engine.events import Reading
from crisis.engine.look import OpenAsk
from crisis.engine.monitoring import Figure, Measured
from crisis.engine.shapes import SeverityChoice
from crisis.kernel.errors import CrisisError, Usage
from crisis.projections.monitored import change_lines
from crisis.projections.names import Names
from crisis.runtime.desk import Case
from crisis.runtime.ports import Clock, Monitoring


def figures_for(case: Case, one: OpenAsk, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """What monitoring says, line by line, where somebody judges how bad it is or how it goes."""
    judges = isinstance(one.ask.wants, SeverityChoice) or (one.step.kind_name == "measure" and one.ask.key == "choice")
    if case.incident.measured is None or not judges:
        return ()
    return change_lines(case.incident, case.events, Names.of(case.plan, case.incident), now, zone)


def exports_read(monitoring: Monitoring | None, files: Sequence[str], case: Case) -> ReadSignals:
    """What the files say. Raises Usage where they cannot be read: the question stays open, and is asked again."""
    if monitoring is None:
        raise Usage("no exports can be read here", hint="answer: not now")
    try:
        return monitoring.read(files, case)
    except CrisisError as error:
        raise Usage(error.message, hint=error.hint) from error


class InjectedSignals:
    """The Monitoring port of a drill: whatever the file is called, it says what was injected so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def read(self, files: Sequence[str], case: Case) -> ReadSignals:
        """The signals as the scenario injected them. Raises Usage where it has injected none."""
        signals = case.incident.signals
        if not signals:
            raise Usage("nothing to read: the scenario has injected no signals yet", hint="add an inject with signals:")
        figures = {name: _figure(one) for name, one in signals.items()}
        measured = Measured(files=tuple(files), format="drill", last=self._clock.now(), figures=figures)
        return ReadSignals(readings={}, measured=measured)


def _figure(one: Reading) -> Figure:
    return Figure(value=one.value, ratio=one.ratio)
