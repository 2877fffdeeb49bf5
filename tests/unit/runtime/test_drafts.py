"""What was left out of the texts that were written last."""

from __future__ import annotations

import dataclasses
from typing import Any

from msgspec.structs import replace

from crisis.engine.events import DraftedText, Line
from crisis.engine.state import MessageState
from crisis.runtime.desk import Case
from crisis.runtime.drafts import as_sent, languages_left_out

EN, DA = (Line(channel="x", language=language, sha256=language * 32) for language in ("en", "da"))


def written(seq: int, *lines: Line, left_out: tuple[Line, ...] = ()) -> MessageState:
    return MessageState(texts=tuple(DraftedText(line=line) for line in lines), drafted_seq=seq, left_out=left_out)


def case(story: Any, **messages: MessageState) -> Case:
    """The incident of the story with three messages in English and Danish, of which these are written."""
    holding = story.plan.messages["holding"]
    both = replace(holding, use=replace(holding.use, languages=("en", "da")))
    plan = dataclasses.replace(story.plan, messages={"holding": both, "staff": both, "update": both})
    return Case(plan, replace(story.case.incident, messages=messages), ())


def test_what_was_left_out_of_the_texts_written_last_is_left_out_of_the_next(story: Any) -> None:
    both, left = written(1, EN, DA), written(2, EN, DA, left_out=(DA,))
    assert languages_left_out(case(story), "update") == frozenset()
    assert languages_left_out(case(story, holding=both), "update") == frozenset()
    assert languages_left_out(case(story, holding=both, staff=left), "update") == {"da"}
    assert languages_left_out(case(story, holding=both, staff=written(2, EN)), "update") == {"da"}
    assert languages_left_out(case(story, holding=left, staff=written(3, EN, DA)), "update") == frozenset()


def test_a_message_that_went_nowhere_says_nothing_of_languages(story: Any) -> None:
    assert languages_left_out(case(story, holding=written(1, EN, DA, left_out=(EN, DA))), "update") == frozenset()


def test_a_text_that_was_left_out_does_not_come_back_with_the_others(story: Any) -> None:
    made = case(story, holding=written(1, EN, DA, left_out=(DA,)))
    former = as_sent(made, "holding", lambda _: b"Stop.", story.clock.now())
    assert [one.place for one in former.texts] == ["x/en"]


def test_of_what_a_translation_was_made_is_known_in_a_later_round(story: Any) -> None:
    edited = Line(channel="x", language="en", sha256="ee" * 32)
    state = replace(written(2, edited, DA), made_beside={edited: (edited, DA), DA: (EN, DA)})
    former = as_sent(case(story, holding=state), "holding", lambda _: b"Stop.", story.clock.now())
    assert former.sources == {"x/da": EN.sha256}
