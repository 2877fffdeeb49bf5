"""Structs as plain JSON values: moments in UTC, durations in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

SCHEMA_VERSION = 1


def document(value: object) -> dict[str, Any]:
    """A struct as one JSON document that names its form."""
    return {"schema_version": SCHEMA_VERSION, **plain(value)}


def plain(value: object) -> Any:
    """`value` in plain JSON values."""
    if isinstance(value, Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value
