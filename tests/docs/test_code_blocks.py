"""What README and docs claim is run as written: commands with what they print, files, options, links."""

from __future__ import annotations

import html
import io
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crisis.cli.run import run
from crisis.kinds import SPECS
from crisis.messages.channels import CHANNEL_KINDS
from crisis.messages.wording import FILTERS
from crisis.playbook import conditions, documents, model
from crisis.wiring.preparing import prepare

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(path.relative_to(ROOT)) for path in DOCS]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: The first line of a block that is a file: `# playbooks/outage.yaml`, `{# templates/messages/outage/en.j2 #}`.
NAMED = re.compile(r"(?:# |\{# )([\w./-]+\.(?:yaml|j2))(?: #\})?\n")
EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass
class Block:
    """A fenced block and where it stands."""

    where: str
    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    page = path.read_text(encoding="utf-8")
    return [
        Block(f"{path.name}:{page.count(chr(10), 0, found.start()) + 1}", found[1], found[2])
        for found in FENCE.finditer(page)
    ]


class Shell:
    """Just enough of one for what the docs show: `crisis …`, `echo TEXT`, `cat FILE`, and `> FILE`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def run(self, command: str) -> tuple[int, str]:
        """The exit code, and what was said on stdout and stderr, in its order."""
        words = shlex.split(command, comments=True)
        into = None
        if ">" in words:
            *words, arrow, into = words
            assert arrow == ">", f"only `> FILE` at the end is understood: {command}"
        said, kept = io.StringIO(), io.StringIO()
        with self.monkeypatch.context() as here, open("/dev/null", encoding="utf-8") as nothing:
            here.setattr(sys, "stdin", nothing)
            here.setattr(sys, "stderr", said)
            here.setattr(sys, "stdout", said if into is None else kept)
            match words:
                case ["crisis", *arguments]:
                    code = run(arguments)
                case ["echo", *texts]:
                    code = 0
                    sys.stdout.write(" ".join(texts) + "\n")
                case ["cat", file]:
                    code = 0
                    sys.stdout.write(Path(file).read_text(encoding="utf-8"))
                case _:
                    pytest.fail(f"the docs show a command that is not tried: {command}")
        if into is not None:
            Path(into).write_text(kept.getvalue(), encoding="utf-8")
        return code, said.getvalue()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """An empty folder and a journal of its own; what is written outside of them fails."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CRISIS_JOURNAL", str(tmp_path / "journal.db"))
    for name in ("CRISIS_AS", "CRISIS_ACCESSIBLE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Shell(monkeypatch)


def shown(text: str) -> Iterator[tuple[str, int, str]]:
    """Each command of a console block, the exit code it should have, and what it should print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        code = EXIT.search(command)
        yield EXIT.sub("", command), int(code[1]) if code else 0, output


def fits(expected: str, actual: str) -> bool:
    """Whether it is what is shown; `...` stands for anything within a line, and alone for any number of lines."""
    lines = [
        r"(?:.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + r"[ \t]*\n"
        for line in expected.splitlines()
    ]
    return re.fullmatch("".join(lines), actual) is not None


def test_what_is_shown_fits_only_what_was_said() -> None:
    assert fits("a...c\n...\nend\n", "abc\n1\n2\nend\n")
    assert fits("one\n...\n", "one\n")
    assert not fits("a...c\n", "abc\nd\n")
    assert not fits("INC-1 (x)\n", "INC-1 [x]\n")


@pytest.mark.parametrize("page", DOCS, ids=NAMES)
def test_every_block_of_a_page_does_what_it_shows(page: Path, shell: Shell) -> None:
    later: list[tuple[Block, str]] = []
    for block in blocks(page):
        if named := NAMED.match(block.text):
            path = Path(named[1])
            path.parent.mkdir(parents=True, exist_ok=True)
            is_yaml = path.suffix == ".yaml"
            path.write_text(block.text if is_yaml else block.text[named.end() :], encoding="utf-8")
        if block.language == "sh":  # shown without what it prints: tried last, when an incident is open
            later += [(block, line) for line in block.text.splitlines() if line.startswith("crisis ")]
        if block.language != "console":
            continue
        for command, wanted, expected in shown(block.text):
            code, said = shell.run(command)
            assert code == wanted, f"{block.where}: {command} ends with {code}, not {wanted}:\n{said}"
            assert fits(expected, said), f"{block.where}: {command} says\n{said}\nand not\n{expected}"
    for block, command in later:
        code, said = shell.run(command)
        assert code == 0, f"{block.where}: {command} ends with {code}:\n{said}"
    if list(Path().rglob("*.yaml")):
        code, said = shell.run("crisis check")
        assert (code, said.startswith("no findings")) == (0, True), f"{page.name}: {said}"


@pytest.mark.parametrize("page", DOCS, ids=NAMES)
def test_every_command_and_option_that_is_named_exists(page: Path, shell: Shell) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for span in re.findall(r"`(crisis [^`]+)`", text):
        _, *words = span.replace("…", "").split()
        command = words[:2] if words and words[0] == "playbook" else [w for w in words[:1] if not w.startswith("-")]
        code, help_text = shell.run(shlex.join(["crisis", *command, "--help"]))
        assert code == 0, f"{page.name}: `{span}`: {help_text}"
        for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", span):
            assert re.search(rf"{option}\b", help_text), f"{page.name}: `{span}` has no {option}"


@pytest.mark.parametrize("page", DOCS, ids=NAMES)
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_both_commands_of_the_readme_stand_alone_in_a_block() -> None:
    begin = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/crisis start\n"
    tests = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest\n"
    assert [block.text for block in blocks(ROOT / "README.md") if block.language == "sh"][:2] == [begin, tests]


def test_the_recorded_first_minute_asks_what_the_playbook_asks_today() -> None:
    """Where this fails, record it again: docs/record/first-minute.py says how."""
    shown_there = html.unescape(re.sub("<[^>]+>", "", (ROOT / "docs" / "first-minute.svg").read_text("utf-8")))
    prepared = prepare("product-defect", ROOT)
    (facts,) = (step for step in prepared.plan.steps if step.id == "facts")
    assert facts.spec.facts
    for name in facts.spec.facts:
        assert prepared.plan.facts[name].prompt in shown_there
    assert "NOTHING POSTED" in shown_there


def described_keys() -> Iterator[tuple[str, str]]:
    """Every key that may be written, with the class it belongs to."""
    of_model = [one for module in (model, documents, conditions) for one in vars(module).values()]
    classes = {one for one in (*of_model, *SPECS.values()) if hasattr(one, "__dataclass_fields__")}
    for one in sorted(classes, key=lambda cls: str(cls.__name__)):
        for name in one.__dataclass_fields__:
            yield one.__name__, name.removesuffix("_")


def test_the_reference_describes_every_key_and_every_kind_of_step() -> None:
    page = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    missing = [f"{cls}.{key}" for cls, key in described_keys() if f"`{key}`" not in page]
    assert missing == []
    assert [kind for kind in SPECS if f"| `{kind}` |" not in page] == []
    assert [name for name in FILTERS if f"`{name}`" not in page] == []
    assert [name for name in CHANNEL_KINDS if f"`{name}`" not in page] == []


def test_the_reference_gives_every_outcome_of_every_kind_of_step() -> None:
    from crisis.kinds import KINDS

    page = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    rows = {row[0]: row[1] for row in re.findall(r"^\| `([\w-]+)` \|[^|]*\|([^|]*)\|$", page, re.MULTILINE)}
    for name, kind in KINDS.items():
        if name == "decision":
            continue  # its outcomes are its options
        for outcome in kind.outcomes(None):
            assert f"`{outcome}`" in rows[name], f"{name}: {outcome}"
