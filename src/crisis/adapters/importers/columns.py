"""The column map: how a file that no table knows is to be read, as data that a person can edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from msgspec import Struct, field

from crisis.adapters.importers.layout import Field
from crisis.adapters.importers.times import ORDERS, Order
from crisis.kernel.errors import Usage
from crisis.kernel.text import quoted
from crisis.signals.mention import Records, Sentiment

if TYPE_CHECKING:
    from collections.abc import Mapping

MEANINGS: tuple[Field, ...] = get_args(Field)
_SETTINGS = ("records", "fields", "date_order", "time_zone", "source", "sentiments")


class ColumnMap(Struct, frozen=True):
    """Which column means what; several names for one meaning are tried in turn.

    `time_zone` is that of times without an offset; `source` names a network for all rows;
    `sentiments` maps the file's own words to positive, neutral, negative or unknown.
    """

    fields: Mapping[Field, tuple[str, ...]]
    records: Records = "mentions"
    date_order: Order | None = None
    time_zone: str | None = None
    source: str = ""
    sentiments: Mapping[str, Sentiment] = field(default_factory=dict)

    def needed(self) -> tuple[str, ...]:
        """The columns without which the map fits no file."""
        must: tuple[Field, ...] = ("at", "text" if self.records == "mentions" else "value")
        return tuple(self.fields[meaning][0] for meaning in must)

    def as_data(self) -> dict[str, object]:
        """The map as it would be written to a file; `column_map_from` reads it back."""
        data: dict[str, object] = {
            "records": self.records,
            "fields": {
                meaning: listed[0] if len(listed) == 1 else list(listed) for meaning, listed in self.fields.items()
            },
        }
        optional = {
            "date_order": self.date_order,
            "time_zone": self.time_zone,
            "source": self.source,
            "sentiments": dict(self.sentiments),
        }
        return data | {name: value for name, value in optional.items() if value}


def column_map_from(data: Mapping[str, object]) -> ColumnMap:
    """A column map from data out of a file; what is wrong with it raises Usage with the way out."""
    _known("setting", data, _SETTINGS)
    listed = _mapping("fields", data.get("fields"))
    _known("field", listed, MEANINGS)
    records = data.get("records", ("value" in listed and "text" not in listed and "counts") or "mentions")
    if records not in get_args(Records):
        raise Usage(f"records cannot be {quoted(str(records), 40)}", hint="write mentions or counts")
    fields = {cast("Field", meaning): _columns(meaning, written) for meaning, written in listed.items()}
    for meaning in ("at", "text" if records == "mentions" else "value"):
        if meaning not in fields:
            raise Usage(
                f"the column map does not say which column is {meaning!r}", hint=f"add {meaning}: <column> under fields"
            )
    order = data.get("date_order")
    if order is not None and order not in ORDERS:
        raise Usage(f"date_order cannot be {quoted(str(order), 40)}", hint=f"write one of {', '.join(ORDERS)}")
    sentiments = _mapping("sentiments", data.get("sentiments", {}))
    for word, verdict in sentiments.items():
        if verdict not in get_args(Sentiment):
            hint = f"write one of {', '.join(get_args(Sentiment))}"
            raise Usage(f"sentiments says {quoted(str(verdict), 40)} for {quoted(word, 40)}", hint=hint)
    return ColumnMap(
        fields,
        cast("Records", records),
        order,
        _text("time_zone", data.get("time_zone")) or None,
        _text("source", data.get("source")),
        cast("Mapping[str, Sentiment]", sentiments),
    )


def _known(what: str, data: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in data:
        if name not in known:
            from crisis.kernel.diagnostics import nearest

            raise Usage(f"a column map has no {what} {quoted(str(name), 40)}", hint=nearest(str(name), known))


def _mapping(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise Usage(
            f"{name} in a column map is a table of names", hint=f"write {name}: and below it one name: value per line"
        )
    return cast("Mapping[str, object]", value)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Usage(f"{name} in a column map is a text", hint=f"write {name}: and a name")
    return value


def _columns(meaning: str, written: object) -> tuple[str, ...]:
    listed = [written] if isinstance(written, str) else written
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(one, str) and one for one in listed):
        raise Usage(f"the column for {meaning!r} is a name or a list of names", hint=f"write {meaning}: <column>")
    return tuple(listed)
