"""The two settings a user can choose, and what they trade."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct


class Setting(Struct, frozen=True):
    """How readily an alert is raised.

    `threshold`: strength, where 1 is "as high as the faded memory of everything before" (see `memory`).
    `escalation`: within one episode, a new alert only at this many times the strength of the last.
    `episode`: how long after an alert only an escalation speaks.
    """

    name: str
    threshold: float
    escalation: float = 3.0
    episode: timedelta = timedelta(days=1)


WATCHFUL = Setting("watchful", threshold=0.65)
QUIET = Setting("quiet", threshold=0.85)
SETTINGS = {setting.name: setting for setting in (WATCHFUL, QUIET)}
