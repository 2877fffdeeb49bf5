"""`kind: measure`: figures are read by somebody else; the step asks, keeps and lets a person judge."""

from __future__ import annotations

from typing import Any

import pytest
from playing import START, Play, but, hours, plan, step

from crisis.engine import events as ev
from crisis.engine.commands import ReadSignals
from crisis.engine.events import Reading
from crisis.engine.evolve import fold
from crisis.engine.monitoring import Figure, Measured, counts_now, trend
from crisis.kernel.errors import Refused, Usage
from crisis.kinds.measure import OPTIONS
from crisis.playbook.conditions import Condition
from crisis.playbook.model import SeverityRule
from crisis.projections.exports import exports_of
from crisis.projections.names import Names
from crisis.projections.words import sentence


def read(
    rate: float | None,
    at: float = 0,
    *,
    ratio: float | None = None,
    tool: str = "Brandwatch",
    mentions: float | None = None,
) -> ReadSignals:
    """An export that ends so many hours after the start."""
    figures = {"negative_rate": Figure(value=rate, ratio=ratio), "mention_rate": Figure(value=mentions)}
    measured = Measured(files=("export.csv",), format=tool, last=START + hours(at), figures=figures)
    return ReadSignals(readings={"negative_rate": Reading(ratio=ratio, lasting=3600, count=500)}, measured=measured)


def playing(**spec: Any) -> Play:
    return Play(plan(step("it", "measure", **spec), step("other", "action", do="x")))


def test_not_now_is_an_outcome_of_its_own_and_no_tick() -> None:
    play = playing()
    play.answer("it", "export", {"not_now": "the tool is down"})
    assert play.outcomes("it") == ["not-now"]
    assert play.events[-1].event.because == "the tool is down"


@pytest.mark.parametrize("choice", OPTIONS)
def test_what_a_person_says_of_the_figures_is_the_outcome(choice: str) -> None:
    play = playing()
    play.answer("it", "export", {"files": ["/home/kim/export.csv"]}, read=read(90))
    assert play.keys("it") == ["choice"]
    play.answer("it", "choice", choice)
    assert play.outcomes("it") == [choice]


def test_what_was_read_is_recorded_with_the_answer_and_no_path_of_a_machine_is() -> None:
    play = playing()
    play.answer("it", "export", {"files": ["/home/kim/export.csv"]}, read=read(90))
    kept = [one.event for one in play.events if isinstance(one.event, ev.SignalsRead | ev.Answered)]
    assert kept[0] == ev.SignalsRead(readings=read(90).readings, measured=read(90).measured)
    assert kept[1] == ev.Answered(step="it", round=1, ask="export", value={"files": ["export.csv"], "trend": ""})
    assert play.incident.measured == read(90).measured


def test_files_that_nobody_read_are_refused() -> None:
    with pytest.raises(Refused, match="was not read"):
        playing().answer("it", "export", {"files": ["export.csv"]})
    with pytest.raises(Usage):
        playing().answer("it", "export", {"files": []}, read=read(90))


def test_the_figures_suggest_and_a_person_says() -> None:
    play = playing()
    play.do(read(90))
    play.later(hours(1))
    play.answer("it", "export", {"files": ["x"]}, read=read(30, at=1))
    assert play.asks("it")[0].ask.suggested == "calmer"
    play.answer("it", "choice", "worse")
    assert play.outcomes("it") == ["worse"]


def test_where_nothing_can_be_compared_much_as_before_is_suggested() -> None:
    play = playing()
    play.answer("it", "export", {"files": ["x"]}, read=read(30))
    assert play.asks("it")[0].ask.suggested == "no-change"


def test_an_optional_one_is_offered_and_holds_nothing_up() -> None:
    play = playing(optional=True, export="Brandwatch, brand query, last two days")
    (ask,) = (one.ask for one in play.asks("it"))
    assert (ask.optional, ask.advice) == (True, ("Brandwatch, brand query, last two days",))
    assert playing().asks("it")[0].ask.optional is False


def test_what_was_read_brings_the_severity_back_and_decides_nothing() -> None:
    rules = {"SEV2": SeverityRule(any_=(Condition(signal="negative_rate", at_least="5x"),)), "SEV4": SeverityRule()}
    play = Play(plan(step("assess", "assess"), step("it", "measure"), severity=rules))
    play.answer("assess", "severity", {"severity": "SEV4"})
    play.answer("it", "export", {"files": ["x"]}, read=read(300, ratio=9))
    assert play.incident.severity == "SEV4"
    (ask,) = (one.ask for one in play.asks("assess"))
    assert ask.suggested == {"severity": "SEV2", "reason": ""}
    assert "negative rate is 9× the baseline" in ask.advice[0]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (read(100), read(130, at=1), "worse"),
        (read(100), read(125, at=1), "worse"),
        (read(100), read(110, at=1), "no-change"),
        (read(100), read(80, at=1), "calmer"),
        (read(100), read(0, at=1), "calmer"),
        (read(None, ratio=4), read(None, at=1, ratio=8), "worse"),
        (read(0), read(50, at=1), "worse"),
        (read(0), read(10, at=1), "worse"),
        (read(0), read(9, at=1), ""),
        (read(0), read(0, at=1), ""),
        (read(0, mentions=1000), read(500, at=1, mentions=1000), "worse"),
        (read(0, mentions=1000), read(500, at=1, mentions=700), "worse"),
        (read(0, mentions=1000), read(2, at=1, mentions=700), "calmer"),
        (read(None, mentions=0), read(None, at=1, mentions=500), "worse"),
        (read(100), read(50), ""),
        (read(100), read(50, at=1, tool="Talkwalker"), ""),
    ],
)
def test_how_it_goes_by_the_figures_alone(before: ReadSignals, after: ReadSignals, said: str) -> None:
    assert before.measured is not None
    assert after.measured is not None
    assert trend(before.measured, after.measured) == said
    assert trend(None, after.measured) == ""


def ends(at: float) -> Measured:
    """Figures that end so many hours after the start."""
    measured = read(1, at=at).measured
    assert measured is not None
    return measured


@pytest.mark.parametrize(
    ("known", "then", "counts"),
    [
        (None, ends(0), True),
        (None, ends(30), True),
        (ends(-1), ends(0), True),
        (ends(0), ends(0), True),
        (ends(0), ends(-1), False),
        (ends(0), ends(0.1), True),
        (ends(0), ends(0.2), False),
        (ends(30), ends(0), True),
        (ends(30), ends(-1), True),
        (ends(30), ends(2), True),
        (Measured(files=("x",), format="x"), ends(0), True),
        (ends(0), Measured(files=("x",), format="x"), False),
    ],
)
def test_which_of_two_exports_says_how_things_stand(known: Measured | None, then: Measured, *, counts: bool) -> None:
    """Both are read at the start: what ends more than ten minutes after that cannot be."""
    assert counts_now(then, START, known, START if known else None) is counts


def test_an_older_export_changes_no_reading_of_a_newer_one_however_late_it_is_recorded() -> None:
    play = playing()
    play.later(hours(6))
    play.do(read(500, at=6, ratio=12))
    stands = (play.incident.signals, play.incident.measured, play.incident.measured_at)
    play.later(hours(1))
    (event,) = play.do(read(5, at=0, ratio=1))
    assert event == ev.SignalsRead(readings={}, measured=read(5, at=0, ratio=1).measured)
    assert (play.incident.signals, play.incident.measured, play.incident.measured_at) == stands
    play.answer("it", "export", {"files": ["x"]}, read=read(5, at=1, ratio=1))
    assert (play.incident.signals, play.incident.measured, play.incident.measured_at) == stands


def test_one_row_dated_ahead_does_not_silence_what_is_read_after_it() -> None:
    play = playing()
    play.do(read(12, at=30, ratio=1))
    play.later(hours(1))
    play.do(read(500, at=1, ratio=12))
    assert play.incident.measured == read(500, at=1, ratio=12).measured
    assert play.incident.signals["negative_rate"].ratio == 12
    play.later(hours(1))
    play.answer("it", "export", {"files": ["x"]}, read=read(5, at=31, ratio=1))
    assert play.incident.signals["negative_rate"].ratio == 12
    assert play.asks("it")[0].ask.suggested == "no-change"


def test_readings_that_an_older_journal_holds_are_folded_as_they_were() -> None:
    play = playing()
    play.do(read(500, ratio=12))
    old = read(5, at=-6, ratio=1)
    kept = but(play.events[-1], event=ev.SignalsRead(readings=old.readings, measured=old.measured))
    after = fold((kept,), play.incident)
    assert after is not None
    assert (after.signals["negative_rate"].ratio, after.measured) == (1, play.incident.measured)


def again() -> Play:
    """The wrong export was read, which ends after the right one, and a person has said so."""
    play = playing()
    play.later(hours(6))
    play.answer(
        "it", "export", {"files": ["wrong.csv"]}, read=but(read(500, at=6, ratio=12), measured=WRONG, readings=LOUD)
    )
    play.answer("it", "choice", "another")
    return play


WRONG = Measured(
    files=("wrong.csv",),
    format="Brandwatch",
    last=START + hours(6),
    figures={"reach": Figure(value=900_000), "negative_rate": Figure(value=500, ratio=12)},
)


LOUD = {"reach": Reading(value=900_000), "negative_rate": Reading(ratio=12, lasting=3600, count=500)}


def test_a_wrong_export_gives_way_to_another_however_far_that_goes() -> None:
    play = again()
    (ask,) = (one.ask for one in play.asks("it"))
    assert (ask.key, ask.optional) == ("export:2", False)
    right = read(5, at=4, ratio=1)
    play.answer("it", "export:2", {"files": ["/x/export.csv"]}, read=right)
    assert play.incident.measured == right.measured
    assert play.incident.signals == right.readings
    assert play.asks("it")[0].ask.suggested == "no-change"
    assert fold(play.events) == play.incident
    assert [measured.files for _, measured in exports_of(play.events)] == [("export.csv",)]
    play.answer("it", "choice:2", "calmer")
    assert play.outcomes("it") == ["calmer"]


def test_that_an_export_was_wrong_is_not_all_there_is_to_say() -> None:
    play = again()
    with pytest.raises(Usage, match="name the right export instead of wrong"):
        play.answer("it", "export:2", {"not_now": ""})


def test_the_timeline_says_which_export_was_wrong() -> None:
    play = again()
    play.answer("it", "export:2", {"files": ["x"]}, read=read(5, at=4, ratio=1))
    (event,) = (one.event for one in play.events if getattr(one.event, "instead", ()))
    said = sentence(event, Names.of(play.plan, play.incident), None)
    assert said.startswith("Read export.csv instead of wrong.csv, which was the wrong export: Brandwatch")
