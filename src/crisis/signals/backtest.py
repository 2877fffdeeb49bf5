"""What a playbook's rules and the detector would have said over a history."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from crisis.signals.alerts import Alert
from crisis.signals.firings import Firing, Lead, Proposed, apart, false_alarms
from crisis.signals.mention import ImportReport

WEEK = timedelta(days=7)


class Backtest(Struct, frozen=True, kw_only=True):
    """What would have been said. `seen`: how much history there is after the first day, of which nothing is said.

    `told` names the severities on which signals have a say, `not_told` those whose rules ask for facts alone, and
    `blind` those whose signals the history does not have;
    `unmeasured` the signals that rules ask for and the history does not have.
    """

    report: ImportReport
    setting: str
    playbook: str
    seen: timedelta
    began: tuple[datetime, ...]
    per_month: float
    firings: tuple[Firing, ...]
    alerts: tuple[Alert, ...]
    leads: tuple[Lead, ...]
    told: tuple[str, ...]
    not_told: tuple[str, ...]
    blind: tuple[str, ...]
    unmeasured: tuple[str, ...]
    proposed: tuple[Proposed, ...]
    zone: tzinfo

    def per_week(self, count: int) -> float:
        """How many that is in a week."""
        return count * (WEEK / self.seen) if self.seen else 0.0

    def false(self, severity: str) -> int:
        """Firings of `severity` that no known start accounts for."""
        return len(false_alarms(self.fired(severity), self.began))

    def fired(self, severity: str) -> list[datetime]:
        """When any rule of `severity` first held, a day apart."""
        return list(apart(one.at for one in self.firings if one.severity == severity))

    @property
    def false_alerts(self) -> int:
        """Alerts of the detector that no known start accounts for."""
        return len(false_alarms((one.at for one in self.alerts), self.began))
