from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from crisis.adapters.render.playbook_page import page_of, to_text
from crisis.cli.run import run
from crisis.wiring.bookshelf import book_of


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list_tells_what_each_is_for_and_how_it_is_rehearsed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["playbook", "list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    listed = {one["id"]: one for one in document["playbooks"]}
    assert {"product-defect", "unknown"} <= set(listed)
    assert "base" not in listed
    one = listed["product-defect"]
    assert one["title"] == "Product defect or safety problem"
    assert (one["source"], one["problem"]) == ("bundled", "")
    assert "weekend-recall" in one["drills"]
    assert one["definition"]


def test_a_playbook_that_cannot_be_read_is_listed_with_its_problem(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "playbooks").mkdir()
    (project / "playbooks" / "torn.yaml").write_text("a: [\n")
    own = "apiVersion: crisis/v1\nkind: Playbook\nid: own\ntitle: Our own\nextends: unknown\ntypo: 1\n"
    (project / "playbooks" / "own.yaml").write_text(own)
    assert run(["playbook", "list"]) == 0
    out = capsys.readouterr().out
    assert "torn\n" in out
    assert "! a bracket is opened here and never closed" in out
    assert "own  Our own" in out
    assert "project: playbooks/own.yaml" in out
    assert "! has errors: run `crisis check`" in out


def test_a_page_shows_all_that_is_to_be_known_before_it_is_needed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["playbook", "show", "product-defect"]) == 0
    out = capsys.readouterr().out
    for said in ("Who approves", "Has anyone been hurt", "SEV1 critical", "Steps: response", "Never", "Is it real?"):
        assert said in out
    assert "flowchart" not in out


def test_the_graph_names_every_step_in_quotes_and_the_table_stands_beside_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["playbook", "show", "unknown", "--format", "md"]) == 0
    out = capsys.readouterr().out
    graph = out.split("```mermaid\n")[1].split("```")[0].splitlines()
    assert graph[0] == "flowchart TD"
    node = r'  s\d+\["[^"]+"\]|  closed\(\["closed"\]\)'
    edge = r'  s\d+ (-->|-\.->)(\|"[^"]+"\|)? (s\d+|closed)'
    assert [line for line in graph[1:] if not re.fullmatch(f"{node}|{edge}", line)] == []
    assert "| triage |" in out


def test_text_from_a_playbook_does_nothing_where_it_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "playbooks").mkdir()
    title = '"]; click s0 \\"x\\" <script>`a` | b\\e[31m'.replace('"]', '\\"]')
    text = f'apiVersion: crisis/v1\nkind: Playbook\nid: own\ntitle: "{title}"\nextends: unknown\n'
    step = f'steps:\n  - {{id: verify, title: "{title}"}}\n'
    (project / "playbooks" / "own.yaml").write_text(text + step)
    assert run(["playbook", "show", "own", "--format", "md"]) == 0
    out = capsys.readouterr().out
    assert "\033" not in out
    assert "<script>" not in out
    graph = out.split("```mermaid\n")[1].split("```")[0]
    assert '"#quot;]; click s0 #quot;x#quot; #lt;script#gt;' in graph.replace("verify: ", "")


def test_what_is_not_there_is_not_found_and_the_nearest_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["playbook", "show", "product-defct"]) == 5
    assert "did you mean 'product-defect'?" in capsys.readouterr().err


def test_a_faulty_playbook_is_not_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "own.yaml").write_text("apiVersion: crisis/v1\nkind: Playbook\nid: own\ntitle: Own\ntypo: 1\n")
    assert run(["playbook", "show", "own.yaml"]) == 1
    assert "crisis check own.yaml" in capsys.readouterr().err


def test_a_page_is_no_document_for_programs(project: Path) -> None:
    assert run(["playbook", "show", "unknown", "--format", "json"]) == 2


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_a_page_cuts_nothing_off_however_narrow_it_is(width: int) -> None:
    page = page_of(book_of("product-defect", Path()))
    text = to_text(page, width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for part in page:
        # Letter by letter, since a word that is wider than its column goes on in the next line.
        letters = Counter("".join(cell for row in part.rows for cell in row).replace(" ", ""))
        assert not letters - Counter(to_text((part,), width))


def test_the_list_of_commands_says_what_each_does_to_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    for group in ([], ["playbook"]):
        assert run([*group, "--help"]) == 0
        said = capsys.readouterr().out.partition("Commands:")[2]
        assert said
        assert "..." not in said
