"""What reading commands are made of: which journal, which incident, and no more loaded than they need."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crisis.kernel.errors import CrisisError, NotFound, Tampered, Usage
from crisis.kernel.text import one_line, quoted
from crisis.projections.kept import SCHEMA_VERSION, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import tzinfo

    from crisis.runtime.desk import Desk
    from crisis.runtime.ports import Head, Journal

T = TypeVar("T")


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


def is_open(head: Head) -> bool:
    """Whether the incident is not closed, as far as can be told: one whose head says nothing is not hidden."""
    return version_of(head.brief, head.incident) is None or head.brief.get("closed_at") is None


def brief_in(head: Head, journal: Journal) -> Mapping[str, Any]:
    """The brief of an incident; what another version kept may lack what we show, and is made again of the events.

    Raises Tampered where it cannot be read, and what reading the events raises.
    """
    match version_of(head.brief, head.incident):
        case None:
            raise Tampered(
                f"the head of {one_line(head.incident, 40)} cannot be read",
                hint=f"`crisis verify {one_line(head.incident, 40)}` says whether its events are whole; "
                "if they are, the next one that is recorded writes it anew",
            )
        case version if version != SCHEMA_VERSION:
            from crisis.wiring.cases import brief_again, read_case

            return brief_again(read_case(journal, head))[0]
        case _:
            return head.brief


def situation_of(url: str | None, wanted: str | None) -> dict[str, Any]:
    """The situation of an incident now, with the text that went out last. Raises NotFound, Usage or Tampered."""
    journal = journal_at(url)
    return _situation(journal, find(journal.heads(), wanted, closed_too=False))


def situations_of_open(url: str | None) -> tuple[list[dict[str, Any]], list[CrisisError]]:
    """The situation of each incident that is open, newest first; and why that of another cannot be told."""
    journal = journal_at(url)
    return _each(filter(is_open, journal.heads()), lambda head: _situation(journal, head))


def _situation(journal: Journal, head: Head) -> dict[str, Any]:
    from crisis.adapters.system import SystemClock
    from crisis.projections.situation import situation, with_numbers

    brief = brief_in(head, journal)
    said = brief["published"]
    text = journal.blob(said[-1]["sha256"]) if said else None
    last = text.decode(errors="replace") if text is not None else None
    return {**situation(with_numbers(brief, journal.blob), SystemClock().now()), "last_public_text": last}


def _each(heads: Iterable[Head], read: Callable[[Head], T]) -> tuple[list[T], list[CrisisError]]:
    """What is read of each head; one that cannot be read hides none of the others."""
    found, unread = [], list[CrisisError]()
    for head in heads:
        try:
            found.append(read(head))
        except CrisisError as error:
            unread.append(error)
    return found, unread


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


def listing_of(url: str | None, *, closed_too: bool) -> tuple[dict[str, Any], list[CrisisError]]:
    """The incidents, newest first, in one document; and why one that is there is not among them."""
    from crisis.adapters.system import SystemClock
    from crisis.projections.listing import listing

    journal = journal_at(url)
    meant = (head for head in journal.heads() if closed_too or is_open(head))
    briefs, unread = _each(meant, lambda head: brief_in(head, journal))
    return listing(briefs, SystemClock().now()), unread


def show_status(brief: dict[str, Any]) -> None:
    """Write the report of a situation to stdout."""
    from crisis.adapters.operator.fitting import for_terminal

    sys.stdout.write(for_terminal(situation_report(brief), sys.stdout))


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
    raise NotFound("no incident is open", hint=_where_the_last_is(heads[0]) if heads else "`crisis start` opens one")


def _where_the_last_is(head: Head) -> str:
    last = one_line(head.incident, 40)
    title = one_line(str(head.brief.get("title", "")), 60)
    named = f"{last} ({title})" if title else last
    return (
        f"the last one was {named}: `crisis status {last}` shows how it stood at the end, `crisis postmortem` tells it "
        "all; `crisis list --all` shows every one"
    )


def _named(heads: tuple[Head, ...], wanted: str) -> Head:
    matching = named({head.incident: head for head in heads}, wanted)
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise Usage(f"{quoted(wanted, 60)} could be any of {len(matching)} incidents", hint=_listed(matching))
    raise NotFound(f"there is no incident {quoted(wanted, 60)}", hint="`crisis list --all` shows them")


def named(incidents: Mapping[str, T], wanted: str) -> list[T]:
    """Those that `wanted` may mean: by id, by a part from its beginning, by number, by a part without the letters."""
    text = wanted.strip().upper()
    if text in incidents:
        return [incidents[text]]
    of_number = text.isascii() and text.isdecimal()
    ways: tuple[Callable[[str], bool], ...] = (
        lambda name: name.startswith(text),
        lambda name: of_number and name.rpartition("-")[2].lstrip("0") == text.lstrip("0"),
        lambda name: name.partition("-")[2].startswith(text),
    )
    for fits in ways:
        if matching := [one for name, one in incidents.items() if text and fits(name)]:
            return matching
    return []


def _listed(heads: list[Head]) -> str:
    shown = "; ".join(f"{head.incident} ({one_line(str(head.brief.get('title', '')))})" for head in heads[:8])
    return shown if len(heads) <= 8 else f"{shown}; and {len(heads) - 8} more"
