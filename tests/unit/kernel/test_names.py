"""One name is one text, and what cannot be seen makes no second one."""

from __future__ import annotations

import pytest

from crisis.kernel.names import as_kept, folded, unseen_in


@pytest.mark.parametrize(
    "name",
    [
        "ana\u200b",
        "ana\u200d",
        "\u2060ana",
        "a\u00adna",
        "ana\ufe0f",
        "ana\u3164",
        "ana\u202e",
        "a\x1bna",
        "علی\u200c",
        "ana\U0001d159",
        "\U00016fe4ana",
    ],
)
def test_what_cannot_be_seen_is_refused_and_named(name: str) -> None:
    assert unseen_in(name).startswith("a name may not have characters that cannot be seen: U+")


@pytest.mark.parametrize("name", ["Ana Berg", "Jörg", "Jo\u0308rg", "علی\u200cرضا", "Ana\u00a0Berg", "木村", "O’Neil"])
def test_a_name_as_people_have_them_is_one(name: str) -> None:
    assert unseen_in(name) == ""


def test_however_it_was_typed_it_is_the_same_name() -> None:
    assert as_kept(" Jo\u0308rg \n Berg") == "Jörg Berg"
    assert folded("JO\u0308RG") == folded("jörg")
    assert folded("علی\u200cرضا") == folded("علیرضا")
