"""The authoring door: data from a file becomes frozen models; every fault is a finding with its path.

What is faulty is reported and set aside, so that the rest can still be checked in the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct

from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.playbook.make import COMPARED, FAULTY, MOST_HINTS, Faults, keys_of, make
from crisis.playbook.model import API_VERSION, Playbook, StepHead
from crisis.playbook.values import shown

__all__ = ["Validated", "WrittenPlaybook", "WrittenStep", "keys_of", "validate", "validate_partly", "validate_playbook"]

T = TypeVar("T")

_WHEN_MISSING: Mapping[str, str] = {
    "apiVersion": API_VERSION,
    "kind": "Playbook",
    "id": "nameless",
    "title": "(missing)",
}
_STEP_WHEN_MISSING: Mapping[str, str] = {"kind": "action", "phase": "response"}


class Validated(Struct, Generic[T], frozen=True):
    """What could be made of the data, and what is wrong with it."""

    value: T | None
    diagnostics: tuple[Diagnostic, ...]


class WrittenStep(Struct, frozen=True):
    """A step as written, with its place in the list; `spec` is None where it is faulty."""

    index: int
    head: StepHead
    spec: Any | None


class WrittenPlaybook(Struct, frozen=True):
    """A playbook and its steps; faulty parts are left out and reported beside."""

    playbook: Playbook
    steps: tuple[WrittenStep, ...]
    faulty: frozenset[Path]


def validate(cls: type[T], data: Any) -> Validated[T]:
    """`data` as an instance of the authored class `cls`; None where anything is wrong with it."""
    made = validate_partly(cls, data)
    return Validated(None if made.diagnostics else made.value, made.diagnostics)


def validate_partly(cls: type[T], data: Any, instead: Mapping[str, str] | None = None) -> Validated[T]:
    """`data` as an instance of `cls` without what is faulty; None where something required is.

    `instead` stands in for required keys.
    """
    faults = Faults()
    made = make(cls, data, (), faults, instead)
    return Validated(None if made is FAULTY else made, tuple(faults.found))


def validate_playbook(data: Any, specs: Mapping[str, type[Any]]) -> Validated[WrittenPlaybook]:
    """A playbook with each step validated against the spec of its own kind."""
    if not isinstance(data, dict):
        hint = "begin with apiVersion: crisis/v1"
        return Validated(None, (Diagnostic("wrong-type", "a playbook is a map of keys and values", hint=hint),))
    faults = Faults()
    head = {key: value for key, value in data.items() if key != "steps"}
    playbook = make(Playbook, head, (), faults, _WHEN_MISSING)
    steps = _steps(data.get("steps", []), specs, faults)
    if playbook is FAULTY:
        return Validated(None, tuple(faults.found))
    return Validated(WrittenPlaybook(playbook, steps, frozenset(faults.left_out)), tuple(faults.found))


def _steps(data: Any, specs: Mapping[str, type[Any]], faults: Faults) -> tuple[WrittenStep, ...]:
    if not isinstance(data, list):
        faults.add("wrong-type", "steps is a list", ("steps",), "write each step after '- '")
        faults.left_out.add(("steps",))
        return ()
    made = (_step(index, raw, specs, faults) for index, raw in enumerate(data))
    return tuple(step for step in made if step is not None)


def _step(index: int, raw: Any, specs: Mapping[str, type[Any]], faults: Faults) -> WrittenStep | None:
    """The step, whatever is wrong with it: nobody should be told that it is missing. None where it has no id."""
    path: Path = ("steps", index)
    if not isinstance(raw, dict):
        faults.add("wrong-type", "a step is a map with an id and a kind", path)
        faults.left_out.add(path)
        return None
    kind = raw.get("kind")
    spec_class = specs.get(kind) if isinstance(kind, str) else None
    of_head = set(keys_of(StepHead))
    own = {key: value for key, value in raw.items() if key not in of_head and not str(key).startswith("x-")}
    of_spec = set(keys_of(spec_class)) if spec_class else set(own)
    if isinstance(kind, str) and spec_class is None:
        hint = _near(kind, set(specs), faults)
        faults.add("unknown-kind", f"there is no kind of step called {shown(kind)}", (*path, "kind"), hint)
    for key in [one for one in own if one not in of_spec]:
        message = f"a step of kind {kind} has no key {shown(key)}"
        faults.add("unknown-key", message, (*path, key), _near(str(key), of_head | of_spec, faults), at_key=True)
    head = make(StepHead, {key: raw[key] for key in raw if key in of_head}, path, faults, _STEP_WHEN_MISSING)
    spec = None
    if spec_class is not None:
        spec = make(spec_class, {key: own[key] for key in own if key in of_spec}, path, faults)
    if head is FAULTY:
        faults.left_out.add(path)
        return None
    return WrittenStep(index, head, None if spec is FAULTY else spec)


def _near(word: str, known: set[str], faults: Faults) -> str:
    return nearest(word[:COMPARED], known) if len(faults.found) < MOST_HINTS else ""
