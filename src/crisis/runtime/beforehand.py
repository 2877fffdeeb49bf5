"""What somebody should know before they write the texts of a message, or call somebody: what is known already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from crisis.engine.events import Decided, DraftedText
from crisis.engine.plan import Plan
from crisis.messages.languages import called, without_own_language
from crisis.playbook.model import Chain
from crisis.projections.names import Names
from crisis.projections.out_there import out_there
from crisis.projections.words import fact_value
from crisis.runtime.desk import Case
from crisis.runtime.scene import ProposedText

#: The sentences that are quoted at most: whoever is told reads the text anyway.
MOST_QUOTED = 3

#: Whoever decided longer ago than that may know nothing of what a call is about now.
JUST = timedelta(hours=1)

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")

#: The texts that the templates of a message make of the facts as they are now.
Compose = Callable[[str], Sequence[ProposedText]]
Read = Callable[[str], bytes | None]


def before_writing(case: Case, name: str, compose: Compose, read: Read, zone: tzinfo) -> tuple[str, ...]:
    """Line by line, for whoever writes the message `name`; a line that begins with `!!` is not to be overlooked."""
    proposed = compose(name)
    price, elsewhere = _price_of_editing(case, name, proposed), _edited_elsewhere(case, name, proposed, compose, read)
    return (*_out_and_wrong(case, name, zone), *_unread(case, name, proposed), *price, *elsewhere)


def _unread(case: Case, name: str, proposed: Sequence[ProposedText]) -> Iterator[str]:
    """The countries concerned whose people are not written to in a language of theirs."""
    plan, facts = case.plan, case.incident.facts
    languages = tuple(dict.fromkeys(one.language for one in proposed if one.text))
    if not languages or "internal" in plan.messages[name].use.channels:
        return  # our own people need not read what is spoken where something was sold
    for fact in dict.fromkeys(one.use.for_ for one in plan.clocks if one.use.for_):
        state = facts.get(fact)
        listed = state.value if state is not None and state.known and isinstance(state.value, list) else ()
        if unread := without_own_language(listed, languages):
            countries = ", ".join(plan.facts[fact].options.get(one, one) for one in unread)
            said = f"!! “{Names.of(plan).fact(fact)}” names {countries}"
            yield f"{said}: none of these texts ({called(languages)}) is in an official language there."


def _out_and_wrong(case: Case, name: str, zone: tzinfo) -> Iterator[str]:
    """What the readers of this message were told: the same text with another word in it is no correction."""
    names = Names.of(case.plan, case.incident)
    was: dict[str, str] = {}
    for one in out_there(case.plan, case.incident):
        if one.message == name:
            then = one.publication.drafted_from
            told = {fact: then[fact] for fact in one.outdated if fact in then and then[fact].known}
            public = {fact: state.value for fact, state in told.items() if not state.sealed}
            was |= {fact: f" as {fact_value(fact, value, names, zone)}" for fact, value in public.items()}
            was = dict.fromkeys(one.outdated, "") | was
    for fact, as_what in was.items():
        said = f"!! What is out gives “{names.fact(fact)}”{as_what}"
        yield f"{said}. Say here that it was wrong, and what those who read it are to do now."


def spoken_to(case: Case, person: str, now: datetime, zone: tzinfo) -> str:
    """That somebody has just decided on a text, and so has been spoken to; empty where they have not.

    Of the hour before `now` the time alone is enough to tell when that was.
    """
    for one in reversed(case.events):
        if one.at <= now - JUST:
            return ""
        if isinstance(one.event, Decided) and one.event.person == person:
            said = "said yes to" if one.event.verdict == "yes" else "refused"
            title = case.plan.messages[one.event.message].title.lower()
            how = " by phone" if one.event.proof == "verbal" else ""
            return f"{one.at.astimezone(zone):%H:%M}: {said} the {title}{how}."
    return ""


def _price_of_editing(case: Case, name: str, proposed: Sequence[ProposedText]) -> Iterator[str]:
    """That a text cleared in advance is approved by fewer than the same text once somebody has touched it."""
    plan, severity = case.plan, case.incident.severity
    if not proposed or not all(one.cleared for one in proposed):
        return
    (cleared_name, cleared), (usual_name, usual) = (
        plan.chain_for(name, severity, cleared=True),
        plan.chain_for(name, severity),
    )
    if cleared_name != usual_name:
        as_it_is, edited = _who_must(cleared, plan), _who_must(usual, plan)
        yield f"Cleared in advance: as it is, {as_it_is} must say yes; once edited, {edited}."


def _who_must(chain: Chain, plan: Plan) -> str:
    people = "1 person" if chain.quorum == 1 else f"{chain.quorum} people"
    return f"{people}, with {Names.of(plan).roles(chain.required).lower()}" if chain.required else people


def _edited_elsewhere(
    case: Case, name: str, proposed: Sequence[ProposedText], compose: Compose, read: Read
) -> Iterator[str]:
    """What a person has changed in another message, where the templates of this one still have it."""
    incident, plan = case.incident, case.plan
    others = [(other, state) for other, state in incident.messages.items() if other != name]
    for other, state in sorted(others, key=lambda one: one[1].drafted_seq):
        edited = [text for text in state.texts if text.edited and text.line not in state.left_out]
        if not edited:
            continue
        title = plan.messages[other].title.lower()
        # Of a text whose facts have changed since, nobody can say which sentences a person took out.
        outdated = bool(state.outdated(plan.messages[other].facts, incident.facts))
        still = {} if outdated else _still_here(edited, compose(other), proposed, read)
        for sentence, places in list(still.items())[:MOST_QUOTED]:
            said = f"!! The {title} was edited by hand and no longer says “{sentence}”"
            yield f"{said}; {', '.join(places)} still says it."
        if not still:
            where = ", ".join(text.line.place for text in edited)
            yield f"The {title} was edited by hand ({where}): does this still say the same?"


def _still_here(
    edited: Sequence[DraftedText], made: Sequence[ProposedText], proposed: Sequence[ProposedText], read: Read
) -> Mapping[str, Sequence[str]]:
    """The sentences that were taken out of the `edited` texts, each with the places where it is `proposed` here."""
    templates, found = {one.place: one.text for one in made}, dict[str, Sequence[str]]()
    for text in edited:
        said = _loose((read(text.line.sha256) or b"").decode())
        for sentence in filter(None, map(str.strip, _SENTENCE.split(templates.get(text.line.place, "")))):
            here = [
                one.place
                for one in proposed
                if one.language == text.line.language and _loose(sentence) in _loose(one.text)
            ]
            if said and here and _loose(sentence) not in said:
                found[sentence] = here
    return found


def _loose(text: str) -> str:
    """Without what differs by itself from one minute to the next: a promised time moves on, and so do line ends."""
    return re.sub(r"\d+", "#", " ".join(text.split())).casefold()
