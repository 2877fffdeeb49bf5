"""The timeline as text for a terminal, and as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from crisis.adapters.render.markdown import Page
from crisis.adapters.render.moments import exact_time
from crisis.kernel.text import one_line
from crisis.projections.timeline import Entry

#: The longest sentence on one line of a terminal; the JSON has all of it.
LONGEST = 1_000


def to_text(entries: Iterable[Entry], zone: tzinfo | None) -> str:
    """One line for each event: number, moment, who, what."""
    return "".join(
        f"{'DRILL ' if one.drill else ''}{one.seq:>4}  {exact_time(one.at, zone)}  "
        f"{one_line(who(one), 80)}: {one_line(one.text, LONGEST)}\n"
        for one in entries
    )


def to_markdown(incident: str, title: str, entries: tuple[Entry, ...], zone: tzinfo | None) -> str:
    """A page with one table."""
    page = Page("DRILL" if any(one.drill for one in entries) else "")
    page.heading(1, f"Timeline of {incident}: {title}")
    add_table(page, entries, zone)
    return page.text()


def add_table(page: Page, entries: Iterable[Entry], zone: tzinfo | None) -> None:
    """The table itself, for the post-mortem, too."""
    rows = [(str(one.seq), exact_time(one.at, zone), who(one), one.text) for one in entries]
    page.table(("No.", "When", "Who", "What happened"), rows)


def who(entry: Entry) -> str:
    """Who did it, for whom, and by what means where that is not a terminal."""
    behalf = f" for {entry.on_behalf_of}" if entry.on_behalf_of and entry.on_behalf_of != entry.who else ""
    means = f" ({entry.via})" if entry.via not in ("", "terminal") else ""
    return f"{entry.who}{behalf}{means}"
