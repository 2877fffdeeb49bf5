"""A question that is open in a terminal: whether it still is the question, and what has happened meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crisis.engine import shapes
from crisis.engine.look import OpenAsk, agenda
from crisis.runtime.desk import Case
from crisis.runtime.ports import News
from crisis.runtime.scene import Scene

if TYPE_CHECKING:
    from crisis.runtime.walk import Walk


class Watching:
    """Looks at the journal while a question is open."""

    def __init__(self, walk: Walk, incident: str, one: OpenAsk | None, wakes_at: datetime | None) -> None:
        self.walk = walk
        self.incident = incident
        self.one = one
        # A moment that had passed before the question was asked has nothing more to change.
        asked_at = walk.desk.clock.now()
        self.wakes_at = wakes_at if wakes_at is not None and wakes_at > asked_at else None
        case = walk.desk.case(incident)
        self.version = case.incident.version
        self.said = _said_by(case, one)
        self._scene: Scene | None = None

    def news(self) -> tuple[News, ...]:
        """What others did since the last look."""
        if self.walk.desk.journal.version(self.incident) == self.version:
            return ()
        return tuple(self.walk.unheard(self.walk.desk.case(self.incident)))

    def scene(self) -> Scene | None:
        """Where things stand, if that has changed since the question was asked."""
        return self._scene

    def is_stale(self) -> bool:
        """Whether the question is gone or would be another one now, or time has changed what is known."""
        now = self.walk.desk.clock.now()
        if self.wakes_at is not None and self.wakes_at <= now:
            return True
        if self.walk.desk.journal.version(self.incident) == self.version:
            return False
        case = self.walk.desk.case(self.incident)
        self.version = case.incident.version
        if self.one is None:
            return True
        ahead = agenda(case.plan, case.incident, self.walk.now(case))
        self._scene = self.walk.scene(case, ahead)
        if ahead.wakes_at is not None and ahead.wakes_at > now:
            self.wakes_at = ahead.wakes_at
        asks = {other.key: other.told_in(self.walk.zone).ask for other in ahead.asks}
        same = asks.get(self.one.key) == self.one.ask
        return not same or self.said != _said_by(case, self.one)


def _said_by(case: Case, one: OpenAsk | None) -> tuple[int, ...]:
    """The state of the facts that the offered texts say."""
    if one is None or not isinstance(one.ask.wants, shapes.Draft):
        return ()
    facts = case.incident.facts
    return tuple(facts[name].changed for name in case.plan.messages[one.ask.wants.message].facts if name in facts)
