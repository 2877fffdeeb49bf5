"""Pages that a question stands under."""

from __future__ import annotations

from crisis.adapters.operator import screen
from crisis.runtime.scene import ProposedText

UNKNOWN = "the fact 'product' is not known yet (line 4 of the template)"
TEXTS = (
    ProposedText(channel="x", language="en", text="Stop using it.", size="14/280"),
    ProposedText(channel="facebook", language="en", text="", problem=UNKNOWN),
    ProposedText(channel="website", language="en", text="", problem=UNKNOWN),
)


def test_what_is_wrong_with_several_texts_is_said_once_for_all_of_them() -> None:
    loud = [one.text for one in screen.drafts(TEXTS) if one.manner == "loud"]
    assert loud == [f"  ! facebook/en, website/en: {UNKNOWN}"]


def test_in_full_a_text_that_cannot_be_made_says_why() -> None:
    shown = [one.text for one in screen.in_full(TEXTS)]
    assert f"  facebook/en: {UNKNOWN}" in shown
    assert not any(one.manner == "quoted" and not one.text.strip() for one in screen.in_full(TEXTS))
