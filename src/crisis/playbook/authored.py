"""How a frozen dataclass says what may be written in a file, without importing pydantic.

`validate.py` builds pydantic adapters over these classes; nothing else needs it, so a walk and
`crisis status` never pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


T = TypeVar("T")


def _written(name: str) -> str:
    return name.removesuffix("_")


#: Unknown keys are errors; a trailing underscore (`is_`, `for_`) is how Python writes a reserved word.
CONFIG: dict[str, Any] = {"extra": "forbid", "alias_generator": _written, "populate_by_name": False}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def authored(cls: type[T]) -> type[T]:
    """A frozen, slotted, keyword-only dataclass whose fields are the keys of a mapping in a file."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__pydantic_config__ = CONFIG  # type: ignore[attr-defined]  # what pydantic looks for on a plain dataclass
    return made


def described(text: str, **more: Any) -> Any:
    """A dataclass field with the description that goes into the JSON Schema."""
    return field(metadata={"description": text}, **more)


class Parsed:
    """Annotation: this value is made by `parse`, which raises ValueError saying what is wrong."""

    def __init__(self, parse: Callable[[Any], object], schema: Mapping[str, Any]) -> None:
        self.parse = parse
        self.schema = dict(schema)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return dict(self.schema)
