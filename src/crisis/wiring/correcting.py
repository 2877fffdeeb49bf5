"""What was recorded of a post was wrong: its link, or that it is not out. A person at a terminal puts it right."""

from __future__ import annotations

from collections.abc import Sequence

from crisis.adapters.operator.fitting import tell
from crisis.engine.commands import CorrectLink, PostAfterAll
from crisis.engine.events import Line
from crisis.engine.links import same_elsewhere
from crisis.engine.state import Incident, Publication
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


def correct_link(
    place: str, link: str, message: str, case: Case, desk: Desk, who: str, *, is_meant: bool
) -> Sequence[str]:
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
        return [f"{place} has that link already: nothing was changed."]
    command = CorrectLink(message=name, line=out.line, link=link, was=out.link)
    desk.execute(case.incident.id, command, who=who)
    corrected = f"The link of {place} is corrected: {one_line(link)} (was {was})"
    return [corrected, *same_link(desk.case(case.incident.id).incident, out.line, link)]


def left_out_at(place: str, message: str, case: Case) -> dict[str, Line]:
    """What was released for that place and then left out, of each message or of the one that is meant."""
    return {
        name: line
        for name, state in case.incident.messages.items()
        if message in ("", name)
        for line in state.left_out
        if line.place == place and line in state.locked
    }


def post_after_all(place: str, link: str, message: str, case: Case, desk: Desk, who: str) -> Sequence[str]:
    """Keep the link of a text that was left out and is out after all; it is asked for where it was not given."""
    found = left_out_at(place, message, case)
    if len(found) > 1:
        raise Usage(f"{place} was left out in several messages: {', '.join(found)}", hint="say which with --message")
    ((name, line),) = found.items()
    state = case.incident.message(name)
    says = state.says(line) or case.plan.messages[name].facts
    changed = ", ".join(one.replace("_", " ") for one in state.outdated(says, case.incident.facts))
    warning = (
        [f"!! {changed} has changed since this text was written: is it right as it stands there?"] if changed else []
    )
    if not link.strip():
        for one in warning:
            tell(one)
        link = typed(f"{place} was left out. If it is out after all, its link (Enter: it is not): ")
    if not link:
        raise Interrupted("Nothing was recorded.")
    desk.execute(case.incident.id, PostAfterAll(message=name, line=line, link=link), who=who)
    said = f"{place} is out after all: {one_line(link)}"
    return [said, *warning, *same_link(desk.case(case.incident.id).incident, line, link.strip())]


def same_link(incident: Incident, line: Line, link: str) -> Sequence[str]:
    """That another place has the same link, in a line with what to do if one of them is wrong."""
    same = ", ".join(same_elsewhere(incident, line, link, before=incident.version + 1))
    command = f"crisis publish PLACE --correct --link … -i {incident.id}"
    return [f"The same link as for {same}; if one is wrong, correct it: {command}"] if same else []
