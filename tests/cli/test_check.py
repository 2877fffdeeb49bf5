from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crisis.cli.run import run
from crisis.wiring.authoring import check

FIXTURES = Path(__file__).parent.parent / "fixtures"
CHECKOUT = FIXTURES.parent.parent
FAULTY = sorted((FIXTURES / "err").glob("*.yaml"))
SOUND = sorted((FIXTURES / "ok").glob("*.yaml"))
HEAD = "apiVersion: crisis/v1\nkind: Playbook\nid: own\ntitle: Own\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda path: path.stem)
def test_each_fault_is_told_with_its_place_its_line_and_the_way_out(
    faulty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FIXTURES / "err")
    monkeypatch.setenv("NO_COLOR", "1")
    code = run(["check", faulty.name])
    expected = faulty.with_suffix(".expected").read_text(encoding="utf-8")
    assert capsys.readouterr().out == expected
    assert code == (1 if re.search(r"^\S+:\d+:\d+: \S+ error ", expected, re.MULTILINE) else 0)


def test_a_template_is_checked_with_its_bodies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FIXTURES / "err")
    monkeypatch.setenv("NO_COLOR", "1")
    expected = (FIXTURES / "err" / "broken-template.expected").read_text(encoding="utf-8")
    for path in ("templates/messages/broken", "templates/messages/broken/en.j2"):
        assert run(["check", path]) == 1
        assert capsys.readouterr().out == expected


@pytest.mark.parametrize("body", ["", " \n\t\n", "{# to be written #}\n"])
def test_an_empty_text_is_no_text(project: Path, capsys: pytest.CaptureFixture[str], body: str) -> None:
    folder = project / "templates" / "messages" / "late"
    folder.mkdir(parents=True)
    head = "apiVersion: crisis/v1\nkind: Message\nid: late\ntitle: Late\nlanguages:\n  - en\n"
    (folder / "message.yaml").write_text(head)
    (folder / "en.j2").write_text(body)
    assert run(["check", "templates"]) == 1
    said = capsys.readouterr().out
    assert "templates/messages/late/en.j2:1:1: missing-body error this text is empty" in said
    assert "hint: write it, or remove the file" in said


@pytest.mark.parametrize("sound", SOUND, ids=lambda path: path.stem)
def test_what_only_looks_wrong_is_not_reported(
    sound: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FIXTURES / "ok")
    assert run(["check", sound.name]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "no findings in 1 file\n")


def test_every_code_of_the_docs_has_a_fixture_or_a_test_and_every_fixture_s_code_is_in_the_docs() -> None:
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", (CHECKOUT / "docs" / "checks.md").read_text("utf-8"), re.M))
    expected = "".join(path.read_text("utf-8") for path in (FIXTURES / "err").glob("*.expected"))
    shown = set(re.findall(r"^\S+:\d+:\d+: (\S+) (?:error|warning) ", expected, re.M))
    tests = "".join(path.read_text("utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py"))
    tested = {code for code in documented if f'"{code}"' in tests or f": {code} " in tests}
    assert shown - documented - {code for code in shown if code.startswith("yaml-")} == set()
    assert documented - shown - tested == set()


def test_all_that_is_bundled_is_without_findings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"no findings in \d\d+ files\n", captured.err)


def test_without_a_path_the_folder_and_all_that_is_bundled_are_checked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "playbooks").mkdir()
    (project / "playbooks" / "own.yaml").write_text(f"{HEAD}extends: base\ntypo: 1\n")
    (project / "crisis.yaml").write_text("apiVersion: crisis/v1\nkind: Organisation\nname: Fjord\npeopel: []\n")
    assert run(["check"]) == 1
    out = capsys.readouterr().out
    assert "playbooks/own.yaml:6:1: unknown-key error unknown key 'typo'" in out
    assert "crisis.yaml:4:1: unknown-key error unknown key 'peopel'" in out


def test_warnings_about_what_comes_with_the_program_are_counted_and_drown_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channels = "channels:\n  - {id: insta, kind: instagram}\n"
    (project / "crisis.yaml").write_text(f"apiVersion: crisis/v1\nkind: Organisation\nname: Fjord\n{channels}")
    (project / "playbooks").mkdir()
    (project / "playbooks" / "own.yaml").write_text(f"{HEAD}extends: base\ntypo: 1\n")
    assert run(["check"]) == 1
    said = capsys.readouterr()
    assert {line.split(":")[0] for line in said.out.splitlines() if " error " in line or " warning " in line} <= {
        "playbooks/own.yaml"
    }
    assert "unknown-key error unknown key 'typo'" in said.out
    *_, counted, aside = said.err.splitlines()
    assert re.fullmatch(r"\d errors?, \d+ warnings in \d+ files", counted)
    assert re.fullmatch(r"not shown: \d+ warnings about what comes with the program \(--all\)", aside)
    assert run(["check", "--all"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("playbooks/own.yaml:")
    assert "needs-media warning" in said.out
    assert "not shown" not in said.err
    assert run(["check", "--format", "json"]) == 1
    assert "needs-media" in {one["code"] for one in json.loads(capsys.readouterr().out)["findings"]}
    assert run(["check", str(CHECKOUT / "playbooks" / "base.yaml")]) == 0
    assert "needs-media warning" in capsys.readouterr().out


@pytest.mark.parametrize(("kind", "said"), [("{a: b}", "a map"), ("[a]", "a list"), ("Playbok", "'Playbok'")])
def test_a_kind_that_there_is_not_is_said_as_it_was_meant(
    project: Path, capsys: pytest.CaptureFixture[str], kind: str, said: str
) -> None:
    (project / "own.yaml").write_text(f"apiVersion: crisis/v1\nkind: {kind}\nid: [a]\n")
    assert run(["check", "own.yaml"]) == 1
    assert f"unknown-kind error there is no kind of file called {said}\n" in capsys.readouterr().out


def test_findings_are_one_json_document_for_a_program(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "own.yaml").write_text(f"{HEAD}extends: base\ntypo: 1\n")
    assert run(["check", "own.yaml", "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["files"] == 1
    (finding,) = document["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("own.yaml", 6, 1)
    assert (finding["code"], finding["severity"], finding["path"]) == ("unknown-key", "error", ["typo"])
    assert finding["message"] == "unknown key 'typo'"
    assert "title" in finding["hint"]


def test_nothing_found_is_an_empty_list(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "own.yaml").write_text("apiVersion: crisis/v1\nkind: Organisation\nname: Fjord\n")
    (project / "playbooks").mkdir()
    assert run(["check", "own.yaml", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_a_path_that_does_not_exist_is_not_found(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "nowhere.yaml"]) == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nowhere.yaml" in captured.err


def test_an_unknown_format_is_a_usage_error(project: Path) -> None:
    assert run(["check", "--format", "xml"]) == 2


def test_colour_is_for_terminals(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.yaml").write_text("[]\n")
    run(["check", "a.yaml"])
    assert "\033" not in capsys.readouterr().out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(["check", "a.yaml"])
    assert "\033[31m" in capsys.readouterr().out


# ── bad input: a clear finding, exit 1, no traceback ──

STEP = "steps:\n  - id: wait\n    kind: pause\n    phase: response\n"
BAD = {
    "empty": (b"", "the file is empty"),
    "binary": (bytes(range(256)) * 4, "zero bytes"),
    "utf-16": (f"{HEAD}".encode("utf-16"), "UTF-16"),
    "brackets": (b"[" * 60_000, "deep"),
    "too-large": (b"# " + b"x" * 5_000_000, "more than the 262,144 bytes"),
    "merge-bomb": (
        f"{HEAD}a: &a {{x: 1}}\nb: &b {{<<: [*a, *a, *a]}}\nc: {{<<: [*b, *b, *b]}}\n".encode(),
        "own.yaml:5:",
    ),
    "alias-bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)),
        "alias",
    ),
    "minutes": (f"{HEAD}extends: base\n{STEP}    for: 15:30\n".encode(), "'15:30' is not a duration"),
    "duplicate-keys": (f"{HEAD}title: Twice\nextends: base\n".encode(), "'title' is written twice"),
    "tabs": (f"{HEAD}steps:\n\t- id: a\n".encode(), "a tab stands where YAML wants spaces"),
    "foreign-tag": (f"{HEAD}x: !!python/object/apply:os.system ['true']\n".encode(), "tag"),
    "unknown-kind": (b"apiVersion: crisis/v1\nkind: Playbok\n", "no kind of file called 'Playbok'"),
    "scalar": (b"just a text\n", "no map of keys and values"),
    "several-documents": (f"{HEAD}---\n{HEAD}".encode(), "own.yaml:5:1"),
    "not-utf-8": (HEAD.encode() + b"x: \xff\n", "0xff"),
    "deep-json": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "deep"),
    "many-keys": (b"".join(b"k%d: 1\n" % n for n in range(20_000)), "own.yaml:"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_clear_finding(name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, said = BAD[name]
    (project / "own.yaml").write_bytes(content)
    assert run(["check", "own.yaml"]) == 1
    captured = capsys.readouterr()
    assert said in captured.out
    assert "Traceback" not in captured.out + captured.err
    assert re.search(r"^own\.yaml:\d+:\d+: [a-z0-9-]+ error ", captured.out, re.MULTILINE)
    assert len(captured.out) < 100_000


def test_country_no_is_no_truth(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clocks = "apiVersion: crisis/v1\nkind: Clocks\nreviewed_on: 2026-01-02\nnotice: Ask counsel\nclocks:\n"
    entry = "  - {id: one, title: One, due: 72h, source: None, countries: [NO]}\n"
    (project / "clocks.yaml").write_text(clocks + entry)
    assert run(["check", "clocks.yaml"]) == 0
    party = "  - {id: one, name: Tilsyn, kind: regulator, country: NO}\n"
    (project / "crisis.yaml").write_text(f"apiVersion: crisis/v1\nkind: Organisation\nname: Fjord\nparties:\n{party}")
    assert " error " not in (run(["check", "crisis.yaml"]), capsys.readouterr().out)[1]


def test_a_folder_without_yaml_and_a_folder_called_like_a_file_are_findings(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "own.yaml").mkdir()
    assert run(["check", "own.yaml"]) == 1
    assert "own.yaml:1:1: nothing-to-check error this folder holds no YAML file" in capsys.readouterr().out


def test_what_cannot_be_read_is_a_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os

    os.mkfifo(project / "pipe.yaml")
    (project / "dangling.yaml").symlink_to("nowhere")
    (project / "loop.yaml").symlink_to("loop.yaml")
    for name in ("pipe.yaml", "dangling.yaml", "loop.yaml"):
        assert run(["check", name]) == 1
        assert f"{name}:1:1: unreadable error " in capsys.readouterr().out


def test_a_folder_is_searched_for_all_kinds_of_files(project: Path) -> None:
    (project / "deep" / "er").mkdir(parents=True)
    (project / "deep" / "er" / "one.yaml").write_text("[]\n")
    (project / "deep" / "two.yml").write_text("[]\n")
    (project / "deep" / "three.txt").write_text("[]\n")
    checked = check([project / "deep"], project)
    assert checked.files == 2
    assert [one.diagnostic.code for one in checked.findings] == ["wrong-type", "wrong-type"]


def test_the_same_file_named_twice_is_checked_once(project: Path) -> None:
    (project / "one.yaml").write_text("[]\n")
    checked = check([project / "one.yaml", project / "." / "one.yaml", project], project)
    assert checked.files == 1
    assert [one.diagnostic.code for one in checked.findings] == ["wrong-type"]


def test_a_fault_of_a_base_is_said_once_however_many_build_on_it(project: Path) -> None:
    (project / "playbooks").mkdir()
    for name, more in (("root", "abstract: true\nfacts:\n  x: {type: txt, prompt: X?}\n"), ("one", ""), ("two", "")):
        text = HEAD.replace("id: own", f"id: {name}") + (more or "extends: root\n")
        (project / "playbooks" / f"{name}.yaml").write_text(text)
    found = check([project / "playbooks"], project).findings
    assert [one.diagnostic.message for one in found if one.position.file.endswith("root.yaml")] == [
        "'txt' is not possible here"
    ]


def test_a_playbook_whose_file_is_called_otherwise_would_not_be_found(project: Path) -> None:
    (project / "playbooks").mkdir()
    (project / "playbooks" / "other.yaml").write_text(f"{HEAD}extends: unknown\n")
    (found,) = check([project / "playbooks" / "other.yaml"], project).findings
    assert found.diagnostic.code == "misnamed"
    assert found.position.line == 3


def test_hostile_text_is_shown_and_does_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "own.yaml").write_text(f'{HEAD}extends: base\n"a\\e[31m[red]\\u202e": 1\n', encoding="utf-8")
    run(["check", "own.yaml"])
    out = capsys.readouterr().out
    assert "\033" not in out
    assert "\u202e" not in out
    assert "[red]" in out


def test_forty_independent_faults_are_forty_findings(project: Path) -> None:
    (project / "own.yaml").write_text(FORTY)
    found = check([project / "own.yaml"], project).findings
    lines = [n for n, line in enumerate(FORTY.splitlines(), 1) for _ in range(line.count("# !"))]
    assert [one.position.line for one in found] == lines
    assert len(lines) == 40


FORTY = """\
apiVersion: crisis/v2  # !
kind: Playbook
id: own
title: Own
abstrakt: false  # !
about:
  reviewed: 2026-13-01  # !
  review_every: 180  # !
cluster:
  victim: {fact: wether}  # !
facts:
  thing: {type: text, prompt: What?, requierd: true}  # !
  colour:
    type: choice  # !
    prompt: Which?
  kind_of: {type: txt, prompt: Which?}  # !
  weather: {type: yes-no, prompt: Rain?}
  Umbrella: {type: text, prompt: Where?}  # !
  hidden: {type: yes-no, prompt: Who?, sensitive: true}
severity:
  SEV1:
    first_statement: 30  # !
    any:
      - {fact: weather, is: sun}  # !
      - {fact: weather, at_least: 5x}  # !
      - {signal: rate}  # !
      - {fact: hidden}  # !
  SEV2:
    any: [{fact: weather}]  # !
  SEV7: {first_statement: 1h}  # !
roles:
  crisis-lead: {deputy: nobody}  # !
  legal: {dutys: [reads]}  # !
escalation:
  SEV1:
    ladder: [{page: [crisis-led]}]  # !
    acknowledge: some  # !
inform:
  - {phase: respnse, roles: [legal]}  # !
approvals:
  public:
    of: [legal, crisis-lead]
    quorum: 3  # !
    within: 10 min  # !
    expires: 2h
  small:
    of: [legal]
    required: [crisis-lead]  # !
    within: 10m
    expires: 2h
messages:
  note:
    {template: nosuch, audience: all, channels: [website], languages: [en], approval: small, first_statement: true}  # !
  other: {template: own-notes, audience: all, channels: [websit], languages: [en], approval: smal}  # ! # ! # !
clocks:
  - {use: no-such-clock, starts_with: {fact: weather}}  # !
steps:
  - {id: facts, kind: question, phase: detection, facts: [thing, colour, weather, hidden, wether]}  # !
  - {id: facts, kind: pause, phase: detection, for: 1h, after: [facts]}  # !
  - {id: list, kind: checklist, phase: response, items: [], after: [facts]}  # !
  - {id: call, kind: call, phase: response}  # !
  - {id: hen, kind: action, do: Lay, phase: response, after: [egg]}  # !
  - {id: egg, kind: action, do: Hatch, phase: response, after: [hen]}
  - {id: tell, kind: statement, phase: response, message: note, within: 5m, after: [facts]}  # !
  - {id: wait, kind: pause, phase: response, for: 15:30, after: [fact]}  # ! # !
  - id: choose
    kind: decision
    phase: response
    after: [facts]
    options: {a: A, b: B}
    reasons: [c]  # !
    on: {d: facts}  # !
  - {id: end, kind: stand-down, phase: recovery, after: [tell], on: {agreed: close}}  # !
"""


def test_a_file_full_of_faults_ends_after_five_hundred(project: Path) -> None:
    steps = "".join(f"  - {{id: s{n}, kind: draft, phase: response, message: m{n}}}\n" for n in range(900))
    (project / "own.yaml").write_text(f"{HEAD}extends: base\nsteps:\n{steps}")
    codes = [one.diagnostic.code for one in check([project / "own.yaml"], project).findings]
    assert codes.count("too-many-findings") == 1
    assert len(codes) <= 501


def test_steps_that_all_write_one_message_are_each_told_once(project: Path) -> None:
    steps = "".join(f"  - {{id: s{n}, kind: draft, phase: response, message: holding}}\n" for n in range(40))
    (project / "own.yaml").write_text(f"{HEAD}extends: base\nsteps:\n{steps}")
    codes = [one.diagnostic.code for one in check([project / "own.yaml"], project).findings]
    assert codes.count("drafted-twice") == 40
