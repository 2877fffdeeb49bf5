from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisis.messages import counting, links

TLDS = st.sampled_from(
    ["com", "org", "net", "info", "eu", "uk", "dk", "nl", "de", "fr", "es", "ru", "cn", "co.uk", "com.cn", "zz", "md"]
)
LABELS = st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]{1,3})?", fullmatch=True)
PATHS = st.from_regex(r"(/[A-Za-z0-9/_-]{0,8})?[.,;:!?)]{0,2}", fullmatch=True)
STARTS = st.sampled_from(["", "http://", "https://", "HTTPS://", "@", "(", "ftp://", "xn--", "é"])
LINKS = st.builds(
    lambda start, labels, tld, path: start + ".".join([*labels, tld]) + path,
    STARTS,
    st.lists(LABELS, max_size=3),
    TLDS,
    PATHS,
)
ALPHABET = "ab. -@/:…€’é日。，🐦👍🏽‍❤️1⃣#©\u0301\n\t\xa0\u3000А"
PIECES = st.one_of(LINKS, st.text(ALPHABET, max_size=12), st.text(st.characters(codec="utf-8"), max_size=5))
TEXTS = st.builds(
    lambda glue, pieces: glue.join(pieces), st.sampled_from([" ", "", "\n"]), st.lists(PIECES, max_size=5)
)


@settings(deadline=None, max_examples=400)
@given(TEXTS)
@example(" À0.com")
@example("see https://acme.com/kettle-3.")
def test_the_weight_is_exactly_what_the_reference_library_counts(text: str) -> None:
    links.weight("👍")  # lends the library what it needs to be imported
    from twitter_text import parse_tweet

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert links.weight(text) == (parse_tweet(text).weightedLength, True)


def test_the_library_is_imported_where_setuptools_is_missing() -> None:
    script = (
        "import sys; sys.modules['setuptools'] = None\n"
        "from crisis.messages.links import weight\n"
        "print(weight('👍 README.md'), 'pkg_resources' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "(26, True) False\n"


def test_a_word_too_long_to_search_is_counted_too_high_and_said_so() -> None:
    word = "日" * 500 + ".com"
    used, exact = links.weight(word)
    assert not exact
    assert used == 1000 + 4 + links.LINK_WEIGHT
    assert links.weight("ok " + "a" * 600 + " ok") == (606, True)


def test_a_long_tracking_link_is_still_one_link() -> None:
    assert links.weight("see https://acme.com/?" + "utm=abc&" * 300 + "x") == (27, True)
    assert not links.weight("see https://acme.example/?" + "a.b-" * 300)[1]


@pytest.mark.parametrize("text", ["acme.com", "see acme.com/x, README.md"])
def test_a_link_without_its_protocol_stays_where_only_full_links_count(text: str) -> None:
    assert links.shorten(text, bare=False).text == text
    assert links.shorten(text, bare=True).text != text


@given(st.text())
def test_graphemes_are_those_of_unicode(text: str) -> None:
    import regex

    assert counting.graphemes(text) == len(regex.findall(r"\X", text))


@given(st.text(st.sampled_from([chr(point) for point in range(0x20, 0x530)] + list("日‐…€、\n\r"))))
def test_graphemes_of_plain_text_are_those_of_unicode_too(text: str) -> None:
    import regex

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert counting.graphemes(text) == len(regex.findall(r"\X", text))


@given(st.text())
def test_utf_16_units_are_those_of_the_encoder(text: str) -> None:
    assert counting.utf16_units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
