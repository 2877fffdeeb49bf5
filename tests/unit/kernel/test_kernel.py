"""What every other floor stands on: durations, ids, fingerprints, text from outside, errors, findings."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.kernel import errors
from crisis.kernel.diagnostics import Diagnostic, Finding, Position, nearest
from crisis.kernel.durations import format_duration, parse_duration, roughly
from crisis.kernel.fingerprints import fingerprint, salted, short
from crisis.kernel.ids import incident_id, is_incident_id
from crisis.kernel.text import hostile_characters, is_blank, one_line, quoted, safe, sentence

# ── durations ──


@pytest.mark.parametrize(
    ("text", "seconds"), [("15m", 900), ("1h30m", 5400), ("2d", 172_800), (" 45s ", 45), ("1d2h3m4s", 93_784)]
)
def test_a_duration_is_a_number_with_its_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", " ", "15", "15:30", "5 min", "m15", "1h-5m", "1m1h", "1.5h", "١٥m"])
def test_what_could_be_misread_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["99999999d", "1d99999h", "1234567s"])
def test_a_duration_that_is_too_long_is_said_to_be(text: str) -> None:
    with pytest.raises(ValueError, match="has too many digits: at most 9999d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0m", "0h0m", "0s"])
def test_no_time_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time at all"):
        parse_duration(text)


@given(seconds=st.integers(1, 9_999 * 86_400))
def test_a_duration_that_is_written_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_no_time_is_written_as_none() -> None:
    assert format_duration(timedelta()) == "0s"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0.5, "under 1 min"),
        (26, "26 min"),
        (-26, "26 min"),
        (65, "1 h 05 min"),
        (120, "2 h"),
        (60 * 51, "2 d 3 h"),
        (60 * 48, "2 d"),
    ],
)
def test_people_say_a_duration_in_two_units_at_most(minutes: float, said: str) -> None:
    assert roughly(timedelta(minutes=minutes)) == said


# ── ids and fingerprints ──


def test_a_rehearsal_is_never_mistaken_for_an_incident() -> None:
    assert incident_id(2026, 7) == "INC-2026-0007"
    assert incident_id(2026, 7, drill=True) == "DRILL-2026-0007"
    assert incident_id(2026, 123_456) == "INC-2026-123456"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("INC-2026-0007", True), ("DRILL-2026-0007", True), ("INC-2026-7", False), ("inc-2026-0007", False), ("", False)],
)
def test_an_incidents_id_is_known_by_its_form(text: str, is_one: bool) -> None:
    assert is_incident_id(text) is is_one


def test_a_fingerprint_is_taken_over_the_exact_bytes() -> None:
    assert fingerprint("Kø") == fingerprint("Kø".encode()) == hashlib.sha256("Kø".encode()).hexdigest()
    assert fingerprint("e\u0301") != fingerprint("\u00e9"), "nothing is normalised"
    assert len(fingerprint("half a character: \ud800")) == 64
    assert short(fingerprint("")) == "e3b0c442…"


def test_a_salted_hash_cannot_be_guessed_without_its_salt() -> None:
    assert salted(b"Ida", b"1" * 16) != salted(b"Ida", b"2" * 16)
    assert salted(b"Ida", b"1" * 16) == fingerprint(b"1" * 16 + b"Ida")


# ── text from outside ──


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred", "\\u{1b}[31mred"),
        ("\u202egnp.exe", "\\u{202e}gnp.exe"),
        ("a\u200db", "a\u200db"),
        ("zero\ufeffwidth", "zero\\u{feff}width"),
        ("half \ud800", "half \\u{d800}"),
        ("next\u2028line", "next\\u{2028}line"),
        ("", ""),
    ],
)
def test_what_could_move_hide_or_reorder_is_written_out(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_text_is_cut_and_says_how_much_was_left_out() -> None:
    assert safe("abcdef", limit=4) == "abcd… (2 more characters)"
    assert safe("abcd", limit=4) == "abcd"


@given(text=st.text())
def test_what_is_safe_stays_safe(text: str) -> None:
    once = safe(text)
    assert safe(once) == once
    assert hostile_characters(once) == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n b\t c", "a b c"),
        ("a\r\nb", "a b"),
        ("x" * 300, "x" * 199 + "…"),
        ("y" * 2_000, "y" * 199 + "…"),
        (" ", ""),
    ],
)
def test_one_line_is_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "end", "line"),
    [
        ("Send it", ".", "Send it."),
        ("What do we know?", ".", "What do we know?"),
        ("Stop!", ".", "Stop!"),
        ("sheet 5cddd75f…", ".", "sheet 5cddd75f…"),
        ("said by Bo jr.", ".", "said by Bo jr."),
        ("Holding statement", "?", "Holding statement?"),
        ("Is it over?", "?", "Is it over?"),
    ],
)
def test_a_sentence_ends_with_one_mark(text: str, end: str, line: str) -> None:
    assert sentence(text, end) == line


def test_a_long_run_of_blanks_is_shown_as_cut() -> None:
    assert one_line("a" + " " * 1_000 + "b") == "a…"


@given(text=st.text(max_size=2_000), limit=st.integers(2, 300))
def test_one_line_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_of_all_there_are_the_hostile_ones_control_hide_or_reorder() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    named = set("\u034f\u115f\u1160\u17b4\u17b5\uffa0")  # drawn as nothing, and no format characters
    controls = {char for char in everything if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}
    found = set(hostile_characters(everything))
    assert found >= (controls | named) - set("\n\t")
    assert {unicodedata.category(char) for char in found - controls - named} == {"Cf"}
    assert not found & set("\u200c\u200d"), "the joiners of emoji and of several scripts stay"


def test_hostile_characters_are_named_once_each() -> None:
    assert hostile_characters("\x1b[0m\x1b[1m\u202e") == ("\x1b", "\u202e")


# ── errors and findings ──


def test_every_error_says_what_happened_what_to_do_and_how_it_exits() -> None:
    error = errors.Refused("not allowed", hint="ask Ana")
    assert (str(error), error.message, error.hint, error.exit) == ("not allowed", "not allowed", "ask Ana", 3)


def test_the_exit_codes_are_the_ones_that_are_promised() -> None:
    codes = {one.name: int(one) for one in errors.Exit}
    assert codes == {
        "OK": 0,
        "FINDINGS": 1,
        "USAGE": 2,
        "REFUSED": 3,
        "BREACHED": 4,
        "NOT_FOUND": 5,
        "WAITS_FOR_PERSON": 6,
        "BUG": 70,
        "INTERRUPTED": 130,
    }
    kinds = (
        errors.Usage,
        errors.NotFound,
        errors.NeedsOperator,
        errors.Tampered,
        errors.Unreadable,
        errors.Interrupted,
    )
    assert [int(one.exit) for one in kinds] == [2, 5, 6, 1, 1, 130]


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("produkt", ["product", "injury"], "did you mean 'product'?"),
        ("zzz", ["b", "a"], "known: a, b"),
        ("zzz", [], ""),
        ("zzz", [f"{n:03}" for n in range(25)], ""),
    ],
)
def test_the_nearest_known_word_is_offered(word: str, known: list[str], hint: str) -> None:
    assert nearest(word, known) == hint


def test_a_warning_does_not_fail_a_check() -> None:
    place = Position("a.yaml", 3, 5)
    assert Finding(Diagnostic("c", "m"), place).is_error
    assert not Finding(Diagnostic("c", "m", severity="warning"), place).is_error
    assert sorted([Position("a", 2, 1), Position("a", 1, 9)])[0].line == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open", "'open'"),
        ("it's", '"it\'s"'),
        ("a\\b", "'a\\b'"),
        ("\x1b[2J", "'\\u{1b}[2J'"),
        ("two\nlines", "'two lines'"),
        ("\"a\" and 'b'", "'\"a\" and 'b''"),
    ],
)
def test_what_is_quoted_is_safe_and_written_out_once(text: str, said: str) -> None:
    assert quoted(text) == said


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("", True),
        (" \n", True),
        ("\u200b", True),
        (" \u2060\u200d ", True),
        ("a", False),
        ("\u200bé", False),
        ("火", False),
    ],
)
def test_what_nobody_can_read_says_nothing(text: str, blank: bool) -> None:
    assert is_blank(text) == blank
