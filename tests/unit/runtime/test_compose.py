"""Texts as they are offered: measured, and with a time that can be kept."""

from __future__ import annotations

import pytest

from crisis.runtime.compose import sized
from crisis.runtime.scene import ProposedText


def text(body: str, channel: str = "x", problem: str = "") -> ProposedText:
    return ProposedText(channel=channel, language="en", text=body, problem=problem)


def test_a_text_that_fits_has_its_size() -> None:
    made = sized(text("Stop."), {})
    assert made.problem == ""
    assert "5" in made.size


def test_a_text_that_does_not_fit_says_so() -> None:
    assert "too long for x" in sized(text("a" * 300), {}).problem


def test_a_channel_may_take_less_than_is_usual() -> None:
    assert sized(text("a" * 31), {"x": 30}).problem
    assert not sized(text("a" * 30), {"x": 30}).problem


@pytest.mark.parametrize("body", ["Stop.", "a" * 300])
def test_an_earlier_problem_stays(body: str) -> None:
    assert sized(text(body, problem="there is no text in da"), {}).problem == "there is no text in da"


@pytest.mark.parametrize("char", ["\x1b", "\u202e", "\u00ad", "\x00", "\u2028"])
def test_a_text_with_what_cannot_be_seen_is_not_put_before_an_approver(char: str) -> None:
    problem = sized(text(f"Stop{char} now."), {}).problem
    assert f"\\u{{{ord(char):x}}}" in problem
    assert char not in problem


@pytest.mark.parametrize("body", ["", " \n"])
def test_nothing_is_no_text(body: str) -> None:
    assert sized(text(body), {}).problem == "there is nothing in it"
