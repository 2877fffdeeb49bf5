"""Did it help? What monitoring said before and after each message, as a part of the post-mortem."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from crisis.adapters.render.markdown import Page
from crisis.adapters.render.moments import clock_time
from crisis.kernel.durations import roughly
from crisis.projections.monitored import rates, shares
from crisis.projections.response import Response

_HOW = (
    "Mentions and the share of negative ones among those with a sentiment, before and after each message went out: as "
    "long before as after, out of one export. The span in which it went out counts to neither. What else happened at "
    "that time cannot be told apart."
)
_NONE = "No figures: no export of a monitoring tool was read while it was open (crisis measure FILE reads one)."


def add_responses(out: Page, told: Sequence[Response], zone: tzinfo | None) -> None:
    """The part, where anything went out; says in so many words where figures are missing or too few."""
    if not told:
        return
    out.heading(2, "Did it help?")
    if not any(one.source for one in told):
        out.paragraph(_NONE)
        return
    out.paragraph(_HOW)
    rows = [
        (
            one.title,
            clock_time(one.at, zone),
            roughly(one.window) if one.window else "–",
            rates(one) if one.window else one.why,
            shares(one) if one.window else "–",
            _note(one),
        )
        for one in told
    ]
    columns = ("Message", "Went out", "Before, and after", "Mentions an hour", "Negative", "Note")
    out.table(columns, rows)


def _note(one: Response) -> str:
    parts = [one.why] if one.window and one.why else []
    parts += [f"within that time also: {', '.join(dict.fromkeys(one.others))}"] if one.others else []
    files = f" ({', '.join(one.files)})" if one.files else ""
    parts += [f"from {one.source}{files}"] if one.source else []
    return "; ".join(parts) or "–"
