"""Where what is out can be seen: a link that was recorded wrong is corrected."""

from __future__ import annotations

from crisis.engine.commands import By, CorrectLink
from crisis.engine.events import LinkCorrected
from crisis.engine.shapes import Link
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
