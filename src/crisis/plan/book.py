"""A playbook with everything around it, as far as it could be read: what the checks look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import Protocol

from msgspec import Struct, field

from crisis.kernel.diagnostics import Path
from crisis.playbook.documents import Clocks, Message, Organisation
from crisis.playbook.model import Playbook
from crisis.playbook.validate import WrittenStep

#: What every template may use beside the facts it declares.
ALWAYS_GIVEN = frozenset({"brand", "website", "hotline", "next_update", "now"})


class Problem(Protocol):
    """Something wrong with a template's body: where (from 1), what, and what to do."""

    @property
    def line(self) -> int | None:
        """The line, from 1, where it can be told."""

    @property
    def column(self) -> int | None:
        """The column, from 1, where it can be told."""

    @property
    def message(self) -> str:
        """What is wrong."""

    @property
    def hint(self) -> str:
        """What to do."""


class TemplateEngine(Protocol):
    """What fills a body with facts; the engine itself is an adapter."""

    def problems(self, body: str, known: Collection[str]) -> Sequence[Problem]:
        """What is wrong with the body, whatever the facts."""

    def facts_used(self, body: str) -> frozenset[str]:
        """The names the body mentions."""

    def only_asked(self, body: str) -> frozenset[str]:
        """Those of them of which it only matters whether they are so: not known reads the same as no."""

    def render(self, body: str, values: Mapping[str, object], *, language: str, zone: tzinfo) -> str:
        """The text; raises CrisisError where a fact is missing."""

    def try_out(self, body: str, values: Mapping[str, object], *, language: str, zone: tzinfo) -> None:
        """Raise what `render` would, with less to do where the text would not be looked at."""


class LoadedTemplate(Struct, frozen=True):
    """A message template with its bodies (`en`, `en.x` → Jinja source); what could not be read is missing."""

    message: Message
    bodies: Mapping[str, str]


class Book(Struct, frozen=True, kw_only=True, dict=True):
    """What the checks look at. `faulty` are paths that have findings already; nothing more is said of them."""

    playbook: Playbook
    steps: tuple[WrittenStep, ...]
    templates: Mapping[str, LoadedTemplate] = field(default_factory=dict)
    known_templates: frozenset[str] = frozenset()
    organisation: Organisation | None = None
    clocks: Clocks | None = None
    faulty: frozenset[Path] = frozenset()
    engine: TemplateEngine | None = None

    @cached_property
    def step_ids(self) -> Mapping[str, WrittenStep]:
        """The steps by id as written; of two with the same id, the first."""
        found: dict[str, WrittenStep] = {}
        for step in self.steps:
            found.setdefault(step.head.id, step)
        return found

    def is_faulty(self, *path: str | int) -> bool:
        """Whether that part, something in it or something around it was set aside because of findings of its own."""
        return any(path[: len(one)] == one or one[: len(path)] == path for one in self.faulty)
