"""What drills came to, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line

_MOST_FAULTS = 8


def as_document(drills: Sequence[Mapping[str, Any]]) -> str:
    """One JSON document; of a single drill its own keys stand at the top as well, for `jq .steps`."""
    whole = {"schema_version": 1, "passed": all(one["passed"] for one in drills), "drills": list(drills)}
    single = {key: value for key, value in drills[0].items() if key not in whole} if len(drills) == 1 else {}
    return json.dumps({**whole, **single}, ensure_ascii=False, indent=2)


def as_lines(drills: Sequence[Mapping[str, Any]]) -> str:
    """A line a drill, what failed beneath it, and the count."""
    lines = []
    for one in drills:
        lines.append(_result(one))
        lines += _faults(one["failures"]) if one["begins"] is None else map(_failure, one["failures"])
        lines += _missing("it needs these answers, too:", [lack for lack in one["missing"] if lack["for_sure"]])
        lines += _missing("and if it comes to that:", [lack for lack in one["missing"] if not lack["for_sure"]])
    failed = sum(not one["passed"] for one in drills)
    lines.append(f"{len(drills) - failed} passed, {failed} failed")
    return "\n".join(lines)


def _failure(one: Mapping[str, Any]) -> str:
    at = f" at {one['step']}" if one["step"] else ""
    return f"        expected {one_line(one['expectation'])}{at}: {one_line(one['why'], 400)}"


def _missing(head: str, missing: Sequence[Mapping[str, Any]]) -> list[str]:
    listed = [f"          {one_line(one['key'])}: {one_line(one['may_be'], 160)}" for one in missing]
    return [f"        {head}", *listed] if listed else []


def _faults(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why it could not be rehearsed; all of it is for `crisis check` to say."""
    more = [f"        and {len(failures) - _MOST_FAULTS} more"] if len(failures) > _MOST_FAULTS else []
    return [*(f"        {one_line(one['why'], 400)}" for one in failures[:_MOST_FAULTS]), *more]


def _result(one: Mapping[str, Any]) -> str:
    name = one_line(one["scenario"], 80)
    if one["begins"] is None:
        return f"DRILL BROKEN  {name}: it was not rehearsed, mend it first (`crisis check` shows more)"
    mark = "passed" if one["passed"] else "FAILED"
    before = one["answers_before_approval"]
    lasted = roughly(timedelta(seconds=one["lasted"])) + (", then time was up" if one["time_was_up"] else "")
    counts = f"{before} answer{'' if before == 1 else 's'} before approval, {one['answers']} in all, {lasted}"
    return f"DRILL {mark}  {name}: {one_line(one['title'], 80)} ({counts})"
