"""The authoring door: data from a file becomes frozen models; every fault is a finding with its path.

Pydantic stands here and nowhere else. What is faulty is reported and set aside, so that the rest can
still be checked in the same run.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.kernel.text import one_line
from crisis.playbook.model import Playbook, StepHead

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Validated(Generic[T]):
    """What could be made of the data, and what is wrong with it."""

    value: T | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step as written, with its place in the list; `spec` is None where it is faulty."""

    index: int
    head: StepHead
    spec: Any | None


@dataclass(frozen=True, slots=True)
class WrittenPlaybook:
    """A playbook and its steps; faulty parts are left out and reported beside."""

    playbook: Playbook
    steps: tuple[WrittenStep, ...]
    faulty: frozenset[Path]


def validate(cls: type[T], data: Any) -> Validated[T]:
    """`data` as an instance of the authored class `cls`."""
    adapter: TypeAdapter[T] = _adapter(cls)  # type: ignore[arg-type]  # a class is hashable; mypy doubts type[T]
    try:
        return Validated(adapter.validate_python(_without_extensions(data)), ())
    except ValidationError as error:
        return Validated(None, tuple(_diagnostics(error, cls, data)))


def validate_playbook(data: Any, specs: Mapping[str, type[Any]]) -> Validated[WrittenPlaybook]:
    """A playbook with each step validated against the spec of its own kind."""
    if not isinstance(data, dict):
        wanted = Diagnostic(
            "wrong-type", "a playbook is a map of keys and values", hint="begin with apiVersion: crisis/v1"
        )
        return Validated(None, (wanted,))
    head = {key: value for key, value in _without_extensions(data).items() if key != "steps"}
    playbook, diagnostics, faulty = _validate_what_can_be(Playbook, head, _WHEN_MISSING)
    steps, of_steps, bad_steps = _validate_steps(data.get("steps", []), specs)
    found = (*diagnostics, *of_steps)
    if playbook is None:
        return Validated(None, found)
    return Validated(WrittenPlaybook(playbook, steps, faulty | bad_steps), found)


#: Setting a part aside can show that its parent now lacks something; each round goes one level up.
_MOST_ROUNDS = 12
_WHEN_MISSING: Mapping[str, str] = {
    "apiVersion": "crisis/v1",
    "kind": "Playbook",
    "id": "nameless",
    "title": "(missing)",
}


def _validate_what_can_be(
    cls: type[T], data: dict[str, Any], instead: Mapping[str, str]
) -> tuple[T | None, tuple[Diagnostic, ...], frozenset[Path]]:
    """As much of `data` as can be made an instance of `cls`, what is wrong, and the paths that were left out.

    `instead` stands in for required keys, so that one fault does not hide all others.
    """
    first: tuple[Diagnostic, ...] | None = None
    faulty: set[Path] = set()
    rest = data
    for _ in range(_MOST_ROUNDS):
        try:
            return _adapter(cls).validate_python(rest), first or (), frozenset(faulty)
        except ValidationError as error:
            if first is None:
                first = tuple(_diagnostics(error, cls, data))
                rest = deepcopy(data)
            for one in error.errors(include_url=False, include_context=False, include_input=False):
                faulty.add(_set_aside(rest, _path_of(one["loc"]), one["type"], instead))
    return None, first or (), frozenset(faulty)


def _set_aside(data: dict[str, Any], path: Path, kind: str, instead: Mapping[str, str]) -> Path:
    """Take the smallest part that holds the fault out of `data`; returns where it stood."""
    target = path
    if kind.startswith("missing"):
        if len(path) == 1 and str(path[0]) in instead:
            data[str(path[0])] = instead[str(path[0])]
            return path
        target = path[:-1]
    for end in range(len(target), 0, -1):
        holder = _at(data, target[: end - 1])
        key = target[end - 1]
        # An item of a list stays in its place, or the paths of those after it would be wrong.
        if isinstance(holder, dict) and key in holder:
            if end == 1 and str(key) in instead:
                holder[key] = instead[str(key)]
            else:
                del holder[key]
            return target[:end]
    return target


def _at(data: Any, path: Path) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _validate_steps(
    data: Any, specs: Mapping[str, type[Any]]
) -> tuple[tuple[WrittenStep, ...], tuple[Diagnostic, ...], frozenset[Path]]:
    if not isinstance(data, list):
        return (), (Diagnostic("wrong-type", "steps is a list", path=("steps",)),), frozenset({("steps",)})
    steps: list[WrittenStep] = []
    found: list[Diagnostic] = []
    faulty: set[Path] = set()
    for index, raw in enumerate(data):
        path: Path = ("steps", index)
        step, diagnostics, bad = _validate_step(index, raw, specs)
        if step is not None:
            steps.append(step)
        faulty |= {(*path, *one) for one in bad}
        found += [_under(path, one) for one in diagnostics]
    return tuple(steps), tuple(found), frozenset(faulty)


def _validate_step(
    index: int, raw: Any, specs: Mapping[str, type[Any]]
) -> tuple[WrittenStep | None, tuple[Diagnostic, ...], frozenset[Path]]:
    """The step, whatever is wrong with it: nobody should be told that it is missing. None where it has no id."""
    if not isinstance(raw, dict):
        return None, (Diagnostic("wrong-type", "a step is a map with an id and a kind"),), frozenset({()})
    raw = _without_extensions(raw)
    kind = raw.get("kind")
    of_head = set(keys_of(StepHead))
    spec_class = specs.get(kind) if isinstance(kind, str) else None
    of_spec = set(keys_of(spec_class)) - of_head if spec_class else set(raw) - of_head
    found: list[Diagnostic] = []
    for key in raw:
        if key not in of_head and key not in of_spec:
            message = f"a step of kind {kind} has no key {_shown(key)}"
            hint = nearest(str(key)[:_COMPARED], of_head | of_spec)
            found.append(Diagnostic("unknown-key", message, (key,), hint, at_key=True))
    if isinstance(kind, str) and spec_class is None:
        hint = nearest(kind[:_COMPARED], specs)
        found.append(Diagnostic("unknown-kind", f"there is no kind of step called {_shown(kind)}", ("kind",), hint))
    head, of_the_head, bad = _validate_what_can_be(
        StepHead, {key: value for key, value in raw.items() if key in of_head}, {"kind": "action", "phase": "response"}
    )
    found += of_the_head
    spec = None
    if spec_class is not None:
        own = {key: value for key, value in raw.items() if key in of_spec}
        spec, of_this_kind, bad_own = _validate_what_can_be(spec_class, own, {})
        found += of_this_kind
        bad |= bad_own
    step = WrittenStep(index, head, spec) if head is not None else None
    return step, tuple(found), bad | ({()} if step is None else set())


def keys_of(cls: Any) -> tuple[str, ...]:
    """The keys that may be written for an authored class."""
    return tuple(field.name.removesuffix("_") for field in fields(cls))


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _under(path: Path, one: Diagnostic) -> Diagnostic:
    return Diagnostic(one.code, one.message, (*path, *one.path), one.hint, one.severity, one.at_key)


def _without_extensions(data: Any) -> Any:
    """`data` without the keys that begin with `x-`, at every depth."""
    if isinstance(data, dict):
        return {key: _without_extensions(value) for key, value in data.items() if not str(key).startswith("x-")}
    return [_without_extensions(value) for value in data] if isinstance(data, list) else data


def _path_of(loc: tuple[int | str, ...]) -> Path:
    """Where the fault is; pydantic marks what is wrong with a key itself by one more part."""
    return loc[:-1] if loc and loc[-1] == "[key]" else loc


def _diagnostics(error: ValidationError, cls: Any, data: Any) -> Iterator[Diagnostic]:
    for one in error.errors(include_url=False):
        path = _path_of(one["loc"])
        at_key = path != one["loc"]
        kind = one["type"]
        key = str(path[-1]) if path else ""
        if kind in ("unexpected_keyword_argument", "extra_forbidden"):
            hint = nearest(key[:_COMPARED], _keys_at(cls, path[:-1]))
            yield Diagnostic("unknown-key", f"unknown key {_shown(key)}", path, hint, at_key=True)
        elif kind in ("missing", "missing_argument", "missing_keyword_only_argument"):
            yield Diagnostic("missing-key", f"{key!r} is missing", path[:-1], f"add {key}:")
        elif kind == "literal_error":
            wanted = _literals_at(cls, path) or [word.strip("' ") for word in one["ctx"]["expected"].split(",")]
            hint = nearest(str(one["input"])[:_COMPARED], wanted)
            yield Diagnostic("bad-value", f"{_shown(one['input'])} is not possible here", path, hint, at_key=at_key)
        elif kind == "value_error":
            yield Diagnostic("bad-value", one_line(str(one["ctx"]["error"]), 300), path, at_key=at_key)
        else:
            wanted_type = _WANTED.get(kind, one["msg"].lower())
            yield Diagnostic("wrong-type", f"{_shown(one['input'])} is not {wanted_type}", path, at_key=at_key)


#: Likeness costs time that grows with the length of both words.
_COMPARED = 100

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a map",
    "mapping_type": "a map",
    "dataclass_type": "a map of keys and values",
    "dataclass_exact_type": "a map of keys and values",
    "float_parsing": "a number",
}


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


def _type_at(cls: Any, path: Iterable[str | int]) -> Any:
    """The type of the value at `path` within `cls`, as far as it can be told."""
    current: Any = cls
    for part in path:
        current = _plain(current)
        if is_dataclass(current):
            hints = get_type_hints(current, include_extras=True)
            current = next((hint for name, hint in hints.items() if name.removesuffix("_") == part), None)
        else:
            arguments = get_args(current)
            current = (arguments[-1] if isinstance(part, str) else arguments[0]) if arguments else None
        if current is None:
            return None
    return _plain(current)


def _plain(hint: Any) -> Any:
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        inner = [one for one in get_args(hint) if one is not type(None)]
        return _plain(inner[0]) if len(inner) == 1 else hint
    return hint


def _keys_at(cls: Any, path: Path) -> tuple[str, ...]:
    at = _type_at(cls, path)
    return keys_of(at) if is_dataclass(at) else ()


def _literals_at(cls: Any, path: Path) -> list[str]:
    at = _type_at(cls, path)
    return [str(one) for one in get_args(at)] if at is not None else []
