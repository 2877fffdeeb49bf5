"""What is loaded when: a start that loads what it does not need is felt at every call."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crisis.adapters.shelf import BundledShelf

#: Heavy, and of no use before a command asks for it.
HEAVY = {"yaml", "pydantic", "jinja2", "questionary", "sqlite3", "httpx", "duckdb", "_duckdb", "polars", "matplotlib"}

WHAT_IS_LOADED = "import json, sys; print(); print(json.dumps(sorted(sys.modules)))"

#: Opens an incident with one step, so that there is something to show the situation of.
OPENED = """
from datetime import UTC, datetime
from pathlib import Path
from crisis.adapters.journal.sqlite import SqliteJournal
from crisis.engine.evolve import fold
from crisis.engine.look import agenda
from crisis.wiring.drilling import Playbooks, rehearse, scenarios
from crisis.projections.brief import brief_of
from crisis.runtime.ports import Envelope, Head

drilled = rehearse(scenarios(["something-else"], Path.cwd())[0], Playbooks(Path.cwd()))
begun = drilled.events[:100]
state = fold(begun)
brief = brief_of(drilled.plan, state, agenda(drilled.plan, state, state.at))
with SqliteJournal(Path("journal.db"), lambda: datetime(2026, 3, 7, tzinfo=UTC)) as journal:
    envelopes = [Envelope(seq=one.seq, at=one.at, who=one.who, via=one.via, event=one.event) for one in begun]
    head = Head(incident=state.id, version=len(begun), hash="", wakes_at=None, brief=brief)
    journal.append(state.id, 0, "c1", envelopes, head)
"""


def loaded(program: str, folder: Path) -> set[str]:
    """The modules in memory at the end of `program`, run by a fresh Python in `folder`."""
    env = {"HOME": str(folder), "LANG": "C.UTF-8", "CRISIS_JOURNAL": str(folder / "journal.db")}
    ended = subprocess.run(
        [sys.executable, "-c", f"{program}\n{WHAT_IS_LOADED}"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def heavy(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & HEAVY


def test_the_table_of_commands_loads_nothing_heavy_and_no_command(tmp_path: Path) -> None:
    modules = loaded("import crisis.cli.app", tmp_path)
    assert not heavy(modules)
    assert not {name for name in modules if name.startswith("crisis.") and not name.startswith(("crisis.cli",))}


def test_parsing_any_command_loads_nothing_heavy(tmp_path: Path) -> None:
    """Help imports every command module: each must take its use case only when it is called."""
    modules = loaded("from crisis.cli.app import build\nbuild(['--help'])", tmp_path)
    assert "crisis.cli.commands.start" in modules
    assert not heavy(modules)


def test_the_version_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    modules = loaded(
        "import sys\nsys.argv = ['crisis', '--version']\nfrom crisis.__main__ import main\nmain()", tmp_path
    )
    assert "typer" not in modules
    assert "crisis.cli" not in modules


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a journal in which an incident is open."""
    folder = tmp_path_factory.mktemp("begun")
    subprocess.run([sys.executable, "-c", OPENED], cwd=folder, check=True, timeout=60)
    return folder


@pytest.mark.parametrize("options", [[], ["--json"], ["--format", "md"], ["--check"]])
def test_status_loads_no_engine_and_nothing_to_read_or_render_playbooks_with(options: list[str], begun: Path) -> None:
    modules = loaded(f"from crisis.cli.run import run\nassert run(['status', *{options!r}]) in (0, 4)", begun)
    assert "crisis.adapters.journal.sqlite" in modules
    assert heavy(modules) <= {"sqlite3"}
    floors = ("crisis.engine", "crisis.kinds", "crisis.plan", "crisis.playbook", "crisis.messages", "crisis.checks")
    assert not {name for name in modules if name.startswith(floors)}
    assert not modules & {"msgspec", "prompt_toolkit", "babel", "regex", "crisis.runtime.ports"}


def test_checking_a_playbook_whose_texts_are_far_from_any_limit_loads_no_language(tmp_path: Path) -> None:
    """Loading how two languages write dates would be a tenth of it."""
    (tmp_path / "playbooks").mkdir()
    bundled = Path(BundledShelf().root) / "playbooks" / "product-defect.yaml"
    (tmp_path / "playbooks" / bundled.name).write_bytes(bundled.read_bytes())
    modules = loaded("from crisis.cli.run import run\nassert run(['check', 'playbooks']) == 0", tmp_path)
    assert "crisis.checks.bounds" in modules
    assert not modules & {"babel", "babel.core", "regex", "twitter_text", "pydantic"}


def test_detect_loads_the_engine_for_parquet_without_the_package_around_it(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("_duckdb")  # older ones have it within the package
    path = tmp_path / "export.parquet"
    duckdb.sql(f"COPY (SELECT TIMESTAMP '2026-03-10 14:00:00' AS time, 'one' AS text) TO '{path}' (FORMAT parquet)")
    modules = loaded("from crisis.cli.run import run\nassert run(['detect', 'export.parquet']) == 0", tmp_path)
    assert heavy(modules) == {"_duckdb"}


def test_detect_loads_nothing_that_is_of_use_to_other_exports_only(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("time,text\n2026-03-10 14:00:00,one\n")
    modules = loaded("from crisis.cli.run import run\nassert run(['detect', 'export.csv']) == 0", tmp_path)
    assert "crisis.wiring.detecting" in modules
    assert not modules & {"html", "zoneinfo", "crisis.kernel.diagnostics", "crisis.wiring.assessing"}
