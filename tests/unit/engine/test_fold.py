"""Rules 1 to 3: the state is a fold, a command is one append, what a step says is a pure read."""

from __future__ import annotations

from typing import get_args

import pytest
from playing import START, Play, chain, hours, of_type, plan, statement, step

from crisis.engine import events as ev
from crisis.engine.commands import By, GoBack, Note, Tick
from crisis.engine.decide import decide
from crisis.engine.evolve import evolve, fold
from crisis.engine.look import agenda
from crisis.engine.settle import Livelock
from crisis.engine.shapes import Text
from crisis.engine.steps import Ask, Done, Lapsed, Open, StepKind
from crisis.kernel.errors import Exit
from crisis.kinds import KINDS
from crisis.kinds.action import ActionSpec
from crisis.playbook.values import Item


def recorded(event: ev.Event, seq: int = 1) -> ev.Recorded:
    return ev.Recorded(seq=seq, at=START, who="kim", via="terminal", command="c", event=event)


def test_an_incident_begins_with_opened() -> None:
    with pytest.raises(ValueError, match="begins with Opened, not with Noted"):
        evolve(None, recorded(ev.Noted(text="x")))
    assert fold([]) is None


def test_a_step_is_started_before_anything_happens_to_it() -> None:
    play = Play(plan())
    with pytest.raises(ValueError, match="a was never started"):
        evolve(play.incident, recorded(ev.Finished(step="a", round=1, outcome="done"), 2))


def test_reopening_what_never_began_changes_nothing() -> None:
    play = Play(plan(step("a", "action", do="x")))
    back = ev.SentBack(step="a", to="a", why="x", cause="asked", reopens=("b",))
    assert evolve(play.incident, recorded(back, 9)).steps == play.incident.steps


def test_every_event_has_its_name_in_the_journal() -> None:
    assert set(ev.EVENT_TYPES) == {one.__name__ for one in get_args(ev.Event)}


def test_a_command_and_all_that_follows_are_one_append_in_order() -> None:
    play = Play(plan(step("a", "checklist", items=(Item("x"),)), step("b", "action", do="x", after=("a",))))
    before = play.incident.version
    play.answer("a", "items", [0])
    appended = play.events[before:]
    assert [type(one.event).__name__ for one in appended] == ["Answered", "Finished", "Started"]
    assert [one.seq for one in appended] == [before + 1, before + 2, before + 3]
    assert [one.who for one in appended] == ["kim", "", ""]
    assert {one.command for one in appended} == {play.events[-1].command}


def test_what_the_engine_concludes_is_nobodys() -> None:
    play = Play(plan())
    outcome = decide(
        play.plan, play.incident, Note(text="x"), By(who="kim", at=START, id="c", via="phone", on_behalf_of="ana")
    )
    (note,) = outcome.events
    assert (note.who, note.via, note.on_behalf_of) == ("kim", "phone", "ana")


def test_the_agenda_is_a_pure_read() -> None:
    play = Play(plan(statement("holding", "holding")))
    play.draft()
    before = play.incident
    assert agenda(play.plan, play.incident, play.now) == agenda(play.plan, play.incident, play.now)
    assert play.incident is before


def test_the_same_command_on_the_same_state_gives_the_same_events() -> None:
    play = Play(plan(statement("holding", "holding")))
    play.draft()
    by = By(who="kim", at=START, id="c")
    command = GoBack(to="holding.draft", source="holding.approve", round=1, why="x")
    once, twice = (decide(play.plan, play.incident, command, by) for _ in range(2))
    assert once.events == twice.events
    assert once.incident == twice.incident


def test_time_alone_records_nothing_where_nothing_is_due() -> None:
    play = Play(plan(step("a", "action", do="x")))
    assert play.do(Tick(), "") == ()


def test_whoever_looks_late_is_told_that_something_is_due() -> None:
    pausing = Play(plan(step("a", "pause", for_=hours(1))))
    asking = Play(plan(step("a", "question", facts=("injury",))))
    asking.answer("a", "injury", {"again": (START + hours(1)).isoformat()})
    for play in (pausing, asking):
        play.later(hours(5), tick=False)
        assert play.agenda.wakes_at == play.now
        assert play.do(Tick(), "")


def test_order_is_seq_and_not_time() -> None:
    play = Play(plan(step("facts", "question", facts=("product",)), statement("holding", "holding")))
    play.answer("facts", "product", {"value": "Kettle 3"})
    play.draft()
    play.decide("eva")
    sent = of_type(play.fact("product", "Kettle 4"), ev.SentBack)
    assert [one.to for one in sent] == ["holding.draft"], "all at the same instant"
    play.back("facts", "facts", "wrong")
    assert play.keys("facts") == ["product"]
    assert chain()


def test_steps_that_send_each_other_back_without_end_are_a_bug_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    restless = StepKind(
        ActionSpec,
        advance=lambda spec, seen: Done("done"),
        outcomes=lambda spec: ("done",),
        asks=lambda spec: (),
        stands=lambda spec, seen: Lapsed("never content"),
    )
    monkeypatch.setitem(KINDS, "restless", restless)  # type: ignore[misc]
    with pytest.raises(Livelock, match="does not come to rest") as caught:
        Play(plan(step("a", "restless", do="x")))
    assert caught.value.exit is Exit.BUG


def test_a_new_kind_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = StepKind(
        ActionSpec,
        advance=lambda spec, seen: (
            Done("sung")
            if "song" in seen.answers
            else Open(asks=(Ask(key="song", role="", prompt="Sing", wants=Text()),))
        ),
        outcomes=lambda spec: ("sung",),
        asks=lambda spec: ("song",),
    )
    monkeypatch.setitem(KINDS, "sing", kind)  # type: ignore[misc]
    play = Play(plan(step("a", "sing", do="x")))
    play.answer("a", "song", "la la")
    assert play.outcomes("a") == ["sung"]
