"""What is known, what is not, and what is not shown."""

from __future__ import annotations

from typing import Any

from crisis.engine.commands import Erase
from crisis.projections.facts import fact_lines, to_text


def lines(story: Any) -> dict[str, Any]:
    case = story.case
    return {one.fact: one for one in fact_lines(case.plan, case.incident, case.events, None)}


def test_every_fact_of_the_playbook_stands_there_with_its_state(story: Any) -> None:
    assert lines(story)["product"].state == "not asked yet"
    story.facts()
    found = lines(story)
    assert (found["product"].state, found["product"].value) == ("known", "Kettle 3")
    assert (found["victims"].state, found["victims"].value) == ("not known yet", "")


def test_a_sensitive_value_is_not_shown_and_an_erased_one_is_called_erased(story: Any) -> None:
    story.facts(victims="Ida Holm")
    assert (lines(story)["victims"].state, lines(story)["victims"].value) == ("kept outside the log", "")
    assert "Ida" not in to_text(tuple(lines(story).values()), None)
    story.do(Erase(fact="victims", reason="asked to"))
    assert lines(story)["victims"].state == "erased"
