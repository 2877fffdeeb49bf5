"""What was edited and not sent survives the program that it was edited in."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisis.adapters.operator.drawer import LARGEST, Drawer, Unkept
from crisis.adapters.operator.page import Page
from crisis.runtime.scene import Former, ProposedText

PROMISE = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
PROPOSED = tuple(
    ProposedText(channel=channel, language=language, text=f"Stop, says {channel} in {language}.", promises=PROMISE)
    for channel in ("x", "press-release")
    for language in ("en", "pt-BR")
)
NAME = ("0a1b", "holding")

bodies = st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: text.replace("\r\n", "\n").strip())
written = st.dictionaries(st.sampled_from([one.place for one in PROPOSED]), bodies.filter(bool))


def folder_at(tmp_path: Path) -> Path:
    return tmp_path / "journal.db.drafts"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written)
def test_the_next_process_finds_the_page_as_it_was_left(tmp_path: Path, texts: dict[str, str]) -> None:
    left = Drawer(folder_at(tmp_path)).page(*NAME)
    left.clear()
    left.write(texts, PROPOSED, {})
    found = Drawer(folder_at(tmp_path)).page(*NAME)
    assert found == left
    assert found.texts(PROPOSED) == left.texts(PROPOSED)
    assert found.outdated(PROPOSED) == []


def test_what_is_left_out_is_kept_as_well(tmp_path: Path) -> None:
    Drawer(folder_at(tmp_path)).page(*NAME).leave_out(frozenset({PROPOSED[0].place}), PROPOSED)
    assert Drawer(folder_at(tmp_path)).page(*NAME).left_out == {PROPOSED[0].place}


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    Drawer(folder_at(tmp_path)).page(*NAME).write({"x/en": "Halt."}, PROPOSED, {})
    (file,) = folder_at(tmp_path).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder_at(tmp_path).stat().st_mode) == 0o700


def test_what_is_thrown_away_leaves_nothing_behind(tmp_path: Path) -> None:
    drawer = Drawer(folder_at(tmp_path))
    drawer.page(*NAME).write({"x/en": "Halt."}, PROPOSED, {})
    drawer.throw_away(*NAME)
    assert not folder_at(tmp_path).exists()
    assert drawer.page(*NAME) == Page()


FORMER = Former((ProposedText(channel="x", language="en", text="As sent.", edited=True),))


def test_whoever_started_again_has_started_again_also_after_leaving(tmp_path: Path) -> None:
    page = Drawer(folder_at(tmp_path)).page(*NAME)
    page.take_up(FORMER, PROPOSED)
    assert page.texts(PROPOSED)[0].text == "As sent."
    page.clear()
    found = Drawer(folder_at(tmp_path)).page(*NAME)
    found.take_up(FORMER, PROPOSED)
    assert found.texts(PROPOSED) == list(PROPOSED)


def test_nobody_finds_what_somebody_else_has_begun_to_write(tmp_path: Path) -> None:
    Drawer(folder_at(tmp_path), "ana").page(*NAME).write({"x/en": "Halt."}, PROPOSED, {})
    bo = Drawer(folder_at(tmp_path), "bo").page(*NAME)
    assert bo == Page()
    bo.write({"x/en": "Wait."}, PROPOSED, {})
    assert Drawer(folder_at(tmp_path), "ana").page(*NAME).edits["x/en"].text == "Halt."


def test_nothing_of_another_incident_is_found_and_the_end_of_one_clears_it(tmp_path: Path) -> None:
    drawer = Drawer(folder_at(tmp_path))
    drawer.page("0a1b", "holding").write({"x/en": "Halt."}, PROPOSED, {})
    drawer.page("0a1b", "update").write({"x/en": "Halt."}, PROPOSED, {})
    drawer.page("9f", "holding").write({"x/en": "Wait."}, PROPOSED, {})
    drawer.clear("0a1b")
    assert drawer.page("0a1b", "holding") == Page()
    assert drawer.page("9f", "holding").edits["x/en"].text == "Wait."


def the_file(tmp_path: Path) -> Path:
    """Where the page lies."""
    Drawer(folder_at(tmp_path)).page(*NAME).write({"x/en": "Halt."}, PROPOSED, {})
    (file,) = folder_at(tmp_path).glob("*.json")
    return file


EDIT = '{"channel":"x","language":"en","text":"T","size":"","problem":"","promises":%s,"made_from":""}'


@pytest.mark.parametrize(
    "there",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 200_000,
        b'{"anew": false, "edits": [1], "left_out": []}',
        b"\xff",
        ('{"anew":false,"left_out":[],"edits":[%s]}' % (EDIT % '"2026-03-07T04:00:00"')).encode(),
        ('{"anew":false,"left_out":[],"edits":[%s]}' % (EDIT % "null")).replace('"T"', '"\\ud800"').encode(),
        b" " * (LARGEST + 1),
    ],
    ids=["empty", "cut", "a list", "deep", "no edit", "no text", "no zone", "half a character", "long"],
)
def test_a_file_that_cannot_be_understood_is_put_aside_and_said(tmp_path: Path, there: bytes) -> None:
    file = the_file(tmp_path)
    file.write_bytes(there)
    page = Drawer(folder_at(tmp_path)).page(*NAME)
    assert page.edits == {}
    assert "cannot be read" in page.trouble
    assert file.with_suffix(".unreadable").read_bytes() == there


@pytest.mark.parametrize("other", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_not_read(tmp_path: Path, other: str) -> None:
    file = the_file(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    match other:
        case "link":
            file.symlink_to(elsewhere)
        case "pipe":
            os.mkfifo(file)
        case _:
            file.mkdir()
    assert Drawer(folder_at(tmp_path)).page(*NAME).edits == {}


def test_what_could_not_be_read_again_is_not_kept(tmp_path: Path) -> None:
    page = Drawer(folder_at(tmp_path)).page(*NAME)
    with pytest.raises(Unkept, match="too long"):
        page.write({"x/en": "Halt. " * LARGEST}, PROPOSED, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said_and_the_edit_stays_in_memory(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    page = Drawer(folder_at(tmp_path)).page(*NAME)
    with pytest.raises(Unkept, match="could not be kept"):
        page.write({"x/en": "Halt."}, PROPOSED, {})
    assert page.edits["x/en"].text == "Halt."


def test_a_file_where_the_folder_should_be_is_said_and_the_edit_stays_in_memory(tmp_path: Path) -> None:
    folder_at(tmp_path).write_text("mine")
    page = Drawer(folder_at(tmp_path)).page(*NAME)
    with pytest.raises(Unkept, match="could not be kept"):
        page.write({"x/en": "Halt."}, PROPOSED, {})
    assert page.edits["x/en"].text == "Halt."
    assert folder_at(tmp_path).read_text() == "mine"
