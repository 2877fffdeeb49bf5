"""Message bodies: parsed by Jinja2, cut down to what a statement needs, and filled by `filling`.

A body is read first (`reading`), and whatever is not on its short list of nodes and filters is a finding with its
line. No loops, calls, attributes, arithmetic, macros, imports or globals are on it, hence a body's work and output
are bounded by its length and by the facts put in. What may stay has so few kinds of nodes that it is filled straight
from the tree: no program is made of what somebody wrote, and none is run.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING

from crisis.adapters.templates.reading import RESERVED, TemplateProblem, column, read
from crisis.kernel.diagnostics import nearest
from crisis.kernel.ids import SNAKE
from crisis.messages.wording import MAX_TEXT, TemplateError, Wording, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import tzinfo

__all__ = ["TemplateError", "TemplateProblem", "facts_used", "only_asked", "problems", "render", "try_out"]

#: No language writes a fact in more than so many times the bytes that it takes without one.
WIDEST = 20


def render(body: str, values: Mapping[str, object], *, language: str, zone: tzinfo) -> str:
    """The text of `body` with the facts in `values`, in NFC, without blank lines at its ends or holes within.

    Values are str, bool, int, float, Decimal, date, datetime with a zone, a list of str, or None for a fact that
    is not known yet. `values["now"]`, if given, decides whether a time needs its day.
    Raises TemplateError for the first problem in the body, a missing or unknown fact, an unfit value.
    """
    found = read(body)
    if found.tree is None or found.problems:
        first = min(found.problems, key=lambda problem: problem.line)
        raise TemplateError(first.message, hint=first.hint).at(first.line)
    given = {name: plain(name, values[name]) for name in sorted(found.names) if name in values}
    now = values.get("now")
    if now is not None and not isinstance(now, datetime):
        raise TemplateError("the fact 'now' is not a time", fact="now")
    from crisis.adapters.templates.filling import fill  # and with it the parser's tree, once there is one

    return _tidy(fill(found.tree, given, Wording(language, zone, now)))


def try_out(body: str, values: Mapping[str, object], *, language: str, zone: tzinfo) -> None:
    """Raise what `render` would.

    What can be wrong with a fact is the same in every language, so it is written without one: to load a language takes
    longer than to read a template. Where how a fact is written may decide what else is said, there is no way round.
    """
    if not read(body).weighs_wording:
        text = render(body, values, language="", zone=zone)
        # Another form of a plural, which stands in the body, may be longer than the one that is in the text.
        if WIDEST * len(text.encode()) + len(body.encode()) <= MAX_TEXT:
            return
    render(body, values, language=language, zone=zone)


def problems(body: str, known: Collection[str]) -> list[TemplateProblem]:
    """Everything that is wrong with `body`, in order; `known` are the facts it may use."""
    found = read(body)
    wrong = list(found.problems)
    for name, line in sorted(found.names.items()):
        if name not in known and SNAKE.fullmatch(name) and name not in RESERVED:
            message = f"no fact is called {name!r}"
            wrong.append(TemplateProblem(line, column(body, line, name), message, nearest(name, known)))
    return sorted(dict.fromkeys(wrong), key=lambda problem: (problem.line, problem.column or 0, problem.message))


def facts_used(body: str) -> frozenset[str]:
    """The names of the facts that `body` mentions. Raises TemplateError if it is not a template at all."""
    found = read(body)
    if found.tree is None:
        raise TemplateError(found.problems[0].message, hint=found.problems[0].hint).at(found.problems[0].line)
    return frozenset(found.names)


def only_asked(body: str) -> frozenset[str]:
    """Those of `facts_used` of which it only matters whether they are so: not known reads the same as no."""
    return read(body).only_asked


def _tidy(text: str) -> str:
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        stripped = line.rstrip(" \t")
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return unicodedata.normalize("NFC", "\n".join(lines).rstrip("\n"))
