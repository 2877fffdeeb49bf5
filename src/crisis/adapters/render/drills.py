"""What drills came to, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line


def as_document(drills: Sequence[Mapping[str, Any]]) -> str:
    """One JSON document; of a single drill its own keys stand at the top as well, for `jq .steps`."""
    whole = {"schema_version": 1, "passed": all(one["passed"] for one in drills), "drills": list(drills)}
    single = {key: value for key, value in drills[0].items() if key not in whole} if len(drills) == 1 else {}
    return json.dumps({**whole, **single}, ensure_ascii=False, indent=2)


def as_lines(drills: Sequence[Mapping[str, Any]]) -> str:
    """A line a drill, what failed beneath it, and the count."""
    lines = []
    for one in drills:
        mark = "passed" if one["passed"] else "FAILED"
        lasted = roughly(timedelta(seconds=one["lasted"]))
        lasted += ", then time was up" if one["passed"] and not one["closed"] else ""
        counts = f"{one['answers_before_approval']} answers before approval, {one['answers']} in all, {lasted}"
        lines.append(f"DRILL {mark}  {one['scenario']}: {one_line(one['title'], 80)} ({counts})")
        for failure in one["failures"]:
            at = f" at {failure['step']}" if failure["step"] else ""
            lines.append(f"        expected {one_line(failure['expectation'])}{at}: {one_line(failure['why'], 400)}")
    failed = sum(not one["passed"] for one in drills)
    lines.append(f"{len(drills) - failed} passed, {failed} failed")
    return "\n".join(lines)
