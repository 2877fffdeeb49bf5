"""In which countries a language is official."""

from __future__ import annotations

import pytest

from crisis.messages.languages import without_own_language


@pytest.mark.parametrize(
    ("countries", "languages", "unread"),
    [
        (["dk", "de", "nl", "gb", "us"], ["en", "da"], ("de", "nl")),
        (["be", "ch"], ["fr"], ()),
        (["dk"], ["de"], ("dk",)),  # official in a part of it only
        (["no"], ["no"], ()),
        (["no"], ["nb"], ()),
        (["cn", "tw"], ["zh-Hans"], ()),
        (["eu", "elsewhere", "zz", ""], ["en"], ()),
        (["de"], [], ("de",)),
    ],
)
def test_a_country_reads_what_is_official_there(
    countries: list[str], languages: list[str], unread: tuple[str, ...]
) -> None:
    assert without_own_language(countries, languages) == unread
