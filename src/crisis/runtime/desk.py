"""Where commands meet the journal: load, decide, append; on a conflict the command is decided again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from crisis.engine.commands import By, Command, Open, Tick
from crisis.engine.decide import Outcome, decide
from crisis.engine.events import Recorded
from crisis.engine.evolve import fold
from crisis.engine.look import Agenda, agenda
from crisis.engine.memory import Memory
from crisis.engine.outlook import Outlook
from crisis.engine.people import Roster
from crisis.engine.plan import Plan
from crisis.engine.state import Incident
from crisis.kernel.errors import NotFound, Tampered, Unreadable
from crisis.plan.codec import decode_plan
from crisis.projections.brief import brief_of
from crisis.runtime.ports import Blob, Clock, Conflict, Envelope, Head, Ids, Journal

#: How often a command is decided again when others keep writing; each time somebody else has got on.
MOST_RETRIES = 50


#: What is kept beside the events for those who only read.
Summary = Callable[[Plan, Incident, Agenda], Mapping[str, Any]]


class Case(Struct, frozen=True):
    """An incident with the plan it runs on and everything that happened."""

    plan: Plan
    incident: Incident
    events: tuple[Recorded, ...]


def folded(name: str, events: Sequence[Recorded], before: Incident | None = None) -> Incident | None:
    """What these events make of the incident. Raises Tampered where one does not follow from those before it."""
    try:
        return fold(events, before)
    except (KeyError, ValueError) as error:
        why = f"the events of {name} do not follow from each other: {error}"
        raise Tampered(why, hint=f"run `crisis verify {name}`") from error


class Desk:
    """Reads and writes incidents. Keeps what it has folded, and reads only what came after."""

    def __init__(self, journal: Journal, clock: Clock, ids: Ids, brief: Summary = brief_of) -> None:
        self.journal = journal
        self.clock = clock
        self.ids = ids
        self._brief = brief
        self._cases: dict[str, Case] = {}
        self._memories: defaultdict[str, Memory] = defaultdict(Memory)
        self._agendas: dict[str, tuple[int, Agenda]] = {}
        self._wakes: dict[str, tuple[int, datetime | None]] = {}

    def case(self, incident: str) -> Case:
        """The incident as it is now. Raises NotFound, or Unreadable where its plan is gone."""
        known = self._cases.get(incident)
        news = self.journal.read(incident, after=known.incident.version if known else 0)
        if known is None:
            return self._remember(self._first(incident, news))
        if not news:
            return known
        state = folded(incident, news, known.incident)
        assert state is not None  # noqa: S101  # a fold from an incident is an incident
        return self._remember(Case(known.plan, state, (*known.events, *news)))

    def ahead(self, incident: str) -> Agenda:
        """What can be done now. The last reading serves until something is written or its time has come."""
        case, now = self.case(incident), self.clock.now()
        version, known = self._agendas.get(incident, (0, None))
        if known is None or version != case.incident.version or (known.wakes_at is not None and known.wakes_at <= now):
            known = agenda(case.plan, case.incident, max(now, case.incident.at), self._memories[incident])
            self._agendas[incident] = (case.incident.version, known)
        return known

    def people(self, case: Case) -> Roster:
        """Who holds which role in that incident."""
        return Outlook(case.plan, case.incident, case.incident.at, self._memories[case.incident.id]).people

    def execute(
        self,
        incident: str,
        command: Command,
        *,
        who: str,
        via: str = "terminal",
        present: bool = True,
        on_behalf_of: str = "",
        blobs: Sequence[Blob] = (),
    ) -> tuple[Recorded, ...]:
        """Decide the command on the state just before it, and append its events durably; returns them.

        Raises what the command is refused with. A command that was written counts once, however often
        it is tried.
        """
        name = self.ids.new()
        for _ in range(MOST_RETRIES):
            case = self.case(incident)
            by = By(who=who, at=self._now(case.incident), id=name, via=via, present=present, on_behalf_of=on_behalf_of)
            outcome = decide(case.plan, case.incident, command, by, self._memories[incident])
            if not outcome.events:
                return ()
            try:
                return self._append(case, outcome, name, blobs)
            except Conflict:
                continue
        raise Conflict(f"{incident} is being written by others all the time", hint="try again")

    def open(self, plan: Plan, command: Open, blobs: Sequence[Blob], *, via: str, present: bool) -> Incident:
        """Open an incident. Raises Conflict where its id was taken meanwhile."""
        by = By(who=command.lead, at=self.clock.now(), id=self.ids.new(), via=via, present=present)
        outcome = decide(plan, None, command, by, self._memories[command.incident])
        empty = Case(plan, outcome.incident, ())
        self._append(empty, outcome, by.id, blobs, expected=0)
        return outcome.incident

    def tick(self, incident: str) -> tuple[Recorded, ...]:
        """Record what time alone has brought about since the last event."""
        case = self.case(incident)
        version, wakes_at = self._wakes.get(incident, (0, None))
        if version != case.incident.version:
            # As of the last event: a moment that has been reached is no longer ahead of now.
            wakes_at = agenda(case.plan, case.incident, case.incident.at, self._memories[incident]).wakes_at
            self._wakes[incident] = (case.incident.version, wakes_at)
        if wakes_at is None or wakes_at > self.clock.now():
            return ()
        return self.execute(incident, Tick(), who="", via="clock")

    def _now(self, incident: Incident) -> datetime:
        # A clock that was set back must not write history backwards: order is seq, but deadlines are times.
        return max(self.clock.now(), incident.at)

    def _append(
        self, case: Case, outcome: Outcome, command: str, blobs: Sequence[Blob], expected: int | None = None
    ) -> tuple[Recorded, ...]:
        events, after = outcome.events, outcome.incident
        ahead = outcome.ahead
        head = Head(
            incident=after.id,
            version=after.version,
            hash="",
            wakes_at=ahead.wakes_at,
            brief=self._brief(case.plan, after, ahead),
        )
        envelopes = [
            Envelope(seq=one.seq, at=one.at, who=one.who, via=one.via, event=one.event, on_behalf_of=one.on_behalf_of)
            for one in events
        ]
        before = case.incident.version if expected is None else expected
        written = self.journal.append(after.id, before, command, envelopes, head, blobs)
        if written and written[-1].seq == after.version:
            self._remember(Case(case.plan, after, (*case.events, *written)))
            self._agendas[after.id] = (after.version, ahead)
            self._wakes[after.id] = (after.version, ahead.wakes_at)
        return written

    def _first(self, incident: str, events: tuple[Recorded, ...]) -> Case:
        state = folded(incident, events)
        if state is None:
            raise NotFound(f"there is no incident {incident}", hint="`crisis list` shows them")
        data = self.journal.blob(state.plan)
        if data is None:
            raise Unreadable(
                f"the plan of {incident} is missing from the journal", hint=f"run `crisis verify {incident}`"
            )
        return Case(decode_plan(data), state, events)

    def _remember(self, case: Case) -> Case:
        self._cases[case.incident.id] = case
        return case
