"""`crisis check`: which files there are to check, and what was found in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from crisis.adapters import templates as engine
from crisis.adapters.shelf import (
    ORGANISATION,
    WATCH,
    FolderShelf,
    entries,
    read_file,
    read_template,
    shelves_of,
    shown,
    yaml_files,
)
from crisis.checks.message import template_rules
from crisis.kernel.diagnostics import Diagnostic, Finding, Position
from crisis.kernel.errors import CrisisError, NotFound
from crisis.kernel.text import one_line, quoted
from crisis.plan.load import File, locate
from crisis.plan.load import read_template as read_bodies
from crisis.playbook.reader import read
from crisis.wiring.checking import Books, of_clocks, of_organisation, of_scenario, of_unknown_kind, of_watch

#: Folders in folders are looked through so deep.
_DEEPEST = 6


_Key: TypeAlias = tuple[Position, str, str]


class Checked(Struct, frozen=True):
    """What `crisis check` found, in how many files: first in those one wrote, then in those of the program.

    `aside` are the warnings about what comes with the program, for those who did not ask for them.
    """

    findings: tuple[Finding, ...]
    files: int
    aside: tuple[Finding, ...] = ()

    @property
    def own(self) -> tuple[Finding, ...]:
        """All findings but those aside."""
        return self.findings[: len(self.findings) - len(self.aside)]

    @property
    def has_errors(self) -> bool:
        """Whether anything forbids to walk what was checked."""
        return any(one.is_error for one in self.findings)


def check(paths: Sequence[Path], project: Path) -> Checked:
    """Everything that is wrong with `paths`, or, without any, with the project's folder and all that is bundled.

    Raises NotFound for a path that does not exist.
    """
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise NotFound(
                f"there is nothing called {one_line(str(path))}", hint="give a YAML file, or a folder of them"
            )
    checker = _Checker(project)
    if paths:
        for path in paths:
            checker.add(path)
    else:
        for shelf in checker.shelves.shelves:
            checker.add_shelf(shelf)
    return checker.checked(asked_for=[_whole(path) for path in paths])


class _Checker:
    """Checks files one after the other; what two of them share is read once and said once."""

    def __init__(self, project: Path) -> None:
        self.shelves = shelves_of(project)
        self.findings: dict[_Key, Finding] = {}
        self._inherited: list[tuple[str, Finding]] = []
        self.seen: set[Path] = set()
        self.books = Books(self.shelves)

    def checked(self, asked_for: Sequence[Path]) -> Checked:
        """All findings in order. What only shows where a base is built upon names who builds on it."""
        heirs: dict[_Key, list[str]] = {}
        for name, one in self._inherited:
            heirs.setdefault(_key(one), []).append(name)
        inherited = {_key(one): one for _, one in self._inherited}
        for key, names in heirs.items():
            if key not in self.findings:
                one = inherited[key]
                said = f"{one.diagnostic.message} (in {', '.join(dict.fromkeys(names))})"
                self.findings[key] = replace(one, diagnostic=replace(one.diagnostic, message=said))
        found = sorted(self.findings.values(), key=lambda one: (one.position, one.diagnostic.code))
        bundled = {file for file in {one.position.file for one in found} if self._is_bundled(file, asked_for)}
        own = [one for one in found if one.position.file not in bundled]
        errors = [one for one in found if one.position.file in bundled and one.is_error]
        aside = [one for one in found if one.position.file in bundled and not one.is_error]
        return Checked((*own, *errors, *aside), len(self.seen), tuple(aside))

    def _is_bundled(self, file: str, asked_for: Sequence[Path]) -> bool:
        """Whether it comes with the program, and nobody asked for it by its path."""
        path = _whole(Path(file))
        folders = [shelf.root / name for shelf in self.shelves.shelves[1:] for name in ("playbooks", "templates")]
        return any(map(path.is_relative_to, map(_whole, folders))) and not any(map(path.is_relative_to, asked_for))

    # ── what there is to check ──

    def add_shelf(self, shelf: FolderShelf) -> None:
        """Everything that lies on one shelf."""
        root = shelf.root
        for folder in (root / "playbooks", root / "playbooks" / "drills", root / "playbooks" / "knowledge"):
            for path in self._listed(folder, yaml_only=True):
                self.file(path)
        for folder in self._listed(root / "templates" / "messages"):
            if (folder / "message.yaml").is_file():
                self.template(folder)
        for name in (ORGANISATION, WATCH):
            if (root / name).is_file():
                self.file(root / name)

    def add(self, path: Path) -> None:
        """A file, a template's folder, a project's folder, or a folder with any of them."""
        if not self._add(path, 0):
            message, hint = "this folder holds no YAML file", "give a file, or another folder"
            self._say(Finding(Diagnostic("nothing-to-check", message, hint=hint), Position(shown(path), 1, 1)))

    def _add(self, path: Path, depth: int) -> bool:
        """Whether there was anything to check."""
        if not path.is_dir():
            self.template(path.parent) if path.suffix == ".j2" else self.file(path)
            return True
        if (path / "message.yaml").is_file():
            self.template(path)
            return True
        inside = (
            one
            for one in self._listed(path)
            if (one.is_dir() and depth < _DEEPEST) or (one.suffix in (".yaml", ".yml") and one.is_file())
        )
        found = [self._add(one, depth + 1) for one in inside]
        return any(found)

    def _listed(self, folder: Path, *, yaml_only: bool = False) -> tuple[Path, ...]:
        try:
            return yaml_files(folder) if yaml_only else entries(folder)
        except CrisisError as error:
            self._say(_unreadable(folder, error))
            return ()

    # ── one of each ──

    def template(self, folder: Path) -> None:
        """A message template with its bodies."""
        if not self._is_new(folder / "message.yaml"):
            return
        try:
            files = read_template(folder)
        except CrisisError as error:
            self._say(_unreadable(folder, error))
            return
        if files is None:
            missing = Diagnostic(
                "nothing-to-check", "there is no message.yaml beside it", hint="write one, or give another file"
            )
            self._say(Finding(missing, Position(shown(folder), 1, 1)))
            return
        self.seen |= {(folder / name).resolve() for name in files}
        loaded, found = read_bodies(files, engine, template_rules)
        self._say(*found)
        if loaded is not None and loaded.message.id != folder.resolve().name:
            self._say(*self._misnamed(files["message.yaml"], loaded.message.id, folder.resolve().name, "folder"))

    def file(self, path: Path) -> None:
        """A YAML file of any kind."""
        if not self._is_new(path):
            return
        try:
            size = path.stat().st_size
            file = read_file(path)
        except (CrisisError, OSError) as error:
            self._say(_unreadable(path, error))
            return
        document, found = read(file.name, file.data)
        if document is None:
            self._say(*(_with_size(one, len(file.data), size) for one in found))
            return
        kind = document.data.get("kind") if isinstance(document.data, dict) else None
        match kind:
            case "Playbook":
                self._playbook(file, path)
            case "Scenario":
                self._say(*found, *of_scenario(document, self.books))
            case "Organisation":
                self._say(*found, *of_organisation(document, self.books))
            case "Clocks":
                self._say(*found, *of_clocks(document))
            case "Watch":
                self._say(*found, *of_watch(document, self.books))
            case "Message":
                self.seen.discard(path.resolve())
                self.template(path.parent)
            case _:
                self._say(*found, *locate(document, of_unknown_kind(document.data, kind)))

    def _playbook(self, file: File, path: Path) -> None:
        loaded = self.books.load(file, self.books.around(path))
        own = [one for one in loaded.findings if one.position.file == file.name]
        self._say(*own)
        name = loaded.book.playbook.id if loaded.book else path.stem
        self._inherited += [(name, one) for one in loaded.findings if one.position.file != file.name]
        if loaded.book is not None and path.parent.name == "playbooks" and loaded.book.playbook.id != path.stem:
            self._say(*self._misnamed(file, loaded.book.playbook.id, path.stem, "file"))

    def _is_new(self, path: Path) -> bool:
        whole = _whole(path)
        if whole in self.seen:
            return False
        self.seen.add(whole)
        return True

    def _misnamed(self, file: File, name: str, called: str, what: str) -> Iterator[Finding]:
        document, _ = read(file.name, file.data)
        if document is not None:
            text = f"this is {name!r}, and its {what} is called {quoted(called, 60)}: it would not be found"
            yield from locate(document, (Diagnostic("misnamed", text, ("id",), f"call both {name}"),))

    def _say(self, *found: Finding) -> None:
        for one in found:
            self.findings.setdefault(_key(one), one)


def _whole(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return path.absolute()


def _key(one: Finding) -> _Key:
    return one.position, one.diagnostic.code, one.diagnostic.message


def _unreadable(path: Path, error: Exception) -> Finding:
    hint = error.hint if isinstance(error, CrisisError) else "check its name and permissions"
    return Finding(Diagnostic("unreadable", one_line(str(error)), hint=hint), Position(shown(path), 1, 1))


def _with_size(found: Finding, read_bytes: int, size: int) -> Finding:
    """No more of a file is read than shows that it is too large; people are told how large it is."""
    one = found.diagnostic
    said = one.message.replace(f"{read_bytes:,} bytes", f"{size:,} bytes")
    return Finding(Diagnostic(one.code, said, one.path, one.hint, one.severity), found.position, found.source_line)
