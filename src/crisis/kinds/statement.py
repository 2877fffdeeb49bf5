"""`kind: statement`: draft, approve and publish in one line; the compiler expands it."""

from __future__ import annotations

from crisis.playbook.authored import authored, described
from crisis.playbook.conditions import Condition
from crisis.playbook.values import Id

PARTS = ("draft", "approve", "publish")


@authored
class StatementSpec:
    """Which message, and what must come before it is published."""

    message: Id = described("A message of this playbook.")
    hold_until: Condition | None = described("Publishing waits for this; a named person may override.", default=None)
