from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.journal.chain import Row, first_link, link

ROW = Row("INC-2026-0001", 1, "c1", "Noted", "2026-03-01T08:30:00.000000+00:00", "ana", "tty", "", 1, "{}", "p", "h")
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_the_chain_can_be_recomputed_from_its_description() -> None:
    def digest(*parts: str) -> str:
        return hashlib.sha256("".join(f"{len(one.encode())}:{one}" for one in parts).encode()).hexdigest()

    row = ROW._replace(who="Zoë")
    assert first_link("INC-2026-0001") == digest("crisis journal 1", "INC-2026-0001")
    assert link(row) == digest(
        "p", "INC-2026-0001", "1", "c1", "Noted", "2026-03-01T08:30:00.000000+00:00", "Zoë", "tty", "", "1", "{}"
    )


@pytest.mark.parametrize("field", [one for one in Row._fields if one != "hash"])
def test_every_field_of_a_row_is_in_its_hash(field: str) -> None:
    changed = getattr(ROW, field) + (1 if field in {"seq", "v"} else "x")
    assert link(ROW._replace(**{field: changed})) != link(ROW)


@given(one=st.tuples(TEXT, TEXT, TEXT), other=st.tuples(TEXT, TEXT, TEXT))
def test_text_cannot_be_moved_from_one_field_to_the_next(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    def of(texts: tuple[str, ...]) -> str:
        return link(ROW._replace(who=texts[0], via=texts[1], on_behalf_of=texts[2]))

    assert (of(one) == of(other)) == (one == other)


def test_two_incidents_begin_at_different_links() -> None:
    assert first_link("INC-2026-0001") != first_link("INC-2026-0002")
