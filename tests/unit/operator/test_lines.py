"""What is shown on a narrow terminal is broken, not lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width as columns

from crisis.adapters.operator.lines import broken, cut, folded, hanging, padded, quoted, whole_parts, wrapped

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


@given(words, widths)
def test_what_hangs_has_all_its_words_and_stands_under_its_last_column(said: list[str], width: int) -> None:
    lines = hanging(f"  12  {' '.join(said)}", width).split("\n")
    assert " ".join(lines).split() == ["12", *said]
    assert all(line.startswith("      ") for line in lines[1:])
    assert all(columns(line) <= max(width, 6 + max(map(columns, said))) for line in lines)


def test_an_address_stays_in_one_piece_and_colour_is_no_width() -> None:
    address = "https://example.org/a-very-long/address/that-nobody-wants-broken"
    assert address in hanging(f"Posted on x at {address} by Kim", 40).split("\n")
    assert hanging("\x1b[1mDue on 2026-11-26\x1b[0m", 20) == "\x1b[1mDue on 2026-11-26\x1b[0m"
    assert hanging("a clock that is due on 2026-11-26", 30) == "a clock that is due on\n2026-11-26"


@given(words, widths)
def test_a_quoted_text_has_its_mark_before_every_line(said: list[str], width: int) -> None:
    lines = quoted(" ".join(said), width, "  | ").split("\n")
    assert all(line.startswith("  | ") and columns(line) <= max(width, 24) for line in lines)
    assert " ".join(line.removeprefix("  | ") for line in lines).split() == said


@given(
    st.lists(st.text("ab cæ日", min_size=1, max_size=30).map(str.strip).filter(bool), min_size=1, max_size=6), widths
)
def test_of_a_line_that_is_too_long_whole_parts_go_and_are_counted(parts: list[str], width: int) -> None:
    shown = whole_parts(" · ".join(parts), width)
    assert columns(shown) <= width
    kept = [part for part in shown.split(" · ") if not part.startswith("+")]
    left = len(parts) - len(kept)
    assert kept[1:] == parts[1 : len(kept)]
    assert parts[0].startswith(kept[0].removesuffix("…"))
    assert shown.endswith(f" · +{left}") or not left


def test_a_part_that_is_too_long_for_its_line_is_cut_between_words() -> None:
    said = "Waiting for Ana Berg, +45 11 22 33 44 (product safety): approval of holding statement · Bo Lind"
    assert whole_parts(said, 78) == "Waiting for Ana Berg, +45 11 22 33 44 (product safety): approval of… · +1"
