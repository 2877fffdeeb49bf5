from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisis.kernel.errors import NotFound
from crisis.messages.channels import (
    CHANNEL_KINDS,
    CHANNELS,
    Measure,
    channel_names,
    escape_for,
    measure,
    needs_media,
    title,
    without_their_media,
)
from crisis.messages.languages import called


def test_every_channel_of_an_organisation_has_rules() -> None:
    kinds = "x facebook instagram linkedin threads bluesky mastodon tiktok youtube blog website press-release email"
    assert set(CHANNEL_KINDS) == {*kinds.split(), "status-page", "sms", "internal"}
    assert channel_names() == CHANNEL_KINDS
    assert title("x") == "X"
    assert title("press-release") == "Press release"


def test_only_channels_made_of_pictures_need_one() -> None:
    assert {channel for channel in CHANNEL_KINDS if needs_media(channel)} == {"instagram", "tiktok", "youtube"}


@pytest.mark.parametrize(
    "ask", [lambda kind: measure("a", kind), title, needs_media, lambda kind: escape_for("a", kind)]
)
def test_an_unknown_channel_is_refused_with_the_nearest_name(ask) -> None:
    with pytest.raises(NotFound, match="no kind of channel is called 'linkdin'") as error:
        ask("linkdin")
    assert error.value.hint == "did you mean 'linkedin'?"


def test_a_measure_reads_as_people_write_it() -> None:
    assert str(Measure(212, 280, "weighted characters")) == "212/280"
    assert str(Measure(1204, None, "characters")) == "1,204"
    assert str(Measure(1204, 63206, "characters")) == "1,204/63,206"


@pytest.mark.parametrize(("used", "fits"), [(279, True), (280, True), (281, False)])
def test_a_text_fits_up_to_the_limit_itself(used: int, fits: bool) -> None:
    assert measure("a" * used, "x") == Measure(used, 280, "weighted characters")
    assert measure("a" * used, "x").fits is fits


def test_a_channel_without_a_limit_takes_any_text() -> None:
    for channel in ("blog", "website", "press-release", "email", "status-page", "internal"):
        assert measure("a" * 100_000, channel) == Measure(100_000, None, "characters")
        assert measure("a" * 100_000, channel).fits


def test_an_account_may_have_its_own_limit() -> None:
    assert str(measure("a" * 300, "x", limit=25_000)) == "300/25,000"
    assert measure("a" * 300, "x", limit=25_000).fits
    assert not measure("abc", "blog", limit=2).fits


@pytest.mark.parametrize(
    ("channel", "text", "used"),
    [
        ("x", "a…€“’”", 8),
        ("x", "👍", 2),
        ("x", "日本", 4),
        ("x", "more: https://acme.com/kettle-3/what-to-do-with-a-long-name", 29),
        ("x", "README.md", 23),
        ("x", "https://acme.example", 20),
        ("x", "a\r\nb", 3),
        ("x", "e\u0301", 1),
        ("bluesky", "👨‍👩‍👧 e\u0301", 3),
        ("bluesky", "https://acme.com/kettle-3/what-to-do-now", 40),
        ("mastodon", "@care@acme.social hi https://acme.com/kettle-3/what-to-do-now", 32),
        ("mastodon", "README.md 👨‍👩‍👧", 11),
        ("mastodon", "mail care@acme.com", 18),
        ("mastodon", "https://acme.example/@care@acme.social", 38),
        ("threads", "ab 👍", 7),
        ("threads", "é日 ©", 4),
        ("threads", "1️⃣", 7),
        ("tiktok", "a👍", 3),
        ("youtube", "é", 2),
        ("facebook", "a👍é", 3),
    ],
)
def test_each_channel_counts_in_its_own_way(channel: str, text: str, used: int) -> None:
    assert measure(text, channel).used == used


def test_bluesky_shows_bytes_when_they_are_what_does_not_fit() -> None:
    family = "👨‍👩‍👧‍👦"
    assert measure(family * 100, "bluesky") == Measure(
        100, 300, "graphemes", ("Buffer counts 1,100 UTF-16 units and would refuse this text",)
    )
    assert measure(family * 290, "bluesky") == Measure(7250, 3000, "bytes")
    assert measure("a" * 3001, "bluesky") == Measure(3001, 300, "graphemes")


def test_a_scheduler_that_counts_utf_16_is_warned_about_only_where_it_matters() -> None:
    assert measure("👍" * 140, "x").warnings == ()
    assert "Buffer counts 450" in measure("👨‍👩‍👧" * 50 + "a" * 50, "x", limit=300).warnings[0]
    assert measure("a" * 260 + " https://acme.com/" + "a" * 100, "x").warnings == ()
    assert measure("a" * 300, "x").warnings == ()


def test_too_many_hashtags_or_links_are_warned_about() -> None:
    assert measure("#a #b #c #d #e", "instagram").warnings == ()
    assert measure("#a #b #c #d #e #f", "instagram").warnings == ("6 hashtags: Instagram takes 5",)
    assert measure("item #1, a#b, https://acme.com/#c", "threads").warnings == ()
    six = " ".join(f"https://acme.com/{n}" for n in range(6))
    assert measure(six, "threads").warnings == ("6 links: Threads takes 5",)
    assert measure("https://acme.com " * 6, "threads").warnings == ()
    assert measure("a > b", "youtube").warnings == ("YouTube does not take < and >",)


@pytest.mark.parametrize(
    ("text", "parts", "warnings"),
    [
        ("", 0, ()),
        ("a" * 160, 1, ()),
        ("a" * 161, 2, ()),
        ("a" * 306, 2, ()),
        ("a" * 307, 3, ()),
        ("€" * 80, 1, ()),
        ("a" * 152 + "€" * 5, 2, ()),
        ("a" * 152 + "€" + "a" * 152, 3, ()),
        ("Ærø: blåbærgrød, señor ñ Ω\n", 1, ()),
        ("a" * 69 + "’", 1, ("one ’ makes this SMS UCS-2: 1 part",)),
        ("a" * 134 + "’", 3, ("one ’ makes this SMS UCS-2: 3 parts instead of 1",)),
        ("ç’ç", 1, ("ç ’ makes this SMS UCS-2: 1 part",)),
        ("’" + "a" * 65 + "👍" + "a" * 66, 3, ("’ 👍 makes this SMS UCS-2: 3 parts instead of 1",)),
        ("абвгде", 1, ("а б в г д … makes this SMS UCS-2: 1 part",)),
    ],
)
def test_sms_parts_follow_the_alphabet_and_are_not_cut_inside_a_pair(
    text: str, parts: int, warnings: tuple[str, ...]
) -> None:
    assert measure(text, "sms") == Measure(parts, 3, "SMS parts", warnings)


def test_an_sms_fits_in_as_many_parts_as_it_may_take() -> None:
    assert measure("a" * 459, "sms").fits
    assert not measure("a" * 460, "sms").fits
    assert measure("a" * 460, "sms", limit=4).fits


def test_linkedin_s_reserved_characters_are_escaped_and_no_other_channel_s() -> None:
    text = r"a (b) [c] {d} <e> #f *g* _h_ ~i @j | \ – 100% safe & sound"
    escaped = r"a \(b\) \[c\] \{d\} \<e\> \#f \*g\* \_h\_ \~i \@j \| \\ – 100% safe & sound"
    assert escape_for(text, "linkedin") == escaped
    assert all(escape_for(text, channel) == text for channel in CHANNEL_KINDS if channel != "linkedin")


@given(st.text(), st.sampled_from(CHANNEL_KINDS))
def test_any_text_can_be_measured_on_any_channel(text: str, channel: str) -> None:
    assert measure(text, channel).used >= 0
    assert measure(text, channel).limit == CHANNELS[channel].limit or channel == "bluesky"


@pytest.mark.parametrize(
    "text",
    [
        "a." * 15_000,
        "日.本" * 10_000,
        "http://" + "a-_" * 8_000 + ".com",
        "http://www." + "a." * 10_000 + "/" + "(a)" * 5_000,
        "https://acme.com/x " * 1_500,
        "@" + "a" * 30_000,
        "@a@" + "a." * 15_000,
        "@a@a." + "a-." * 10_000,
        "#" * 30_000,
        "e" + "\u0301" * 30_000,
        "👍" * 8_000,
    ],
)
def test_a_hostile_text_is_measured_without_hanging(text: str) -> None:
    """Each would take minutes if any search in it were quadratic."""
    for channel in CHANNEL_KINDS:
        measure(text, channel)


def test_a_plain_statement_is_measured_without_the_heavy_libraries() -> None:
    script = (
        "import sys; from crisis.messages.channels import CHANNEL_KINDS, measure\n"
        "text = 'Stop using Kettle 3 – unplug it. Næste besked kl. 04.30. See https://acme.com/kettle-3. 停止使用。'\n"
        "for channel in CHANNEL_KINDS: measure(text, channel)\n"
        "print(sorted({'twitter_text', 'regex', 'babel', 'pkg_resources'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_channel_that_takes_no_text_alone_misses_its_picture() -> None:
    assert without_their_media([("x", False), ("instagram", True)]) == ""
    assert without_their_media([("instagram", False), ("x", False), ("instagram", False)]).startswith(
        "Instagram takes no post without a picture or a film"
    )
    assert without_their_media([("instagram", False), ("tiktok", False)]).startswith("Instagram and TikTok take no")


def test_languages_have_names_and_a_strange_one_its_tag() -> None:
    assert called(["da", "zh-Hans", "tlh"]) == "Danish and Simplified Chinese and tlh"
