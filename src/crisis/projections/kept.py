"""What a kept brief holds: its version, and whether what was read is one. Loads no engine, as `status` does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from crisis.kernel.moments import is_reached

#: What is kept of an incident was written by the version that wrote its last event: `verify` compares like with like.
SCHEMA_VERSION = 5

#: Beyond these a number is no longer one that can be divided, or made a duration; nothing that is counted comes near.
_LARGEST = 10**300
_MOST_MINUTES = 10**9

_Shape: TypeAlias = "type | Mapping[str, _Shape] | list[_Shape] | Callable[[Any], bool]"


def version_of(brief: Mapping[str, Any], incident: str) -> int | None:
    """The version that wrote the brief of that incident; None where it cannot be read: some hand has changed it."""
    version = brief.get("schema_version")
    if type(version) is not int or version < 1:
        return None
    if version != SCHEMA_VERSION:
        return version
    fits = brief.get("incident") == incident and _fits(brief, _BRIEF) and _monitored(brief.get("monitoring"))
    return version if fits else None


def _fits(value: Any, shape: _Shape) -> bool:
    match shape:
        case type():
            return isinstance(value, shape)
        case list():
            return isinstance(value, list) and all(_fits(one, shape[0]) for one in value)
        case Mapping():
            return isinstance(value, Mapping) and all(
                key in value and _fits(value[key], one) for key, one in shape.items()
            )
        case _:
            return shape(value)


def _moment_or_none(value: Any) -> bool:
    return value is None or is_reached(value)


def _number_or_none(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and abs(value) < _LARGEST)


def _minutes(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < _MOST_MINUTES


def _by_name(shape: _Shape) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(_fits(one, shape) for one in value.values())


def _monitored(value: Any) -> bool:
    """Only there where an export was read."""
    return value is None or _fits(value, _MONITORING)


def _counted(value: Any) -> bool:
    return value is None or _fits(value, _SERIES)


_SERIES: _Shape = {"begins": is_reached, "every_minutes": _minutes, "mentions": [_number_or_none]}
_FIGURE: _Shape = {
    **dict.fromkeys(("value", "baseline", "ratio"), _number_or_none),
    "unusual": bool,
    "window_minutes": _minutes,
}
_MONITORING: _Shape = {
    "format": str,
    "last": _moment_or_none,
    "estimated_sentiment": _number_or_none,
    "figures": _by_name(_FIGURE),
    "series": _counted,
}
_BRIEF: _Shape = {
    **dict.fromkeys(("incident", "title", "playbook", "timezone", "severity", "severity_word", "phase", "lead"), str),
    **dict.fromkeys(("opened_at", "known_since", "closed_at", "updated_at"), _moment_or_none),
    "drill": bool,
    "version": int,
    "frozen": bool,
    "frozen_accounts": [str],
    "stopped": [str],
    "still_posting": [str],
    "waiting_on": [
        {"who": str, "role": str, "for": str, "until": _moment_or_none, "contacts": _by_name(str)},
    ],
    "clocks": [
        {
            **dict.fromkeys(("name", "kind", "note"), str),
            **dict.fromkeys(("due", "since", "met"), _moment_or_none),
            "breached": bool,
        }
    ],
    "next_steps": [dict.fromkeys(("step", "title", "role", "phase"), str)],
    "published": [
        {
            **dict.fromkeys(("message", "title", "channel", "language", "sha256", "fingerprint", "link", "by"), str),
            "at": _moment_or_none,
            "approved_by": [str],
            "without_approval": str,
            "outdated": [str],
            "replaced": bool,
        }
    ],
    "not_posted": [
        {
            **dict.fromkeys(("message", "title", "channel", "language", "fingerprint", "state"), str),
            "approvals": [{"by": str, "until": _moment_or_none}],
            "approved_until": _moment_or_none,
        }
    ],
    "waived": [str],
    "without_approval": [dict.fromkeys(("title", "place", "how", "reason"), str)],
    "told": [dict.fromkeys(("who", "role", "answer"), str)],
    "stand_down": [{"text": str, "seen": bool}],
    "do_not": [str],
}
