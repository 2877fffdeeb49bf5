"""Composition for `crisis playbook`: what playbooks there are, and what stands in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from crisis.adapters import templates as engine
from crisis.adapters.shelf import BundledShelf, FolderShelf, Shelves, read_file, shelves_of
from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import CrisisError, NotFound, Unreadable
from crisis.kernel.text import quoted
from crisis.plan.book import Book
from crisis.plan.load import load_clocks, load_playbook, read_playbook
from crisis.playbook.reader import read


class Listed(Struct, frozen=True, kw_only=True):
    """One playbook as the list shows it. `problem` says why nothing more can be told."""

    id: str
    title: str = ""
    type: str = ""
    definition: str = ""
    source: str
    file: str
    drills: tuple[str, ...] = ()
    problem: str = ""


def listed(project: Path) -> tuple[Listed, ...]:
    """Every playbook that can be started, by name; one that cannot be read is listed with its problem."""
    shelves = shelves_of(project)
    drills = _drills(shelves)
    return tuple(one for name in shelves.playbooks() for one in _listed(name, shelves, drills.get(name, ())))


def _listed(name: str, shelves: Shelves, drills: tuple[str, ...]) -> Iterator[Listed]:
    try:
        file = shelves.playbook(name)
    except CrisisError as error:
        yield Listed(id=name, source=_source(name, shelves), file="", drills=drills, problem=error.message)
        return
    if file is None:
        return
    written, findings = read_playbook(file, shelves)
    if written is None:
        problem = next((one.diagnostic.message for one in findings), "cannot be read")
        yield Listed(id=name, source=_source(name, shelves), file=file.name, drills=drills, problem=problem)
    elif not written.playbook.abstract:
        playbook = written.playbook
        yield Listed(
            id=name,
            title=playbook.title,
            type=playbook.about.type,
            definition=playbook.about.definition,
            source=_source(name, shelves),
            file=file.name,
            drills=drills,
            problem="has errors: run `crisis check`" if any(one.is_error for one in findings) else "",
        )


def _source(name: str, shelves: Shelves) -> str:
    return "project" if name in shelves.shelves[0].playbooks() and not _is_bundled(shelves.shelves[0]) else "bundled"


def _is_bundled(shelf: FolderShelf) -> bool:
    return shelf.root.resolve() == BundledShelf().root.resolve()


def _drills(shelves: Shelves) -> dict[str, tuple[str, ...]]:
    """For each playbook the names of its drills; what cannot be read is for `crisis check` to say."""
    found: dict[str, tuple[str, ...]] = {}
    for name in shelves.drills():
        try:
            file = shelves.drill(name)
        except CrisisError:
            continue
        document = read(file.name, file.data)[0] if file else None
        playbook = document.data.get("playbook") if document and isinstance(document.data, dict) else None
        if isinstance(playbook, str):
            found[playbook] = (*found.get(playbook, ()), name)
    return found


def book_of(name: str, project: Path) -> Book:
    """The playbook of that name, or in the file of that name, with its templates and clocks.

    Raises NotFound, or Unreadable where it has errors.
    """
    shelves = shelves_of(project)
    file = shelves.playbook(name)
    if file is None and (name.endswith((".yaml", ".yml")) or "/" in name):
        file = read_file(Path(name))
    if file is None:
        raise NotFound(f"no playbook is called {quoted(name, 60)}", hint=nearest(name[:100], shelves.playbooks()))
    clocks, _ = load_clocks(shelves)
    loaded = load_playbook(file, shelves, lambda book: (), engine, clocks=clocks)
    if loaded.book is None or loaded.errors:
        raise Unreadable(f"{file.name} has errors", hint=f"run `crisis check {file.name}`")
    return loaded.book
