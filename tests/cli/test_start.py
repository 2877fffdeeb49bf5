"""`crisis start` where nobody sits at a terminal: how far it goes, and what it says where it stops."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.cli.run import run

PROJECT = Path(__file__).parent.parent / "tty" / "project"
SET = ("--set", "product=Kettle 3", "--set", "injury=yes")

Write = Callable[[str], str]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder but for a small playbook; a journal of its own; stdin that is no terminal."""
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setenv("CRISIS_AS", "Kim Dahl")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return tmp_path


@pytest.fixture
def answers(tmp_path: Path) -> Write:
    def write(text: str) -> str:
        path = tmp_path / "answers.yaml"
        path.write_text(text)
        return str(path)

    return write


def events(project: Path) -> set[str]:
    journal = SqliteJournal.reading(project / "journal.db")
    return {type(one.event).__name__ for head in journal.heads() for one in journal.read(head.incident)}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["start"], "playbook, answers"),
        (["start", "kettle"], "facts.product, answers"),
        (["start", "--set", "product=Kettle 3"], "playbook, answers"),
        (["start", "kettle", "--set", "injury=yes"], "facts.product"),
    ],
)
def test_without_terminal_and_answers_it_says_what_is_missing_and_opens_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], missing: str
) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0] == (f"crisis: start needs answers and stdin is not a terminal; missing: {missing}")
    assert len(said.err.splitlines()) == 2
    assert not (project / "journal.db").exists()


def test_a_closed_stdin_is_no_terminal(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run(["start", "kettle"]) == 2
    assert run(["start", "kettle", *SET]) == 6
    assert run(["note", "-"]) == 2
    assert run(["approve"]) == 3


def test_with_answers_it_goes_as_far_as_it_may_and_names_who_must_do_what(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    assert run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers("holding.draft: send\n")]) == 6
    last = capsys.readouterr().err.splitlines()[-1]
    assert "INC-" in last
    assert "Kim Dahl (Crisis lead)" in last
    assert "(name, number" in last
    assert events(project) >= {"Opened", "SeverityDecided", "Drafted", "SheetIssued"}


def test_an_empty_map_of_answers_is_a_file_of_answers(capsys: pytest.CaptureFixture[str], answers: Write) -> None:
    assert run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers("{}")]) == 6
    assert "step holding.draft" in capsys.readouterr().err.splitlines()[-1]


def test_what_is_required_may_stand_in_the_answers(project: Path, answers: Write) -> None:
    assert run(["start", "kettle", "--answers", answers("facts: {product: Kettle 3, injury: 'yes'}\n")]) == 6
    assert "FactSet" in events(project)


BINDING = """\
facts: {product: Kettle 3, injury: "yes"}
assess: SEV1
holding.draft: send
holding.approve:
  name: ["Ana Berg, +45 1"]
  sign-off: {person: ana, verdict: "yes", proof: present}
  waiver: nobody is there
  last-resort: nobody is there
holding.publish: {release: post, link: "https://x.example/1", override: now}
verify: all
freeze: all
over: {criteria: all, choice: agreed}
thaw: all
debrief: {cause: x, impact: x, worked: x, failed: x, action: [[]]}
"""


def test_nothing_that_binds_the_company_is_taken_from_a_file(project: Path, answers: Write) -> None:
    assert run(["start", "kettle", "--answers", answers(BINDING)]) == 6
    assert not events(project) & {
        "Decided",
        "ApprovalWaived",
        "LastResortTaken",
        "Locked",
        "Published",
        "PostingResumed",
    }
    assert run(["resume", "--answers", answers(BINDING)]) == 6
    assert "Decided" not in events(project)


def test_a_name_in_a_file_goes_onto_the_roster_once(project: Path, answers: Write) -> None:
    text = f"{BINDING.partition('holding.approve')[0]}holding.approve: {{name: Kim Dahl}}\n"
    assert run(["start", "kettle", "--answers", answers(text)]) == 6
    journal = SqliteJournal.reading(project / "journal.db")
    named = [one for head in journal.heads() for one in journal.read(head.incident)]
    assert sum(type(one.event).__name__ == "RosterChanged" for one in named) == 1


@pytest.mark.parametrize(
    ("said", "named"), [("me", ["Kim Dahl"]), ("'Myself, +45 1'", ["Kim Dahl"]), ("no one else", [])]
)
def test_a_file_that_names_whoever_walks_or_nobody_names_nobody_new(
    project: Path, answers: Write, said: str, named: list[str]
) -> None:
    text = f"{BINDING.partition('holding.approve')[0]}holding.approve: {{name: {said}}}\n"
    assert run(["start", "kettle", "--as", "Kim Dahl", "--answers", answers(text)]) == 6
    journal = SqliteJournal.reading(project / "journal.db")
    told = [one.event for head in journal.heads() for one in journal.read(head.incident)]
    assert [one.member.name for one in told if type(one).__name__ == "RosterChanged"] == named


def test_a_pipe_that_says_yes_for_ever_approves_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n" * 1_000))
    assert run(["start", "kettle", *SET, "--severity", "SEV1"]) == 6
    assert run(["resume"]) == 6
    assert run(["approve"]) == 3
    assert run(["reject", "--reason", "no"]) == 3
    assert not events(project) & {"Decided", "Locked", "Published"}


def test_a_file_that_says_not_yet_for_ever_ends(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    text = "facts: {product: K, injury: 'yes'}\nassess: SEV1\nholding.draft: send\nholding.approve: {name: [Ana]}\n"
    text += f"verify: all\nfreeze: {{accounts: [{', '.join(['{}'] * 200)}], rest: more}}\n"
    assert run(["start", "kettle", "--answers", answers(text)]) == 6
    assert "step freeze" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        (["--set", "product"], 2, "not name=value"),
        (["--set", "nothing=1"], 2, "no fact 'nothing'"),
        (["--set", "product=K", "--set", "injury=perhaps"], 2, "neither yes nor no"),
        (["--set", "product=K", "--severity", "SEV9"], 2, "not a severity"),
        (["--set", "product=K", "--answers", "nowhere.yaml"], 5, "no answers file"),
        (["--set", "product=K", "--answers", "."], 2, "--answers: . is a folder\n  --answers takes a YAML file"),
        (["--set", "product=K", "--answers", "/dev/null"], 2, "write the answers into a file first: a pipe"),
        (["--set", "product=K", "--as", "x" * 300], 2, "at most 200 characters"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_opened(
    project: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, word: str
) -> None:
    assert run(["start", "kettle", *more]) == code
    assert word in capsys.readouterr().err
    assert not (project / "journal.db").exists()


@pytest.mark.parametrize("text", ["[1, 2]", "a: b: c", "? [", "\t- x", "nowhere: all\n", "facts: [\n" * 3000])
def test_a_file_of_answers_that_makes_no_sense_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write, text: str
) -> None:
    assert run(["start", "kettle", *SET, "--answers", answers(text)]) in (1, 2)
    assert "Traceback" not in capsys.readouterr().err
    assert not (project / "journal.db").exists()


def test_a_dry_run_opens_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["start", "kettle", *SET, "--dry-run"]) == 0
    assert "Nothing was opened" in capsys.readouterr().out
    assert not (project / "journal.db").exists()


def said_of(text: str, answers: Write, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers(text)]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "place", "why", "hint"),
    [
        ("verify: [9]\n", "1:9", "verify: '9' is no line of this checklist", "all, none, or numbers from 1 to 2"),
        ("verify: {items: [0]}\n", "1:17", "verify: '0' is no line", "numbers from 1 to 2"),
        ("verify: [1, 1]\n", "1:9", "verify: a line stands there twice", "numbers from 1 to 2"),
        ("verify: {itens: all}\n", "1:10", "verify asks for nothing called 'itens'", "did you mean 'items'?"),
        ("assess: SEV7\n", "1:9", "assess: 'SEV7' is no answer", "one of SEV1, SEV2, SEV3, SEV4"),
        ("freeze: {accounts: twitter}\n", "1:20", "freeze: 'twitter' is no answer", "Newsletter"),
        ("facts: {injury: perhaps}\n", "1:17", "facts: 'perhaps' is neither yes nor no", "not known yet"),
        ("facts: {product: {a: b}}\n", "1:18", "facts: a map is no value of this fact", "text"),
        ("over: {criteria: all, choice: maybe}\n", "1:31", "over: 'maybe' is no answer", "agreed, not-yet"),
        ("over: {rounds: [{choice: no}]}\nover2: x\n", "2:1", "no step is called 'over2'", "did you mean 'over'?"),
        ("holding.draft: sned\n", "1:16", "holding.draft: 'sned' is neither send nor a map", "x/en"),
        ("holding.draft: {x/eb: a}\n", "1:16", "holding.draft: 'x/eb' is no channel", "did you mean 'x/en'?"),
        ("holding.draft: {x/en: ''}\n", "1:16", "holding.draft: the text for x/en is empty", "send"),
        ("debrief: {cause: [a]}\n", "1:18", "debrief: a list is no answer: write text", "text"),
        ("facts: 1\n", "1:8", "facts: '1' answers none of its questions", "it asks for injury, product"),
        ("facts: [1, 2]\n", "1:8", "facts: a list answers none of its questions", "write a map"),
        ("facts: null\n", "1:8", "facts: nothing is written", "write a map"),
        ("facts: {rounds: []}\n", "1:17", "facts: there is no round in it", "the answers of the first round"),
        ("facts: {product: ''}\n", "1:18", "facts: nothing is given", "text, or: not known yet"),
        (f"facts: {{product: {'x' * 20_001}}}\n", "1:18", "text has at most 20,000 characters", "text"),
        (f"holding.draft: {{x/en: {'y' * 281}}}\n", "1:23", "the text for x/en: 281/280", "send to take"),
        ("assess: {severity: SEV9}\n", "1:20", "assess: 'SEV9' is no severity", "SEV1, SEV2"),
        ("debrief: {action: [{what: x}]}\n", "1:20", "debrief: a map is no answer", "action, owner, due"),
    ],
)
def test_an_answer_that_does_not_fit_is_named_with_its_place_before_anything_is_opened(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write, text: str, place: str, why: str, hint: str
) -> None:
    said = said_of(text, answers, capsys)
    assert f"answers.yaml:{place}:" in said
    assert why in said
    assert hint in said
    assert not (project / "journal.db").exists()


def test_all_that_is_wrong_with_a_file_of_answers_is_said_at_once(
    capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    said = said_of("nowhere: all\nassess: SEV7\nverify: {items: [9], why: {}}\n", answers, capsys)
    assert [line.split(":")[1] for line in said.splitlines() if line.startswith("answers.yaml")] == ["1", "2", "3"]


def test_the_texts_of_every_round_are_measured(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    long = "{x/en: " + "y" * 281 + "}"
    said = said_of(f"holding.draft: {{rounds: [send, {long}, {long}]}}\n", answers, capsys)
    assert said.count("281/280") == 2
    assert not (project / "journal.db").exists()


@pytest.mark.parametrize(
    ("setting", "why", "hint"),
    [
        ("product=", "nothing is given", "text, or: not known yet"),
        (f"product={'x' * 20_001}", "text has at most 20,000 characters; this has 20,001", "text"),
        ("injury=", "nothing is given", "yes, no, or: not known yet"),
    ],
)
def test_a_setting_that_does_not_fit_opens_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write, setting: str, why: str, hint: str
) -> None:
    assert run(["start", "kettle", *SET, "--set", setting, "--answers", answers("{}")]) == 2
    said = capsys.readouterr().err
    assert f"--set {setting.partition('=')[0]}: {why}" in said
    assert hint in said
    assert not (project / "journal.db").exists()


def test_a_severity_may_be_written_small(project: Path, answers: Write) -> None:
    assert run(["start", "kettle", *SET, "--answers", answers("verify: all\nassess: sev1\n")]) == 6
    assert "SeverityDecided" in events(project)


def test_a_severity_that_is_none_is_said_as_it_was_typed(capsys: pytest.CaptureFixture[str], answers: Write) -> None:
    assert run(["start", "kettle", *SET, "--severity", "sev9", "--answers", answers("{}")]) == 2
    assert "'sev9' is not a severity" in capsys.readouterr().err


def test_an_answer_that_turns_out_not_to_fit_is_named_with_its_place_and_step(
    capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    assert run(["start", "kettle", *SET, "--answers", answers("verify: all\nassess: SEV3\n")]) == 2
    said = capsys.readouterr().err
    assert "answers.yaml:2:9: step assess:" in said
    assert "say why it is less severe than proposed" in said
    assert "it may be: one of SEV1, SEV2, SEV3, SEV4" in said


def test_answers_that_were_not_asked_for_are_told_before_the_last_line(
    capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    text = "facts: {product: K}\nholding.draft: send\nholding.approve: {name: Ana, sign-off: 'yes'}\nthaw: all\n"
    assert run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers(text)]) == 6
    *_, remark, last = capsys.readouterr().err.splitlines()
    assert remark.startswith("Of the answers in answers.yaml, not asked for this time: facts, ")
    assert "holding.approve.sign-off, thaw" in remark
    assert "never taken from a file" in remark
    assert "it waits for" in last


def test_what_is_told_of_a_file_of_answers_moves_no_cursor(capsys: pytest.CaptureFixture[str], answers: Write) -> None:
    text = 'holding.draft: send\nholding.approve: {name: Ana, "sign-off:\\e[2J\\u202e": "yes"}\n'
    assert run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers(text)]) == 6
    said = capsys.readouterr().err
    assert "holding.approve.sign-off:\\u{1b}[2J\\u{202e}" in said
    assert not {"\x1b", "\u202e"} & set(said)


def test_the_answers_to_a_resumed_incident_are_looked_through_first(
    project: Path, capsys: pytest.CaptureFixture[str], answers: Write
) -> None:
    assert run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers("{}")]) == 6
    capsys.readouterr()
    assert run(["resume", "--answers", answers("verfy: all\n")]) == 2
    assert "answers.yaml:1:1: unknown-step" in capsys.readouterr().err


def test_status_says_who_is_waited_for(capsys: pytest.CaptureFixture[str], answers: Write) -> None:
    run(["start", "kettle", *SET, "--severity", "SEV1", "--answers", answers("{}")])
    capsys.readouterr()
    assert run(["status", "--json"]) == 0
    brief = json.loads(capsys.readouterr().out)
    assert brief["waiting_on"]
    assert brief["drill"] is False
