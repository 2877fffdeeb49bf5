"""What is looked at in a message template by itself, whichever playbook uses it."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.kernel.diagnostics import Diagnostic, nearest
from crisis.kernel.errors import CrisisError
from crisis.messages.slots import SLOTS
from crisis.messages.texts import Template, fingerprint_body, stale_languages
from crisis.plan.book import LoadedTemplate, TemplateEngine


def template_rules(template: LoadedTemplate, engine: TemplateEngine) -> Iterator[Diagnostic]:
    """All findings in `message.yaml`; what is wrong inside a body is found when it is read."""
    yield from _languages(template)
    yield from _facts(template, engine)
    yield from _slots(template)
    yield from _translations(template)
    yield from _clearance(template)
    yield from _alt_texts(template)


def _languages(template: LoadedTemplate) -> Iterator[Diagnostic]:
    message = template.message
    written = {key.partition(".")[0] for key in template.bodies}
    for n, language in enumerate(message.languages):
        if language not in written:
            text = f"there is no text in {language!r}"
            yield Diagnostic("missing-body", text, ("languages", n), f"write {language}.j2 beside this file")
    for language in sorted(written - set(message.languages)):
        text = f"there is a text in {language!r}, and the language is not declared"
        yield Diagnostic("undeclared-language", text, ("languages",), f"add {language} to languages:")
    if message.source_language not in message.languages:
        text = f"the source language {message.source_language!r} is none of the languages"
        yield Diagnostic("undeclared-language", text, ("source_language",), f"one of {', '.join(message.languages)}")


def _facts(template: LoadedTemplate, engine: TemplateEngine) -> Iterator[Diagnostic]:
    used: set[str] = set()
    for body in template.bodies.values():
        try:
            used |= engine.facts_used(body)
        except CrisisError:
            return  # a body that cannot be read has findings of its own
    for n, name in enumerate(template.message.facts):
        if name not in used:
            text = f"{name} is declared, and no text uses it"
            yield Diagnostic("unused-fact", text, ("facts", n), "use it, or remove it", "warning")


def _slots(template: LoadedTemplate) -> Iterator[Diagnostic]:
    for n, slot in enumerate(template.message.slots):
        if slot not in SLOTS:
            yield Diagnostic(
                "unknown-slot", f"no part of a message is called {slot!r}", ("slots", n), nearest(slot, SLOTS)
            )


def _translations(template: LoadedTemplate) -> Iterator[Diagnostic]:
    message = template.message
    whole = Template(
        id=message.id,
        source_language=message.source_language,
        facts=message.facts,
        bodies=template.bodies,
        translated_from=message.translated_from,
    )
    stale = stale_languages(whole)
    for key in message.translated_from:
        if key not in template.bodies:
            text = f"there is no text {key}.j2"
            yield Diagnostic("missing-body", text, ("translated_from", key), nearest(key, template.bodies), at_key=True)
        elif key.partition(".")[0] in stale:
            text = f"{key} was translated from a text that has changed since"
            hint = "have it translated again, then write the new fingerprint of the source text here"
            yield Diagnostic("stale-translation", text, ("translated_from", key), hint, "warning")


def _clearance(template: LoadedTemplate) -> Iterator[Diagnostic]:
    clearance = template.message.clearance
    for key, cleared in clearance.fingerprints.items() if clearance else ():
        path = ("clearance", "fingerprints", key)
        if key not in template.bodies:
            yield Diagnostic(
                "missing-body", f"there is no text {key}.j2", path, nearest(key, template.bodies), at_key=True
            )
        elif fingerprint_body(template.bodies[key]) != cleared:
            text = f"{key} has changed since it was cleared: it goes through the full approval again"
            yield Diagnostic("stale-clearance", text, path, "have it cleared again, or remove the line", "warning")


def _alt_texts(template: LoadedTemplate) -> Iterator[Diagnostic]:
    for n, media in enumerate(template.message.media):
        missing = [one for one in template.message.languages if one not in media.alt]
        if missing:
            text = f"{media.file} says nothing to those who cannot see it in {', '.join(missing)}"
            yield Diagnostic("missing-alt", text, ("media", n), "describe the picture under alt:", "warning")
