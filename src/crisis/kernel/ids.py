"""Names of things: incidents, steps, facts."""

from __future__ import annotations

import re

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_INCIDENT = re.compile(r"(INC|DRILL)-(\d{4})-(\d{4,})", re.ASCII)


def incident_id(year: int, number: int, *, drill: bool = False) -> str:
    """`INC-2026-0007`; a rehearsal is `DRILL-2026-0007`, so that nobody ever mistakes one for the other."""
    return f"{'DRILL' if drill else 'INC'}-{year:04}-{number:04}"


def is_incident_id(text: str) -> bool:
    """Whether `text` is written like an incident's id."""
    return _INCIDENT.fullmatch(text) is not None
