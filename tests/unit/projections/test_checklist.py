from __future__ import annotations

import pytest
from msgspec.structs import replace

from crisis.adapters.journal.memory import MemoryJournal
from crisis.adapters.render.checklist import to_markdown
from crisis.engine.commands import Close, SetFact
from crisis.kernel.errors import Usage
from crisis.plan.codec import decode_plan, encode_plan
from crisis.playbook.model import Escalation, Rung
from crisis.projections.checklist import Filter, checklist
from crisis.projections.progress import run_of
from crisis.projections.step_lines import Line


def of(story, wanted=Filter()):  # noqa: B008  # frozen
    case = story.case
    return checklist(case.plan, wanted, run_of(case.plan, case.incident, case.events, None))


def tasks(made) -> dict:
    return {task.step: task for _, steps in made.phases for task in steps}


def ticks(task) -> dict:
    return {line.text: line.done for line in task.lines if line.done is not None}


def test_the_same_playbook_gives_the_same_bytes(cases) -> None:
    once, again = (to_markdown(checklist(cases.make_plan(), Filter())) for _ in range(2))
    assert once == again
    assert (
        "- [ ] **Is it real?** Community manager\n  - within 10 min\n  - [ ] Capture the first post (with evidence)\n"
        in once
    )


def test_the_same_incident_gives_the_same_bytes(closed) -> None:
    assert to_markdown(of(closed)) == to_markdown(of(closed))


def test_nothing_of_a_playbook_is_ticked(cases) -> None:
    text = to_markdown(checklist(decode_plan(encode_plan(cases.make_plan())), Filter()))
    assert "[x]" not in text
    assert "· " not in text.partition("## Detection")[2].partition("## Never")[0]


def test_steps_that_cannot_apply_at_a_severity_are_left_out(cases) -> None:
    plan = cases.make_plan()
    assert "authority" in tasks(checklist(plan, Filter(severity="SEV1")))
    assert "authority" not in tasks(checklist(plan, Filter(severity="SEV3")))


def test_the_clocks_are_those_of_the_severity(cases) -> None:
    names = [name for name, _ in checklist(cases.make_plan(), Filter(severity="SEV3")).clocks]
    assert "SEV3 moderate, first statement" in names
    assert not any(name.startswith("SEV1") for name in names)


def test_a_deadline_in_law_says_what_meets_it(cases) -> None:
    (rule,) = [rule for name, rule in checklist(cases.make_plan(), Filter()).clocks if "starts when" in rule]
    assert ", is met when " in rule


def test_a_role_sees_what_it_does_and_what_it_approves(cases) -> None:
    found = tasks(checklist(cases.make_plan(), Filter(role="legal")))
    assert list(found) == ["holding.approve", "authority", "insurer"]


def test_a_phase_is_shown_alone(cases) -> None:
    assert [phase for phase, _ in checklist(cases.make_plan(), Filter(phase="recovery")).phases] == ["recovery"]


def test_where_nothing_is_left_it_says_so(cases) -> None:
    text = to_markdown(checklist(cases.make_plan(), Filter(role="executive", phase="recovery")))
    assert "No step of this playbook is left with that choice." in text


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        (Filter(role="lgal"), "did you mean 'legal'?"),
        (Filter(phase="detecton"), "did you mean 'detection'?"),
        (Filter(severity="SEV9"), "one of SEV1, SEV2, SEV3, SEV4"),
    ],
)
def test_what_the_playbook_does_not_know_is_refused_with_a_hint(cases, wanted: Filter, hint: str) -> None:
    with pytest.raises(Usage) as raised:
        checklist(cases.make_plan(), wanted)
    assert raised.value.hint == hint


def test_what_was_done_is_ticked_with_who_and_when(closed) -> None:
    task = tasks(of(closed))["authority"]
    assert task.done
    assert all(ticks(task).values())
    assert all("Ana Berg, 2026-03-07" in line.text for line in task.lines if line.done)


def test_what_was_not_done_is_not_ticked_and_says_why(closed) -> None:
    found = tasks(of(closed))
    assert (found["verify"].done, found["insurer"].done, found["freeze"].done) == (False, False, False)
    assert "PARTLY: care is asleep" in found["verify"].result
    assert "SKIPPED: no policy for this" in found["insurer"].result
    assert ticks(found["verify"])["Search the care tickets · not done: care is asleep"] is False
    assert ticks(found["freeze"])["Ads · not stopped: the agency has the key"] is False


def test_a_text_that_was_left_out_is_nothing_to_tick(closed) -> None:
    task = tasks(of(closed))["holding.publish"]
    assert [done for text, done in ticks(task).items() if text.startswith("x/en · https://x.example/1")] == [True]
    assert Line("facebook/en · left out") in task.lines


def places_of(story) -> list[tuple[str, bool | None]]:
    task = tasks(of(story))["holding.publish"]
    return [(line.text, line.done) for line in task.lines if line.text.startswith(("x/", "facebook/"))]


def test_a_text_that_was_not_written_there_is_left_out(story) -> None:
    assert places_of(story) == [("x/en · NOT POSTED YET", False), ("facebook/en · NOT POSTED YET", False)]
    story.opened().drafted({"x": "Unplug it."})
    assert places_of(story) == [("x/en · NOT POSTED YET", False), ("facebook/en · left out", None)]
    story.do(Close(reason="a hoax"))
    assert places_of(story) == [("x/en · NOT POSTED", False), ("facebook/en · left out", None)]


def test_what_stands_where_nothing_was_corrected_is_out_still(story) -> None:
    story.opened().drafted().decided("eva").decided("ana")
    story.answer("holding.publish", "release", "post", "bo")
    for place in ("x/en", "facebook/en"):
        story.answer("holding.publish", f"link:{place}", {"link": f"https://{place[0]}.example/1"}, "bo")
    story.back("holding.draft", "holding.publish", "it is Kettle 4")
    story.drafted({"x": "Stop using Kettle 4."})
    (x, _), (facebook, done) = places_of(story)
    assert x == "x/en · NOT POSTED YET"
    assert facebook.startswith("facebook/en · https://f.example/1 · Bo Lind")
    assert done


def test_a_step_that_does_not_apply_wants_nothing_posted_or_done_after_the_close(story) -> None:
    story.facts(injury=False).assessed("SEV3")
    assert ticks(tasks(of(story))["authority"])
    story.answer("triage", "choice", "no-answer").answer("triage", "reason", "a hoax").do(Close(reason="a hoax"))
    found = tasks(of(story))
    assert "does not apply" in found["authority"].result
    assert not ticks(found["authority"])
    assert places_of(story) == []


def test_a_chosen_outcome_is_named_by_its_label(closed) -> None:
    assert tasks(of(closed))["triage"].result.startswith("chosen: Open the playbook, ")


def test_whoever_decided_is_named_not_who_wrote_it_down(closed) -> None:
    assert "by Eva Holm, Ana Berg" in tasks(of(closed))["holding.approve"].result


def test_what_is_not_known_is_not_ticked(story) -> None:
    story.facts()
    lines = ticks(tasks(of(story))["facts"])
    assert [done for text, done in lines.items() if "not known yet" in text] == [False]


def test_a_step_that_does_not_apply_is_said_not_to(story) -> None:
    story.facts(injury=False).assessed("SEV3").answer("triage", "choice", "open")
    assert tasks(of(story))["authority"].result == "does not apply as things stand"


def test_a_step_to_be_done_again_says_why_and_forgets_its_ticks(story) -> None:
    story.opened().answer("verify", "items", [0, 1], "bo").answer("verify", "evidence:0", "link", "bo")
    assert tasks(of(story))["verify"].done
    story.back("verify", "verify", "it was another post")
    task = tasks(of(story))["verify"]
    assert not task.done
    assert not any(ticks(task).values())


def test_a_sensitive_fact_is_ticked_without_its_value(cases) -> None:
    story = cases.Story(MemoryJournal()).facts(victims="Jane Roe")
    text = to_markdown(of(story))
    assert "Who was hurt? · recorded, kept outside the log" in text
    assert "Jane Roe" not in text


def test_the_lead_need_not_be_called(story) -> None:
    story.opened()
    assert any(
        line.text == "crisis lead · Kim Dahl leads, and need not be called" for line in tasks(of(story))["call"].lines
    )


def test_whoever_was_called_in_one_role_counts_in_the_other(cases) -> None:
    people = [replace(one, roles=("legal", "executive")) if one.id == "ana" else one for one in cases.PEOPLE]
    ladder = Escalation(ladder=(Rung(page=("legal", "executive")),))
    plan = replace(cases.make_plan(), escalation={"SEV1": ladder})
    story = cases.Story(MemoryJournal(), plan=plan, people=[one for one in people if one.id != "eva"])
    story.opened().answer("call", "reach:legal:ana", "acknowledged")
    assert [(line.text, line.done) for line in tasks(of(story))["call"].lines if line.text.startswith("Call")] == [
        ("Call Legal · Ana Berg: has it", True),
        ("Call Executive · Ana Berg: has it", True),
    ]


def test_a_correction_is_shown_as_the_last_word(story) -> None:
    story.facts().do(SetFact(fact="product", value="Kettle 4"))
    assert any("Kettle 4" in text for text in ticks(tasks(of(story))["facts"]))
