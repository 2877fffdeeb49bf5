"""One alert per episode, and a new one only when it grows well beyond what was already said."""

from __future__ import annotations

import math

from msgspec import Struct

from crisis.signals.settings import Setting

STIRRING = 0.5  # of the threshold: from here on something is going on; an alert dates its episode to this
SETTLING = 1800.0  # seconds in which growth belongs to the alert just raised: whoever got it is looking


class Episode(Struct):
    """What was last said, and since when things have been stirring. Times in seconds."""

    stirring_since: float | None = None
    last_alert: float | None = None
    last_strength: float = 0.0

    def judge(self, time: float, strength: float, setting: Setting) -> str:
        """`new`, `escalates`, or nothing to say."""
        if strength < setting.threshold * STIRRING:
            self.stirring_since = None
            return ""
        if self.stirring_since is None:
            self.stirring_since = time
        if strength <= setting.threshold:
            return ""
        ago = math.inf if self.last_alert is None else time - self.last_alert
        if ago <= SETTLING:
            self.last_strength = max(strength, self.last_strength)
            return ""
        known = ago <= setting.episode.total_seconds()
        if known and strength <= setting.escalation * self.last_strength:
            return ""
        self.last_alert, self.last_strength = time, strength
        return "escalates" if known else "new"
