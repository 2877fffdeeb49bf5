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
        self.facts_changed = facts_changed(case, one) if one is not None else 0
        self._scene: Scene | None = None
        self._is_another = False

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
        if self.walk.desk.journal.version(self.incident) != self.version:
            self._is_another = self._look(now)
        return self._is_another or (self.wakes_at is not None and self.wakes_at <= now)

    def _look(self, now: datetime) -> bool:
        """See where things stand by now; whether what is asked is no longer what would be asked."""
        case = self.walk.desk.case(self.incident)
        self.version = case.incident.version
        ahead = agenda(case.plan, case.incident, self.walk.stage.now(case))
        self._scene = self.walk.stage.scene(case, ahead)
        if ahead.wakes_at is not None and ahead.wakes_at > now:
            self.wakes_at = ahead.wakes_at
        if self.one is None:
            return True
        asks = {other.key: other.told_in(self.walk.stage.zone).ask for other in ahead.asks}
        same = asks.get(self.one.key) == self.one.ask
        return not same or self.facts_changed != facts_changed(case, self.one)


def facts_changed(case: Case, one: OpenAsk) -> int:
    """The version at which a fact that the offered texts say last changed; 0 where none has."""
    if not isinstance(one.ask.wants, shapes.Draft):
        return 0
    facts = case.incident.facts
    said = case.plan.messages[one.ask.wants.message].facts
    return max((facts[name].changed for name in said if name in facts), default=0)
