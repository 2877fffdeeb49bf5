"""The list of playbooks, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from crisis.kernel.text import one_line

SCHEMA_VERSION = 1


class Listed(Protocol):
    """A playbook as it is listed."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def title(self) -> str:
        """What it is called on screen."""

    @property
    def type(self) -> str:
        """The crisis type."""

    @property
    def definition(self) -> str:
        """When it is the right one."""

    @property
    def source(self) -> str:
        """`project` or `bundled`."""

    @property
    def file(self) -> str:
        """Where it lies."""

    @property
    def drills(self) -> tuple[str, ...]:
        """How it is rehearsed."""

    @property
    def problem(self) -> str:
        """Why it cannot be used, if it cannot."""


def as_document(found: Sequence[Listed]) -> dict[str, Any]:
    """One JSON document."""
    keys = ("id", "title", "type", "definition", "source", "file", "drills", "problem")
    return {"schema_version": SCHEMA_VERSION, "playbooks": [{key: getattr(one, key) for key in keys} for one in found]}


def as_lines(found: Sequence[Listed]) -> str:
    """A paragraph for each."""
    if not found:
        return "no playbook was found\n"
    return "\n".join("".join(f"{line}\n" for line in _lines(one)) for one in found)


def _lines(one: Listed) -> list[str]:
    lines = [f"{one_line(one.id)}  {one_line(one.title)}".rstrip()]
    about = [
        one_line(one.definition),
        f"type {one_line(one.type)}, {one.source}: {one_line(one.file)}"
        if one.type
        else f"{one.source}: {one_line(one.file)}",
        f"drills: {', '.join(map(one_line, one.drills))}" if one.drills else "no drill",
        f"! {one_line(one.problem)}" if one.problem else "",
    ]
    return [*lines, *(f"  {line}" for line in about if line)]
