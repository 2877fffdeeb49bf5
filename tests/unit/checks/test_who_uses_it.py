from __future__ import annotations

from pathlib import Path

import pytest

from crisis.adapters.shelf import BundledShelf, FolderShelf, Shelves, read_file
from crisis.checks import OF_ORGANISATION, RULES, rules, rules_of_organisation
from crisis.checks.survey import Survey
from crisis.kernel.diagnostics import Diagnostic
from crisis.plan.load import check, gather, load_clocks
from crisis.playbook.documents import Channel, Organisation

FAULTY = Path(__file__).parent.parent.parent / "fixtures" / "err"
SHELVES = Shelves(FolderShelf(FAULTY), BundledShelf())
PLAYBOOKS = [
    *(path for path in sorted(FAULTY.glob("*.yaml")) if b"\nkind: Playbook" in path.read_bytes()),
    *sorted((BundledShelf().root / "playbooks").glob("*.yaml")),
]
OURS = Organisation(
    apiVersion="crisis/v1",
    kind="Organisation",
    name="A name that is quite a bit longer than any text on a short channel has room for " * 5,
    languages=("nl",),
    channels=(Channel(id="pictures", kind="instagram", handle="@us"), Channel(id="x", kind="x", limit=40)),
)


def found(path: Path, organisation: Organisation | None) -> dict[str, list[Diagnostic]]:
    """What each rule says of the playbook when `organisation` uses it."""
    by_rule: dict[str, list[Diagnostic]] = {}
    clocks, _ = load_clocks(SHELVES)
    loaded = check(gather(read_file(path), SHELVES, None), lambda _: (), organisation=organisation, clocks=clocks)
    if loaded.book is not None:
        survey = Survey(loaded.book)
        for rule in RULES:
            by_rule[f"{rule.__module__}.{rule.__name__}"] = list(rule(survey))
    return by_rule


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_only_the_rules_that_say_so_ask_who_uses_a_playbook(path: Path) -> None:
    asking = {f"{rule.__module__}.{rule.__name__}" for rule in OF_ORGANISATION}
    anybody, ours = found(path, None), found(path, OURS)
    differing = {name for name in anybody if anybody[name] != ours[name]}
    assert differing <= asking


def test_an_organisation_can_make_a_sound_playbook_unfit() -> None:
    path = BundledShelf().root / "playbooks" / "product-defect.yaml"
    clocks, _ = load_clocks(SHELVES)
    gathered = gather(read_file(path), SHELVES, None)
    for asked in (rules, rules_of_organisation):
        loaded = check(gathered, asked, organisation=OURS, clocks=clocks)
        assert loaded.findings
        assert not check(gathered, asked, clocks=clocks).findings
