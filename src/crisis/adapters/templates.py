"""Message bodies: Jinja2 in an immutable sandbox, cut down to what a statement needs.

The sandbox stops escapes, not bombs; so a body is read first, and whatever is not on the short list of nodes and
filters below is a finding with its line. No loops, calls, attributes, arithmetic, macros, imports or globals are on
it, hence a body's work and output are bounded by its length and by the facts put in.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from crisis.kernel.diagnostics import nearest
from crisis.kernel.ids import SNAKE
from crisis.kernel.text import hostile_characters, one_line, safe
from crisis.messages.wording import FILTERS, MAX_TEXT, TemplateError, Wording, default, plain, write

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import tzinfo

    from jinja2 import Template, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_BODY = 32 * 1024
"""Characters in a body."""
MAX_TAGS = 500
MAX_WORDS_IN_TAG = 64
MAX_NESTING = 8
MAX_BRANCHES = 32
MAX_DIGITS = 24


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """What is wrong with a body before any fact is known; `line` and `column` count from 1."""

    line: int
    column: int | None
    message: str
    hint: str = ""


def render(body: str, values: Mapping[str, object], *, language: str, zone: tzinfo) -> str:
    """The text of `body` with the facts in `values`, in NFC, without blank lines at its ends or holes within.

    Values are str, bool, int, float, Decimal, date, datetime with a zone, a list of str, or None for a fact that
    is not known yet. `values["now"]`, if given, decides whether a time needs its day.
    Raises TemplateError for the first problem in the body, a missing or unknown fact, an unfit value.
    """
    found = _read(body)
    if found.tree is None or found.problems:
        first = min(found.problems, key=lambda problem: problem.line)
        raise TemplateError(first.message, hint=first.hint).at(first.line)
    names = found.names
    given = {name: plain(name, values[name]) for name in sorted(names) if name in values}
    now = values.get("now")
    if now is not None and not isinstance(now, datetime):
        raise TemplateError("the fact 'now' is not a time", fact="now")
    return _tidy(_run(body, given, Wording(language, zone, now)))


def problems(body: str, known: Collection[str]) -> list[TemplateProblem]:
    """Everything that is wrong with `body`, in order; `known` are the facts it may use."""
    found = _read(body)
    wrong = list(found.problems)
    if found.tree is not None:
        for name, line in sorted(found.names.items()):
            if name not in known and SNAKE.fullmatch(name) and name not in _RESERVED:
                message = f"no fact is called {name!r}"
                wrong.append(TemplateProblem(line, _column(body, line, name), message, nearest(name, known)))
    return sorted(dict.fromkeys(wrong), key=lambda problem: (problem.line, problem.column or 0, problem.message))


def facts_used(body: str) -> frozenset[str]:
    """The names of the facts that `body` mentions. Raises TemplateError if it is not a template at all."""
    found = _read(body)
    if found.tree is None:
        raise TemplateError(found.problems[0].message, hint=found.problems[0].hint).at(found.problems[0].line)
    return frozenset(found.names)


# ── reading: what a body may be made of ──

_BLOCKS = ("if", "elif", "else", "endif")
_STATEMENTS = frozenset({"Template", "Output", "TemplateData", "If"})
_EXPRESSIONS = frozenset({"Name", "Const", "CondExpr", "Compare", "Operand", "And", "Or", "Not", "List", "Tuple"})
_ALLOWED = _STATEMENTS | _EXPRESSIONS | {"Filter", "Keyword", "Test"}
_REFUSED = MappingProxyType(
    {
        "Getattr": ("a fact has no parts", "write its name alone"),
        "Getitem": ("a fact has no parts", "write its name alone"),
        "Call": ("nothing can be called in a message", "for a format, write {{ fact | filter }}"),
        "Concat": ("`~` is not for messages", "write the parts one after the other: {{ a }} {{ b }}"),
    }
)
_RESERVED = frozenset({"self", "super", "caller", "loop"})
"""Names that mean something to Jinja itself."""
_ARITHMETIC = frozenset(["Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos"])
_BRACKET_NOISE = frozenset({"whitespace", "data", "comment_begin", "comment", "comment_end"})


class _Found(NamedTuple):
    tree: nodes.Template | None
    problems: tuple[TemplateProblem, ...]
    names: Mapping[str, int]  # every name it mentions, and the line it stands on first


@lru_cache(maxsize=128)
def _read(body: str) -> _Found:
    """Parse `body` if it is small and flat enough to be parsed, and list what it must not hold."""
    wrong = tuple(_before_parsing(body))
    if wrong:
        return _Found(None, wrong, {})
    from jinja2 import TemplateSyntaxError

    try:
        tree = _environment().parse(body)
    except TemplateSyntaxError as error:
        return _Found(None, (TemplateProblem(error.lineno, None, one_line(error.message or "not a template")),), {})
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return _Found(None, (TemplateProblem(1, None, f"not a template: {one_line(str(error))}"),), {})
    return _Found(tree, tuple(_forbidden(tree, body)), _names(tree))


def _before_parsing(body: str) -> Iterator[TemplateProblem]:
    """Sizes, characters, tags: what could harm the parser itself."""
    if len(body) > MAX_BODY:
        yield TemplateProblem(1, None, f"the body has {len(body):,} characters; {MAX_BODY:,} are the most")
        return
    if hostile := hostile_characters(body.replace("\r\n", "\n")):
        line = next(n for n, text in enumerate(body.splitlines(keepends=True), 1) if set(hostile) & set(text))
        yield TemplateProblem(line, None, f"holds invisible or control characters: {safe(' '.join(hostile), limit=80)}")
        return
    from jinja2 import TemplateSyntaxError

    try:
        yield from _bounds(body)
    except TemplateSyntaxError as error:
        yield TemplateProblem(error.lineno, None, one_line(error.message or "not a template"))


def _bounds(body: str) -> Iterator[TemplateProblem]:
    tags = words = 0
    open_ifs: list[int] = []
    previous = ""
    for line, kind, text in _environment().lex(body):
        if kind in _BRACKET_NOISE:
            continue
        if kind in {"variable_begin", "block_begin", "raw_begin"}:
            tags, words = tags + 1, 0
        words += 1
        if kind == "raw_begin" or (previous == "block_begin" and text not in _BLOCKS):
            name = "raw" if kind == "raw_begin" else one_line(text, 40)
            yield TemplateProblem(line, _column(body, line, name), f"{{% {name} %}} is not for messages", _ONLY_IF)
            return
        if previous == "block_begin" and text == "if":
            open_ifs.append(0)
        elif previous == "block_begin" and open_ifs and text in {"elif", "endif"}:
            open_ifs[-1] += 1
            if text == "endif":
                open_ifs.pop()
        for count, most, what in (
            (tags, MAX_TAGS, "tags"),
            (words, MAX_WORDS_IN_TAG, "words and signs in one tag"),
            (len(open_ifs), MAX_NESTING, "conditions inside each other"),
            (open_ifs[-1] if open_ifs else 0, MAX_BRANCHES, "branches of one condition"),
            (len(text) if kind in {"integer", "float"} else 0, MAX_DIGITS, "digits in a number"),
        ):
            if count > most:
                yield TemplateProblem(line, None, f"more than {most} {what}", "make the message simpler")
                return
        previous = kind


_ONLY_KNOWN = "only `is known` and `is not known` are"
_ONLY_IF = "only {% if %}, {% elif %}, {% else %} and {% endif %} are"


def _forbidden(tree: nodes.Template, body: str) -> Iterator[TemplateProblem]:
    from jinja2 import nodes

    todo: list[nodes.Node] = [tree]
    while todo:
        node = todo.pop()
        todo.extend(node.iter_child_nodes())
        line, kind = node.lineno, type(node).__name__
        match node:
            case nodes.Name(name=str(name)) if not SNAKE.fullmatch(name) or name in _RESERVED:
                message = f"{one_line(name, 60)!r} cannot be a fact's name"
                yield TemplateProblem(line, _column(body, line, name), message, "small letters, digits and _")
            case nodes.Filter(name=str(name)):
                yield from _filter_problems(node, name, body)
            case nodes.Test(name=str(name)) if name != "known" or not isinstance(node.node, nodes.Name) or node.args:
                message = f"`is {one_line(name, 60)}` is not for messages"
                yield TemplateProblem(line, _column(body, line, name), message, _ONLY_KNOWN)
            case nodes.Const(value=str(text)) if hostile_characters(text):
                yield TemplateProblem(line, None, f"holds invisible or control characters: {one_line(text, 60)}")
            case nodes.Const(value=float(number)) if not isfinite(number):
                yield TemplateProblem(line, None, "a number is too large")
            case nodes.CondExpr(expr2=None):
                yield TemplateProblem(
                    line, None, "an `if` inside {{ }} needs its `else`", "or use {% if %}…{% endif %}"
                )
            case nodes.List() | nodes.Tuple() if not all(isinstance(item, nodes.Const) for item in node.items):
                yield TemplateProblem(line, None, "a list in a template holds fixed words or numbers only")
            case _ if kind in _ARITHMETIC:
                yield TemplateProblem(line, None, "a message does not calculate", "make it a fact of its own")
            case _ if kind not in _ALLOWED:
                yield TemplateProblem(line, None, *_REFUSED.get(kind, (f"`{kind}` is not for messages", "")))


def _filter_problems(node: nodes.Filter, name: str, body: str) -> Iterator[TemplateProblem]:
    from inspect import signature

    from jinja2 import nodes

    column = _column(body, node.lineno, name)
    known = FILTERS.get(name)
    if known is None:
        message = f"no filter is called {one_line(name, 60)!r}"
        yield TemplateProblem(node.lineno, column, message, nearest(name[:60], FILTERS))
        return
    named = {str(pair.key): None for pair in node.kwargs if isinstance(pair, nodes.Keyword)}
    try:
        signature(known).bind(None, None, *node.args, **named)
    except TypeError as error:
        yield TemplateProblem(node.lineno, column, f"`{name}`: {one_line(str(error))}")
    if node.dyn_args is not None or node.dyn_kwargs is not None or len(named) != len(node.kwargs):
        yield TemplateProblem(node.lineno, column, f"`{name}`: write each argument once, and out in full")


def _names(tree: nodes.Template) -> dict[str, int]:
    """Each name with the first line it stands on."""
    from jinja2 import nodes

    found: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        found[node.name] = min(node.lineno, found.get(node.name, node.lineno))
    return found


def _column(body: str, line: int, word: str) -> int | None:
    """Where `word` first stands inside a tag on `line`, from 1; the parser keeps lines only."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    opening = re.search(r"\{[{%]", text)
    match = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)").search(text, opening.end() if opening else 0)
    return match.start() + 1 if match else None


# ── running ──


def _run(body: str, values: Mapping[str, object], words: Wording) -> str:
    template = _compiled(body)
    unknown = {name: _kit().unknown(name) for name, value in values.items() if value is None}
    context = template.new_context({**values, **unknown, "_words": words})
    out: list[str] = []
    size = 0
    try:
        for piece in template.root_render_func(context):
            size += len(piece.encode("utf-8", "surrogatepass"))
            if size > MAX_TEXT:
                raise TemplateError(f"the text is longer than {MAX_TEXT:,} bytes")
            out.append(piece)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise _explained(error).at(_line(error, template)) from None
    return "".join(out)


def _explained(error: Exception) -> TemplateError:
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, TypeError):
        return TemplateError("two facts of different kinds are compared", hint="compare a number with a number")
    return TemplateError(one_line(str(error)))


def _line(error: Exception, template: Template) -> int | None:
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(frame.tb_lineno)
        frame = frame.tb_next
    return line


def _tidy(text: str) -> str:
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        stripped = line.rstrip(" \t")
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return unicodedata.normalize("NFC", "\n".join(lines).rstrip("\n"))


@lru_cache(maxsize=128)
def _compiled(body: str) -> Template:
    from jinja2 import Template, nodes

    environment = _environment()
    # A body that is run has been read before. What changes in its tree here, settling what is compared, changes
    # nothing that reading asks of it, and done twice it is as done once.
    tree = _read(body).tree
    if tree is None:
        raise TemplateError("this is not a template")
    # `x != 'fire'` would hold for a fact nobody knows yet, and say so in public.
    for compared in list(tree.find_all(nodes.Compare)):
        if any(operand.op in {"ne", "notin"} for operand in compared.ops):
            compared.expr = _settled(compared.expr)
            for operand in compared.ops:
                operand.expr = _settled(operand.expr)
    return Template.from_code(environment, environment.compile(tree, filename="<template>"), {})


def _settled(expression: nodes.Expr) -> nodes.Expr:
    from jinja2 import nodes

    return nodes.Filter(expression, "_settled", [], [], None, None, lineno=expression.lineno)


class _Kit(NamedTuple):
    environment: ImmutableSandboxedEnvironment
    unknown: Callable[[str], object]
    """What stands for a fact that is not known yet."""


def _environment() -> ImmutableSandboxedEnvironment:
    return _kit().environment


@cache
def _kit() -> _Kit:
    """The one environment; what differs between texts travels in the context, under a name no fact can have."""
    from jinja2 import StrictUndefined, pass_context
    from jinja2.runtime import Context, Undefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Missing(StrictUndefined):
        """A fact that was not given at all: it may only be tested with `is known`, or have a default."""

        def __init__(self, hint: str | None = None, obj: object = None, name: str = "", exc: object = None) -> None:
            error = TemplateError(f"the fact {name!r} is missing", hint="give it, or None if unknown", fact=name)
            super().__init__(name=name, exc=lambda _: error)  # type: ignore[arg-type]

    class NotKnown(StrictUndefined):
        """A fact whose question is open: false, equal to nothing, and never written."""

        def __init__(self, name: str) -> None:
            hint = "find it out, or let the template test `is known`"
            error = TemplateError(f"the fact {name!r} is not known yet", hint=hint, fact=name)
            super().__init__(name=name, exc=lambda _: error)  # type: ignore[arg-type]

        def __bool__(self) -> bool:  # type: ignore[override]
            return False

        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return False

        __hash__ = None  # type: ignore[assignment]

    @pass_context
    def finalize(context: Context, value: object) -> str:
        return write(context["_words"], settled(value))

    def settled(value: object) -> object:
        if isinstance(value, Undefined):
            value._fail_with_undefined_error()
        return value

    def filter_of(apply: Callable[..., object]) -> Callable[..., object]:
        @pass_context
        def run(context: Context, value: object, *args: object, **named: object) -> object:
            if apply is default and isinstance(value, Undefined):
                return _instead(*args, **named)
            for argument in (value, *args, *named.values()):
                settled(argument)
            return apply(context["_words"], value, *args, **named)

        return run

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, undefined=Missing, finalize=finalize, autoescape=False, optimized=False
    )
    environment.globals.clear()
    environment.filters = {name: filter_of(apply) for name, apply in FILTERS.items()} | {"_settled": settled}
    environment.tests = {"known": lambda value: not isinstance(value, Undefined)}
    return _Kit(environment, NotKnown)


def _instead(instead: object) -> object:
    return instead
