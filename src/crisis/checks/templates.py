"""unknown-template, unknown-channel, missing-body, needs-media: a message without a text for one of its places."""

from __future__ import annotations

from collections.abc import Iterator

from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic, Path, nearest
from crisis.kernel.text import one_line, quoted
from crisis.messages.channels import CHANNELS
from crisis.plan.book import ALWAYS_GIVEN, LoadedTemplate
from crisis.playbook.model import MessageUse


def unknown_templates(survey: Survey) -> Iterator[Diagnostic]:
    """unknown-template: no folder under templates/messages is called so."""
    known = survey.book.known_templates
    for name, use in survey.playbook.messages.items():
        if use.template not in known:
            message = f"there is no message template called {use.template!r}"
            hint = (
                nearest(use.template, known) or f"write templates/messages/{use.template}/message.yaml and its bodies"
            )
            yield Diagnostic("unknown-template", message, ("messages", name, "template"), hint)


def places(survey: Survey) -> Iterator[Diagnostic]:
    """missing-body: a channel or a language for which nothing is written."""
    for name, use in survey.playbook.messages.items():
        path: Path = ("messages", name)
        for key, values in (("channels", use.channels), ("languages", use.languages)):
            if not values and not survey.book.is_faulty(*path, key):
                text = f"{name} has no {key}: it would go nowhere"
                yield Diagnostic("empty-message", text, (*path, key), f"name at least one under {key}:")
        for n, channel in enumerate(use.channels):
            if channel not in CHANNELS:
                text = f"no kind of channel is called {quoted(channel, 60)}"
                yield Diagnostic("unknown-channel", text, (*path, "channels", n), nearest(channel[:100], CHANNELS))
        template = survey.book.templates.get(use.template)
        if template is not None:
            yield from _bodies(name, use, template)
            yield from _media(survey, name, use, template)


def _bodies(name: str, use: MessageUse, template: LoadedTemplate) -> Iterator[Diagnostic]:
    for n, language in enumerate(use.languages):
        missing = [one for one in use.channels if not {language, f"{language}.{one}"} & template.bodies.keys()]
        if not missing:
            continue
        where = "" if len(missing) == len(use.channels) else f" for {', '.join(missing)}"
        text = f"the template {use.template} has no text in {quoted(language, 20)}{where}"
        hint = f"write {one_line(language, 20)}.j2 beside its message.yaml, or take the language out"
        yield Diagnostic("missing-body", text, ("messages", name, "languages", n), hint)


def _media(survey: Survey, name: str, use: MessageUse, template: LoadedTemplate) -> Iterator[Diagnostic]:
    """Only for accounts that there are: no picture of ours would suit everybody's brand."""
    ours = survey.book.organisation
    if template.message.media or ours is None:
        return
    accounts = {channel.kind for channel in ours.channels}
    for n, channel in enumerate(use.channels):
        if channel in accounts and channel in CHANNELS and CHANNELS[channel].needs_media:
            text = f"{CHANNELS[channel].title} takes no post without a picture or a film, and {use.template} has none"
            hint = "add one under media: in its message.yaml, or leave the channel out"
            yield Diagnostic("needs-media", text, ("messages", name, "channels", n), hint, "warning")


def facts_of_templates(survey: Survey) -> Iterator[Diagnostic]:
    """template-fact: a template needs a fact that this playbook does not have, so the text could never be written."""
    if survey.is_unread("facts"):
        return
    known = survey.names("facts") | ALWAYS_GIVEN
    for name, use in survey.playbook.messages.items():
        template = survey.book.templates.get(use.template)
        for fact in template.message.facts if template else ():
            if fact not in known:
                text = f"the template {use.template} uses the fact {fact!r}, which this playbook does not have"
                hint = nearest(fact, survey.names("facts")) or f"declare {fact} under facts:"
                yield Diagnostic("template-fact", text, ("messages", name, "template"), hint)
