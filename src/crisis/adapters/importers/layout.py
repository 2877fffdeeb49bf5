"""How one tool writes a mention down: which columns tell it apart, and which column means what."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from crisis.adapters.importers.zones import Convention
    from crisis.signals.mention import Records, Sentiment

Field = Literal[
    "id", "at", "added", "clock", "source", "author", "text", "url", "language", "sentiment", "reach",
    "engagement", "interactions", "country", "repost_of", "kind", "post_id", "document_id", "value",
]  # fmt: skip
"""What a column can mean. `added` is when the tool found it, for rows without a time; `clock` a time of day
beside a date; `interactions` are added up where there is no `engagement`; `kind` may say "repost";
`post_id` and `document_id` prove the time zone."""


class Layout(Struct, frozen=True):
    """One tool's way of writing; names are compared as `plain` writes them.

    `signatures`: the names in any one of them, all present, give the tool away. `fields`: per
    meaning the names to try in turn, the first that is not blank counts (`interactions`: all).
    `convention` and `why` say what its times are when they carry no offset. `refused`: it is known,
    but it holds no mentions, and this is what to export instead.
    """

    name: str
    signatures: tuple[frozenset[str], ...]
    fields: Mapping[Field, tuple[str, ...]]
    records: Records = "mentions"
    source: str = ""
    convention: Convention = "assumed"
    why: str = ""
    sentiments: Mapping[str, Sentiment] = field(default_factory=dict)
    reposts: frozenset[str] = frozenset({"repost", "retweet", "share", "isrepost", "reshare", "reblog"})
    markup: bool = False
    refused: str = ""


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A column's name with what vendors change left out: case, spaces, `_`, quotes, a byte order mark."""
    return re.sub(r"[\s_\"'\ufeff-]+|^ÿþ|^ï»¿|^þÿ", "", name[:200].replace("\0", "")).casefold()


def names(*written: str) -> frozenset[str]:
    """A signature from names as vendors write them."""
    return frozenset(plain(name) for name in written)


def fields(**written: str) -> dict[Field, tuple[str, ...]]:
    """A layout's fields; each lists names as vendors write them, in turn, parted by `|`."""
    return {meaning: tuple(plain(name) for name in listed.split("|")) for meaning, listed in written.items()}  # type: ignore[misc]


def recognised(layouts: Iterable[Layout], present: frozenset[str]) -> Layout | None:
    """The first layout of which one signature is all there."""
    return next((layout for layout in layouts if any(marks <= present for marks in layout.signatures)), None)


def cells(header: Sequence[str], wanted: Iterable[str]) -> Callable[[Sequence[str]], str]:
    """A getter for table rows: the first of the `wanted` columns that is not blank."""
    places = [n for name in wanted for n, column in enumerate(header) if column == name]
    match places:
        case []:
            return lambda row: ""
        case [only]:
            return lambda row: row[only].strip()
        case _:
            return lambda row: next((value for n in places if (value := row[n].strip())), "")


def keys(wanted: Sequence[str]) -> Callable[[Mapping[str, str]], str]:
    """A getter for records with names: the first of the `wanted` that is not blank."""
    return lambda record: next((value for name in wanted if (value := record.get(name, "").strip())), "")
