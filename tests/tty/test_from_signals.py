"""At a terminal: the numbers stand beside the questions, and the person answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crisis.adapters.system import SystemClock

ENTER = "\r"


@pytest.fixture
def stormy(desk: Any, exports: Any) -> Any:
    exports.put_rule(desk.folder)
    ends = SystemClock().now()
    begins = ends - timedelta(hours=1)
    exports.mentions(
        desk.folder / "storm.csv",
        ends - timedelta(hours=37),
        ends,
        lambda at: 300 if at >= begins else 20,
        lambda at: 0.6 if at >= begins else 0.1,
    )
    return desk


@pytest.mark.parametrize("manner", ["redrawing", "plain"])
def test_the_numbers_stand_beside_the_first_question_and_beside_how_bad_it_is(stormy: Any, manner: str) -> None:
    plain = ("--accessible",) if manner == "plain" else ()
    terminal = stormy.terminal("start", "--from-signals", "storm.csv", "--as", "Kim Dahl", *plain)
    terminal.sees("negative_rate").sees("What is happening?").sees("SEV2 by its rules")
    terminal.types("\x03").ends(130)
    assert not (stormy.folder / "journal.db").exists()
    terminal = stormy.terminal("start", "kettle", "--from-signals", "storm.csv", "--as", "Kim Dahl", *plain)
    terminal.sees("proposed: SEV2").sees("Which product?").types("Kettle 3\r")
    terminal.sees("Has anyone been hurt?").types("\x1b[A" + ENTER if manner == "redrawing" else "2\r")
    terminal.sees("Monitoring: mentions").sees("Proposed: SEV2").sees("How bad?")
    assert "SeverityDecided" not in stormy.event_types()
    terminal.types(ENTER).sees("for approval").types("\x03").ends(130)
    assert "SeverityDecided" in stormy.event_types()


FIGURES = """\
  - id: figures
    kind: measure
    phase: monitoring
    title: Does it work?
    export: Our tool, brand query, the last two days
    after:
      - assess
"""


@pytest.mark.parametrize("manner", ["redrawing", "plain"])
def test_an_export_is_asked_for_read_shown_and_judged_by_the_person(stormy: Any, manner: str) -> None:
    book = stormy.folder / "playbooks" / "kettle.yaml"
    text = book.read_text()
    place = text.index("  - id: holding\n")
    book.write_text(text[:place] + FIGURES + text[place:])
    plain = ("--accessible",) if manner == "plain" else ()
    set_ = ("--set", "product=Kettle 3", "--set", "injury=no", "--severity", "SEV3")
    terminal = stormy.terminal("start", "kettle", *set_, "--as", "Kim Dahl", *plain)
    terminal.sees("Our tool, brand query").sees("Which exported file?").types("none.csv\r")
    terminal.sees("Not accepted").sees("Which exported file?").types("'storm.csv'\r")
    # What was read proposes more than was decided: that is asked first, with the figures beside it.
    terminal.sees("Monitoring: mentions").sees("SEV2").types(ENTER)
    terminal.sees("How does it go?").types(ENTER)
    terminal.sees("for approval").types("\x03").ends(130)
    assert {"SignalsRead", "SeverityDecided"} <= stormy.event_types()
    said = stormy.run("timeline").stdout
    assert "read storm.csv" in said
    assert str(stormy.folder) not in said


@pytest.mark.parametrize("manner", ["redrawing", "plain"])
def test_an_old_or_a_wrong_export_is_put_right_where_it_was_asked_for(stormy: Any, exports: Any, manner: str) -> None:
    book = stormy.folder / "playbooks" / "kettle.yaml"
    text = book.read_text()
    place = text.index("  - id: holding\n")
    book.write_text(text[:place] + FIGURES + text[place:])
    begun = SystemClock().now()
    exports.mentions(stormy.folder / "old.csv", begun - timedelta(days=900), begun - timedelta(days=899), lambda at: 20)
    exports.mentions(stormy.folder / "quiet.csv", begun - timedelta(days=2), begun - timedelta(hours=2), lambda at: 20)
    plain = ("--accessible",) if manner == "plain" else ()
    set_ = ("--set", "product=Kettle 3", "--set", "injury=no", "--severity", "SEV1")
    terminal = stormy.terminal("start", "kettle", *set_, "--as", "Kim Dahl", *plain)
    terminal.sees("Which exported file?").types("old.csv\r").sees("ended 899 days ago").sees("Is that the export?")
    terminal.types(ENTER).sees("Which exported file?").types("storm.csv\r").sees("How does it go?")
    terminal.types("\x1b[B" * 3 + ENTER if manner == "redrawing" else "4\r").sees("instead of storm.csv")
    terminal.types("quiet.csv\r").sees("How does it go?").types("\x03").ends(130)
    assert stormy.json("status")["monitoring"]["files"] == ["quiet.csv"]
    assert "instead of storm.csv" in stormy.run("timeline").stdout


def test_figures_that_one_may_give_are_shown_and_judged_before_the_walk_goes_on(stormy: Any, exports: Any) -> None:
    book = stormy.folder / "playbooks" / "kettle.yaml"
    text = book.read_text()
    place = text.index("  - id: holding\n")
    book.write_text(text[:place] + FIGURES + "    optional: true\n" + text[place:])
    begun = SystemClock().now()
    exports.mentions(stormy.folder / "quiet.csv", begun - timedelta(days=2), begun - timedelta(hours=2), lambda at: 20)
    set_ = ("--set", "product=Kettle 3", "--set", "injury=no", "--severity", "SEV1")
    terminal = stormy.terminal("start", "kettle", *set_, "--as", "Kim Dahl", "--accessible")
    terminal.sees("for approval").sees("? for more").types("?\r").sees("3. Do something else first").types("3\r")
    terminal.sees("1. Does it work? · Which exported file?").types("1\r")
    terminal.sees("Which exported file?").types("storm.csv\r")
    terminal.sees("Monitoring: mentions").sees("4. That was the wrong export").types("4\r").sees("instead of storm.csv")
    terminal.types("quiet.csv\r").sees("How does it go?").types("1\r")
    terminal.sees("for approval").types("\x03").ends(130)  # what was put aside for it
