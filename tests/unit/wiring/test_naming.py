"""Whoever types a first name is meant by it, and whoever mistypes one is told."""

from __future__ import annotations

import pytest

from crisis.kernel.errors import Usage
from crisis.wiring.naming import exactly, how_understood, meant

PEOPLE = {"kim": "Kim Dahl", "ana": "Ana Berg", "ana-2": "Ana Kjær", "bo": "bo", "joerg": "Jörg Lind"}


@pytest.mark.parametrize(
    ("said", "person"),
    [
        ("ana", "ana"),
        ("ANA BERG", "ana"),
        ("Berg", "ana"),
        ("kjær ana", "ana-2"),
        ("Dahl", "kim"),
        ("Kim Dahl Holm", None),
        ("Da", None),
        ("Jo\u0308RG", "joerg"),
        ("", None),
    ],
)
def test_a_name_or_a_part_that_only_one_has_is_enough(said: str, person: str | None) -> None:
    assert meant(said, PEOPLE) == person


def test_the_user_of_a_machine_is_nobody_by_a_part_of_a_name() -> None:
    assert exactly("Dahl", PEOPLE) is None


def test_of_several_none_is_guessed() -> None:
    with pytest.raises(Usage) as caught:
        meant("Ana", {"a": "Ana Berg", "b": "Ana Kjær"})
    assert "'Ana' could be any of 2 people" in caught.value.message
    assert "Ana Berg (a), Ana Kjær (b)" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "who", "told"),
    [
        ("Kim Dahl", "kim", ""),
        ("Dahl", "kim", "Recorded as Kim Dahl (kim)."),
        ("Kim Dal", "Kim Dal", "Recorded as Kim Dal, who is not on the roster: did you mean 'Kim Dahl'?"),
        ("Zed", "Zed", "Recorded as Zed, who is not on the roster."),
        ("ana", "ana", "Recorded as ana, who is not Ana Kjær (ana-2)."),
    ],
)
def test_what_may_be_another_than_was_meant_is_told(said: str, who: str, told: str) -> None:
    assert how_understood(said, who, PEOPLE) == told


def test_where_only_the_lead_is_known_everybody_else_is_new_and_not_odd() -> None:
    assert how_understood("Ana", "Ana", {"kim": "Kim Dahl"}) == ""
    assert "did you mean 'Kim Dahl'?" in how_understood("Kim Dal", "Kim Dal", {"kim": "Kim Dahl"})
