"""Where what is out can be seen: links that come late, that were recorded wrong, or that stand for two places."""

from __future__ import annotations

from crisis.engine.commands import By, CorrectLink, PostAfterAll
from crisis.engine.events import Line, LinkCorrected, Published
from crisis.engine.shapes import WITHOUT_ADDRESS, Link
from crisis.engine.state import Incident
from crisis.kernel.errors import NotFound, Refused, Usage


def corrected(incident: Incident, command: CorrectLink, by: By) -> LinkCorrected:
    """The event of a link that is put right. What was said first stays in the journal.

    Raises Refused where nobody is there to say so, where it changes nothing, and where somebody was faster.
    """
    line, link = command.line, command.link.strip()
    if not by.present and not incident.drill:
        raise Refused("correcting a link needs a person at a terminal: a pipe or a file is no proof")
    out = incident.message(command.message).last_of(line)
    if out is None:
        raise NotFound(f"{line.place} is not out: it has no link to correct")
    if why := Link(message=command.message, line=line).illegal({"link": link}):
        raise Usage(why)
    if out.link == link:
        raise Refused(f"that is the link of {line.place} already: nothing was changed")
    if out.link != command.was:
        raise Refused(f"the link of {line.place} was corrected meanwhile: look at it, then say it again if need be")
    return LinkCorrected(message=command.message, line=line, link=link, was=out.link)


def posted_after_all(incident: Incident, command: PostAfterAll, by: By) -> Published:
    """The event of a text that is out although it was left out: it was released with the others, and is the same still.

    Raises Refused where nobody is there to say so, or where it was never released as it is now.
    """
    line, message = command.line, incident.message(command.message)
    if not by.present and not incident.drill:
        raise Refused("posting needs a person at a terminal: a pipe or a file is no proof")
    if line not in message.left_out or line not in message.locked:
        raise Refused(f"{line.place} was not released and left out then")
    value = {"link": command.link.strip()}
    if why := Link(message=command.message, line=line).illegal(value):
        raise Usage(why)
    promises = next(text.promises for text in message.texts if text.line == line)
    return Published(message=command.message, line=line, link=value["link"], promises=promises)


def same_elsewhere(incident: Incident, line: Line, link: str, before: int) -> tuple[str, ...]:
    """The other places of which the same link was given `before` that version: one page may serve both, or be wrong."""
    if line.channel in WITHOUT_ADDRESS:
        return ()
    found: dict[str, None] = {}
    for message in incident.messages.values():
        last = {one.line.place: one for one in message.history if one.seq < before}
        found |= dict.fromkeys(place for place, one in last.items() if place != line.place and one.link == link)
    return tuple(found)
