"""What became of each text after it was posted: what followed it, and when it said a fact as it no longer was.

Read off the incident as it was after each event, so that it says of a moment what `crisis status` said then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from crisis.engine import events as ev
from crisis.engine.approvals import translations_behind
from crisis.engine.events import Recorded
from crisis.engine.evolve import evolve
from crisis.engine.plan import Plan
from crisis.engine.state import Incident, Publication
from crisis.projections.out_there import out_there


class Wrong(Struct, frozen=True, kw_only=True):
    """A text that was out said a fact as it was no longer, `until` another stood in its place, or it was so again."""

    fact: str
    since: datetime
    until: datetime | None = None


class Followed(Struct, frozen=True, kw_only=True):
    """The next text of the message in the same place. `replaces`: it puts right what the one before had wrong."""

    at: datetime
    link: str
    replaces: bool


class Afterwards(Struct, frozen=True, kw_only=True):
    """A text that went out: how it had come about, and what became of it.

    `edited`: by hand. `behind`: its source had been edited, and this translation had not.
    """

    edited: bool = False
    behind: bool = False
    followed: Followed | None = None
    wrong: tuple[Wrong, ...] = ()


class _Course(Struct):
    """What is known of a text so far."""

    place: str
    edited: bool
    behind: bool
    wrong: list[Wrong] = field(default_factory=list)

    def see(self, outdated: Sequence[str], at: datetime) -> None:
        """Begin what is wrong from now on, and end what is not any more."""
        still = {one.fact for one in self.wrong if one.until is None}
        self.wrong = [
            replace(one, until=at) if one.until is None and one.fact not in outdated else one for one in self.wrong
        ]
        self.wrong += [Wrong(fact=fact, since=at) for fact in outdated if fact not in still]


def afterwards(plan: Plan, events: Iterable[Recorded]) -> Mapping[int, Afterwards]:
    """What became of each text, by the number of the event with which it went out."""
    courses: dict[int, _Course] = {}
    incident: Incident | None = None
    for recorded in events:
        incident = evolve(incident, recorded)
        event = recorded.event
        if isinstance(event, ev.Published):
            courses[recorded.seq] = _begun(event, plan, incident)
            place = event.line.place  # elsewhere a text changes nothing
        elif isinstance(event, ev.FactSet):
            place = ""
        else:
            continue
        wrong = {one.publication.seq: one.outdated for one in out_there(plan, incident, place)}
        for seq, course in courses.items():
            if course.place == place or not place:
                course.see(wrong.get(seq, ()), recorded.at)
    following = _following(plan, incident) if incident is not None else {}
    return {
        seq: Afterwards(
            edited=course.edited, behind=course.behind, followed=following.get(seq), wrong=tuple(course.wrong)
        )
        for seq, course in courses.items()
    }


def _begun(event: ev.Published, plan: Plan, incident: Incident) -> _Course:
    message = incident.message(event.message)
    behind = translations_behind(message, plan.messages[event.message].source_language)
    return _Course(
        place=event.line.place,
        edited=any(text.edited for text in message.texts if text.line == event.line),
        behind=(event.line.channel, event.line.language) in behind,
    )


def _following(plan: Plan, incident: Incident) -> Mapping[int, Followed]:
    """What followed each text; one that was posted again word for word stands there as before."""
    found: dict[int, Followed] = {}
    for name, message in incident.messages.items():
        facts = plan.messages[name].facts
        last: dict[str, Publication] = {}
        for one in message.history:
            before = last.get(one.line.place)
            if before is not None and before.line != one.line:
                replaces = one.corrects or before.contradicted(facts, one.drafted_from)
                found[before.seq] = Followed(at=one.at, link=one.link, replaces=replaces)
            last[one.line.place] = one
    return found
