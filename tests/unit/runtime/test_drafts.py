"""What was sent before, and what was left out of it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from crisis.engine.events import DraftedText, Line
from crisis.engine.state import MessageState
from crisis.runtime.desk import Case
from crisis.runtime.drafts import as_sent, left_out_before, left_out_elsewhere
from crisis.runtime.scene import Elsewhere

EN, DA = (Line(channel="x", language=language, sha256=language * 32) for language in ("en", "da"))


def written(seq: int, *lines: Line, left_out: tuple[Line, ...] = ()) -> MessageState:
    return MessageState(texts=tuple(DraftedText(line=line) for line in lines), drafted_seq=seq, left_out=left_out)


def case(story: Any, **messages: MessageState) -> Case:
    """The incident of the story with three messages in English and Danish, of which these are written."""
    holding = story.plan.messages["holding"]
    both = replace(holding, use=replace(holding.use, languages=("en", "da")))
    plan = replace(story.plan, messages={"holding": both, "staff": both, "update": both})
    return Case(plan, replace(story.case.incident, messages=messages), ())


def test_the_languages_left_out_of_the_other_message_written_last_are_known(story: Any) -> None:
    def languages(**messages: MessageState) -> tuple[str, ...]:
        return left_out_elsewhere(case(story, **messages), "update").languages

    both, left = written(1, EN, DA), written(2, EN, DA, left_out=(DA,))
    assert languages() == ()
    assert languages(holding=both) == ()
    assert languages(holding=both, staff=left) == ("da",)
    assert languages(holding=both, staff=written(2, EN)) == ("da",)
    assert languages(holding=left, staff=written(3, EN, DA)) == ()
    assert languages(holding=both, update=left) == (), "its own are taken up by itself"


def test_a_message_that_went_nowhere_says_nothing_of_languages(story: Any) -> None:
    none = case(story, holding=written(1, EN, DA, left_out=(EN, DA)))
    assert left_out_elsewhere(none, "update") == Elsewhere()


def test_what_is_left_out_of_one_round_is_left_out_of_the_next_but_not_what_could_not_be_posted(story: Any) -> None:
    def again(state: MessageState) -> frozenset[str]:
        return left_out_before(case(story, holding=state), "holding") & {"x/en", "x/da"}

    assert again(MessageState()) == frozenset(), "nothing was written"
    assert again(written(1, EN)) == {"x/da"}
    assert again(written(1, EN, DA, left_out=(DA,))) == {"x/da"}
    assert again(replace(written(1, EN, DA, left_out=(DA,)), locked=(EN, DA))) == frozenset()


def test_a_text_that_was_left_out_does_not_come_back_with_the_others(story: Any) -> None:
    made = case(story, holding=written(1, EN, DA, left_out=(DA,)))
    former = as_sent(made, "holding", lambda _: b"Stop.", story.clock.now())
    assert [one.place for one in former.texts] == ["x/en"]
    assert "x/da" in former.left_out


def test_of_what_a_translation_was_made_is_known_in_a_later_round(story: Any) -> None:
    edited = Line(channel="x", language="en", sha256="ee" * 32)
    state = replace(written(2, edited, DA), made_beside={edited: (edited, DA), DA: (EN, DA)})
    former = as_sent(case(story, holding=state), "holding", lambda _: b"Stop.", story.clock.now())
    assert former.sources == {"x/da": EN.sha256}
