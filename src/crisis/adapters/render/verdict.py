"""What `verify` found, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crisis.kernel.fingerprints import short
from crisis.kernel.text import one_line


def to_text(verdict: Mapping[str, Any]) -> str:
    """Intact and how well that is known, or each problem on a line."""
    name, version = one_line(verdict["incident"], 40), verdict["version"]
    events = f"{version} event{'' if version == 1 else 's'}"
    if verdict["problems"]:
        return "".join([f"{name}: TAMPERED, {events}\n", *(f"  {one_line(one)}\n" for one in verdict["problems"])])
    found = f"{name}: intact, {events}, chain head {short(verdict['hash'])}"
    if verdict["anchored"]:
        return f"{found}, anchored by the checkpoint\n"
    why = "without a checkpoint kept elsewhere a missing tail or a full rewrite cannot be seen"
    return f"{found}, not anchored\n  {why}\n  keep one now: crisis verify {name} --json > {name}.checkpoint.json\n"
