"""What a fact was said to be: one word after the other, with no moment told twice and none left out."""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import dropwhile, pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from playing import START, Play, minutes, plan, step

from crisis.projections.names import Names
from crisis.projections.trail import Known, known_facts

#: Yes, no or not known; how long after the word before; how long before it was said it is said to have been known.
SAID = st.tuples(st.sampled_from([True, False, None]), st.integers(1, 90), st.none() | st.integers(0, 200))


def told(words: list[tuple[bool | None, int, int | None]]) -> tuple[Known, list[tuple[Any, bool | None]]]:
    """The fact as it is told after these words, and each word with when it was said."""
    play = Play(plan(step("task", "action", do="x")))
    said = []
    for value, gap, ago in words:
        play.now += minutes(gap)
        since = play.now - minutes(ago) if ago is not None else None
        play.fact("injury", value, known=value is not None, since=since)
        said.append((play.now, value))
    names = Names.of(play.plan, play.incident)
    (found,) = known_facts(play.incident, play.events, names, lambda _, value: str(value))
    return found, said


@given(st.lists(SAID, min_size=1, max_size=8))
def test_spells_neither_overlap_nor_leave_a_hole_and_say_what_was_said(
    words: list[tuple[bool | None, int, int | None]],
) -> None:
    found, said = told(words)
    spells = found.before
    assert all(one.until == other.since for one, other in pairwise(spells))
    assert all(one.since < one.until for one in spells)
    assert all((one.known, one.value) != (other.known, other.value) for one, other in pairwise(spells))
    if not spells:
        assert len(set(dropwhile(lambda value: value is None, (value for _, value in said)))) <= 1
        return
    for at, value in said:
        if at < spells[0].since:
            continue
        spell = next((one for one in spells if one.since <= at < one.until), None)
        last = (found.known, found.value) if spell is None else (spell.known, spell.value)
        # Before it was known for the first time it is told from when it is said to have been known.
        if not (value is None and spell is spells[0]):
            assert last == (value is not None, "" if value is None else str(value))
        assert (spell is None) == (at >= spells[-1].until)


def test_a_spell_in_which_it_was_not_known_is_told_and_a_word_of_since_when_moves_none() -> None:
    found, _ = told([(True, 45, None), (None, 1, None), (True, 1, 11), (False, 1, None)])
    at = [START + timedelta(minutes=count) for count in (45, 46, 47, 48)]
    assert [(one.value, one.known, one.since, one.until) for one in found.before] == [
        ("True", True, at[0], at[1]),
        ("", False, at[1], at[2]),
        ("True", True, at[2], at[3]),
    ]
    assert found.since == at[3]


def test_what_is_known_first_is_told_from_when_it_is_said_to_have_been_known() -> None:
    found, said = told([(None, 5, None), (True, 5, None), (True, 1, 8), (False, 1, None)])
    (was,) = found.before
    assert (was.since, was.until) == (said[2][0] - minutes(8), said[3][0])
    assert was.since.tzinfo == UTC
