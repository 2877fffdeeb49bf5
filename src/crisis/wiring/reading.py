"""What reading commands are made of: which journal, which incident, and no more loaded than they need."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crisis.kernel.errors import NotFound, Usage
from crisis.kernel.text import one_line, quoted

if TYPE_CHECKING:
    from datetime import tzinfo

    from crisis.runtime.desk import Desk
    from crisis.runtime.ports import Head, Journal


def journal_path(url: str | None = None) -> Path:
    """Where the journal lies: `url` (a path, or `sqlite:///path`), else CRISIS_JOURNAL, else the user's state folder.

    Raises Usage for what cannot be a file.
    """
    given = url or os.environ.get("CRISIS_JOURNAL", "")
    if not given:
        return _usual_place()
    scheme, separator, rest = given.partition("://")
    if separator and not (scheme == "sqlite" and rest.startswith("/")):
        raise Usage(f"a journal at {one_line(given, 80)} is not supported", hint="give a path, or sqlite:///path")
    # sqlite:///journal.db is a path from here, sqlite:////var/journal.db one from the root.
    where = rest[1:] if separator else given
    if not where.strip() or "\0" in where or where == ":memory:":
        raise Usage(f"{quoted(given, 80)} names no file", hint="give a path, or sqlite:///path")
    path = Path(where).expanduser()
    if path.is_dir():
        raise Usage(f"{one_line(str(path))} is a folder", hint=f"give a file in it, such as {path / 'journal.db'}")
    return path


def _usual_place() -> Path:
    from platformdirs import user_state_path

    return user_state_path("crisis", appauthor=False) / "journal.db"


def journal_at(url: str | None = None) -> Journal:
    """The journal, to read only. Where there is no file, there are no incidents."""
    from crisis.adapters.journal.sqlite import SqliteJournal

    return SqliteJournal.reading(journal_path(url))


def open_heads(url: str | None = None) -> tuple[Head, ...]:
    """The incidents that are not closed, newest first."""
    return tuple(head for head in journal_at(url).heads() if is_open(head))


def is_open(head: Head) -> bool:
    """Whether the incident is not closed."""
    return head.brief.get("closed_at") is None


def situation_of(url: str | None, wanted: str | None) -> dict[str, Any]:
    """The situation of an incident now, with the text that went out last. Raises NotFound, or Usage."""
    from crisis.adapters.system import SystemClock
    from crisis.projections.situation import situation, with_numbers

    journal = journal_at(url)
    head = find(journal.heads(), wanted, closed_too=False)
    said = head.brief["published"]
    text = journal.blob(said[-1]["sha256"]) if said else None
    last = text.decode(errors="replace") if text is not None else None
    return {**situation(with_numbers(head.brief, journal.blob), SystemClock().now()), "last_public_text": last}


def situation_report(brief: dict[str, Any], *, markdown: bool = False) -> str:
    """A situation as text for this terminal, or as Markdown."""
    from crisis.adapters.render import situation, terminal

    zone = zone_named(brief.get("timezone", ""))
    if markdown:
        return situation.to_markdown(brief, zone)
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    return situation.to_text(brief, zone, colour=terminal.in_colour(), plain=plain)


def zone_named(name: str) -> tzinfo | None:
    """The organisation's own zone, where it has said so; else that of this machine."""
    if not name:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None


def listing_of(url: str | None, *, closed_too: bool) -> dict[str, Any]:
    """The incidents, newest first, in one document."""
    from crisis.adapters.system import SystemClock
    from crisis.projections.listing import listing

    heads = journal_at(url).heads()
    return listing((head.brief for head in heads if closed_too or is_open(head)), SystemClock().now())


def show_status(url: str | None, wanted: str | None) -> None:
    """Write the situation report to stdout."""
    from crisis.adapters.operator.fitting import for_terminal

    sys.stdout.write(for_terminal(situation_report(situation_of(url, wanted)), sys.stdout))


def write_postmortem(desk: Desk, incident: str, path: Path) -> tuple[Path, Path | None]:
    """Write the post-mortem of an incident that was just walked, and its chart; see reporting.py. Returns where."""
    from crisis.wiring import reporting

    return reporting.write_postmortem(desk.journal, incident, path)


def find(heads: tuple[Head, ...], wanted: str | None, *, closed_too: bool = True) -> Head:
    """The incident that is meant: by id, by a unique part from its beginning, by number; without, the only open one.

    With `closed_too`, where none is open the one opened last is meant: a post-mortem comes after the close.
    Raises NotFound, or Usage where several could be meant.
    """
    if wanted:
        return _named(heads, wanted)
    still_open = [head for head in heads if is_open(head)]
    if len(still_open) == 1:
        return still_open[0]
    if still_open:
        raise Usage(f"{len(still_open)} incidents are open: say which with -i", hint=_listed(still_open))
    if heads and closed_too:
        return heads[0]
    hint = (
        f"the last one was {heads[0].incident}; `crisis list --all` shows all" if heads else "`crisis start` opens one"
    )
    raise NotFound("no incident is open", hint=hint)


def _named(heads: tuple[Head, ...], wanted: str) -> Head:
    text = wanted.strip().upper()
    matching = [head for head in heads if head.incident == text]
    matching = matching or [head for head in heads if text and head.incident.startswith(text)]
    if not matching and text.isascii() and text.isdecimal():
        matching = [head for head in heads if head.incident.rpartition("-")[2].lstrip("0") == text.lstrip("0")]
    matching = matching or [head for head in heads if text and head.incident.partition("-")[2].startswith(text)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise Usage(f"{quoted(wanted, 60)} could be any of {len(matching)} incidents", hint=_listed(matching))
    raise NotFound(f"there is no incident {quoted(wanted, 60)}", hint="`crisis list --all` shows them")


def _listed(heads: list[Head]) -> str:
    shown = "; ".join(f"{head.incident} ({head.brief.get('title', '')})" for head in heads[:8])
    return shown if len(heads) <= 8 else f"{shown}; and {len(heads) - 8} more"
