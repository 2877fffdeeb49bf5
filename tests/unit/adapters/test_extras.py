"""What is said of a library that is missing names no package that may be somebody else's."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from crisis.adapters.extras import installing

ROOT = Path(__file__).parents[3]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_every_library_of_an_extra_is_named_and_this_program_is_not(extra: str) -> None:
    told = installing(extra)
    assert [one for one in EXTRAS[extra] if one.partition(">")[0].lower() not in told.lower()] == []
    assert "crisis[" not in told


def test_without_what_an_installation_says_of_itself_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> None:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", unknown)
    assert installing("chart") == "install what pyproject.toml lists under the extra chart"


def test_nowhere_is_anybody_told_to_install_this_program_by_its_name() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.py")]
    assert [page.name for page in pages if re.search(r"install '?crisis\b", page.read_text(encoding="utf-8"))] == []
