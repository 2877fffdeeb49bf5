"""`crisis measure`, and wherever else an export is read into an incident: as figures, by its own playbook's rules."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, TextIO

from msgspec import Struct

from crisis.engine.commands import ReadSignals
from crisis.engine.monitoring import MOST_SPANS, Counted, Figure, Measured, is_long_over
from crisis.engine.outlook import Outlook
from crisis.kernel.errors import Interrupted, Usage
from crisis.kernel.text import one_line
from crisis.playbook.model import SeverityRule
from crisis.projections.monitored import as_json, change_lines, monitoring_of
from crisis.projections.names import Names
from crisis.projections.response import responses
from crisis.runtime.monitoring import ended
from crisis.signals.mention import ImportReport
from crisis.signals.proposal import thresholds_of
from crisis.signals.spans import Spans, spans_of, spans_of_counts
from crisis.signals.standing import Standing
from crisis.wiring.assessing import readings
from crisis.wiring.detecting import stood
from crisis.wiring.gathering import Gathered, Wanted, gather

if TYPE_CHECKING:
    from crisis.engine.severity import Proposal
    from crisis.runtime.desk import Case

SCHEMA_VERSION = 1

#: How much of the time before the incident is kept: without it nobody sees what a message changed.
BEFORE = timedelta(days=1)
#: The most names of files that are kept.
MOST_FILES = 20


class Looked(Struct, frozen=True, kw_only=True):
    """Exports as they were read, and how each signal stands: nothing of it rests on a playbook."""

    names: tuple[str, ...]
    gathered: Gathered
    standings: tuple[Standing, ...]
    last: datetime


class Read(Struct, frozen=True, kw_only=True):
    """What was read: the command that records it, and what a person is shown of it."""

    command: ReadSignals
    looked: Looked

    @property
    def report(self) -> ImportReport:
        """What was read, and what was not and why."""
        return self.looked.gathered.report

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How each signal stands."""
        return self.looked.standings

    @property
    def measured(self) -> Measured:
        """The figures."""
        assert self.command.measured is not None  # noqa: S101  # read() has put them there
        return self.command.measured


def look(wanted: Wanted) -> Looked:
    """Read exports as `crisis detect` does. Raises CrisisError subclasses only."""
    setting, gathered = wanted.chosen(), gather(wanted)
    if gathered.report.last is None:
        names = ", ".join(one_line(path.name, 60) for path in wanted.files[:3])
        raise Usage(f"nothing in {names} can be measured", hint="`crisis detect FILE` says what was read and what not")
    return Looked(
        names=tuple(one_line(path.name, 100) for path in wanted.files[:MOST_FILES]),
        gathered=gathered,
        standings=stood(gathered, setting),
        last=gathered.report.last,
    )


def read(
    looked: Looked,
    rules: Mapping[str, SeverityRule],
    known_since: datetime | None = None,
) -> Read:
    """What was looked at, held against `rules`, ready to be recorded; whether it counts is for the engine to say."""
    report, standings = looked.gathered.report, looked.standings
    measured = Measured(
        files=looked.names,
        format=one_line(report.format, 100),
        first=report.first,
        last=looked.last,
        figures={one.signal: _figure(one) for one in standings},
        counted=_counted(looked.gathered, looked.last, known_since),
        estimated=max((one.estimated for one in standings), default=0.0),
    )
    return Read(
        command=ReadSignals(readings=readings(standings, thresholds_of(rules)), measured=measured), looked=looked
    )


def measure(wanted: Wanted, incident: str | None, me: str, url: str | None, *, as_json: bool) -> dict[str, Any] | str:
    """Read exports into an open incident, and say what they say of it."""
    from crisis.adapters.operator.fitting import tell
    from crisis.wiring.acting import as_whom, at

    desk, case, who = at(incident, me, url)
    found = read(look(wanted), case.plan.severity, case.incident.known_since)
    _is_meant(found.measured, case, desk.clock.now())
    desk.execute(case.incident.id, found.command, who=who, via="command line")
    after = desk.case(case.incident.id)
    now = max(desk.clock.now(), after.incident.at)
    proposal = Outlook(after.plan, after.incident, now).proposal
    recorded = as_whom(case, who, me)
    if as_json:
        for line in recorded:
            tell(line)
        return _document(after, found, proposal)
    return "\n".join([_text(after, found, proposal, now), *recorded])


def _is_meant(measured: Measured, case: Case, now: datetime) -> None:
    """Where it ended long ago, a person at the terminal is asked whether it is the right one. Raises Interrupted."""
    from crisis.adapters.operator.typed import somebody_is_there
    from crisis.wiring.acting import typed
    from crisis.wiring.live import zone_of

    if not is_long_over(measured, now) or not somebody_is_there():
        return
    over = ended(measured, now.astimezone(zone_of(case.plan.timezone)))
    if typed(f"{over}. Read it into {case.incident.id} all the same? (yes, or Enter for no) ").casefold() != "yes":
        raise Interrupted("Nothing was recorded.")


def _document(case: Case, found: Read, proposal: Proposal) -> dict[str, Any]:
    from crisis.adapters.render.signals import standing_data

    incident = case.incident
    return {
        "schema_version": SCHEMA_VERSION,
        "incident": incident.id,
        **found.report.as_data(),
        "signals": [standing_data(one) for one in found.standings],
        "monitoring": monitoring_of(incident),
        "responses": as_json(responses(case.events, Names.of(case.plan, incident))),
        "severity": incident.severity,
        "proposal": {
            "severity": proposal.severity,
            "because": proposal.because,
            "rule": proposal.rule,
            "is_unsure": proposal.is_unsure,
        },
    }


def _text(case: Case, found: Read, proposal: Proposal, now: datetime) -> str:
    from crisis.adapters.render.signals import report_lines
    from crisis.wiring.live import zone_of

    incident, zone = case.incident, zone_of(case.plan.timezone)
    lines = [*report_lines(found.report, zone), "", *table(found.standings, zone, sys.stdout), ""]
    lines += [one_line(one, 600) for one in changes(case, now, zone)]
    lines += [
        f"{incident.id}: read into the incident. Proposed: {one_line(str(proposal), 400)}",
        _decided(case, proposal),
    ]
    return "\n".join(lines)


def table(standings: Sequence[Standing], zone: tzinfo | None, out: TextIO) -> list[str]:
    """The signals as `crisis detect` shows them, as wide as the terminal that `out` is, and in bars it can show."""
    import shutil

    from crisis.adapters.render.signals import signal_lines

    plain = not (out.encoding or "").lower().startswith("utf")
    width = shutil.get_terminal_size().columns if out.isatty() else 0
    return signal_lines(standings, zone, plain=plain, width=width)


def changes(case: Case, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """What the latest export says, since the one before it and since each message."""
    return change_lines(case.incident, case.events, Names.of(case.plan, case.incident), now, zone)


def _decided(case: Case, proposal: Proposal) -> str:
    incident = case.incident
    says = f"crisis severity {proposal.severity} -i {incident.id}"
    if not incident.severity:
        return f"No severity is decided yet: the walk asks, or `{says}` says it."
    if proposal.severity < incident.severity:
        asks = f"crisis resume {incident.id}"
        return f"Decided is {incident.severity}. A person decides: `{asks}` asks, `{says}` says it."
    return f"Decided is {incident.severity}."


def _figure(one: Standing) -> Figure:
    return Figure(
        value=_number(one.value),
        baseline=_number(one.baseline),
        ratio=_number(one.ratio),
        since=one.since if one.unusual else None,
        window=one.window / timedelta(seconds=1),
        unusual=one.unusual,
    )


def _number(value: float | None) -> float | None:
    return round(value, 4) if value is not None and math.isfinite(value) else None


def _counted(gathered: Gathered, last: datetime, known_since: datetime | None) -> Counted | None:
    since = min(known_since or last, last) - BEFORE
    if gathered.tally.bins:
        return _kept(spans_of(gathered.tally, since, MOST_SPANS, gathered.gaps))
    stream = gathered.counts.get("mention_rate")
    return _kept(spans_of_counts(stream, since, MOST_SPANS)) if stream is not None else None


def _kept(spans: Spans | None) -> Counted | None:
    if spans is None:
        return None
    return Counted(
        begins=spans.begins,
        every=spans.every / timedelta(seconds=1),
        mentions=tuple(None if one is None else _number(one) for one in spans.mentions),
        rated=spans.rated,
        negative=spans.negative,
    )
