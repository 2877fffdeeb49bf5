"""JSON Schema 2020-12 for the files people write, made from the same classes that read them.

Only `crisis schema` needs it, and only here pydantic is used: it derives the schema from the annotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import NotFound
from crisis.kernel.text import quoted
from crisis.playbook.documents import Clocks, Message, Organisation, Scenario, Watch
from crisis.playbook.model import Playbook, StepHead

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS: Mapping[str, type[Any]] = {
    "playbook": Playbook,
    "organisation": Organisation,
    "message": Message,
    "scenario": Scenario,
    "clocks": Clocks,
    "watch": Watch,
}
_ABOUT = {
    "playbook": "The whole response to one crisis type, as data.",
    "organisation": "Who we are: people, accounts, parties outside, risks.",
    "message": "A message template; its bodies lie beside it as <lang>.j2 and <lang>.<channel>.j2.",
    "scenario": "The script of a drill.",
    "clocks": "The legal clocks we know of. Incomplete, not legal advice.",
    "watch": "What `crisis watch` watches.",
}
#: Keys that anybody may add, anywhere: they are left for other tools, and read by none of ours.
_EXTENSION = "^x-"
_REF = "#/$defs/{model}"
_PARTIAL = "Partial"


def schema(kind: str, specs: Mapping[str, type[Any]]) -> Schema:
    """The schema for files of `kind`; `specs` are the step kinds with what may be written under each.

    Raises NotFound for a kind that there is not.
    """
    if kind not in KINDS:
        raise NotFound(f"no kind of file is called {quoted(kind, 60)}", hint=nearest(kind[:100], KINDS))
    made, definitions = _derived(KINDS[kind])
    head = {"$schema": DIALECT, "title": f"crisis {kind}", "description": _ABOUT[kind]}
    if kind == "playbook":
        whole = _playbook(made, definitions, specs)
        return {**head, **whole, "$defs": dict(sorted(definitions.items()))}
    return {**head, **_without(made, "title", "description"), "$defs": dict(sorted(definitions.items()))}


def _derived(cls: type[Any]) -> tuple[Schema, dict[str, Schema]]:
    """The schema of a class and of all it is made of, opened for extensions."""
    from pydantic import TypeAdapter

    made = TypeAdapter(cls).json_schema(ref_template=_REF, by_alias=True)
    definitions: dict[str, Schema] = made.pop("$defs", {})
    if made.keys() == {"$ref"}:  # a class that contains itself is defined beside
        made = definitions[made["$ref"].rpartition("/")[2]]
    for one in (made, *definitions.values()):
        _open(one)
    if "Condition" in definitions:
        _exactly_one_test(definitions["Condition"])
    return made, definitions


def _open(node: Any) -> None:
    """Let `x-` keys in, and take out the titles that only repeat a key."""
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _open(inner)
    if not isinstance(node, dict) or "const" in node or "enum" in node:
        if isinstance(node, dict) and "title" in node:
            del node["title"]
        return
    if isinstance(node.get("title"), str):
        del node["title"]
    if node.get("type") == "object":
        node.setdefault("patternProperties", {})[_EXTENSION] = True
        node.setdefault("additionalProperties", False)
        if isinstance(names := node.pop("propertyNames", None), dict):
            node["propertyNames"] = {"anyOf": [names, {"pattern": _EXTENSION}]}
    # Nothing is said by `default`: what is left out is left out.
    node.pop("default", None)


def _exactly_one_test(condition: Schema) -> None:
    tests = ("fact", "signal", "severity", "outcome", "any", "all", "not")
    condition["oneOf"] = [{"required": [test]} for test in tests]
    # Written without quotes, an ordinary YAML reader makes a truth of `is: yes`, and a number of `is: 3`.
    condition["properties"]["is"] = {
        "description": condition["properties"]["is"].get("description", ""),
        "type": ["string", "number", "boolean"],
    }


def _playbook(made: Schema, definitions: dict[str, Schema], specs: Mapping[str, type[Any]]) -> Schema:
    """A playbook stands by itself, or extends another and writes only what differs."""
    made["properties"]["steps"] = {
        "type": "array",
        "items": {"$ref": "#/$defs/Step"},
        "description": "What is done, in the order in which it is offered.",
    }
    definitions["Step"] = _step(definitions, specs)
    partial = _Partial(definitions)
    extending = partial.of(made)
    extending["required"] = ["apiVersion", "kind", "id", "title", "extends"]
    for key in ("apiVersion", "kind", "id", "title", "extends", "remove"):
        extending["properties"][key] = made["properties"][key]
    extending["properties"]["steps"] = {
        "type": "array",
        "items": {
            "if": {"required": ["kind"]},
            "then": {"$ref": "#/$defs/Step"},
            "else": {"$ref": "#/$defs/StepOverride"},
        },
        "description": "Steps of the extended playbook, by id, with what differs; new ones are appended.",
    }
    definitions["StepOverride"] = _override(partial, definitions, specs)
    definitions["ExtendingPlaybook"] = {**extending, "description": "Builds on another: only what differs is written."}
    definitions["WholePlaybook"] = {**made, "description": "Stands by itself."}
    return {
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/ExtendingPlaybook"},
        "else": {"$ref": "#/$defs/WholePlaybook"},
    }


def _step(definitions: dict[str, Schema], specs: Mapping[str, type[Any]]) -> Schema:
    """One subschema for each kind, chosen by `kind`, so that a fault is told of that kind alone."""
    head, more = _derived(StepHead)
    definitions |= more
    chosen = []
    for kind, spec in specs.items():
        own, more = _derived(spec)
        definitions |= more
        name = f"Step_{kind}"
        definitions[name] = {
            "type": "object",
            "description": own.get("description", "").strip(),
            "properties": {
                **deepcopy(head["properties"]),
                **own.get("properties", {}),
                "kind": {"const": kind, "description": head["properties"]["kind"]["description"]},
            },
            "required": [*head["required"], *own.get("required", ())],
            "patternProperties": {_EXTENSION: True},
            "additionalProperties": False,
        }
        only = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
        chosen.append({"if": only, "then": {"$ref": f"#/$defs/{name}"}})
    return {
        "type": "object",
        "properties": {"kind": {"enum": list(specs), "description": head["properties"]["kind"]["description"]}},
        "required": ["id", "kind"],
        "allOf": chosen,
    }


def _override(partial: _Partial, definitions: Mapping[str, Schema], specs: Mapping[str, type[Any]]) -> Schema:
    """A step that the extended playbook has: its id, and any of the keys that some kind of step knows."""
    ways: dict[str, list[Schema]] = {}
    for kind in specs:
        for key, value in definitions[f"Step_{kind}"]["properties"].items():
            part = partial.part(value)
            if key != "kind" and part not in ways.setdefault(key, []):
                ways[key].append(part)
    properties = {key: any_of[0] if len(any_of) == 1 else {"anyOf": any_of} for key, any_of in ways.items()}
    properties["id"] = definitions[f"Step_{next(iter(specs))}"]["properties"]["id"]
    return {
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "patternProperties": {_EXTENSION: True},
        "additionalProperties": False,
    }


class _Partial:
    """The same shapes with nothing required: maps merge, so a map need only hold what differs; lists replace."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.definitions = definitions

    def of(self, node: Schema) -> Schema:
        """The map `node` as an overriding file may write it; null takes an entry out."""
        made = {key: value for key, value in node.items() if key not in ("required", "oneOf")}
        for group in ("properties", "patternProperties"):
            if group in made:
                made[group] = {key: self.part(value) for key, value in made[group].items()}
        if isinstance(made.get("additionalProperties"), dict):
            made["additionalProperties"] = self.part(made["additionalProperties"])
        return made

    def part(self, node: Any) -> Any:
        """One value within a map."""
        if not isinstance(node, dict):
            return node
        target = self.definitions.get(str(node.get("$ref", "")).rpartition("/")[2])
        if target is not None and target.get("type") == "object":
            name = f"{node['$ref'].rpartition('/')[2]}{_PARTIAL}"
            if name not in self.definitions:
                self.definitions[name] = {}  # a class that contains itself comes here again
                self.definitions[name] |= self.of(target)
            return {"anyOf": [{**node, "$ref": f"#/$defs/{name}"}, {"type": "null"}]}
        if node.get("type") == "object":
            return {"anyOf": [self.of(node), {"type": "null"}]}
        if "anyOf" in node:
            return {**node, "anyOf": [*_flat(self.part(one) for one in node["anyOf"]), {"type": "null"}]}
        return {"anyOf": [node, {"type": "null"}]}


def _flat(parts: Iterator[Any]) -> Iterator[Any]:
    for part in parts:
        yield from part["anyOf"] if isinstance(part, dict) and part.keys() == {"anyOf"} else [part]


def _without(node: Schema, *keys: str) -> Schema:
    return {key: value for key, value in node.items() if key not in keys}
