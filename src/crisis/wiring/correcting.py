"""The link of what is out already was recorded wrong: a person at a terminal puts it right."""

from __future__ import annotations

from crisis.engine.commands import CorrectLink
from crisis.engine.state import Publication
from crisis.kernel.errors import Interrupted, NotFound, Usage
from crisis.kernel.text import one_line, quoted
from crisis.runtime.desk import Case, Desk
from crisis.wiring.acting import typed


def messages_out_at(place: str, message: str, case: Case) -> dict[str, Publication]:
    """What went out last there, of each message or of the one that is meant."""
    return {
        name: one
        for name, state in case.incident.messages.items()
        if message in ("", name)
        for one in state.history
        if one.line.place == place
    }


def correct_link(place: str, link: str, message: str, case: Case, desk: Desk, who: str, *, is_meant: bool) -> str:
    """Put `link` in the place of the one that is recorded; who did not say that it `is_meant` so is asked first."""
    found = messages_out_at(place, message, case)
    if not found:
        raise NotFound(f"{quoted(place, 60)} is not out" if place else "the link is of which place?")
    if len(found) > 1:
        raise Usage(f"{place} is out in several messages: {', '.join(found)}", hint="say which with --message")
    ((name, out),) = found.items()
    was, link = one_line(out.link), link.strip()
    if not link:
        link = typed(f"{place} is out already, with the link {was}. The right one, if it is wrong (Enter: leave it): ")
        if not link:
            raise Interrupted("Nothing was recorded.")
    elif not is_meant and link != out.link:
        replace = f"{place} is out already, with the link {was}. Type correct to put {one_line(link)} in its place: "
        if typed(replace) != "correct":
            raise Interrupted("Nothing was recorded.")
    if link == out.link:
        return f"{place} has that link already: nothing was changed."
    command = CorrectLink(message=name, line=out.line, link=link, was=out.link)
    desk.execute(case.incident.id, command, who=who)
    return f"The link of {place} is corrected: {one_line(link)} (was {was})"
