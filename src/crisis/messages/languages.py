"""What the languages of a text are called by those who work on it, and in which countries they are official.

CLDR would be slow to load for so few names; where a language is official only it knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

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


#: What CLDR calls a language of a whole country; what is official in a part of it, most of the others cannot read.
_OFFICIAL = frozenset({"official", "de_facto_official"})


def without_own_language(countries: Iterable[str], languages: Collection[str]) -> tuple[str, ...]:
    """Those of the countries, by code (`dk`), in which none of the languages is official; what is no country is not."""
    from babel.languages import get_territory_language_info

    written = {_of(one) for one in languages}
    found = []
    for country in countries:
        known = get_territory_language_info(country.upper())
        own = {_of(name) for name, about in known.items() if about["official_status"] in _OFFICIAL}
        if own and not own & written:
            found.append(country)
    return tuple(found)


def _of(tag: str) -> str:
    """`zh` of `zh-Hans` and of `zh_Hant`: whoever reads one way of writing it makes something of the other."""
    return tag.replace("_", "-").partition("-")[0]
