"""People: named in the night, with numbers that lie outside the chain."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.engine.events import Member
from crisis.runtime.roster import as_meant, person_from


class Counted:
    """Randomness that is the same in every run."""

    def new(self) -> str:
        return "id"

    def salt(self) -> bytes:
        return b"sixteen bytes!!!"


KNOWN = {"ana": Member(id="ana", name="Ana Berg", roles=("legal",), languages=("en",))}


def test_somebody_new_gets_an_id_of_their_first_name() -> None:
    member, blobs = person_from("  Bo   Lind ", "+45 1", ("executive",), KNOWN, Counted())
    assert (member.id, member.name, member.roles) == ("bo", "Bo Lind", ("executive",))
    assert [blob.data for blob in blobs] == [b'{"number": "+45 1"}']
    assert member.contact == blobs[0].key


def test_a_number_stands_nowhere_but_in_its_blob() -> None:
    member, _ = person_from("Bo", "+45 11 22 33 44", (), KNOWN, Counted())
    assert "11 22" not in repr(member)


@pytest.mark.parametrize("said", ["Ana Berg", "ana berg", "ANA", " ana  berg "])
def test_somebody_known_gets_the_role_as_well(said: str) -> None:
    member, blobs = person_from(said, "", ("executive",), KNOWN, Counted())
    assert (member.id, member.roles, member.languages) == ("ana", ("legal", "executive"), ("en",))
    assert blobs == []


def test_of_two_with_one_first_name_each_has_an_id() -> None:
    member, _ = person_from("Ana Holm", "", (), KNOWN, Counted())
    assert member.id == "ana-2"


@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_whatever_a_name_is_its_id_is_plain_and_free(name: str) -> None:
    member, _ = person_from(name, "", (), KNOWN, Counted())
    assert member.id.replace("-", "").isalnum()
    assert member.id.isascii()
    assert member.id not in KNOWN or member.name == "Ana Berg"


@pytest.mark.parametrize("said", ["me", "Myself", "I"])
def test_whoever_names_themselves_is_who_walks(said: str) -> None:
    assert as_meant({"name": said, "contact": "123"}, "kim") == {"name": "kim", "contact": "123"}


@pytest.mark.parametrize("said", ["nobody", "No one", "none", "nobody else"])
def test_nobody_is_no_name(said: str) -> None:
    assert as_meant({"name": said}, "kim") == {}


def test_whoever_walks_keeps_the_name_that_they_act_under(cases: Any) -> None:
    member, _ = person_from("Bo Lund", "", ("legal",), {}, cases.CountedIds(), {"Bo Lund"}, acting="Bo Lund")
    assert (member.id, member.roles) == ("Bo Lund", ("legal",))


def test_nobody_gets_the_name_that_somebody_else_has_acted_under(cases: Any) -> None:
    member, _ = person_from("Bo Lund", "", ("legal",), {}, cases.CountedIds(), {"bo"})
    assert member.id == "bo-2"
