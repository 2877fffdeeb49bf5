"""Which accounts are stopped, and which still post what is scheduled."""

from __future__ import annotations

from crisis.engine.plan import Plan
from crisis.engine.state import Incident


def stopped_and_posting(plan: Plan, incident: Incident) -> tuple[list[str], list[str]]:
    """The names of what is stopped, and of what may be stopped and posts."""
    listed = (item for step in plan.steps if step.kind_name == "freeze" for item in step.spec.items)
    found: tuple[list[str], list[str]] = [], []
    for account in dict.fromkeys((*plan.accounts, *listed, *incident.frozen)):
        is_stopped = account in incident.frozen and account not in incident.resumed
        found[not is_stopped].append(plan.accounts.get(account, account))
    return found
