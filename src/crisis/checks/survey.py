"""A playbook seen from above: every name it uses and where, so that each rule is a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from crisis.checks.graph import Graph, draw
from crisis.kernel.diagnostics import Path
from crisis.kinds.notify import NotifySpec
from crisis.kinds.question import QuestionSpec
from crisis.plan.book import Book
from crisis.playbook.conditions import Condition
from crisis.playbook.model import Playbook


class Use(NamedTuple):
    """A name, and where it is used."""

    name: str
    path: Path


class Test(NamedTuple):
    """One part of a condition, and where it stands."""

    condition: Condition
    path: Path


class Survey(Struct, frozen=True, dict=True):
    """What the rules look at: the book, and what can be told from it at a glance."""

    book: Book

    @property
    def playbook(self) -> Playbook:
        """The playbook itself."""
        return self.book.playbook

    @cached_property
    def graph(self) -> Graph:
        """The steps and what follows what."""
        return draw(self.book)

    @cached_property
    def conditions(self) -> tuple[Test, ...]:
        """Every condition that is written, whole."""
        return tuple(self._conditions())

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """Every condition and every part of it."""
        return tuple(Test(part, path) for whole in self.conditions for path, part in whole.condition.parts(whole.path))

    def names(self, section: str) -> frozenset[str]:
        """What is declared in `facts`, `roles`, `approvals` or `messages`, what is faulty there included."""
        declared: Mapping[str, object] = getattr(self.playbook, section)
        set_aside = {str(path[1]) for path in self.book.faulty if len(path) > 1 and path[0] == section}
        return frozenset(declared) | set_aside

    def is_unread(self, section: str) -> bool:
        """Whether the whole section was set aside, so that nobody can tell what is in it."""
        return (section,) in self.book.faulty

    @cached_property
    def facts_used(self) -> tuple[Use, ...]:
        """Facts in conditions, in `for_each` and `for`, and those that are asked."""
        used = [Use(one.condition.fact, (*one.path, "fact")) for one in self.tests if one.condition.fact]
        for n, clock in enumerate(self.playbook.clocks):
            used += [Use(clock.for_, ("clocks", n, "for"))] if clock.for_ else []
        for step in self.book.steps:
            used += [Use(step.head.for_each, ("steps", step.index, "for_each"))] if step.head.for_each else []
        return (*used, *self.facts_asked)

    @cached_property
    def facts_asked(self) -> tuple[Use, ...]:
        """The facts that a question asks."""
        return tuple(
            Use(name, ("steps", step.index, "facts", n))
            for step in self.book.steps
            if isinstance(step.spec, QuestionSpec)
            for n, name in enumerate(step.spec.facts)
        )

    @cached_property
    def roles_used(self) -> tuple[Use, ...]:
        """Every role that is named, but for those that a chain must name twice."""
        return tuple(self._roles())

    @cached_property
    def messages_used(self) -> tuple[Use, ...]:
        """The messages that steps draft, have approved or publish."""
        return tuple(
            Use(name, ("steps", step.index, "message"))
            for step in self.book.steps
            if (name := getattr(step.spec, "message", ""))
        )

    @cached_property
    def chains_used(self) -> tuple[Use, ...]:
        """The approval chains that messages name."""
        used: list[Use] = []
        for name, use in self.playbook.messages.items():
            for level, chain in use.approval.items():
                path: Path = ("messages", name, "approval")
                # `approval: public` is one chain for all; `{SEV1: safety, otherwise: public}` is one for each.
                split = len(use.approval) > 1 or level
                used.append(Use(chain, (*path, level or "otherwise") if split else path))
            if use.cleared_approval:
                used.append(Use(use.cleared_approval, ("messages", name, "cleared_approval")))
        return tuple(used)

    def _roles(self) -> Iterator[Use]:
        playbook = self.playbook
        for name, role in playbook.roles.items():
            if role.deputy:
                yield Use(role.deputy, ("roles", name, "deputy"))
        for level, escalation in playbook.escalation.items():
            for n, rung in enumerate(escalation.ladder):
                for k, one in enumerate(rung.page):
                    yield Use(one, ("escalation", level, "ladder", n, "page", k))
        for n, inform in enumerate(playbook.inform):
            for k, one in enumerate(inform.roles):
                yield Use(one, ("inform", n, "roles", k))
        for name, chain in playbook.approvals.items():
            path: Path = ("approvals", name)
            for k, one in enumerate(chain.of):
                yield Use(one, (*path, "of", k))
            for k, one in enumerate(chain.translation.of if chain.translation else ()):
                yield Use(one, (*path, "translation", "of", k))
            if chain.last_resort:
                yield Use(chain.last_resort.by, (*path, "last_resort", "by"))
        for name, fact in playbook.facts.items():
            for k, one in enumerate(fact.visible_to):
                yield Use(one, ("facts", name, "visible_to", k))
        for step in self.book.steps:
            yield Use(step.head.role, ("steps", step.index, "role"))
            for k, one in enumerate(step.spec.roles if isinstance(step.spec, NotifySpec) else ()):
                yield Use(one, ("steps", step.index, "roles", k))

    def _conditions(self) -> Iterator[Test]:
        playbook = self.playbook
        for name in ("victim", "accidental", "preventable"):
            condition: Condition | None = getattr(playbook.cluster, name)
            if condition is not None:
                yield Test(condition, ("cluster", name))
        for level, rule in playbook.severity.items():
            for key, group in (("any", rule.any_), ("all", rule.all_)):
                for n, one in enumerate(group):
                    yield Test(one, ("severity", level, key, n))
        for name, role in playbook.roles.items():
            if role.when is not None:
                yield Test(role.when, ("roles", name, "when"))
        for name, chain in playbook.approvals.items():
            if chain.last_resort is not None:
                yield Test(chain.last_resort.when, ("approvals", name, "last_resort", "when"))
        for criterion, condition in playbook.stand_down.contrary.items():
            yield Test(condition, ("stand_down", "contrary", criterion))
        for n, clock in enumerate(playbook.clocks):
            yield Test(clock.starts_with, ("clocks", n, "starts_with"))
            if clock.met_with is not None:
                yield Test(clock.met_with, ("clocks", n, "met_with"))
        for step in self.book.steps:
            path: Path = ("steps", step.index)
            if step.head.when is not None:
                yield Test(step.head.when, (*path, "when"))
            if step.head.repeat is not None and step.head.repeat.until is not None:
                yield Test(step.head.repeat.until, (*path, "repeat", "until"))
            hold: Condition | None = getattr(step.spec, "hold_until", None)
            if hold is not None:
                yield Test(hold, (*path, "hold_until"))
