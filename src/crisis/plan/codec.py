"""A plan as canonical JSON and back: what an incident keeps, and what its hash is taken over."""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

import msgspec

from crisis.engine.plan import Plan, PlannedStep
from crisis.kernel.errors import Unreadable
from crisis.kinds import KINDS

_OWN_CODE = frozenset({"kind", "spec"})  # a kind is code, not data; a spec is read by its kind


def encode_plan(plan: Plan) -> bytes:
    """Canonical JSON: the same plan gives the same bytes.

    Fields stand in the order of their classes and maps in the order they were written in: it is the order in
    which choices and facts are offered, so a walk that is resumed must keep it.
    """
    whole = {name: getattr(plan, name) for name in plan.__struct_fields__ if name != "steps"}
    steps = [{name: getattr(step, name) for name in step.__struct_fields__ if name != "kind"} for step in plan.steps]
    return msgspec.json.encode({**whole, "steps": steps, "format": 1})


def decode_plan(data: bytes) -> Plan:
    """The plan of `encode_plan`. Raises Unreadable for one that a newer version has written."""
    try:
        raw = msgspec.json.decode(data, type=dict[str, Any])
        if raw.pop("format", None) != 1:
            raise Unreadable("this incident's plan was written by a newer crisis", hint="upgrade crisis")
        steps = tuple(_step(one) for one in msgspec.convert(raw.pop("steps"), type=list[dict[str, Any]]))
        rest = {name: msgspec.convert(value, type=_hints(Plan)[name]) for name, value in raw.items()}
        return Plan(steps=steps, **rest)
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise Unreadable(f"this incident's plan cannot be read: {error}", hint="run `crisis verify`") from error


def _step(raw: dict[str, Any]) -> PlannedStep:
    kind = KINDS[raw["kind_name"]]
    hints = _hints(PlannedStep)
    own = {name: msgspec.convert(value, type=hints[name]) for name, value in raw.items() if name not in _OWN_CODE}
    return PlannedStep(kind=kind, spec=_spec(kind.spec, raw["spec"]), **own)


def _spec(cls: type[Any], raw: Any) -> Any:
    return msgspec.convert(raw, type=cls)


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    return get_type_hints(cls)
