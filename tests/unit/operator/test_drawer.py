"""What was edited and not sent survives the program that it was edited in."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisis.adapters.operator.drawer import Drawer, Unkept
from crisis.adapters.operator.page import Page
from crisis.runtime.scene import ProposedText

PROMISE = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
PROPOSED = tuple(
    ProposedText(channel=channel, language=language, text=f"Stop, says {channel} in {language}.", promises=PROMISE)
    for channel in ("x", "press-release")
    for language in ("en", "pt-BR")
)
NAME = "INC-2026-0001.holding.1"

bodies = st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: text.replace("\r\n", "\n").strip())
written = st.dictionaries(st.sampled_from([one.place for one in PROPOSED]), bodies.filter(bool))


def folder_at(tmp_path: Path) -> Path:
    return tmp_path / "journal.db.drafts"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written)
def test_the_next_process_finds_the_page_as_it_was_left(tmp_path: Path, texts: dict[str, str]) -> None:
    left = Drawer(folder_at(tmp_path)).page(NAME)
    left.clear()
    left.write(texts, PROPOSED, {})
    found = Drawer(folder_at(tmp_path)).page(NAME)
    assert found == left
    assert found.texts(PROPOSED) == left.texts(PROPOSED)
    assert found.outdated(PROPOSED) == []


def test_what_is_left_out_is_kept_as_well(tmp_path: Path) -> None:
    Drawer(folder_at(tmp_path)).page(NAME).leave_out(frozenset({"x/en"}))
    assert Drawer(folder_at(tmp_path)).page(NAME).left_out == {"x/en"}


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    Drawer(folder_at(tmp_path)).page(NAME).write({"x/en": "Halt."}, PROPOSED, {})
    (file,) = folder_at(tmp_path).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder_at(tmp_path).stat().st_mode) == 0o700


def test_what_is_thrown_away_leaves_nothing_behind(tmp_path: Path) -> None:
    drawer = Drawer(folder_at(tmp_path))
    drawer.page(NAME).write({"x/en": "Halt."}, PROPOSED, {})
    drawer.throw_away(NAME)
    assert not folder_at(tmp_path).exists()
    assert drawer.page(NAME) == Page()


def test_starting_again_throws_it_away(tmp_path: Path) -> None:
    page = Drawer(folder_at(tmp_path)).page(NAME)
    page.write({"x/en": "Halt."}, PROPOSED, {})
    page.clear()
    assert not folder_at(tmp_path).exists()


@pytest.mark.parametrize("there", ["", "{", "[]", '{"edits": [1], "left_out": []}', "\xff", '{"edits": 3}'])
def test_a_file_that_cannot_be_understood_is_no_page(tmp_path: Path, there: str) -> None:
    folder = folder_at(tmp_path)
    folder.mkdir()
    (folder / f"{NAME}.json").write_bytes(there.encode("latin-1"))
    assert Drawer(folder).page(NAME) == Page()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said_and_the_edit_stays_in_memory(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    page = Drawer(folder_at(tmp_path)).page(NAME)
    with pytest.raises(Unkept, match="could not be kept"):
        page.write({"x/en": "Halt."}, PROPOSED, {})
    assert page.edits["x/en"].text == "Halt."


def test_a_file_where_the_folder_should_be_is_said_and_the_edit_stays_in_memory(tmp_path: Path) -> None:
    folder_at(tmp_path).write_text("mine")
    page = Drawer(folder_at(tmp_path)).page(NAME)
    with pytest.raises(Unkept, match="could not be kept"):
        page.write({"x/en": "Halt."}, PROPOSED, {})
    assert page.edits["x/en"].text == "Halt."
    assert folder_at(tmp_path).read_text() == "mine"
