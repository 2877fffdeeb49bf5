"""What the languages of a text are called by those who work on it; CLDR would be slow to load for so few."""

from __future__ import annotations

from collections.abc import Iterable

_NAMES = {
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "fy": "West Frisian",
    "nl": "Dutch",
    "ru": "Russian",
    "zh-Hans": "Simplified Chinese",
}


def called(languages: Iterable[str]) -> str:
    """`Danish and Dutch`; a language that is not known here by its tag."""
    return " and ".join(_NAMES.get(one, one) for one in languages)
