"""The situation at a moment: the kept brief, with what time has done to its deadlines since.

Loads no engine: `crisis status` stands on this and on one row of the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crisis.kernel.contacts import contact_in_words
from crisis.kernel.text import one_line

Brief = Mapping[str, Any]

#: What came of a call.
ANSWERS = {"acknowledged": "has it", "no-answer": "did not answer", "nobody": "cannot be called at all"}


def situation(brief: Brief, now: datetime) -> dict[str, Any]:
    """The brief as it stands at `now`, whoever has recorded it or not.

    What is past due and unmet is breached, and a yes whose time is up is expired. A clock is `running` until it is
    met or the incident is closed: what is neither was not met.
    """
    closed_at = moment(brief.get("closed_at"))
    end = closed_at or now
    clocks = [
        {
            **clock,
            "breached": is_breached(clock, end),
            "running": clock["met"] is None and closed_at is None,
        }
        for clock in brief["clocks"]
    ]
    not_posted = [_with_approvals(text, end) for text in brief["not_posted"]]
    return {**brief, "clocks": clocks, "not_posted": not_posted, "as_of": now.isoformat(timespec="seconds")}


def _with_approvals(text: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A text that is not out with whose yes still counts, and since when whose does not any more."""
    over = [one for one in text["approvals"] if _is_past(one["until"], now)]
    counting = dict.fromkeys(one["by"] for one in text["approvals"] if one not in over)
    is_expired = text["state"] == "approved" and _is_past(text["approved_until"], now)
    return {
        **{key: said for key, said in text.items() if key != "approvals"},
        "state": "approval expired" if is_expired else text["state"],
        "approved_by": list(counting),
        "expired": [{"by": one["by"], "since": one["until"]} for one in over],
    }


def _is_past(until: str | None, now: datetime) -> bool:
    return until is not None and datetime.fromisoformat(until) <= now


def with_numbers(brief: Brief, blob: Callable[[str], bytes | None]) -> dict[str, Any]:
    """The brief with how to `reach` those who are waited for, instead of where that is kept."""
    return {**brief, "waiting_on": [_with_numbers(one, blob) for one in brief["waiting_on"]]}


def _with_numbers(waiting: Mapping[str, Any], blob: Callable[[str], bytes | None]) -> dict[str, Any]:
    kept = {name: blob(key) for name, key in waiting.get("contacts", {}).items()}
    reach = {name: contact_in_words(data) for name, data in kept.items() if data is not None}
    return {**{key: said for key, said in waiting.items() if key != "contacts"}, "reach": reach}


def is_breached(clock: Mapping[str, Any], now: datetime) -> bool:
    """Whether the deadline passed unmet, was met too late, or was recorded as breached."""
    due = moment(clock["due"])
    return bool(clock["breached"]) or (due is not None and (moment(clock["met"]) or now) > due)


def breached(brief: Brief) -> list[Mapping[str, Any]]:
    """The clocks of a `situation` that are breached."""
    return [clock for clock in brief["clocks"] if clock["breached"]]


def outdated(brief: Brief) -> tuple[str, ...]:
    """The texts that are out and say a fact as it no longer is, in words."""
    return said_as_it_was(
        (one["title"], f"{one['channel']}/{one['language']}", one.get("outdated", ())) for one in brief["published"]
    )


def posting_in_words(stopped: Sequence[str], still_posting: Sequence[str]) -> tuple[str, ...]:
    """`2 of 8 are STOPPED: …`, and in a second line what still posts, if anything does."""
    if not stopped:
        return ("not frozen: what is scheduled goes out",)
    several = len(stopped) + len(still_posting)
    if not still_posting:
        return (f"FROZEN, all {several}: {_listed(stopped)}",)
    are, post = "is" if len(stopped) == 1 else "are", "posts" if len(still_posting) == 1 else "post"
    return (
        f"{len(stopped)} of {several} {are} STOPPED: {_listed(stopped)}",
        f"{len(still_posting)} still {post}: {_listed(still_posting)}",
    )


def _listed(accounts: Sequence[str]) -> str:
    """Names that a playbook gives, which may have commas in them."""
    return "; ".join(one_line(name, 120) for name in accounts)


def said_as_it_was(texts: Iterable[tuple[str, str, Sequence[str]]]) -> tuple[str, ...]:
    """`Holding statement says product as it was, and is out (x/en)`, of each title, place and facts it has wrong.

    The places stand last: there may be many, and a line that is short of room is cut at its end.
    """
    places: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for title, place, facts in texts:
        if facts:
            places.setdefault((title, tuple(facts)), []).append(place)
    return tuple(
        f"{title} {as_it_was(facts)}, and is out ({', '.join(where)})" for (title, facts), where in places.items()
    )


def as_it_was(facts: Sequence[str]) -> str:
    """`says product as it was`."""
    named = ", ".join(one.replace("_", " ") for one in facts)
    return f"says {named} as {'it was' if len(facts) == 1 else 'they were'}"


def moment(text: str | None) -> datetime | None:
    """A moment of the brief."""
    return datetime.fromisoformat(text) if text else None
