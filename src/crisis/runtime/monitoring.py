"""Monitoring in a walk: exports are read through a port, and what they say stands beside a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from crisis.engine.commands import ReadSignals
from crisis.engine.events import Reading
from crisis.engine.look import OpenAsk
from crisis.engine.monitoring import Figure, Measured, is_long_over
from crisis.engine.shapes import Choice, SeverityChoice
from crisis.kernel.errors import CrisisError, Refused, Usage
from crisis.kernel.text import one_line
from crisis.projections.monitored import change_lines
from crisis.projections.names import Names
from crisis.runtime.desk import Case
from crisis.runtime.ports import Clock, Monitoring


def figures_for(case: Case, one: OpenAsk, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """What monitoring says, line by line, where somebody judges how bad it is or how it goes."""
    judges = isinstance(one.ask.wants, SeverityChoice) or (
        one.step.kind_name == "measure" and isinstance(one.ask.wants, Choice)
    )
    if case.incident.measured is None or not judges:
        return ()
    return change_lines(case.incident, case.events, Names.of(case.plan, case.incident), now, zone)


class LongOver(Refused):
    """An export ended long ago: it is taken only when it is named once more as one that is meant."""


def exports_read(
    monitoring: Monitoring | None, files: Sequence[str], case: Case, now: datetime, *, old: bool
) -> ReadSignals:
    """What the files say. The question stays open, and is asked again, where something is raised.

    Raises Usage where they cannot be read, LongOver where they ended long before `now` and no `old` ones are meant.
    """
    if monitoring is None:
        raise Usage("no exports can be read here", hint="answer: not now")
    try:
        read = monitoring.read(files, case)
    except CrisisError as error:
        raise Usage(error.message, hint=error.hint) from error
    if read.measured is not None and not old and is_long_over(read.measured, now):
        raise LongOver(ended(read.measured, now), hint="in a file of answers `old: true` beside `files` takes it")
    return read


def ended(measured: Measured, now: datetime) -> str:
    """`export.csv ended 1461 days ago, on 2022-03-07`: what a person is told of figures that are long over."""
    assert measured.last is not None  # noqa: S101  # what has no end is not over
    files = one_line(", ".join(measured.files), 120)
    return f"{files} ended {(now - measured.last).days} days ago, on {measured.last.astimezone(now.tzinfo):%Y-%m-%d}"


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
