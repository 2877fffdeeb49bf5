"""What a body may be made of: it is lexed, held to its bounds, parsed, and looked through for what has no place."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec import Struct

from crisis.kernel.diagnostics import nearest
from crisis.kernel.ids import SNAKE
from crisis.kernel.text import hostile_characters, one_line, quoted, safe
from crisis.messages.wording import FILTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from inspect import Signature

    from jinja2 import Environment, nodes

MAX_BODY = 32 * 1024
"""Characters in a body."""
MAX_TAGS = 500
MAX_WORDS_IN_TAG = 64
MAX_NESTING = 8
MAX_BRANCHES = 32
MAX_DIGITS = 24


class TemplateProblem(Struct, frozen=True):
    """What is wrong with a body before any fact is known; `line` and `column` count from 1."""

    line: int
    column: int | None
    message: str
    hint: str = ""


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
RESERVED = frozenset({"self", "super", "caller", "loop"})
"""Names that mean something to Jinja itself."""
_ARITHMETIC = frozenset(["Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos"])
_Token: TypeAlias = tuple[int, str, str]
"""As the lexer gives it: the line it begins on, its kind, its text."""
_BEGINNINGS = frozenset({"variable_begin", "block_begin", "raw_begin"})
_BRACKET_NOISE = frozenset({"whitespace", "data", "comment_begin", "comment", "comment_end"})


class Found(NamedTuple):
    """What reading a body came to; `tree` is None for what is not a template at all."""

    tree: nodes.Template | None
    problems: tuple[TemplateProblem, ...]
    names: Mapping[str, int]
    """Every name it mentions, and the line it stands on first."""
    only_asked: frozenset[str] = frozenset()
    """Those of them that are only asked whether they are so: not known says the same as no."""
    weighs_wording: bool = False
    """Whether a filter stands anywhere but over what is written: how that looks may then decide what else is said."""


class _OutOfBounds(Exception):
    """What is written could harm the parser itself."""

    def __init__(self, problem: TemplateProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@lru_cache(maxsize=128)
def read(body: str) -> Found:
    """Parse `body` if it is small and flat enough to be parsed, and list what it must not hold."""
    from jinja2 import TemplateSyntaxError

    try:
        tree = _parsed(body)
    except _OutOfBounds as out:
        return Found(None, (out.problem,), {})
    except TemplateSyntaxError as error:
        return Found(None, (TemplateProblem(error.lineno, None, one_line(error.message or "not a template")),), {})
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return Found(None, (TemplateProblem(1, None, f"not a template: {one_line(str(error))}"),), {})
    everything = tuple(_walked(tree))
    problems, weighs = tuple(_forbidden(everything, body)), _weighs_wording(everything)
    return Found(tree, problems, _names(everything), _only_asked(everything), weighs)


def _parsed(body: str) -> nodes.Template:
    from jinja2 import nodes
    from jinja2.lexer import TokenStream
    from jinja2.parser import Parser

    _refuse_size_and_characters(body)
    environment = _environment()
    # All of it is held to the bounds before the parser sees any of it.
    bounded = tuple(_bounded(body, environment.lexer.tokeniter(body, None)))
    parser = Parser(environment, "")
    parser.stream = TokenStream(environment.lexer.wrap(bounded), None, None)
    return nodes.Template(parser.subparse(), lineno=1)


def _refuse_size_and_characters(body: str) -> None:
    if len(body) > MAX_BODY:
        message = f"the body has {len(body):,} characters; {MAX_BODY:,} are the most"
        raise _OutOfBounds(TemplateProblem(1, None, message))
    if hostile := hostile_characters(body.replace("\r\n", "\n")):
        line = next(n for n, text in enumerate(body.splitlines(keepends=True), 1) if set(hostile) & set(text))
        message = f"holds invisible or control characters: {safe(' '.join(hostile), limit=80)}"
        raise _OutOfBounds(TemplateProblem(line, None, message))


def _bounded(body: str, tokens: Iterator[_Token]) -> Iterator[_Token]:
    """The tokens themselves, as long as they keep within the bounds."""
    tags = words = 0
    open_ifs: list[int] = []
    previous = ""
    for token in tokens:
        yield token
        line, kind, text = token
        if kind in _BRACKET_NOISE:
            continue
        if kind in _BEGINNINGS:
            tags, words = tags + 1, 0
        words += 1
        if kind == "raw_begin" or (previous == "block_begin" and text not in _BLOCKS):
            name = "raw" if kind == "raw_begin" else one_line(text, 40)
            message = f"{{% {name} %}} is not for messages"
            raise _OutOfBounds(TemplateProblem(line, column(body, line, name), message, _ONLY_IF))
        _hold(line, tags, MAX_TAGS, "tags")
        _hold(line, words, MAX_WORDS_IN_TAG, "words and signs in one tag")
        if previous == "block_begin" and text == "if":
            open_ifs.append(0)
            _hold(line, len(open_ifs), MAX_NESTING, "conditions inside each other")
        elif previous == "block_begin" and open_ifs and text == "elif":
            open_ifs[-1] += 1
            _hold(line, open_ifs[-1], MAX_BRANCHES, "branches of one condition")
        elif previous == "block_begin" and open_ifs and text == "endif":
            open_ifs.pop()
        elif kind in {"integer", "float"}:
            _hold(line, len(text), MAX_DIGITS, "digits in a number")
        previous = kind


def _hold(line: int, count: int, most: int, what: str) -> None:
    if count > most:
        raise _OutOfBounds(TemplateProblem(line, None, f"more than {most} {what}", "make the message simpler"))


def _walked(tree: nodes.Template) -> Iterator[nodes.Node]:
    from jinja2 import nodes

    leaves = (nodes.TemplateData, nodes.Name, nodes.Const)
    todo: list[nodes.Node] = [tree]
    while todo:
        node = todo.pop()
        if not isinstance(node, leaves):
            todo.extend(node.iter_child_nodes())
        yield node


_ONLY_KNOWN = "only `is known` and `is not known` are"
_ONLY_IF = "only {% if %}, {% elif %}, {% else %} and {% endif %} are"


def _forbidden(everything: Iterable[nodes.Node], body: str) -> Iterator[TemplateProblem]:
    from jinja2 import nodes

    for node in everything:
        line, kind = node.lineno, type(node).__name__
        match node:
            case nodes.TemplateData() | nodes.Output() | nodes.If():
                pass  # most nodes are one of these
            case nodes.Name(name=str(name)) if not SNAKE.fullmatch(name) or name in RESERVED:
                message = f"{quoted(name, 60)} cannot be a fact's name"
                yield TemplateProblem(line, column(body, line, name), message, "small letters, digits and _")
            case nodes.Filter(name=str(name)):
                yield from _filter_problems(node, name, body)
            case nodes.Test(name=str(name)) if name != "known" or not isinstance(node.node, nodes.Name) or node.args:
                message = f"`is {one_line(name, 60)}` is not for messages"
                yield TemplateProblem(line, column(body, line, name), message, _ONLY_KNOWN)
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
    from jinja2 import nodes

    def problem(message: str, hint: str = "") -> TemplateProblem:
        return TemplateProblem(node.lineno, column(body, node.lineno, name), message, hint)

    if name not in FILTERS:
        yield problem(f"no filter is called {quoted(name, 60)}", nearest(name[:60], FILTERS))
        return
    named = {str(pair.key): None for pair in node.kwargs if isinstance(pair, nodes.Keyword)}
    try:
        _signature(name).bind(None, None, *node.args, **named)
    except TypeError as error:
        yield problem(f"`{name}`: {one_line(str(error))}")
    if node.dyn_args is not None or node.dyn_kwargs is not None or len(named) != len(node.kwargs):
        yield problem(f"`{name}`: write each argument once, and out in full")


@cache
def _signature(name: str) -> Signature:
    from inspect import signature

    return signature(FILTERS[name])


def _names(everything: Iterable[nodes.Node]) -> dict[str, int]:
    """Each name with the first line it stands on."""
    from jinja2 import nodes

    found: dict[str, int] = {}
    for node in everything:
        if isinstance(node, nodes.Name):
            found[node.name] = min(node.lineno, found.get(node.name, node.lineno))
    return found


def _only_asked(everything: Iterable[nodes.Node]) -> frozenset[str]:
    """The names that stand nowhere but where a condition asks whether they are so."""
    from jinja2 import nodes

    everywhere, asked = Counter[str](), Counter[str]()
    todo: list[nodes.Node] = []
    for node in everything:
        if isinstance(node, nodes.Name):
            everywhere[node.name] += 1
        elif isinstance(node, (nodes.If, nodes.CondExpr)):
            todo.append(node.test)
    while todo:
        match todo.pop():
            case nodes.Name(name=str(name)):
                asked[name] += 1
            case nodes.Not() | nodes.And() | nodes.Or() as both:
                todo.extend(both.iter_child_nodes())
            case _:
                pass
    return frozenset(name for name, count in asked.items() if count == everywhere[name])


def _weighs_wording(everything: Iterable[nodes.Node]) -> bool:
    from jinja2 import nodes

    outputs = [node for node in everything if isinstance(node, nodes.Output)]
    written = sum(isinstance(one, nodes.Filter) for output in outputs for one in output.nodes)
    return sum(isinstance(node, nodes.Filter) for node in everything) > written


def column(body: str, line: int, word: str) -> int | None:
    """Where `word` first stands inside a tag on `line`, from 1; the parser keeps lines only."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    opening = re.search(r"\{[{%]", text)
    match = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)").search(text, opening.end() if opening else 0)
    return match.start() + 1 if match else None


@cache
def _environment() -> Environment:
    """Only its lexer and its parser are used: nothing is compiled, so there is nothing to be kept from running."""
    from jinja2 import Environment

    return Environment(trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - a text is not HTML; nothing is rendered
