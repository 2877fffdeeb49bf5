"""`extends`: a file laid over the one it builds on, every value keeping the place where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kernel.text import quoted
from crisis.playbook.reader_document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crisis.kernel.diagnostics import Path, Position
    from crisis.playbook.reader_document import Value

OWN = frozenset(("apiVersion", "kind", "id", "title", "extends", "abstract", "remove"))
"""What a file says about itself: never inherited, not even when the child leaves it out."""

# Likeness costs time for every pair of names, and a file may hold thousands of both.
_COMPARED, _COMPARED_LENGTH, _HINTS = 500, 100, 20


class _Node(Struct, frozen=True):
    """A value together with its places, so that they travel along when it moves to another path."""

    value: str | list[_Node] | dict[str, _Node] | None
    written: Position | None
    key: Position | None


def extend(base: Document, child: Document) -> tuple[Document, tuple[Diagnostic, ...]]:
    """`child` laid over `base`, and a finding for each id in `remove` that no step of the base has.

    Maps merge and the child wins; lists and scalars replace. A null in the child removes the base's
    key, and stays where there is nothing to remove. Steps merge by `id`, in the base's place and
    order, new ones after them; a step that is both removed and written anew inherits nothing. What is
    not shaped as it should be is left for the schema to find. A merged map stands where the child wrote
    it. The findings' paths are the merged document's, which shares nothing mutable with its inputs.
    """
    theirs, ours = _lift(base, base.data, ()), _lift(child, child.data, ())
    if not isinstance(theirs.value, dict) or not isinstance(ours.value, dict):
        return _flatten(ours, base, child), ()
    inherited = {key: node for key, node in theirs.value.items() if key not in OWN}
    removed = _items(ours.value.get("remove"))
    findings = tuple(_unknown(removed, {_id(step) for step in _items(inherited.get("steps"))}))
    written = dict(ours.value)
    if "steps" in inherited:
        inherited["steps"] = steps = _without(inherited["steps"], {_text(node) for node in removed} - {None})
        if "steps" in written:
            written["steps"] = _merge_steps(steps, written["steps"])
    return _flatten(_Node(_merge(inherited, written), ours.written, None), base, child), findings


def _merge(base: dict[str, _Node], child: dict[str, _Node]) -> dict[str, _Node]:
    merged = dict(base)
    for key, ours in child.items():
        theirs = merged.get(key)
        if theirs is not None and ours.value is None:
            del merged[key]
        elif theirs is not None and isinstance(theirs.value, dict) and isinstance(ours.value, dict):
            merged[key] = _Node(_merge(theirs.value, ours.value), ours.written, ours.key)
        else:
            merged[key] = ours
    return merged


def _without(steps: _Node, removed: set[str | None]) -> _Node:
    if not isinstance(steps.value, list):
        return steps
    return _Node([step for step in steps.value if _id(step) not in removed], steps.written, steps.key)


def _merge_steps(base: _Node, child: _Node) -> _Node:
    """The child's steps laid over the base's; a second step with the same id is appended, so that it is found."""
    if not isinstance(base.value, list) or not isinstance(child.value, list):
        return child
    merged = list(base.value)
    index: dict[str | None, int] = {
        name: n for n, step in reversed(list(enumerate(merged))) if (name := _id(step)) is not None
    }
    for ours in child.value:
        n = index.pop(_id(ours), None)
        theirs = merged[n].value if n is not None else None
        if n is not None and isinstance(theirs, dict) and isinstance(ours.value, dict):
            merged[n] = _Node(_merge(theirs, ours.value), ours.written, None)
        else:
            merged.append(ours)
    return _Node(merged, child.written, child.key)


def _unknown(removed: list[_Node], known: set[str | None]) -> Iterator[Diagnostic]:
    names = {name for name in known if name is not None and len(name) <= _COMPARED_LENGTH}
    hints = _HINTS if len(names) <= _COMPARED else 0
    for n, node in enumerate(removed):
        name = _text(node)
        if name is not None and name not in known:
            hint = nearest(name, names) if hints > 0 and len(name) <= _COMPARED_LENGTH else ""
            hints -= 1
            message = f"there is no step {quoted(name, 60)} to remove"
            yield Diagnostic("remove-unknown", message, ("remove", n), hint)


def _items(node: _Node | None) -> list[_Node]:
    return node.value if node is not None and isinstance(node.value, list) else []


def _text(node: _Node | None) -> str | None:
    return node.value if node is not None and isinstance(node.value, str) else None


def _id(step: _Node) -> str | None:
    return _text(step.value.get("id")) if isinstance(step.value, dict) else None


def _lift(document: Document, value: Value, path: Path) -> _Node:
    lifted: str | list[_Node] | dict[str, _Node] | None
    if isinstance(value, dict):
        lifted = {key: _lift(document, item, (*path, key)) for key, item in value.items()}
    elif isinstance(value, list):
        lifted = [_lift(document, item, (*path, n)) for n, item in enumerate(value)]
    else:
        lifted = value
    return _Node(lifted, document.positions.get(path), document.keys.get(path))


def _flatten(root: _Node, base: Document, child: Document) -> Document:
    positions: dict[Path, Position] = {}
    keys: dict[Path, Position] = {}

    def value_of(node: _Node, path: Path) -> Value:
        if node.written is not None:
            positions[path] = node.written
        if node.key is not None:
            keys[path] = node.key
        if isinstance(node.value, dict):
            return {key: value_of(item, (*path, key)) for key, item in node.value.items()}
        if isinstance(node.value, list):
            return [value_of(item, (*path, n)) for n, item in enumerate(node.value)]
        return node.value

    return Document(value_of(root, ()), positions, keys, {**child.sources, **base.sources, **child.sources})
