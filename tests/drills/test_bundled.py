"""What ships is clean, passes its drills, and leaves nothing behind; a drill that fails says where."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from crisis.adapters.shelf import BundledShelf
from crisis.cli.run import run
from crisis.engine.events import Answered, ClockBreached, Finished, Reached
from crisis.engine.evolve import fold
from crisis.engine.outlook import Outlook
from crisis.playbook.documents import Scenario
from crisis.runtime.drill import DrillOperator
from crisis.runtime.ports import Watch
from crisis.runtime.scene import Around, Question, Reply
from crisis.wiring.drilling import Drilled, Playbooks, rehearse, scenarios

BUNDLED = BundledShelf()
DRILLS = BUNDLED.drills()
FILES = sorted(BUNDLED.root.glob("playbooks/**/*.yaml")) + sorted(BUNDLED.root.glob("templates/**/*.yaml"))
#: The table of legal clocks is ours alone: nobody writes one, and there is no schema for it.
WRITTEN = [path for path in FILES if path.parent.name != "knowledge"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a journal that nobody is to touch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drilled]:
    """Every bundled drill, walked once."""
    empty = tmp_path_factory.mktemp("empty")
    playbooks = Playbooks(empty)
    results = {one.id: rehearse(one, playbooks) for one in scenarios((), empty)}
    assert not list(empty.iterdir())
    return results


@pytest.mark.parametrize("name", DRILLS)
def test_every_kind_of_step_has_named_the_questions_that_it_asks(drilled: dict[str, Drilled], name: str) -> None:
    for one in drilled[name].events:
        if isinstance(one.event, Answered):
            step = drilled[name].plan.by_id[one.event.step]
            assert one.event.ask.partition(":")[0] in step.kind.asks(step.spec)


def bundled(name: str) -> dict[str, Any]:
    file = BUNDLED.drill(name)
    assert file is not None
    document: dict[str, Any] = yaml.safe_load(file.data)
    return document


def write(folder: Path, document: dict[str, Any]) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    return str(path)


def read(folder: Path, document: dict[str, Any], **changed: str) -> Scenario:
    """That scenario, with those keys changed."""
    (scenario,) = scenarios([write(folder, {**document, **changed})], folder)
    return scenario


def breaches(result: Drilled) -> list[str]:
    """The names of the clocks that were breached."""
    return [one.event.name for one in result.events if isinstance(one.event, ClockBreached)]


@pytest.mark.parametrize("name", sorted(DRILLS))
def test_the_team_is_called_as_soon_as_the_first_text_is_on_its_way(drilled: dict[str, Drilled], name: str) -> None:
    begun = [one.event.step for one in drilled[name].events if isinstance(one.event, (Answered, Reached))]
    after = begun[begun.index("holding.draft") + 1 :]
    assert next(one for one in after if not one.startswith("holding.")) == "call-team"


def failed(path: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    """The failures of that drill, which must exit 1."""
    assert run(["drill", path, "--json"]) == 1
    (result,) = _results(json.loads(capsys.readouterr().out))
    assert result["passed"] is False
    failures: list[dict[str, str]] = result["failures"]
    return failures


def _results(document: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        document["drills"] if isinstance(document, dict) and "drills" in document else document
    )
    return found if isinstance(found, list) else [found]


def test_all_that_ships_is_clean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--format", "json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["findings"] == []
    # Clean because it was looked at, not because nothing was found.
    assert checked["files"] >= len(FILES)


def test_every_bundled_playbook_that_can_be_started_has_a_drill(drilled: dict[str, Drilled]) -> None:
    startable = {name for name in BUNDLED.playbooks() if not _document(f"playbooks/{name}.yaml").get("abstract")}
    assert {one.scenario.playbook for one in drilled.values()} == startable


@pytest.mark.parametrize("name", DRILLS)
def test_every_bundled_drill_passes(name: str, drilled: dict[str, Drilled]) -> None:
    result = drilled[name]
    assert result.failures == ()
    assert result.scenario.expect, "a drill that expects nothing proves nothing"
    assert result.events
    assert result.document()["passed"] is True


def test_one_drill_of_a_product_takes_at_most_eight_answers_to_the_first_text_sent_for_approval(
    drilled: dict[str, Drilled],
) -> None:
    assert drilled["weekend-recall"].answers_before_approval <= 8


def test_whoever_is_alone_comes_to_the_end(folder: Path) -> None:
    (scenario,) = scenarios([str(Path(__file__).with_name("alone-to-the-end.yaml"))], folder)
    result = rehearse(scenario, Playbooks(folder))
    assert (result.failures, result.closed) == ((), True)


def test_an_exercise_of_a_set_time_is_over_after_it_and_its_incident_is_open(
    folder: Path, capsys: pytest.CaptureFixture[str], drilled: dict[str, Drilled]
) -> None:
    result = drilled["alone-at-night"]
    begins, ends = result.scenario.begins, result.scenario.begins + timedelta(minutes=45)
    assert (result.passed, result.closed, result.ends) == (True, False, ends)
    assert all(begins <= one.at <= ends for one in result.events)
    assert run(["drill", "alone-at-night"]) == 0
    assert "85 in all, 45 min, then time was up)" in capsys.readouterr().out


def test_what_time_brings_about_until_the_end_is_recorded_and_nothing_after_it(folder: Path) -> None:
    document = bundled("legal-silent")
    document["people"] = {person: {"unreachable": True} for person in document["people"]}
    due = rehearse(read(folder, document, lasts="26m"), Playbooks(folder))
    before = rehearse(read(folder, document, lasts="24m"), Playbooks(folder))
    assert "First statement" in breaches(due)
    assert "First statement" not in breaches(before)
    assert due.ends - due.scenario.begins == timedelta(minutes=26)


def test_a_script_for_what_comes_after_the_end_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {**bundled("something-else"), "lasts": "10m"}
    document["expect"] = [{"outcome": "closed"}]
    failures = failed(write(folder, document), capsys)
    assert ("closed", "it is still open") in {(one["expectation"], one["why"]) for one in failures}
    assert "every scripted answer is asked for" in {one["expectation"] for one in failures}


def test_a_drill_comes_to_the_same_events_at_the_same_times_every_time(
    folder: Path, drilled: dict[str, Drilled]
) -> None:
    (scenario,) = scenarios(["something-else"], folder)
    assert rehearse(scenario, Playbooks(folder)).events == drilled["something-else"].events


def test_a_drill_leaves_nothing_behind(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["drill", "something-else"]) == 0
    assert "something-else" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("path", WRITTEN, ids=[str(path.relative_to(BUNDLED.root)) for path in WRITTEN])
def test_the_json_schema_accepts_every_bundled_file_as_an_ordinary_yaml_reader_reads_it(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    kind = str(document["kind"]).lower()
    assert run(["schema", kind]) == 0
    schema = json.loads(capsys.readouterr().out)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    assert [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(document)] == []


BROKEN = {
    "its playbook has faults": ({"playbook": "broken"}, "playbooks/broken.yaml:5:1: unknown key 'stepps'"),
    "there is no such playbook": ({"playbook": "nowhere"}, "no playbook is called 'nowhere'"),
    "it has faults itself": ({"lasts": "3000000d"}, "'3000000d' has too many digits: at most 9999d, 9999h"),
    "it begins out of this world": ({"begins": "9999-12-30T00:00:00Z"}, "not within the years 1900 to 2200"),
}


@pytest.mark.parametrize(("changed", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_a_drill_that_is_broken_keeps_no_other_from_running(
    changed: dict[str, str], why: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "playbooks" / "drills").mkdir(parents=True)
    (folder / "playbooks" / "broken.yaml").write_text(
        "apiVersion: crisis/v1\nkind: Playbook\nid: broken\ntitle: B\nstepps: []\n"
    )
    mine = {**bundled("alone-at-night"), "id": "mine", **changed}
    (folder / "playbooks" / "drills" / "mine.yaml").write_text(yaml.safe_dump(mine, allow_unicode=True))
    assert run(["drill", "mine", "alone-at-night"]) == 1
    said = capsys.readouterr().out
    assert "DRILL BROKEN  mine: it was not rehearsed, mend it first (`crisis check` shows more)\n" in said
    assert why in said
    assert "DRILL passed  alone-at-night" in said
    assert said.endswith("1 passed, 1 failed\n")
    assert run(["drill", "mine", "alone-at-night", "--json"]) == 1
    broken, passed = json.loads(capsys.readouterr().out)["drills"]
    assert (broken["scenario"], broken["passed"], passed["passed"]) == ("mine", False, True)
    assert any(why in one["why"] for one in broken["failures"])


def test_a_name_that_no_drill_has_is_said_before_any_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["drill", "alone-at-night", "alone-at-nigth"]) == 5
    said = capsys.readouterr()
    assert said.out == ""
    assert "did you mean 'alone-at-night'?" in said.err


def test_a_drill_that_fails_says_that_time_was_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bundled("alone-at-night")
    document["expect"] = [{"outcome": "closed"}]
    assert run(["drill", write(folder, document)]) == 1
    assert "45 min, then time was up)" in capsys.readouterr().out


def test_a_broken_expectation_fails_with_its_words_and_its_step(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = bundled("something-else")
    document["expect"].append({"outcome": {"triage": "no-answer"}})
    document["expect"].append({"published": "holding", "within": "1m"})
    failures = failed(write(folder, document), capsys)
    assert [(one["expectation"], one["step"]) for one in failures] == [
        ("triage comes to no-answer", "triage"),
        ("holding published within 1m", "holding.publish"),
    ]
    assert failures[0]["why"] == "came to open"
    assert run(["drill", str(folder / "mine.yaml")]) == 1
    said = capsys.readouterr().out
    assert "triage comes to no-answer" in said
    assert "holding.publish" in said


def test_a_day_of_quiet_that_is_seen_after_hours_says_so_where_it_is_recorded(folder: Path) -> None:
    document = bundled("something-else")
    document["answers"]["stand-down"]["rounds"][-1] = {"criteria": "all", "choice": "agreed"}
    events = rehearse(read(folder, document), Playbooks(folder)).events
    (why,) = (
        one.event.because
        for one in events
        if isinstance(one.event, Finished) and (one.event.step, one.event.outcome) == ("stand-down", "agreed")
    )
    assert "seen too early: Mentions and their tone back to what is normal" in why
    assert why.endswith("min ago, and this asks for 24 h)")


def test_ticked_checklists_of_authorities_and_insurer_meet_the_legal_duties(drilled: dict[str, Drilled]) -> None:
    recall = drilled["weekend-recall"]
    incident = fold(recall.events)
    duties = [one for one in Outlook(recall.plan, incident, incident.at).clocks if one.kind == "legal"]
    assert [one.key.partition("@")[0] for one in duties] == ["legal/gpsr-20", "legal/insurer", "legal/gpsr-9"]
    assert all(one.met_at is not None for one in duties)


def test_an_answer_that_no_step_asks_for_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bundled("something-else")
    document["facts"]["boycot"] = "no"
    document["answers"]["answer-each"] = "all"
    failures = failed(write(folder, document), capsys)
    assert {one["step"] for one in failures} == {"answer-each", "facts.boycot"}
    assert {one["expectation"] for one in failures} == {"every scripted answer is asked for"}


def test_a_question_without_an_answer_fails_at_its_step(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bundled("something-else")
    del document["answers"]["triage"]
    first = failed(write(folder, document), capsys)[0]
    assert first["step"] == "triage"
    assert "no scripted answer" in first["why"]


def test_an_answer_that_is_none_is_one_finding_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {**bundled("something-else"), "expect": [{"outcome": {"triage": "open"}}]}
    document["answers"]["verify"] = {"items": [99]}
    first, *more = failed(write(folder, document), capsys)
    assert first["step"] == "verify"
    assert "answers.verify.items: '99' is no line of this checklist; it may be: all, none, or" in first["why"]
    assert {one["expectation"] for one in more} <= {"triage comes to open"}


@pytest.mark.parametrize("name", DRILLS)
def test_all_answers_that_will_be_missing_are_told_at_once(name: str, folder: Path) -> None:
    document = bundled(name)
    result = rehearse(read(folder, {**document, "facts": {}, "answers": {}}), Playbooks(folder))
    (first,) = (one.why for one in result.failures if one.expectation == "the script fits the playbook")
    told = " ".join([first, *(one.key for one in result.missing)])
    assert [fact for fact in document["facts"] if f"facts.{fact}" not in told] == []
    # What a drill writes by itself need not be written; whom else to ask for an approval shows when it is asked for.
    steps = [step for step in document["answers"] if not step.endswith((".draft", ".approve"))]
    assert [
        step for step in steps if f"answers.{step}." not in told and step not in ("call-team", "resume-posting")
    ] == []


def test_a_missing_answer_is_told_with_its_place_in_the_file_and_what_it_may_be(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = bundled("something-else")
    for step in ("triage", "replies", "afterwards"):
        del document["answers"][step]
    path = write(folder, document)
    assert run(["drill", path]) == 1
    said = capsys.readouterr().out
    assert ": add answers.triage.choice: one of open, individually, no-answer\n" in said
    assert "          answers.replies.items: all, none, or numbers from 1 to 4 in a list\n" in said
    assert "          answers.afterwards.items: " in said
    assert "answers.verify" not in said
    # What would have been asked for, had the script led on, is no fault.
    assert "no step asked for it" not in said
    assert run(["drill", path, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["drills"][0]["missing"]
    assert {"answers.replies.items", "answers.afterwards.items"} <= {one["key"] for one in told}


def test_an_answer_that_does_not_fit_its_question_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bundled("something-else")
    document["answers"]["triage"] = "perhaps"
    first = failed(write(folder, document), capsys)[0]
    assert "choose one of open" in first["why"]


def test_where_nobody_ever_answers_what_was_to_be_published_was_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = bundled("legal-silent")
    document["people"] = {person: {"unreachable": True} for person in document["people"]}
    failures = failed(write(folder, document), capsys)
    assert {
        "expectation": "holding published within 30m",
        "step": "holding.publish",
        "why": "it was never published",
    } in (failures)


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((BUNDLED.root / name).read_text(encoding="utf-8"))
    return document


def test_whatever_a_drill_asks_could_be_shown_to_a_person(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script does not look at what stands around a question; whoever walks the same way does."""
    seen: list[Around] = []
    scripted = DrillOperator.ask

    def looked_at(self: DrillOperator, question: Question, watch: Watch) -> Reply:
        seen.append(question.around)
        return scripted(self, question, watch)

    monkeypatch.setattr(DrillOperator, "ask", looked_at)
    playbooks = Playbooks(folder)
    assert all(rehearse(one, playbooks).passed for one in scenarios((), folder))
    assert all(one.scene.incident and one.who and one.people for one in seen)
    assert any(one.texts for one in seen)
    assert any(one.can_go_back for one in seen)
