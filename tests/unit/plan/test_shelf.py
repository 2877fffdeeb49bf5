from __future__ import annotations

import os
from pathlib import Path

import pytest

from crisis.adapters.shelf import MOST_BYTES, BundledShelf, FolderShelf, Shelves, read_file, shelves_of, shown
from crisis.kernel.errors import Unreadable


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("playbooks/drills", "playbooks/knowledge", "templates/messages/note"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "playbooks" / "base.yaml").write_text("own base")
    (tmp_path / "playbooks" / "mine.yml").write_text("mine")
    (tmp_path / "playbooks" / ".hidden.yaml").write_text("hidden")
    (tmp_path / "playbooks" / "drills" / "night.yaml").write_text("night")
    (tmp_path / "playbooks" / "knowledge" / "a.yaml").write_text("kind: Clocks\n")
    (tmp_path / "playbooks" / "knowledge" / "b.yaml").write_text("kind: Knowledge\n")
    (tmp_path / "templates" / "messages" / "note" / "message.yaml").write_text("note")
    (tmp_path / "templates" / "messages" / "note" / "en.j2").write_text("Hello")
    (tmp_path / "templates" / "messages" / "note" / "notes.txt").write_text("not ours")
    return tmp_path


def test_the_project_s_own_comes_before_what_is_bundled(project: Path) -> None:
    shelves = shelves_of(project)
    own, bundled = shelves.playbook("base"), shelves.playbook("unknown")
    assert own is not None
    assert bundled is not None
    assert (own.name, own.data) == ("playbooks/base.yaml", b"own base")
    assert {"base", "mine", "unknown", "product-defect"} <= set(shelves.playbooks())
    assert {"night", "weekend-recall"} <= set(shelves.drills())
    assert {"note", "holding-product"} <= set(shelves.templates())
    assert shelves.clocks()[0].name == "playbooks/knowledge/a.yaml"


def test_in_the_checkout_itself_nothing_is_listed_twice() -> None:
    assert len(shelves_of(BundledShelf().root).shelves) == 1


def test_a_template_is_its_message_and_its_bodies(project: Path) -> None:
    files = FolderShelf(project).template("note")
    assert files is not None
    assert {name: file.data for name, file in files.items()} == {"message.yaml": b"note", "en.j2": b"Hello"}
    assert FolderShelf(project).template("nothing") is None


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", ".hidden", "a/b", "", "a\x00b", "x" * 300])
def test_a_name_is_never_a_way_out_of_the_folder(project: Path, name: str) -> None:
    (project / "secret.yaml").write_text("secret")
    shelf = FolderShelf(project)
    assert shelf.playbook(name) is None
    assert shelf.drill(name) is None
    assert shelf.template(name) is None


def test_no_more_of_a_file_is_read_than_shows_that_it_is_too_large(project: Path) -> None:
    (project / "large.yaml").write_bytes(b"x" * 5_000_000)
    assert len(read_file(project / "large.yaml").data) == MOST_BYTES


@pytest.mark.parametrize("make", ["folder", "pipe", "loop", "missing"])
def test_what_is_no_file_is_refused_and_never_waited_for(project: Path, make: str) -> None:
    path = project / "thing"
    match make:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "loop":
            path.symlink_to(path)
    with pytest.raises(Unreadable, match="thing"):
        read_file(path)


def test_a_folder_that_holds_too_much_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.shelf.MOST_ENTRIES", 1)
    with pytest.raises(Unreadable, match="holds more than 1 files"):
        FolderShelf(project).playbooks()


def test_files_are_named_from_where_one_stands(project: Path) -> None:
    assert shown(project / "playbooks" / "base.yaml") == "playbooks/base.yaml"
    assert shown(Path("playbooks/base.yaml")) == "playbooks/base.yaml"
    assert shown(Path("/nowhere/a.yaml")) == "/nowhere/a.yaml"


def test_only_the_project_has_an_organisation(project: Path) -> None:
    assert shelves_of(project).organisation() is None
    (project / "crisis.yaml").write_text("ours")
    found = Shelves(FolderShelf(project)).organisation()
    assert found is not None
    assert found.data == b"ours"
