"""How a class says what may be written in a file: its fields are the keys, each with a type and a description.

It becomes a struct, which costs a fiftieth of a dataclass to make. Pydantic is imported only for the JSON Schema.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast, dataclass_transform

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


T = TypeVar("T")


class _Described(msgspec.Struct, frozen=True):
    text: str
    default: Mapping[str, Any]
    """As `default` or `default_factory`; nothing for a key that must be written."""


def described(text: str, **default: Any) -> Any:
    """A field with the description that goes into the JSON Schema; required without `default` or `default_factory`."""
    return _Described(text, default)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(described,))
def authored(cls: type[T]) -> type[T]:
    """A frozen, keyword-only struct whose fields are the keys of a mapping in a file.

    A trailing underscore (`is_`, `for_`) is how Python writes a reserved word. Every field is `described`.
    """
    written: Mapping[str, _Described] = {name: vars(cls)[name] for name in cls.__annotations__}
    fields = [(name, cls.__annotations__[name], msgspec.field(**one.default)) for name, one in written.items()]
    left_behind = {"__annotations__", "__dict__", "__weakref__", *written}
    rest = {name: value for name, value in vars(cls).items() if name not in left_behind}
    own = {"__described__": written, "__get_pydantic_core_schema__": classmethod(_core_schema)}
    made: Any = msgspec.defstruct(
        cls.__name__, fields, module=cls.__module__, namespace={**rest, **own}, frozen=True, kw_only=True
    )
    return made  # type: ignore[no-any-return]


def _core_schema(cls: Any, source: Any, handler: Any) -> Any:
    return handler(_as_dataclass(cls))


@cache
def _as_dataclass(cls: Any) -> Any:
    """An authored class as pydantic knows one: unknown keys are errors, and no key ends with an underscore."""
    from dataclasses import dataclass, field

    written: Mapping[str, _Described] = vars(cls)["__described__"]
    fields = {name: field(metadata={"description": one.text}, **one.default) for name, one in written.items()}
    body = {"__doc__": cls.__doc__, "__module__": cls.__module__, "__annotations__": cls.__annotations__, **fields}
    made: Any = dataclass(frozen=True, kw_only=True)(type(cls.__name__, (), body))
    config = {"extra": "forbid", "alias_generator": lambda name: name.removesuffix("_"), "populate_by_name": False}
    made.__pydantic_config__ = config  # what pydantic looks for on a plain dataclass
    return made


def changed(one: T, **changes: Any) -> T:
    """A copy of an authored value with other values for some of its fields."""
    copied: Any = msgspec.structs.replace(cast("msgspec.Struct", one), **changes)
    return copied  # type: ignore[no-any-return]


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
