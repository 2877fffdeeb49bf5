"""Data from a file becomes authored structs, as much of it as can be; every fault is a finding with its path.

A reader is built from each class's annotations, once. One pass finds every fault and keeps the rest: a general
validation library gives up on an object at its first fault, and costs a playbook ten times as long to import
and to prepare as this takes to read it.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import msgspec
from msgspec import Struct, field

from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.kernel.text import one_line
from crisis.playbook.authored import Parsed
from crisis.playbook.values import shown

#: Likeness costs time that grows with the length of both words.
COMPARED = 100
#: After so many faults no more nearest words are looked for.
MOST_HINTS = 200

_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_TRUTH: Mapping[str, bool] = {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}


class _Faulty:
    """What stands for a value that could not be made."""


FAULTY: Final = _Faulty()


class Faults(Struct):
    """What is wrong, and the paths that were left out because of it."""

    found: list[Diagnostic] = field(default_factory=list)
    left_out: set[Path] = field(default_factory=set)

    def add(self, code: str, message: str, path: Path, hint: str = "", *, at_key: bool = False) -> _Faulty:
        """One more; stands for the value that could not be made."""
        self.found.append(Diagnostic(code, message, path, hint, at_key=at_key))
        return FAULTY


_Read: TypeAlias = Callable[[Any, Path, Faults], Any]


def make(cls: Any, data: Any, path: Path, faults: Faults, instead: Mapping[str, str] | None = None) -> Any:
    """`data` as an instance of the authored class `cls`, without what is faulty; FAULTY where it cannot be made.

    `instead` stands in for required keys, so that one fault does not hide all others.
    """
    if not isinstance(data, Mapping):
        return faults.add("wrong-type", f"{shown(data)} is not a map of keys and values", path)
    known = _fields(cls)
    made: dict[str, Any] = {}
    for key, value in data.items():
        if key in known:
            made[known[key].name] = known[key].read(value, (*path, key), faults)
        elif not str(key).startswith("x-"):
            hint = nearest(str(key)[:COMPARED], known) if len(faults.found) < MOST_HINTS else ""
            faults.add("unknown-key", f"unknown key {shown(key)}", (*path, key), hint, at_key=True)
    is_whole = True
    for key, one in known.items():
        if one.name not in made:
            if not one.is_required:
                continue
            faults.add("missing-key", f"{key!r} is missing", path, f"add {key}:")
        elif made[one.name] is not FAULTY:
            continue
        faults.left_out.add((*path, key))
        made.pop(one.name, None)
        if one.is_required:
            stand_in = (instead or {}).get(key, one.stand_in)
            made[one.name] = stand_in
            is_whole = is_whole and stand_in is not FAULTY
    return cls(**made) if is_whole else FAULTY


def keys_of(cls: Any) -> tuple[str, ...]:
    """The keys that may be written for an authored class."""
    return tuple(name.removesuffix("_") for name in cls.__struct_fields__)


class _Field(Struct, frozen=True):
    name: str
    read: _Read
    is_required: bool
    stand_in: Any
    """What stands for a required value that is faulty, so that what is beside it can be checked."""


@cache
def _fields(cls: type[Any]) -> Mapping[str, _Field]:
    return {
        one.name.removesuffix("_"): _Field(one.name, _reader(one.type), one.required, _stand_in(one.type))
        for one in msgspec.structs.fields(cls)
    }


def _stand_in(hint: Any) -> Any:
    """Some small value of that type; FAULTY for lists and maps, of which other parts are made."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        parsed = next((one for one in inner[1:] if isinstance(one, Parsed)), None)
        return _first_parsed(parsed) if parsed else _stand_in(inner[0])
    if origin is Literal:
        return inner[0]
    return {str: "", int: 1, bool: False}.get(hint, FAULTY)


def _first_parsed(parsed: Parsed) -> Any:
    for text in ("1m", "2000-01-01", "nameless"):
        try:
            return parsed.parse(text)
        except ValueError:
            continue
    return FAULTY


@cache
def _reader(hint: Any) -> _Read:
    """What reads a value of that type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        parsed = next((one for one in inner[1:] if isinstance(one, Parsed)), None)
        return _parsed(parsed) if parsed else _reader(inner[0])
    if origin in (Union, types.UnionType):
        (only,) = (one for one in inner if one is not type(None))
        return _optional(_reader(only))
    if origin is Literal:
        return _literal(tuple(map(str, inner)))
    if origin is tuple:
        return _listed(_reader(inner[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapped(_reader(inner[0]), _reader(inner[1]))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return lambda value, path, faults: make(hint, value, path, faults)
    return _PLAIN[hint]


def _parsed(parsed: Parsed) -> _Read:
    def read(value: Any, path: Path, faults: Faults) -> Any:
        try:
            return parsed.parse(value)
        except ValueError as error:
            return faults.add("bad-value", one_line(str(error), 300), path)

    return read


def _optional(reader: _Read) -> _Read:
    return lambda value, path, faults: None if value is None else reader(value, path, faults)


def _literal(words: tuple[str, ...]) -> _Read:
    def read(value: Any, path: Path, faults: Faults) -> Any:
        if value in words:
            return value
        return faults.add(
            "bad-value", f"{shown(value)} is not possible here", path, nearest(str(value)[:COMPARED], words)
        )

    return read


def _listed(reader: _Read) -> _Read:
    def read(value: Any, path: Path, faults: Faults) -> Any:
        if not isinstance(value, list | tuple):
            return faults.add("wrong-type", f"{shown(value)} is not a list", path, "write each item after '- '")
        made = tuple(reader(one, (*path, n), faults) for n, one in enumerate(value))
        # Without one item, those after it would stand at other paths than they were written at.
        return FAULTY if FAULTY in made else made

    return read


def _mapped(of_key: _Read, of_value: _Read) -> _Read:
    def read(value: Any, path: Path, faults: Faults) -> Any:
        if not isinstance(value, Mapping):
            return faults.add("wrong-type", f"{shown(value)} is not a map", path, "write each entry as 'key: value'")
        made: dict[Any, Any] = {}
        for name, one in value.items():
            if str(name).startswith("x-"):
                continue
            of_name = Faults()
            key, entry = of_key(name, (*path, name), of_name), of_value(one, (*path, name), faults)
            for bad in of_name.found:
                faults.add(bad.code, bad.message, bad.path, bad.hint, at_key=True)
            if key is FAULTY or entry is FAULTY:
                faults.left_out.add((*path, name))
            else:
                made[key] = entry
        return made

    return read


def _text(value: Any, path: Path, faults: Faults) -> Any:
    return value if isinstance(value, str) else faults.add("wrong-type", f"{shown(value)} is not text", path)


def _whole(value: Any, path: Path, faults: Faults) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return faults.add("wrong-type", f"{shown(value)} is not a whole number", path)


def _truth(value: Any, path: Path, faults: Faults) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _TRUTH:
        return _TRUTH[value]
    return faults.add("wrong-type", f"{shown(value)} is not true or false", path)


def _any(value: Any, path: Path, faults: Faults) -> Any:
    return value


_PLAIN: Mapping[Any, _Read] = {str: _text, int: _whole, bool: _truth, Any: _any}
