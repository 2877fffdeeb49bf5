"""A body's tree and the facts become a text: what each node that a message may hold means."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from jinja2 import nodes

from crisis.kernel.text import one_line
from crisis.messages.wording import FILTERS, MAX_TEXT, TemplateError, Wording, default, write

_COMPARISONS: Mapping[str, Callable[[Any, Any], object]] = MappingProxyType(
    {
        "eq": operator.eq,
        "ne": operator.ne,
        "lt": operator.lt,
        "lteq": operator.le,
        "gt": operator.gt,
        "gteq": operator.ge,
        "in": lambda one, many: operator.contains(many, one),
        "notin": lambda one, many: not operator.contains(many, one),
    }
)


def fill(tree: nodes.Template, facts: Mapping[str, object], words: Wording) -> str:
    """The text that `tree` makes of `facts`, of which those that are None are not known yet.

    Raises TemplateError for a fact that is missing, not known or unfit, and for a text longer than `MAX_TEXT`.
    """
    filling = _Filling(facts, words)
    pieces: list[str] = []
    size = 0
    try:
        for piece in filling.pieces(tree.body):
            pieces.append(piece)
            size += len(piece.encode("utf-8", "surrogatepass"))
            if size > MAX_TEXT:
                break
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise _explained(error).at(filling.line) from None
    if size > MAX_TEXT:
        raise TemplateError(f"the text is longer than {MAX_TEXT:,} bytes")
    return "".join(pieces)


def _explained(error: Exception) -> TemplateError:
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, TypeError):
        return TemplateError("two facts of different kinds are compared", hint="compare a number with a number")
    return TemplateError(one_line(str(error)))


class _Absent:
    """A fact that has no value: whatever is asked of it raises, and names it."""

    said = hint = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def refuse(self, *_: object) -> NoReturn:
        """Nothing can be said or concluded."""
        raise TemplateError(f"the fact {self.name!r} {self.said}", hint=self.hint, fact=self.name)

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = refuse
    __hash__ = None  # type: ignore[assignment]


class _Missing(_Absent):
    """A fact that was not given at all: it may only be tested with `is known`, or have a default."""

    said, hint = "is missing", "give it, or None if unknown"


class _NotKnown(_Absent):
    """A fact whose question is open: false, equal to nothing, and never written."""

    said, hint = "is not known yet", "find it out, or let the template test `is known`"

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return False

    __hash__ = None


def _settled(value: object) -> object:
    """`value`, which must be there: it is about to be said, or to be concluded from."""
    if isinstance(value, _Absent):
        value.refuse()
    return value


class _Filling:
    """One text in the making; `line` is where in the body it has come to."""

    def __init__(self, facts: Mapping[str, object], words: Wording) -> None:
        self.line = 1
        self._facts = facts
        self._words = words

    def pieces(self, body: Iterable[nodes.Node]) -> Iterator[str]:
        """The text of these nodes, piece by piece."""
        for node in body:
            match node:
                case nodes.Output():
                    yield from map(self._written, node.nodes)
                case nodes.If():
                    yield from self.pieces(self._branch(node))
                case _:
                    raise _not_for_messages(node)

    def _written(self, node: nodes.Expr) -> str:
        if isinstance(node, nodes.TemplateData):
            return node.data
        self.line = node.lineno
        return write(self._words, _settled(self._value(node)))

    def _branch(self, node: nodes.If) -> list[nodes.Node]:
        for branch in (node, *node.elif_):
            self.line = branch.lineno
            if self._value(branch.test):
                return branch.body
        return node.else_

    def _value(self, node: nodes.Node) -> object:
        match node:
            case nodes.Const():
                return node.value
            case nodes.Name():
                return self._fact(node.name)
            case nodes.Test():
                return not isinstance(self._value(node.node), _Absent)
            case nodes.Filter():
                return self._filtered(node)
            case nodes.Compare():
                return self._compared(node)
            case nodes.Not():
                return not self._value(node.node)
            case nodes.And():
                return self._value(node.left) and self._value(node.right)
            case nodes.Or():
                return self._value(node.left) or self._value(node.right)
            case nodes.CondExpr() if node.expr2 is not None:
                return self._value(node.expr1 if self._value(node.test) else node.expr2)
            case nodes.List():
                return [self._value(item) for item in node.items]
            case nodes.Tuple():
                return tuple(self._value(item) for item in node.items)
            case _:
                raise _not_for_messages(node)

    def _fact(self, name: str) -> object:
        if name not in self._facts:
            return _Missing(name)
        value = self._facts[name]
        return _NotKnown(name) if value is None else value

    def _filtered(self, node: nodes.Filter) -> object:
        apply = FILTERS.get(node.name)
        if apply is None or node.node is None:
            raise _not_for_messages(node)
        value = self._value(node.node)
        arguments = [self._value(one) for one in node.args]
        named = {str(one.key): self._value(one.value) for one in node.kwargs if isinstance(one, nodes.Keyword)}
        if apply is default and isinstance(value, _Absent):
            return [*arguments, *named.values()][0]
        for one in (value, *arguments, *named.values()):
            _settled(one)
        return apply(self._words, value, *arguments, **named)

    def _compared(self, node: nodes.Compare) -> object:
        # `x != 'fire'` would hold for a fact nobody knows yet, and say so in public.
        taken = _settled if any(one.op in ("ne", "notin") for one in node.ops) else _as_it_is
        left = taken(self._value(node.expr))
        for one in node.ops:
            right = taken(self._value(one.expr))
            if not _COMPARISONS[one.op](left, right):
                return False
            left = right
        return True


def _as_it_is(value: object) -> object:
    return value


def _not_for_messages(node: nodes.Node) -> TemplateError:
    """Reading lets no such node through; should it ever, the text is not made."""
    return TemplateError(f"`{type(node).__name__}` is not for messages")
