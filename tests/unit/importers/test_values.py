"""Cells as values: what tools mean by them, and `unknown` or nothing where they mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.adapters.importers.values import (
    amount_of,
    clean,
    country_of,
    language_of,
    network_of,
    network_of_url,
    number_of,
    plain_text,
    retweeted,
    sentiment_of,
    unwrapped,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("positive", "positive"),
        ("NEGATIVE", "negative"),
        ("Neutral", "neutral"),
        ("positiv", "positive"),
        ("négatif", "negative"),
        ("neutraal", "neutral"),
        ("P", "positive"),
        ("N", "negative"),
        ("V", "neutral"),
        ("-5", "negative"),
        ("0", "neutral"),
        ("5", "positive"),
        ("-0.4", "negative"),
        ("0.0", "neutral"),
        ("", "unknown"),
        ("unclassified", "unknown"),
        ("Not Rated", "unknown"),
        ("unknown", "unknown"),
        ("nan", "unknown"),
        ("inf", "unknown"),
        ("1e9", "unknown"),
        ("mixed", "unknown"),
        ("n/a", "unknown"),
    ],
)
def test_sentiment_is_the_tools_and_blank_is_not_neutral(text: str, expected: str) -> None:
    assert sentiment_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("1 204", 1204),
        ("50\u202f000", 50000),
        ("1.2K", 1200),
        ("3m", 3_000_000),
        ("-4", -4),
        ("1.5", 1.5),
        ("2e3", 2000),
        ("", None),
        ("abc", None),
        ("1e999", None),
        ("9" * 100, None),
        ("=1+1", None),
        ("nan", None),
        ("12%", None),
        ("١٢", None),
    ],
)
def test_numbers_as_people_and_tools_write_them(text: str, expected: float | None) -> None:
    assert number_of(text) == expected


def test_people_and_interactions_are_whole_and_not_negative() -> None:
    assert (amount_of("12.0"), amount_of("-1"), amount_of("-")) == (12, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uk", "GB"),
        ("GBR", "GB"),
        ("United Kingdom", "GB"),
        ("cn", "CN"),
        ("fr", "FR"),
        ("Denmark", "DK"),
        ("Atlantis", "Atlantis"),
        ("USA", "US"),
    ],
)
def test_countries_in_four_ways_of_writing_are_one(text: str, expected: str) -> None:
    assert country_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("es", "es"), ("EN-us", "en"), ("English", "en"), ("Dutch", "nl"), ("Klingonish", "klingonish")],
)
def test_languages_as_codes_and_as_names_are_one(text: str, expected: str) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("twitter", "x"),
        ("X", "x"),
        ("SOCIALMEDIA,SOCIALMEDIA_TWITTER", "x"),
        ("BLOG,BLOG_OTHER", "blog"),
        ("ONLINENEWS,ONLINENEWS_NEWSPAPER", "news"),
        ("Reddit", "reddit"),
        ("", ""),
    ],
)
def test_networks_have_one_name_each(text: str, expected: str) -> None:
    assert network_of(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://mobile.twitter.com/a/status/1", "x"),
        ("https://x.com/a", "x"),
        ("https://notx.com/a", ""),
        ("http://www.reddit.com/r/a", "reddit"),
        ("", ""),
        ("x.com", ""),
    ],
)
def test_an_address_says_which_network_it_is_on(url: str, expected: str) -> None:
    assert network_of_url(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://www.google.com/url?rct=j&sa=t&url=https://a.example.com/x%3Fy%3D1&ct=ga",
            "https://a.example.com/x?y=1",
        ),
        ("https://www.google.co.uk/url?q=http://a.example.com", "http://a.example.com"),
        ("https://www.google.com/url?url=javascript:alert(1)", "https://www.google.com/url?url=javascript:alert(1)"),
        (
            "https://evil.example.com/url?url=https://a.example.com",
            "https://evil.example.com/url?url=https://a.example.com",
        ),
        ("https://alerts.talkwalker.com/alerts/go?url=https%3A%2F%2Fa.example.com", "https://a.example.com"),
        ("https://[broken", "https://[broken"),
        ("", ""),
    ],
)
def test_alert_links_are_unwrapped_to_the_page_itself(url: str, expected: str) -> None:
    assert unwrapped(url) == expected


def test_markup_becomes_what_a_reader_sees() -> None:
    assert plain_text("<p>Is&nbsp;it <b>safe</b>?<br>No &amp; yes</p>") == "Is it safe?\nNo & yes"


def test_the_old_form_of_a_repost_names_whose_it_is() -> None:
    assert retweeted("RT @ana: hello") == "@ana"
    assert retweeted("ART @ana: hello") == ""


@given(st.text(max_size=200))
def test_no_cell_makes_them_fail(text: str) -> None:
    for read in (
        sentiment_of,
        number_of,
        amount_of,
        country_of,
        language_of,
        network_of,
        network_of_url,
        plain_text,
        unwrapped,
        retweeted,
    ):
        read(text)  # type: ignore[operator]
    clean(text).encode()
