"""A text that was posted although it had been taken back, or was posted already: its link must not be lost."""

from __future__ import annotations

from crisis.engine.commands import Note
from crisis.engine.events import Json
from crisis.engine.shapes import Link
from crisis.kernel.errors import Refused


def as_note(wants: Link, value: Json) -> Note | None:
    """The note that keeps the link of an answer which came too late; None where it says of no post."""
    link = value.get("link", "").strip() if isinstance(value, dict) else ""
    return Note(text=f"{wants.line.place} was posted as well, though not waited for any more: {link}") if link else None


def came_too_late(wants: Link) -> Refused:
    """What whoever posted it is told."""
    return Refused(
        f"{wants.line.place} was taken back or posted meanwhile; your link is kept as a note",
        hint="look at what is out now: take your post down, or say there that it is corrected",
    )
