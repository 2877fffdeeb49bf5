"""Which blobs an event speaks of, and which of them must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from crisis.engine import events as ev

#: `kept`: the chain is worth nothing without the bytes. `erasable`: a salted value, its gap may be marked.
Need = Literal["kept", "erasable"]

_KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def needs(event: ev.Event) -> Iterator[tuple[str, Need, str]]:
    """Key, need and plain name of every blob that the event cannot do without."""
    match event:
        case ev.Opened(plan=plan, sources=sources, roster=roster):
            yield plan, "kept", "the plan"
            yield from ((key, "kept", f"the source {name}") for name, key in sources.items())
            yield from ((one.contact, "erasable", f"the contact of {one.id}") for one in roster if one.contact)
        case ev.RosterChanged(member=member) if member.contact:
            yield member.contact, "erasable", f"the contact of {member.id}"
        case ev.FactSet(fact=fact, sealed=sealed) if sealed:
            yield sealed, "erasable", f"the value of {fact}"
        case ev.Drafted(message=message, texts=texts):
            yield from ((text.line.sha256, "kept", f"the text of {message} for {text.line.place}") for text in texts)
        case _:
            return


def mentions(payload: str) -> frozenset[str]:
    """Everything in an event's text that is written like a blob's key: evidence and attachments too."""
    return frozenset(_KEY.findall(payload))
