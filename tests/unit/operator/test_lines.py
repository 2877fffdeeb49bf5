"""What is shown on a narrow terminal is broken, not lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width as columns

from crisis.adapters.operator.lines import broken, cut, folded, padded, wrapped

words = st.lists(st.text("abcæø日本語한", min_size=1, max_size=9), min_size=1, max_size=30)
widths = st.integers(20, 120)


@given(words, widths)
def test_what_is_broken_has_all_its_words_and_no_line_that_is_too_long(said: list[str], width: int) -> None:
    lines = broken(" ".join(said), width, "     ").split("\n")
    assert " ".join(lines).split() == said
    assert all(columns(line.strip()) <= width for line in lines)
    assert all(line.startswith("     ") for line in lines[1:])


@given(words, widths)
def test_every_line_of_what_is_wrapped_keeps_the_indent(said: list[str], width: int) -> None:
    lines = wrapped("  " + " ".join(said), width).split("\n")
    assert all(line.startswith("  ") and columns(line) <= width for line in lines)
    assert " ".join(lines).split() == said


@given(words, widths)
def test_no_part_of_what_is_folded_goes_missing(parts: list[str], width: int) -> None:
    lines = folded(" · ".join(parts), width)
    assert " · ".join(lines) == " · ".join(parts)
    assert all(columns(line) <= width for line in lines)


def test_what_is_cut_says_so() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
    assert folded("abcdefghij · k", 6) == ["abcde…", "k"]


def test_what_has_several_lines_keeps_them() -> None:
    assert wrapped("1. Say who you are.\n2. Read the text.\n\n  Never more.", 80) == (
        "1. Say who you are.\n2. Read the text.\n\n  Never more."
    )


def test_a_wide_character_takes_two_columns() -> None:
    assert cut("日本語日本語", 7) == "日本語…"
    assert padded("日本", 6) == "日本  "
    assert folded("日本語 · 日本語", 8) == ["日本語", "日本語"]
