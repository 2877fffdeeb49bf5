from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from crisis.adapters.render.markdown import Page, fenced, inline, link
from crisis.kernel.text import safe

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = st.text(
    st.one_of(
        st.sampled_from("`*_[]<>|~&#+-=.)(!\\\"'\n\r\t\x1b\u202e\u200b 1a:/"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


def plain(text: str) -> str:
    return " ".join(safe(text, keep="\n\t\r").split())


def read(markdown: str) -> tuple[list[str], str]:
    """The types of what a reader finds in it, and the text a person sees."""
    tokens = READER.parse(markdown)
    kinds = [token.type for token in tokens if token.type != "inline"]
    inner = [child for token in tokens for child in token.children or ()]
    kinds += [child.type for child in inner if child.type != "text"]
    return kinds, "".join(child.content for child in inner if child.type in ("text", "text_special"))


@given(HOSTILE)
def test_text_in_a_list_stays_the_text_it_is(text: str) -> None:
    page = Page()
    page.bullet(text, lead="Note:")
    kinds, seen = read(page.text())
    assert seen.strip() == f"Note: {plain(text)}".strip()
    assert set(kinds) <= {
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "paragraph_open",
        "paragraph_close", "strong_open", "strong_close", "text_special",
    }  # fmt: skip


@given(HOSTILE)
def test_text_that_begins_a_line_begins_nothing_else(text: str) -> None:
    page = Page()
    page.paragraph(text)
    kinds, seen = read(page.text())
    assert seen == plain(text)
    assert set(kinds) <= {"paragraph_open", "paragraph_close", "text_special"}


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=4))
def test_a_table_has_as_many_rows_and_cells_as_it_was_given(rows: list[tuple[str, str]]) -> None:
    page = Page()
    page.table(("What", "Why"), rows)
    kinds, _ = read(page.text())
    assert (kinds.count("tr_open"), kinds.count("td_open")) == (1 + len(rows), 2 * len(rows))
    assert "html_inline" not in kinds
    assert "html_block" not in kinds


@given(HOSTILE)
def test_an_exact_text_is_in_its_fence_to_the_space(text: str) -> None:
    page = Page()
    page.exact(text)
    page.heading(2, "After")
    tokens = READER.parse(page.text())
    assert [token.type for token in tokens if token.level == 0][:2] == ["fence", "heading_open"]
    assert tokens[0].content == safe(text) + "\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[red]markup[/] | `x`", r"\[red\]markup\[/\] \| \`x\`"),
        ("Q&A &amp; &#60;", "Q&A &amp;amp; &amp;#60;"),
        ("\x1b[31mred\u202e", r"\\u{1b}\[31mred\\u{202e}"),
        ("snake_case and _emphasis_", r"snake_case and \_emphasis\_"),
        ("2026-03-07", "2026-03-07"),
        ("1. one", r"1\. one"),
        ("# one", r"\# one"),
        ("one\n\n- two", "one - two"),
    ],
)
def test_markup_is_escaped_and_no_more(text: str, expected: str) -> None:
    assert inline(text) == expected


def test_what_is_too_long_is_cut_and_counted() -> None:
    assert inline("a" * 1_000_000).endswith("a… (998000 more characters)")


@pytest.mark.parametrize("address", ["https://x.example/1?a=b_c*d", "http://x.example"])
def test_an_address_of_the_web_is_a_link(address: str) -> None:
    assert link(address) == f"<{address}>"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://x.example/<script>",
        "https://x.example/ b",
        "https://x.example/|",
        "https://",
        "data:x",
    ],
)
def test_anything_else_is_text(address: str) -> None:
    assert not link(address).startswith("<")
    assert "<" not in link(address)


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a\n`````\nb")[0] == "``````text"


def test_a_mark_stands_in_every_heading_line_and_row() -> None:
    page = Page("DRILL")
    page.heading(1, "One")
    page.paragraph("two")
    page.bullet("three")
    page.task("four", done=True)
    page.table(("a",), [("five",)])
    marked = [line for line in page.text().splitlines() if line and not line.startswith(("| a", "| ---"))]
    assert all("DRILL · " in line for line in marked)


def test_a_comment_cannot_be_left() -> None:
    page = Page()
    page.comment("a --> <script>")
    assert page.text() == "<!-- a  script -->\n"
