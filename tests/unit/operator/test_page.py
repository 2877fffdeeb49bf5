"""The page that goes to the editor and comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.operator.page import Page, read_page, write_page
from crisis.runtime.scene import Former, ProposedText

PLACES = [("x", "en"), ("x", "da"), ("facebook", "en"), ("press-release", "pt-BR")]
LINES = st.sampled_from(
    ["=== x/en ===", "\\=== x/en === 3", "# Heading", "#hashtag", "", "  ", "Stop.", "\u2028a\x0bb"]
)
BODIES = st.one_of(st.text(max_size=60), st.lists(LINES, max_size=6).map("\n".join))


def text(body: str, channel: str = "x", language: str = "en", **more: str) -> ProposedText:
    return ProposedText(channel=channel, language=language, text=body, **more)


@given(st.lists(BODIES, min_size=len(PLACES), max_size=len(PLACES)))
def test_a_page_that_nobody_touched_gives_back_the_texts(bodies: list[str]) -> None:
    texts = [text(body, *place) for body, place in zip(bodies, PLACES, strict=True)]
    back = read_page(write_page(texts))
    for one in texts:
        assert back.get(one.place, "") == one.text.replace("\r\n", "\n").strip()


@given(st.text())
def test_whatever_is_done_to_a_page_it_can_be_read(page: str) -> None:
    assert all(isinstance(body, str) and body for body in read_page(page).values())


def test_a_text_whose_heading_is_removed_is_left_out() -> None:
    page = write_page([text("one"), text("two", language="da")])
    assert read_page(page.replace("=== x/da ===", "")).keys() == {"x/en"}


def test_what_an_editor_of_another_system_makes_of_line_ends_is_no_edit() -> None:
    page = write_page([text("one\ntwo")]).replace("\n", "\r\n")
    assert read_page(page) == {"x/en": "one\ntwo"}


def test_a_line_that_begins_with_a_hash_belongs_to_the_text() -> None:
    assert read_page(write_page([text("#KettleRecall now")])) == {"x/en": "#KettleRecall now"}


def test_an_edit_stays_while_what_is_proposed_moves_on() -> None:
    page = Page()
    before, after = text("as proposed"), text("proposed later")
    page.edits["x/en"], page.made_from["x/en"] = text("as edited"), before.text
    assert [one.text for one in page.texts([after])] == ["as edited"]
    assert page.outdated([before]) == []
    assert page.outdated([after]) == ["x/en"]


def test_what_was_left_out_before_is_taken_up_once_so_that_it_can_be_brought_back() -> None:
    proposed, former = (text("a"), text("b", language="da")), Former(left_out=frozenset({"x/da", "gone/da"}))
    page = Page()
    page.take_up(former, proposed)
    assert page.left_out == {"x/da"}
    page.leave_out(frozenset(), proposed)
    page.take_up(former, proposed)
    assert page.left_out == frozenset()


def test_starting_again_forgets_the_edits_and_brings_nothing_back() -> None:
    page = Page(edits={"x/en": text("as edited")}, made_from={"x/en": ""}, left_out=frozenset({"x/da"}))
    page.clear()
    assert [one.text for one in page.texts([text("a"), text("b", language="da")])] == ["a"]


def test_leaving_everything_out_leaves_nothing_out() -> None:
    page = Page()
    page.leave_out(frozenset({"x/en"}), [text("a")])
    assert page == Page()


def test_where_nothing_was_sent_before_nothing_is_left_out() -> None:
    page = Page()
    page.take_up(Former(), (text("as proposed"),))
    assert page == Page()


def test_a_text_that_is_out_is_written_again_like_the_others() -> None:
    proposed = (text("stop Kettle 4"), text("stop Kettle 4", channel="facebook"))
    page = Page()
    page.take_up(Former((text("stop Kettle 3"), text("stop Kettle 3", channel="facebook"))), proposed)
    assert page.texts(proposed) == list(proposed)
