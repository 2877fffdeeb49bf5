from __future__ import annotations

import pytest

from crisis.messages.slots import SLOTS, title
from crisis.messages.texts import Template, fingerprint_body, stale_languages

BODIES = {"en": "Stop.", "en.x": "Stop!", "da": "Stop nu.", "de": "Halt."}


def template(**changed: object) -> Template:
    return Template(**{"id": "holding", "source_language": "en", "facts": (), "bodies": BODIES, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "channel", "body"),
    [("en", "x", "Stop!"), ("en", "facebook", "Stop."), ("da", "x", "Stop nu."), ("fr", "x", None)],
)
def test_a_channel_s_own_body_comes_before_the_general_one(language: str, channel: str, body: str | None) -> None:
    assert template().body(language, channel) == body


def test_an_empty_body_for_a_channel_is_still_its_own() -> None:
    assert template(bodies={"en": "Stop.", "en.sms": ""}).body("en", "sms") == ""


def test_the_source_language_comes_first() -> None:
    assert template().languages() == ("en", "da", "de")
    assert template(source_language="de").languages() == ("de", "da", "en")


def test_a_changed_source_text_makes_its_translations_stale() -> None:
    now, before = fingerprint_body("Stop."), fingerprint_body("Stop, please.")
    assert stale_languages(template(translated_from={"da": now, "de": now})) == ()
    assert stale_languages(template(translated_from={"da": before, "de": now})) == ("da",)


def test_a_translation_for_a_channel_follows_the_source_text_for_that_channel() -> None:
    bodies = {**BODIES, "da.x": "Stop nu!", "da.sms": "Stop nu"}
    x, general = fingerprint_body("Stop!"), fingerprint_body("Stop.")
    assert stale_languages(template(bodies=bodies, translated_from={"da.x": x, "da.sms": general})) == ()
    assert stale_languages(template(bodies=bodies, translated_from={"da.x": general})) == ("da",)


def test_a_translation_of_a_source_text_that_is_gone_is_stale() -> None:
    assert stale_languages(template(bodies={"da": "Stop nu."}, translated_from={"da": fingerprint_body("x")})) == (
        "da",
    )


def test_what_is_not_a_translation_that_exists_is_never_stale() -> None:
    assert stale_languages(template(translated_from={"en": "0", "fr": "0"})) == ()


def test_a_checkout_with_other_line_endings_has_the_same_fingerprint() -> None:
    assert fingerprint_body("a\r\nb\n") == fingerprint_body("a\nb\n")
    assert fingerprint_body("a\nb") != fingerprint_body("a\nc")


def test_the_slots_of_a_first_message_begin_with_what_to_do_now() -> None:
    assert SLOTS == ("do-now", "empathy", "facts", "unknowns", "process", "commitment", "more-info")
    assert title("do-now") == "What to do now"
    assert len({title(slot) for slot in SLOTS}) == len(SLOTS)
