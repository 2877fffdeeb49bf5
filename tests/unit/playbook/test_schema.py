from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from crisis.cli.run import run
from crisis.kernel.errors import NotFound
from crisis.kinds import SPECS
from crisis.playbook.schema import KINDS, schema

CHECKOUT = Path(__file__).parent.parent.parent.parent
FILES = sorted(
    [
        *CHECKOUT.glob("playbooks/*.yaml"),
        *CHECKOUT.glob("playbooks/*/*.yaml"),
        *CHECKOUT.glob("templates/messages/*/message.yaml"),
        *CHECKOUT.glob("tests/fixtures/ok/*.yaml"),
        *CHECKOUT.glob("tests/fixtures/ok/playbooks/*.yaml"),
    ]
)
STEP = {"id": "a", "kind": "action", "phase": "response", "do": "A"}
PLAYBOOK: dict[str, Any] = {"apiVersion": "crisis/v1", "kind": "Playbook", "id": "p", "title": "P", "steps": [STEP]}


def faults(kind: str, data: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema(kind, SPECS))
    return sorted(error.message for error in validator.iter_errors(data))


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_schema_with_words_for_an_editor(kind: str) -> None:
    made = schema(kind, SPECS)
    jsonschema.Draft202012Validator.check_schema(made)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["title"]
    assert made["description"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_an_ordinary_validator_accepts_every_file_that_we_accept(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert faults(data["kind"].lower(), data) == []


@pytest.mark.parametrize(
    "change",
    [
        {"titel": "P"},
        {"apiVersion": "crisis/v2"},
        {"title": None},
        {"steps": [{**STEP, "dou": "x"}]},
        {"steps": [{**STEP, "kind": "acton"}]},
        {"steps": [{**STEP, "within": "10"}]},
        {"steps": [{"id": "a", "kind": "action", "phase": "response"}]},
        {"steps": [{"id": "a", "within": "10m"}]},
        {"steps": [{**STEP, "when": {"fact": "a", "severity": "SEV1"}}]},
        {"steps": [{**STEP, "when": {}}]},
        {"facts": {"Bad Name": {"type": "text", "prompt": "?"}}},
        {"facts": {"a": {"type": "text"}}},
        {"stand_down": {"criteria": [{"text": "Quiet for a day", "for": "a day"}]}},
        {"stand_down": {"criteria": [{"text": "Quiet for a day", "within": "1d"}]}},
        {"severity": {"SEV9": {}}},
        {"approvals": {"a": {"of": ["b"], "within": "1m", "expires": "1h", "quorum": "two"}}},
    ],
)
def test_what_we_refuse_it_refuses(change: dict[str, Any]) -> None:
    assert faults("playbook", PLAYBOOK) == []
    assert faults("playbook", {**PLAYBOOK, **change}) != []


def test_an_extending_playbook_writes_only_what_differs() -> None:
    data = {key: value for key, value in PLAYBOOK.items() if key != "steps"} | {"extends": "base"}
    assert faults("playbook", data) == []
    override = {"facts": {"a": {"prompt": "?"}, "b": None}, "steps": [{"id": "a", "within": "10m"}, STEP]}
    assert faults("playbook", {**data, **override}) == []
    assert faults("playbook", {**data, "steps": [{"id": "a", "withn": "10m"}]}) != []
    assert faults("playbook", {**data, "steps": [{"within": "10m"}]}) != []
    assert faults("playbook", {**data, "facts": {"a": {"promt": "?"}}}) != []


def test_extensions_are_welcome_everywhere() -> None:
    data = {**PLAYBOOK, "x-a": 1, "facts": {"x-b": [], "a": {"type": "text", "prompt": "?", "x-c": {}}}}
    assert faults("playbook", {**data, "steps": [{**STEP, "x-d": None, "when": {"fact": "a", "x-e": 1}}]}) == []


def test_what_a_yaml_reader_makes_of_unquoted_values_is_accepted() -> None:
    when = {"any": [{"fact": "a", "is": True}, {"signal": "s", "at_least": 5, "min_count": 3}]}
    assert faults("playbook", {**PLAYBOOK, "steps": [{**STEP, "when": when}]}) == []


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(NotFound):
        schema("plybook", SPECS)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "playbook"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "crisis playbook"
    assert run(["schema", "nothing"]) == 5
    assert "known:" in capsys.readouterr().err
