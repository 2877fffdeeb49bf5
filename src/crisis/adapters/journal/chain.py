"""The chain: change one byte, drop or move a row, and the links no longer fit."""

from __future__ import annotations

from typing import NamedTuple

_FIRST = "crisis journal 1"


class Row(NamedTuple):
    """An event as it is kept. `at` and `payload` are text as codec.py writes it, `previous` and `hash` are links."""

    incident: str
    seq: int
    command: str
    type: str
    at: str
    who: str
    via: str
    on_behalf_of: str
    v: int
    payload: str
    previous: str
    hash: str


def first_link(incident: str) -> str:
    """What event 1 follows: bound to the incident, so that no chain can be passed off as another's."""
    return _digest(_FIRST, incident)


def link(row: Row) -> str:
    """The hash the row must have, from all its other fields. Raises UnicodeEncodeError for half a character."""
    return _digest(
        row.previous,
        row.incident,
        str(row.seq),
        row.command,
        row.type,
        row.at,
        row.who,
        row.via,
        row.on_behalf_of,
        str(row.v),
        row.payload,
    )


def _digest(*fields: str) -> str:
    import hashlib  # OpenSSL is large, and whoever only reads heads needs no hash

    # Each field comes after its length in bytes, so that no two lists of fields give the same bytes.
    encoded = [field.encode() for field in fields]
    return hashlib.sha256(b"".join(b"%d:%b" % (len(data), data) for data in encoded)).hexdigest()
