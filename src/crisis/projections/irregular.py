"""Which texts go out without a full approval: what ends an approval is then not called approved."""

from __future__ import annotations

from collections.abc import Mapping

from crisis.engine import events as ev
from crisis.engine.events import Event, Line
from crisis.engine.plan import Plan

WITHOUT = "without a full approval"


class Irregular:
    """Follows the events of an incident, one after the other."""

    def __init__(self, plan: Plan) -> None:
        self._messages: Mapping[str, str] = {one.id: one.message for one in plan.steps if one.kind_name == "approve"}
        self._lines: dict[str, set[Line]] = {}

    def after(self, event: Event) -> str:
        """How the approval that `event` ends came about, if it was not by enough people; else nothing."""
        match event:
            case ev.Drafted(message=name, texts=texts):
                self._lines[name] = self._lines.get(name, set()) & {text.line for text in texts}
            case ev.ApprovalWaived(message=name, lines=lines) | ev.LastResortTaken(message=name, lines=lines):
                self._lines[name] = {*self._lines.get(name, ()), *lines}
            case ev.Finished(step=step, outcome="approved") if self._lines.get(self._messages.get(step, "")):
                return WITHOUT
            case _:
                pass
        return ""
