"""A message template as data: its bodies, which of them counsel has cleared, which translations are stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from crisis.kernel.fingerprints import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping


class Template(Struct, frozen=True):
    """One message in all its languages. A body's key is `<language>` or `<language>.<channel>`: `en`, `en.x`."""

    id: str
    source_language: str
    facts: tuple[str, ...]
    """Names of the facts that the bodies may use."""
    bodies: Mapping[str, str]
    """Body key → Jinja source."""
    slots: tuple[str, ...] = ()
    cleared: Mapping[str, str] = field(default_factory=dict)
    """Body key → fingerprint of the body that was cleared; empty: nothing is."""
    cleared_by: str = ""
    cleared_on: str = ""
    cleared_until: str = ""
    translated_from: Mapping[str, str] = field(default_factory=dict)
    """Body key → fingerprint of the source-language body it was translated from."""

    def body(self, language: str, channel: str) -> str | None:
        """The body for this language, the channel's own if there is one; None if the language is missing."""
        own = self.bodies.get(f"{language}.{channel}")
        return self.bodies.get(language) if own is None else own

    def languages(self) -> tuple[str, ...]:
        """Every language with a body, the source language first."""
        found = {key.partition(".")[0] for key in self.bodies}
        return tuple(sorted(found, key=lambda language: (language != self.source_language, language)))


def fingerprint_body(body: str) -> str:
    """What `cleared` and `translated_from` hold: SHA-256 of the body, whatever the line endings of the checkout."""
    return fingerprint(body.replace("\r\n", "\n").replace("\r", "\n"))


def stale_languages(template: Template) -> tuple[str, ...]:
    """The languages whose translation was made from another source text than the one that stands now.

    A channel's own body is compared with the source language's body for that channel, else with its general
    one. A translation that does not say what it was made from is not called stale.
    """
    stale = set()
    for key, made_from in template.translated_from.items():
        language, _, channel = key.partition(".")
        if language == template.source_language or key not in template.bodies:
            continue
        source = template.body(template.source_language, channel)
        if source is None or fingerprint_body(source) != made_from:
            stale.add(language)
    return tuple(language for language in template.languages() if language in stale)
