"""What stands in public: every text that may still be up, and what it says that is no longer so."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from crisis.engine.plan import Plan
from crisis.engine.state import Incident, Publication
from crisis.projections.situation import said_as_it_was


class Posted(Struct, frozen=True, kw_only=True):
    """A text that went out. `outdated` names the facts that it says as they were, and no later text there puts right.

    `replaced`: a later text there puts it right, and it may still be up.
    """

    message: str
    title: str
    publication: Publication
    outdated: tuple[str, ...] = ()
    replaced: bool = False


def out_there(plan: Plan, incident: Incident, place: str = "") -> tuple[Posted, ...]:
    """The last text of each message in each place, or in that one, and those before it that were put right.

    Oldest first. An update whose turn came round leaves nothing behind that must be taken down, so this stays small
    for ever.
    """
    every = [
        (one, name)
        for name, message in incident.messages.items()
        for one in message.history
        if not place or one.line.place == place
    ]
    after: dict[tuple[str, str], Publication] = {}
    standing: dict[tuple[str, str], Publication] = {}
    told: dict[str, set[str]] = {}  # by place: the facts that a later text there says as they are
    found: list[Posted] = []
    for one, name in sorted(every, key=lambda pair: -pair[0].seq):
        planned, where = plan.messages[name], one.line.place
        was = one.outdated(planned.facts, incident.facts)
        later = told.setdefault(where, set())
        following = after.get((name, where))
        if following is None:
            standing[name, where] = one
            left, right = tuple(fact for fact in was if fact not in later), was and later.issuperset(was)
            found.append(
                Posted(message=name, title=planned.title, publication=one, outdated=left, replaced=bool(right))
            )
        elif _is_put_right(one, following, standing[name, where], planned.facts):
            found.append(Posted(message=name, title=planned.title, publication=one, replaced=True))
        after[name, where] = one
        later.update(fact for fact in one.said_of(planned.facts) if fact not in was)
    return tuple(reversed(found))


def _is_put_right(one: Publication, following: Publication, standing: Publication, facts: tuple[str, ...]) -> bool:
    """Whether the text that followed says what `one` had wrong; what stands there again is not wrong."""
    wrong = following.corrects or one.contradicted(facts, following.drafted_from)
    return wrong and one.line != standing.line


def as_they_were(posted: Iterable[Posted]) -> tuple[str, ...]:
    """Those that say a fact as it no longer is, in words."""
    return said_as_it_was((one.title, one.publication.line.place, one.outdated) for one in posted)
