"""A playbook on a page: as text for a terminal, and as Markdown with a graph."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from io import StringIO

from msgspec import Struct

from crisis.adapters.render.markdown import Page
from crisis.kernel.durations import roughly
from crisis.kernel.text import one_line
from crisis.plan.book import Book
from crisis.plan.compile import compile_plan
from crisis.playbook.model import Playbook
from crisis.playbook.validate import WrittenStep
from crisis.playbook.values import PHASES, SEVERITY_WORDS, Edge
from crisis.projections.clock_rules import cadence_in_words, rules_of
from crisis.projections.names import Names
from crisis.projections.reasons import in_words

#: How wide a page is where no terminal says so, and how wide its sentences are at most.
WIDTH = 100
_GAP = "  "


class Part(Struct, frozen=True):
    """A part of the page: lines, then a table, then a graph in Mermaid."""

    title: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    graph: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()


def page_of(book: Book) -> tuple[Part, ...]:
    """All that is to be known of a checked playbook before it is needed."""
    return tuple(part for part in _parts(book) if part.lines or part.rows or part.graph or part.lead)


def to_text(page: Sequence[Part], width: int = WIDTH) -> str:
    """For a terminal of so many columns: what is too long for its line goes on in the next one. No graph."""
    lines: list[str] = []
    wide = min(width, WIDTH)
    for part in page:
        if part.graph:
            continue
        lines += ["", one_line(part.title), "─" * min(len(part.title), wide)]
        lines += [line for text in part.lead for line in textwrap.wrap(one_line(text, 2_000), wide)]
        for text in part.lines:
            lines += textwrap.wrap(one_line(text, 2_000), wide, initial_indent="- ", subsequent_indent="  ")
        if part.rows:
            lines += _table(part.head, part.rows, width)
    return "\n".join(lines[1:]) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, len(_GAP), 0, 0))
    cells = [tuple(one_line(cell, 2_000) for cell in row) for row in (head, *rows)]
    for title, room in zip(cells[0], _rooms(cells, width), strict=True):
        table.add_column(Text(title), overflow="fold", width=room)
    for row in cells[1:]:
        table.add_row(*map(Text, row))
    console = Console(file=StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def _rooms(cells: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """How wide each column is: the widest ones give way first, and words stay whole as long as they can."""
    columns = list(zip(*cells, strict=True))
    rooms = [max(map(len, column)) for column in columns]
    words = [max(len(word) for cell in column for word in (cell.split() or [""])) for column in columns]
    while sum(rooms) + len(_GAP) * len(rooms) > width and max(rooms) > 1:
        roomy = [n for n, room in enumerate(rooms) if room > words[n]] or list(range(len(rooms)))
        rooms[max(roomy, key=rooms.__getitem__)] -= 1
    return rooms


def to_markdown(page: Sequence[Part]) -> str:
    """For a wiki or a printer, with the graph of the steps."""
    chunks: list[str] = []
    for n, part in enumerate(page):
        made = Page()
        made.heading(1 if n == 0 else 2, part.title)
        for text in part.lead:
            made.paragraph(text)
        for text in part.lines:
            made.bullet(text)
        made.table(part.head, part.rows)
        chunks.append(made.text())
        if part.graph:
            # Every label in it is quoted and escaped already.
            chunks.append("\n".join(("```mermaid", *part.graph, "```", "")))
    return "\n".join(chunks)


def _parts(book: Book) -> Iterator[Part]:
    playbook = book.playbook
    about = playbook.about
    told = [about.definition, f"Type: {about.type}" if about.type else ""]
    told += [f"Kept by {about.owner}, last reviewed {about.reviewed}" if about.reviewed else ""]
    yield Part(f"{playbook.title} ({playbook.id})", lead=tuple(text for text in told if text))
    yield Part("What may follow", lines=about.effects)
    yield Part("How it is met", lines=about.approach)
    yield Part("Never", lines=playbook.do_not)
    yield Part("What we find out", head=("fact", "question", "kind"), rows=tuple(_facts(playbook)))
    if not playbook.abstract:
        yield from _of_plan(book)
    yield Part("Who does what", head=("role", "duties", "stands in"), rows=tuple(_roles(playbook)))
    columns_ = ("chain", "who", "how many", "must", "veto", "time")
    yield Part("Who approves", head=columns_, rows=tuple(_chains(playbook)))
    columns_ = ("message", "to", "where", "languages", "approval", "template")
    yield Part("What is said", head=columns_, rows=tuple(_messages(playbook)))
    for phase in PHASES:
        rows = tuple(_row(step, book) for step in book.steps if step.head.phase == phase)
        yield Part(f"Steps: {phase}", head=("step", "what", "kind", "who", "after"), rows=rows)
    yield Part("How the steps follow each other", graph=tuple(_mermaid(book)))
    yield Part("When it is over", lines=tuple(one.text for one in playbook.stand_down.criteria))
    yield Part("What we ask afterwards", lines=playbook.postmortem.questions)


def _of_plan(book: Book) -> Iterator[Part]:
    plan = compile_plan(book)
    names = Names.of(plan)
    rows = []
    for level, rule in sorted(plan.severity.items()):
        whole = " and ".join(in_words(one, names) for one in rule.all_)
        said = "; or ".join([*(in_words(one, names) for one in rule.any_), *([whole] if whole else [])])
        first = roughly(rule.first_statement) if rule.first_statement else ""
        rows.append((f"{level} {SEVERITY_WORDS[level]}", said, first, cadence_in_words(rule.update_every)))
    yield Part("How bad it is", head=("severity", "proposed when", "first text", "updates"), rows=tuple(rows))
    yield Part("Clocks", head=("clock", "rule"), rows=rules_of(plan, names))


def _facts(playbook: Playbook) -> Iterator[tuple[str, ...]]:
    for name, fact in playbook.facts.items():
        marks = [fact.type, "required" if fact.required else "", "sensitive" if fact.sensitive else ""]
        yield name, fact.prompt, ", ".join(mark for mark in marks if mark)


def _roles(playbook: Playbook) -> Iterator[tuple[str, ...]]:
    for name, role in playbook.roles.items():
        yield name, "; ".join(role.duties), role.deputy or ""


def _chains(playbook: Playbook) -> Iterator[tuple[str, ...]]:
    for name, chain in playbook.approvals.items():
        must, veto = ", ".join(chain.required), ", ".join(chain.veto)
        time = f"{roughly(chain.within)}, good for {roughly(chain.expires)}"
        yield name, ", ".join(chain.of), str(chain.quorum), must, veto, time


def _messages(playbook: Playbook) -> Iterator[tuple[str, ...]]:
    for name, use in playbook.messages.items():
        chains = ", ".join(f"{level}: {chain}" if level else chain for level, chain in use.approval.items())
        yield name, use.audience, ", ".join(use.channels), ", ".join(use.languages), chains, use.template


def _title(step: WrittenStep, book: Book) -> str:
    """What the step is called on screen; a statement is called as its template is."""
    use = book.playbook.messages.get(getattr(step.spec, "message", ""))
    template = book.templates.get(use.template) if use else None
    return step.head.title or (template.message.title if template else "")


def _row(step: WrittenStep, book: Book) -> tuple[str, ...]:
    head = step.head
    return head.id, _title(step, book), head.kind, head.role, ", ".join(_edge(edge) for edge in head.after)


def _edge(edge: Edge) -> str:
    return f"{edge.step} ({' or '.join(edge.outcomes)})" if edge.outcomes else edge.step


def _mermaid(book: Book) -> Iterator[str]:
    """Short ids and quoted labels: a colon or a bracket in a label breaks the graph."""
    names = {name: f"s{n}" for n, name in enumerate(book.step_ids)}
    yield "flowchart TD"
    for name, step in book.step_ids.items():
        title = _title(step, book)
        yield f'  {names[name]}["{_label(f"{name}: {title}" if title else name)}"]'
    ends = any("close" in step.head.on.values() for step in book.steps)
    if ends:
        yield '  closed(["closed"])'
    for name, step in book.step_ids.items():
        for edge in step.head.after:
            outcomes = f'|"{_label(" or ".join(edge.outcomes))}"|' if edge.outcomes else ""
            if edge.step in names:
                yield f"  {names[edge.step]} -->{outcomes} {names[name]}"
        for outcome, target in step.head.on.items():
            if target in names or target == "close":
                yield f'  {names[name]} -.->|"{_label(outcome)}"| {names.get(target, "closed")}'


def _label(text: str) -> str:
    kept = one_line(text, 80).replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return kept.replace("`", "'")
