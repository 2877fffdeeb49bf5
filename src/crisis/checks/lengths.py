"""text-too-long, text-may-be-too-long, text-fails, text-needs-fact: texts filled with facts as they might be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import NamedTuple

from crisis.checks.bounds import heaviest, longest_text
from crisis.checks.examples import combinations, unknown, values_of
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic, Path
from crisis.kernel.errors import CrisisError
from crisis.messages.channels import CHANNELS, Measure, measure
from crisis.plan.book import ALWAYS_GIVEN, LoadedTemplate, TemplateEngine
from crisis.playbook.model import MessageUse

_ZONE = UTC


class _Place(NamedTuple):
    """A text of a message: on which channel, in which language, from which body."""

    channel: str
    language: str
    key: str
    body: str
    path: Path


def lengths(survey: Survey) -> Iterator[Diagnostic]:
    """What is found when every body is filled with facts as they might be, and measured."""
    engine = survey.book.engine
    if engine is None or survey.is_unread("facts"):
        return
    for name, use in survey.playbook.messages.items():
        template = survey.book.templates.get(use.template)
        if template is None or set(template.message.facts) - survey.playbook.facts.keys():
            continue
        known = ALWAYS_GIVEN | set(template.message.facts)
        filled: dict[str, list[Diagnostic]] = {}
        for place in _places(name, use, template):
            if engine.problems(place.body, known):
                continue
            if place.key not in filled:
                filled[place.key] = list(_fills(survey, place, use, engine))
                yield from filled[place.key]
            if not filled[place.key]:
                yield from _fits(survey, place, use, engine)


def _places(name: str, use: MessageUse, template: LoadedTemplate) -> Iterator[_Place]:
    for n, channel in enumerate(use.channels):
        for language in use.languages:
            key = next((key for key in (f"{language}.{channel}", language) if key in template.bodies), None)
            if key is not None and channel in CHANNELS:
                yield _Place(channel, language, key, template.bodies[key], ("messages", name, "channels", n))


def _fills(survey: Survey, place: _Place, use: MessageUse, engine: TemplateEngine) -> Iterator[Diagnostic]:
    """Whether the body can be filled at all, and the first statement while little is known."""
    facts, ours = survey.playbook.facts, survey.book.organisation
    used = sorted(engine.facts_used(place.body))
    path = (*place.path[:2], "template")
    try:
        known = next(iter(combinations(used, facts, ours, long=True)))
        engine.try_out(place.body, known, language=place.language, zone=_ZONE)
    except CrisisError as error:
        text = f"the text {place.key} of {use.template} cannot be filled: {error.message}"
        yield Diagnostic("text-fails", text, path, error.hint)
        return
    if not use.first_statement:
        return
    try:
        engine.try_out(place.body, unknown(used, facts, ours), language=place.language, zone=_ZONE)
    except CrisisError as error:
        text = f"the first statement ({place.key} of {use.template}) cannot be written yet: {error.message}"
        hint = "let the template test {% if … is known %}, or make the fact required"
        yield Diagnostic("text-needs-fact", text, path, hint, "warning")


def _fits(survey: Survey, place: _Place, use: MessageUse, engine: TemplateEngine) -> Iterator[Diagnostic]:
    ours = survey.book.organisation
    own = {one.kind: one.limit for one in ours.channels if one.limit is not None} if ours else {}
    limit = own.get(place.channel, CHANNELS[place.channel].limit)
    used = sorted(engine.facts_used(place.body))
    if limit is None or _surely_fits(place, used, survey, limit):
        return
    longest_first = _sizes(survey, place, used, engine, limit, long=True)
    if not longest_first or longest_first[-1].fits:
        return
    shortest_first = _sizes(survey, place, used, engine, limit, long=False) or longest_first
    yield from _verdict(place, use, shortest_first[0], longest_first[-1])


def _sizes(
    survey: Survey, place: _Place, used: list[str], engine: TemplateEngine, limit: int, *, long: bool
) -> list[Measure]:
    """How long the text becomes with all combinations of facts, shortest first."""
    texts: set[str] = set()
    for values in combinations(used, survey.playbook.facts, survey.book.organisation, long=long):
        try:
            texts.add(engine.render(place.body, values, language=place.language, zone=_ZONE))
        except CrisisError:
            continue  # it needs a fact that is not known in this combination
    return sorted((measure(text, place.channel, limit=limit) for text in texts), key=lambda one: one.used)


def _surely_fits(place: _Place, used: list[str], survey: Survey, limit: int) -> bool:
    """Whether the longest branch of every condition together is short enough: then nothing need be filled."""
    facts, ours = survey.playbook.facts, survey.book.organisation
    known = {name: heaviest(values_of(name, facts.get(name), ours)) for name in used}
    return measure(longest_text(place.body, known), place.channel, limit=limit).fits


def _verdict(place: _Place, use: MessageUse, shortest: Measure, most: Measure) -> Iterator[Diagnostic]:
    text = f"{use.template} in {place.language} on {CHANNELS[place.channel].title}"
    hint = f"shorten it, or write a shorter {place.language}.{place.channel}.j2 for this channel"
    if not shortest.fits:
        message = f"{text} is too long: at best {shortest} {shortest.unit}"
        yield Diagnostic("text-too-long", message, place.path, hint)
    elif not most.fits:
        message = f"{text} may become too long: up to {most} {most.unit}"
        yield Diagnostic("text-may-be-too-long", message, place.path, hint, "warning")
