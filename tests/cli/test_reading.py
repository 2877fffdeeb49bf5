"""The reading commands from outside: arguments in; stdout, stderr and exit code out; the journal is a real file."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as replace_member

from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.cli.run import run
from crisis.engine.commands import Close, SetFact
from crisis.kernel.errors import Exit
from crisis.kernel.fingerprints import salted
from crisis.projections.kept import SCHEMA_VERSION
from crisis.runtime.ports import Blob

HOSTILE = "\x1b]0;owned\x07\x1b[31m \u202e | [red]markup[/] <img src=x onerror=alert(1)> `code`\n# heading"


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "journal.db"


@pytest.fixture
def crisis(path: Path, capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> Ran:
        code = run(arguments)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return call


@pytest.fixture
def tell(cases, path: Path):
    """Tells another story in the same journal."""

    def begin(number: int = 7, **more):
        return cases.Story(SqliteJournal(path, lambda: cases.START), incident=f"INC-2026-{number:04}", **more)

    return begin


def tampered(path: Path, *statements: str) -> None:
    """Somebody with a database tool."""
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


# ── which incident ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["status", "timeline", "postmortem", "verify"])
def test_without_any_incident_a_hint_says_how_to_begin(crisis, command: str) -> None:
    ran = crisis(command)
    assert (ran.code, ran.out) == (Exit.NOT_FOUND, "")
    assert "crisis start" in ran.err


def test_the_list_of_nothing_is_an_empty_list_and_fine(crisis, path: Path) -> None:
    assert crisis("list", "--json").json == {"schema_version": 1, "incidents": []}
    assert crisis("list").code == 0
    assert not path.exists(), "reading makes no file"


def test_the_only_open_incident_is_meant(crisis, tell) -> None:
    tell(1).do(Close(reason="a hoax"))
    tell(2)
    assert crisis("status", "--json").json["incident"] == "INC-2026-0002"


def test_the_list_tells_times_in_the_zone_of_each_incident(crisis, tell, cases) -> None:
    tell(1), tell(2, plan=replace(cases.make_plan(), timezone="Asia/Tokyo"))
    newer, older = crisis("list").out.splitlines()
    assert "2026-03-07 10:50 JST" in newer
    assert "2026-03-07 02:50 CET" in older


def test_of_several_open_ones_none_is_guessed(crisis, tell) -> None:
    tell(1), tell(2)
    ran = crisis("status")
    assert ran.code == Exit.USAGE
    assert "INC-2026-0001" in ran.err
    assert "INC-2026-0002" in ran.err


@pytest.mark.parametrize("name", ["INC-2026-0012", "inc-2026-0012", "INC-2026-0012"[:12], "12", "0012", "2026-0012"])
def test_any_unique_part_of_an_id_will_do(crisis, tell, name: str) -> None:
    tell(7), tell(12)
    assert crisis("status", name, "--json").json["incident"] == "INC-2026-0012"


@pytest.mark.parametrize("name", ["INC", "INC-2026-000", "2026"])
def test_a_part_that_fits_several_is_refused_with_what_it_could_be(crisis, tell, name: str) -> None:
    tell(7), tell(8)
    ran = crisis("status", name)
    assert ran.code == Exit.USAGE
    assert "INC-2026-0007" in ran.err


@pytest.mark.parametrize("name", ["INC-2026-9999", "99", "nothing", HOSTILE])
def test_an_incident_that_is_not_there_is_not_found(crisis, tell, name: str) -> None:
    tell(7)
    ran = crisis("status", name)
    assert ran.code == Exit.NOT_FOUND
    assert "\x1b" not in ran.err


def test_after_the_close_the_last_one_is_meant_for_what_comes_after(crisis, tell) -> None:
    tell(7).do(Close(reason="a hoax"))
    assert crisis("status").code == Exit.NOT_FOUND
    assert "INC-2026-0007" in crisis("postmortem").out
    assert crisis("verify").code == 0


# ── the journal ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite:///journal.db"])
def test_a_journal_is_a_path_or_a_url(crisis, tell, path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    tell(7)
    monkeypatch.delenv("CRISIS_JOURNAL")
    assert crisis("status", "--journal", form.format(path), "--json").json["incident"] == "INC-2026-0007"


@pytest.mark.parametrize("url", ["postgresql://host/db", "sqlite://journal.db", "sqlite:///", ":memory:", ".", " "])
def test_what_is_no_journal_is_refused_with_a_hint(crisis, url: str) -> None:
    ran = crisis("status", "--journal", url)
    assert ran.code == Exit.USAGE
    assert len(ran.err.splitlines()) == 2


def test_without_a_word_the_journal_lies_in_the_state_folder(
    crisis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crisis.wiring.reading import journal_path

    monkeypatch.delenv("CRISIS_JOURNAL")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert journal_path() == tmp_path / "state" / "crisis" / "journal.db"


def test_a_file_that_is_no_journal_is_said_to_be_none(crisis, path: Path) -> None:
    path.write_bytes(b"not a database, whatever it is" * 100)
    ran = crisis("status")
    assert ran.code == Exit.FINDINGS
    assert "not a journal" in ran.err


# ── status and list ─────────────────────────────────────────────────────────


def test_status_in_json_is_one_document(crisis, tell) -> None:
    tell(7).opened().drafted()
    told = crisis("status", "--json").json
    assert told["schema_version"] == 5
    for key in (
        "incident",
        "drill",
        "severity",
        "phase",
        "known_since",
        "waiting_on",
        "clocks",
        "next_steps",
        "frozen",
        "published",
    ):
        assert key in told
    assert {"name", "due", "breached"} <= set(told["clocks"][0])
    assert told["frozen"] is False


def test_where_none_is_open_the_last_one_is_named_with_how_to_see_it(crisis, tell, cases) -> None:
    cases.whole(tell(7))
    ran = crisis("status")
    assert ran.code == Exit.NOT_FOUND
    assert "no incident is open" in ran.err
    said = "the last one was INC-2026-0007 (Product defect or safety problem): `crisis status INC-2026-0007` shows"
    assert said in " ".join(ran.err.split())
    assert "`crisis postmortem` tells it all" in " ".join(ran.err.split())


def test_a_deadline_that_passed_since_is_shown_as_breached(crisis, tell) -> None:
    tell(7).opened()
    told = crisis("status", "--json")
    assert told.code == 0
    (first,) = [one for one in told.json["clocks"] if one["kind"] == "first-statement"]
    assert first["breached"] is True


def test_check_exits_4_after_it_has_told(crisis, tell) -> None:
    tell(7).opened()
    ran = crisis("status", "--check")
    assert ran.code == Exit.BREACHED
    assert "BREACHED" in ran.out
    assert crisis("status", "--check", "--json").code == Exit.BREACHED


def test_check_is_fine_where_no_clock_is_breached(crisis, tell) -> None:
    tell(7).answer("verify", "items", [0, 1], "bo").answer("verify", "evidence:0", "a link", "bo")
    assert crisis("status", "--check").code == 0


def test_who_is_waited_for_is_told_with_how_to_reach_them(crisis, tell, cases) -> None:
    people, blobs = [], []
    for member in cases.PEOPLE:
        number = json.dumps({"email": f"{member.id}@example.org", "phone": f"+45 {member.id}"}).encode()
        blobs.append(Blob(key=salted(number, b"s" * 16), data=number, salt=b"s" * 16))
        people.append(replace_member(member, contact=blobs[-1].key) if member.id != "eva" else member)
    story = tell(7, people=people, blobs=blobs).opened().drafted()
    waiting = crisis("status").out.partition("Waiting for")[2]
    assert "Ana Berg (legal)" in waiting
    assert "+45 ana · approval of holding statement" in waiting
    (legal, *_) = [one for one in crisis("status", "--json").json["waiting_on"] if one["who"] == "Ana Berg"]
    assert legal["reach"] == {"Ana Berg": "+45 ana · ana@example.org"}
    assert "contacts" not in legal
    assert "+45" not in json.dumps(story.journal.head(story.id).brief), "numbers can be erased, what is kept cannot"
    story.journal.erase(blobs[1].key)
    assert "+45 ana" not in crisis("status").out


def test_the_text_that_went_out_last_is_shown(crisis, tell, cases) -> None:
    tell(7).opened().drafted().decided("eva").decided("ana").published()
    assert crisis("status", "--json").json["last_public_text"] == cases.HOLDING["x"]
    assert cases.HOLDING["x"] in crisis("status").out


def test_status_as_markdown_is_a_page(crisis, tell) -> None:
    tell(7)
    assert crisis("status", "--format", "md").out.startswith("# INC-2026-0007: Product defect")


@pytest.mark.parametrize("arguments", [("--format", "pdf"), ("--json", "--format", "md")])
def test_a_form_that_is_none_is_refused(crisis, tell, arguments) -> None:
    tell(7)
    assert crisis("status", *arguments).code == Exit.USAGE


def test_a_breach_stays_in_the_list_when_it_is_over(crisis, tell) -> None:
    tell(7).opened().later(11).do(Close(reason="a hoax"))
    (listed,) = crisis("list", "--json", "--all").json["incidents"]
    assert "Call the team: first “I have it”" in listed["breached"]
    assert f"{len(listed['breached'])} breached" in crisis("list", "--all").out


def test_the_list_shows_open_ones_and_all_of_them_on_demand(crisis, tell) -> None:
    tell(7).do(Close(reason="a hoax"))
    tell(8).opened()
    assert [one["incident"] for one in crisis("list", "--json").json["incidents"]] == ["INC-2026-0008"]
    listed = crisis("list", "--json", "--all").json["incidents"]
    assert [one["incident"] for one in listed] == ["INC-2026-0008", "INC-2026-0007"]
    assert "First statement" in listed[0]["breached"]
    assert [line.split()[:2] for line in crisis("list", "--all").out.splitlines()] == [
        ["INC-2026-0008", "LIVE"],
        ["INC-2026-0007", "closed"],
    ]


@pytest.mark.parametrize("arguments", ["status 7", "status 7 --json", "list"])
def test_status_loads_no_engine_and_nothing_heavy(tell, path: Path, arguments: str) -> None:
    tell(7).opened()
    script = (
        "import sys; from crisis.cli.run import run; code = run(sys.argv[1:]);"
        "print(sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments.split()], capture_output=True, text=True, check=True, env=os.environ
    )
    ours = [f"crisis.{name}" for name in ("engine", "plan", "kinds", "playbook")]
    heavy = [*ours, "msgspec", "rich", "yaml", "pydantic", "jinja2", "babel"]
    loaded = [name for name in heavy if f"'{name}'" in ran.stderr or f"'{name}." in ran.stderr]
    assert loaded == []


# ── timeline, checklist, post-mortem ────────────────────────────────────────


def test_the_timeline_in_json_is_a_list_of_events(crisis, tell) -> None:
    tell(7).note("counsel is here")
    listed = crisis("timeline", "--json").json
    assert listed[0]["type"] == "Opened"
    assert (listed[-1]["type"], listed[-1]["who"], listed[-1]["text"]) == ("Noted", "Ana Berg", "Note: counsel is here")
    assert listed[-1]["at"].endswith("+00:00")


def test_the_timeline_tells_times_in_the_zone_of_the_team(crisis, tell) -> None:
    tell(7)
    assert crisis("timeline").out.startswith("   1  2026-03-07 02:50:00 CET  Kim Dahl: Opened INC-2026-0007")
    assert "| 1 | 2026-03-07 02:50:00 CET | Kim Dahl |" in crisis("timeline", "--format", "md").out


SHOWN = ("timeline", "timeline --format md", "postmortem", "checklist", "status", "status --format md", "list")


@pytest.mark.parametrize("command", [*SHOWN, "timeline --json", "postmortem --json", "status --json", "list --json"])
def test_hostile_text_is_harmless_everywhere(crisis, tell, cases, command: str) -> None:
    people = [cases.Member(id="kim", name=HOSTILE, roles=("crisis-lead", "legal", "executive"))]
    story = tell(7, people=people).facts()
    story.do(cases.SetFact(fact="product", value=HOSTILE))
    story.note(HOSTILE, who=HOSTILE)
    ran = crisis(*command.split())
    assert ran.code == 0
    assert not any(ord(char) < 32 and char != "\n" for char in ran.out)
    assert "\u202e" not in ran.out
    if "--json" not in command and command not in ("timeline", "status", "list"):
        assert "<img" not in ran.out
        assert "\n# heading" not in ran.out


def test_a_long_note_does_not_flood_the_terminal(crisis, tell) -> None:
    tell(7).note("x" * 20_000)
    assert max(map(len, crisis("timeline").out.splitlines())) < 1_200
    assert len(crisis("timeline", "--json").json[-1]["text"]) == len("Note: ") + 20_000


def test_a_checklist_of_an_incident_is_ticked(crisis, tell) -> None:
    tell(7).facts()
    assert "- [x] **What do we know?**" in crisis("checklist").out
    assert crisis("checklist", "7", "--json").json["incident"] == "INC-2026-0007"


def test_a_checklist_of_nothing_asks_for_a_playbook(crisis) -> None:
    ran = crisis("checklist")
    assert ran.code == Exit.USAGE
    assert "playbook" in ran.err


def test_a_checklist_of_what_is_neither_says_so(crisis, tell) -> None:
    tell(7)
    ran = crisis("checklist", "product-defct")
    assert ran.code == Exit.NOT_FOUND
    assert "product-defect" in ran.err


def test_a_role_nobody_knows_is_refused_with_the_nearest(crisis, tell) -> None:
    tell(7)
    ran = crisis("checklist", "7", "--role", "lgal")
    assert ran.code == Exit.USAGE
    assert "did you mean 'legal'?" in ran.err


def test_a_post_mortem_goes_to_stdout_and_is_the_same_every_time(crisis, tell, cases) -> None:
    cases.whole(tell(7))
    first = crisis("postmortem", "7")
    assert first.code == 0
    assert first.out == crisis("postmortem", "7").out
    assert cases.HOLDING["x"] in first.out


def test_a_post_mortem_file_is_kept_up_to_date_until_a_person_changes_it(crisis, tell, tmp_path: Path) -> None:
    story = tell(7)
    assert crisis("postmortem", "--output", "pm.md").code == 0
    story.note("one more thing")
    assert crisis("postmortem", "--output", "pm.md").code == 0
    file = tmp_path / "pm.md"
    assert "one more thing" in file.read_text()
    file.write_text(file.read_text().replace("one more thing", "one thing"))
    before = file.read_bytes()
    ran = crisis("postmortem", "-o", "pm.md")
    assert ran.code == Exit.REFUSED
    assert file.read_bytes() == before


def test_a_post_mortem_in_json_can_be_kept_in_a_file_too(crisis, tell, tmp_path: Path) -> None:
    tell(7)
    for _ in range(2):
        assert crisis("postmortem", "--json", "--output", "pm.json").code == 0
    assert json.loads((tmp_path / "pm.json").read_text())["incident"] == "INC-2026-0007"


# ── verify ──────────────────────────────────────────────────────────────────


def test_an_intact_record_is_said_to_be_intact_and_not_anchored(crisis, tell) -> None:
    tell(7).opened().drafted()
    ran = crisis("verify")
    assert ran.code == 0
    assert "intact" in ran.out
    assert "not anchored" in ran.out


def test_every_moment_of_a_whole_incident_verifies(crisis, tell, cases) -> None:
    cases.whole(tell(7))
    assert crisis("verify", "7").code == 0


VERSION = "json_set(brief, '$.schema_version',"


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_summary_of_a_version_before_is_held_against_what_all_say_alike(
    crisis, tell, path: Path, version: int
) -> None:
    tell(7).opened().drafted().decided("ana").decided("eva").published()
    tampered(path, f"UPDATE heads SET brief = {VERSION} {version})")
    assert crisis("verify").code == 0
    tampered(path, "UPDATE heads SET brief = json_set(brief, '$.published', json('[]'))")
    ran = crisis("verify")
    assert ran.code == Exit.FINDINGS
    assert "published" in ran.out


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE events SET payload = replace(payload, 'Kettle 3', 'Kettle 9') WHERE seq = 5", "event 5"),
        ("UPDATE events SET who = 'bo' WHERE seq = 6", "event 6"),
        ("DELETE FROM events WHERE seq = 4", "event 4"),
        ("UPDATE blobs SET data = x'00' WHERE key = (SELECT min(key) FROM blobs)", "blob"),
        ("UPDATE heads SET brief = replace(brief, 'SEV1', 'SEV4')", "severity"),
        ("UPDATE heads SET brief = replace(brief, 'Kim Dahl', 'Bo Lind')", "lead"),
        (f"UPDATE heads SET brief = replace({VERSION} 99), 'SEV1', 'SEV4')", "of no version known here: 99"),
        (f"UPDATE heads SET brief = replace({VERSION} 1), 'SEV1', 'SEV4')", "severity"),
        ("UPDATE heads SET brief = '{}'", "the kept summary (status, list) cannot be read"),
        ("UPDATE heads SET wakes_at = NULL", "deadline"),
        ("DELETE FROM heads", "the head is missing"),
    ],
)
def test_what_was_tampered_with_is_named(crisis, tell, path: Path, statement: str, where: str) -> None:
    tell(7).opened().drafted()
    tampered(path, statement)
    ran = crisis("verify")
    assert ran.code == Exit.FINDINGS
    assert "TAMPERED" in ran.out
    assert where in ran.out
    assert crisis("verify", "--json").json["intact"] is False


def test_whatever_is_verified_a_head_that_was_taken_away_is_told(crisis, tell, path: Path) -> None:
    tell(7).opened().drafted()
    tell(8).opened()
    tampered(path, "DELETE FROM heads WHERE incident = 'INC-2026-0007'")
    for wanted, said in (("", "INC-2026-0007"), ("8", "INC-2026-0007"), ("INC-2026-0007", "the head is missing")):
        ran = crisis("verify", *([wanted] if wanted else []))
        assert ran.code == Exit.FINDINGS
        assert said in ran.out
        assert "TAMPERED" in ran.out


def test_with_several_open_and_none_named_each_is_verified(crisis, tell, path: Path) -> None:
    tell(6).do(Close(reason="a hoax"))
    tell(7).opened(), tell(8).opened()
    ran = crisis("verify")
    assert ran.code == 0
    assert [one for one in ("0006", "0007", "0008") if f"INC-2026-{one}: intact" in ran.out] == ["0007", "0008"]
    tampered(path, "UPDATE events SET who = 'bo' WHERE seq = 6 AND incident = 'INC-2026-0007'")
    ran = crisis("verify")
    assert ran.code == Exit.FINDINGS
    assert "INC-2026-0007: TAMPERED" in ran.out
    assert "INC-2026-0008: intact" in ran.out
    tampered(path, "DELETE FROM heads WHERE incident = 'INC-2026-0008'")
    told = crisis("verify", "--json").json
    assert told["intact"] is False
    assert [(one["incident"][-4:], one["intact"]) for one in told["incidents"]] == [("0008", False), ("0007", False)]


def test_a_head_that_is_missing_is_told_by_whatever_name_its_incident_is_called(crisis, tell, path: Path) -> None:
    tell(7), tell(12)
    tampered(path, "DELETE FROM heads WHERE incident = 'INC-2026-0012'")
    for name in ("12", "inc-2026-0012", "2026-0012"):
        ran = crisis("verify", name)
        assert ran.code == Exit.FINDINGS
        assert "INC-2026-0012: TAMPERED" in ran.out
        assert "the head is missing" in ran.out


# ── heads that another version wrote, and heads that nobody did ─────────────


def test_what_an_older_version_kept_hides_nothing_that_is_wrong_in_public(crisis, tell, path: Path) -> None:
    story = tell(7).opened().drafted().decided("ana").decided("eva").published()
    story.do(SetFact(fact="product", value="Kettle 9"))
    assert "says product as it was" in crisis("status").out
    tampered(path, f"UPDATE heads SET brief = json_remove({VERSION} 1), '$.published[0].outdated', '$.not_posted')")
    assert "says product as it was" in crisis("status").out
    assert "says product as it was" in crisis().out
    assert crisis("list", "--json").json["incidents"][0]["incident"] == "INC-2026-0007"


BROKEN = [
    "'[]'",
    "'{}'",
    "'text'",
    "'\"text\"'",
    "json_set(brief, '$.published', null)",
    "json_set(brief, '$.published[0]', json('{}'))",
    "json_set(brief, '$.known_since', 'noon')",
    "json_set(brief, '$.known_since', '2026-03-07T02:00:00')",
    "json_set(brief, '$.clocks[0].due', 7)",
    "json_set(brief, '$.clocks[0].due', '0001-01-01T00:00:00+14:00')",
    "json_set(brief, '$.waiting_on[0].until', '0001-01-01T00:00:00+14:00')",
    "json_set(brief, '$.opened_at', '9999-12-31T23:59:59-14:00')",
    "json_set(brief, '$.lead', null)",
    "json_set(brief, '$.incident', 'INC-2026-0008')",
    "json_remove(brief, '$.do_not')",
    "json_set(brief, '$.monitoring', json('{}'))",
    "json_set(brief, '$.schema_version', '4')",
]


@pytest.mark.parametrize("brief", BROKEN)
def test_a_head_that_cannot_be_read_is_said_and_hides_no_other(crisis, tell, path: Path, brief: str) -> None:
    tell(7), tell(8).opened()
    tampered(path, f"UPDATE heads SET brief = {brief} WHERE incident = 'INC-2026-0007'")
    ran = crisis("list")
    assert (ran.code, "INC-2026-0008" in ran.out) == (Exit.FINDINGS, True)
    assert "the head of INC-2026-0007 cannot be read" in ran.err
    assert "crisis verify INC-2026-0007" in ran.err
    ran = crisis()
    assert (ran.code, "INC-2026-0008" in ran.out) == (Exit.FINDINGS, True)
    assert "the head of INC-2026-0007 cannot be read" in ran.err
    ran = crisis("status", "7")
    assert (ran.code, ran.out) == (Exit.FINDINGS, "")
    assert "the head of INC-2026-0007 cannot be read" in ran.err
    assert crisis("status", "8").code == 0
    ran = crisis("verify", "7")
    assert (ran.code, "cannot be read" in ran.out) == (Exit.FINDINGS, True)


@pytest.mark.parametrize("place", ["severity", "severity_word", "phase", "next_steps[0].role", "next_steps[0].title"])
def test_what_a_hand_wrote_into_a_head_moves_no_cursor(crisis, tell, path: Path, place: str) -> None:
    tell(7).opened()
    tampered(path, f"UPDATE heads SET brief = json_set(brief, '$.{place}', 'x' || char(27, 10, 8238) || '[31mSEV1')")
    for ran in (crisis("status"), crisis("status", "--format", "md"), crisis(), crisis("list")):
        assert (ran.code, "Traceback" in ran.err) == (0, False)
        assert not {"\x1b", "\u202e"} & set(ran.out)
    assert r"x\u{1b} \u{202e}[31mSEV1" in crisis("list" if "steps" not in place else "status").out


def test_a_figure_that_is_no_number_makes_a_head_that_cannot_be_read(crisis, tell, path: Path) -> None:
    story = tell(7).opened()
    figure = {"value": 1, "baseline": 1, "ratio": 1, "unusual": True, "window_minutes": 60}
    series = {"begins": "2026-03-07T02:00:00+00:00", "every_minutes": 60, "mentions": [1, -9]}
    known = {"format": "x", "last": None, "estimated_sentiment": 0, "figures": {"mention_rate": figure}}
    brief = dict(story.journal.head(story.id).brief)

    def status_with(monitoring: dict) -> Ran:
        kept = json.dumps({**brief, "monitoring": monitoring})
        tampered(path, f"UPDATE heads SET brief = '{kept}'")
        return crisis("status")

    assert status_with({**known, "series": series}).code == 0
    for odd in (
        {"series": {**series, "every_minutes": None}},
        {"series": {**series, "mentions": [float("nan")]}},
        {"series": None, "figures": {"mention_rate": {**figure, "value": 10**400}}},
        {"series": None, "figures": {"mention_rate": {**figure, "window_minutes": 10**20}}},
    ):
        ran = status_with({**known, **odd})
        assert (ran.code, "cannot be read" in ran.err) == (Exit.FINDINGS, True)


def test_the_next_event_writes_a_head_that_could_not_be_read_anew(crisis, tell, path: Path) -> None:
    tell(7)
    tampered(path, "UPDATE heads SET brief = '[]'")
    assert crisis("note", "seen").code == 0
    assert crisis("status").code == 0
    assert crisis("verify").code == 0


def keep_checkpoint(crisis, tmp_path: Path) -> str:
    (tmp_path / "checkpoint.json").write_text(crisis("verify", "7", "--json").out)
    return "checkpoint.json"


def test_a_checkpoint_anchors_what_came_before_and_lets_more_follow(crisis, tell, tmp_path: Path) -> None:
    story = tell(7).opened()
    file = keep_checkpoint(crisis, tmp_path)
    story.drafted().note("later")
    ran = crisis("verify", "--checkpoint", file)
    assert (ran.code, "anchored by the checkpoint" in ran.out) == (0, True)


def test_what_is_said_of_several_incidents_is_a_checkpoint_of_them_all(
    crisis, tell, path: Path, tmp_path: Path
) -> None:
    stories = [tell(number).opened() for number in (6, 7, 8)]
    (tmp_path / "all.json").write_text(crisis("verify", "--json").out)
    stories[0].do(Close(reason="a hoax"))
    ran = crisis("verify", "--checkpoint", "all.json")
    assert (ran.code, ran.out.count("anchored by the checkpoint")) == (0, 3)
    ran = crisis("verify", "7", "--checkpoint", "all.json")
    assert (ran.code, ran.out.count("anchored by the checkpoint")) == (0, 1)
    tell(9)
    ran = crisis("verify", "9", "--checkpoint", "all.json")
    assert ran.code == Exit.USAGE
    assert "the checkpoint is of INC-2026-0008, INC-2026-0007, INC-2026-0006, not of INC-2026-0009" in ran.err
    tampered(
        path,
        "DELETE FROM heads WHERE incident IN ('INC-2026-0006', 'INC-2026-0009')",
        "DELETE FROM events WHERE incident = 'INC-2026-0006'",
    )
    ran = crisis("verify", "--checkpoint", "all.json")
    assert ran.code == Exit.FINDINGS
    assert "INC-2026-0006: TAMPERED" in ran.out
    assert "the whole incident is missing" in ran.out
    assert "INC-2026-0009: TAMPERED" in ran.out
    assert "the whole incident is missing" in crisis("verify", "6", "--checkpoint", "all.json").out
    assert ran.out.count("anchored by the checkpoint") == 2


def test_a_missing_tail_is_seen_with_a_checkpoint_and_only_with_one(crisis, tell, path: Path, tmp_path: Path) -> None:
    story = tell(7).opened()
    before = story.journal.head("INC-2026-0007")
    brief = json.dumps(before.brief, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("'", "''")
    wakes = f"'{before.wakes_at.isoformat(timespec='microseconds')}'"
    story.note("what nobody should read")
    file = keep_checkpoint(crisis, tmp_path)
    tampered(
        path,
        f"DELETE FROM events WHERE seq > {before.version}",
        f"UPDATE heads SET version = {before.version}, hash = '{before.hash}', brief = '{brief}', wakes_at = {wakes}",
    )
    assert crisis("verify").code == 0
    ran = crisis("verify", "--checkpoint", file)
    assert ran.code == Exit.FINDINGS
    assert f"events {before.version + 1} to {before.version + 1} are missing" in ran.out


def test_a_rewritten_past_is_seen_with_a_checkpoint(crisis, tell, cases, path: Path, tmp_path: Path) -> None:
    tell(7).opened().note("the truth")
    file = keep_checkpoint(crisis, tmp_path)
    path.unlink()
    tell(7).opened().note("a lie").note("and more of it")
    assert crisis("verify").code == 0
    ran = crisis("verify", "--checkpoint", file)
    assert ran.code == Exit.FINDINGS
    assert "rewritten" in ran.out


def test_an_incident_that_is_gone_altogether_is_seen_with_a_checkpoint(
    crisis, tell, path: Path, tmp_path: Path
) -> None:
    tell(7)
    file = keep_checkpoint(crisis, tmp_path)
    path.unlink()
    ran = crisis("verify", "--checkpoint", file)
    assert ran.code == Exit.FINDINGS
    assert "missing" in ran.out


def test_a_checkpoint_of_another_incident_is_refused(crisis, tell, tmp_path: Path) -> None:
    tell(7), tell(8)
    file = keep_checkpoint(crisis, tmp_path)
    assert crisis("verify", "8", "--checkpoint", file).code == Exit.USAGE


def test_whatever_a_checkpoint_says_of_an_incident_is_held_against_it(crisis, tell, tmp_path: Path) -> None:
    tell(7).opened()
    good = crisis("verify", "7", "--json").json
    other = {**good, "hash": "0" * 64}
    for entries in ([other, good], [good, other]):
        (tmp_path / "all.json").write_text(json.dumps({"incidents": entries}))
        for wanted in ([], ["7"]):
            ran = crisis("verify", *wanted, "--checkpoint", "all.json")
            assert ran.code == Exit.FINDINGS
            assert ran.out.count("INC-2026-0007: TAMPERED") == 1
            assert "the record was rewritten after the checkpoint" in ran.out


@pytest.mark.parametrize("name", ["\u202e\x1b[31mx", "INC", "7", ""])
def test_a_name_in_a_checkpoint_that_no_incident_has_hides_no_other(crisis, tell, tmp_path: Path, name: str) -> None:
    tell(7), tell(8)
    kept = crisis("verify", "--json").json["incidents"]
    odd = {**kept[0], "incident": name}
    (tmp_path / "all.json").write_text(json.dumps({"incidents": [odd, *kept]}))
    ran = crisis("verify", "--checkpoint", "all.json")
    assert (ran.code, ran.out.count("anchored by the checkpoint")) == (Exit.FINDINGS, 2)
    assert "the checkpoint names it, and no incident is called so" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)
    (tmp_path / "one.json").write_text(json.dumps(odd))
    assert crisis("verify", "--checkpoint", "one.json").code == Exit.FINDINGS


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        (lambda whole: whole[:8], "it has 8 characters"),
        (lambda whole: f"\x1b{whole[1:]}", "it has characters that none has"),
    ],
)
def test_a_hash_in_a_checkpoint_that_is_no_whole_one_is_said_to_be_none(
    crisis, tell, tmp_path: Path, digest, said: str
) -> None:
    tell(7).opened()
    kept = crisis("verify", "7", "--json").json
    (tmp_path / "checkpoint.json").write_text(json.dumps({**kept, "hash": digest(kept["hash"])}))
    ran = crisis("verify", "--checkpoint", "checkpoint.json")
    assert ran.code == Exit.FINDINGS
    assert f"the checkpoint's hash of event {kept['version']} is no whole one: {said}" in ran.out
    assert "rewritten" not in ran.out


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "nothing",
        "[" * 5_000,
        '{"incident": "INC-2026-0007", "version": true, "hash": ""}',
        "9" * 1_100_000,
        '{"incidents": []}',
        '{"incidents": [{"incident": "INC-2026-0007", "version": 1, "hash": ""}, {}]}',
    ],
)
def test_a_file_that_is_no_checkpoint_is_said_to_be_none(crisis, tell, tmp_path: Path, content: str) -> None:
    tell(7)
    (tmp_path / "file").write_text(content)
    ran = crisis("verify", "--checkpoint", "file")
    assert ran.code == Exit.FINDINGS
    assert "is not a checkpoint" in ran.err


def test_what_was_no_intact_record_anchors_nothing(crisis, tell, tmp_path: Path) -> None:
    tell(7)
    made = json.loads(crisis("verify", "--json").out)
    (tmp_path / "file").write_text(json.dumps(made | {"intact": False, "problems": ["event 3"]}))
    ran = crisis("verify", "--checkpoint", "file")
    assert ran.code == Exit.FINDINGS
    assert "was made of a record that was not intact" in ran.err


def test_a_checkpoint_that_is_not_there_is_not_found(crisis, tell) -> None:
    tell(7)
    assert crisis("verify", "--checkpoint", "gone.json").code == Exit.NOT_FOUND


# ── exit codes ──────────────────────────────────────────────────────────────


def test_the_table_of_exit_codes_is_the_one_in_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = [
        line.split("|")[1:3]
        for line in page.splitlines()
        if line.startswith("| ") and line.split("|")[1].strip().isdecimal()
    ]
    assert [(int(code), name.strip(" `")) for code, name in rows] == [(int(one), one.name) for one in Exit]
