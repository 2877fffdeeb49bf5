"""Where playbooks, templates, drills and knowledge lie: the project's folder first, then what is bundled."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from crisis.adapters.system import current_folder
from crisis.kernel.errors import NotFound, Unreadable
from crisis.kernel.text import one_line
from crisis.plan.load import File

#: One byte more than the reader takes is enough to be refused; nothing larger is loaded.
MOST_BYTES = 256 * 1024 + 1
#: A folder with more entries than this is no folder of playbooks.
MOST_ENTRIES = 2_000
_YAML = (".yaml", ".yml")
ORGANISATION = "crisis.yaml"
WATCH = "watch.yaml"


def read_file(path: Path) -> File:
    """The file, at most `MOST_BYTES` of it. Raises Unreadable, saying why."""
    name = shown(path)
    try:
        # Neither a pipe nor a device may be opened: reading them could wait for ever, or never end.
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "not a regular file"
            raise Unreadable(f"{name} is {kind}", hint="give a file, or a folder with YAML files")
        with path.open("rb") as opened:
            return File(name, opened.read(MOST_BYTES))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreadable(
            f"{name} cannot be read: {one_line(str(reason)).lower()}", hint="check its name and permissions"
        ) from None


def shown(path: Path) -> str:
    """The path as people are shown it: from the current folder where that is shorter."""
    try:
        return str(path.absolute().relative_to(current_folder()))
    except (ValueError, OSError, NotFound):
        return str(path)


class FolderShelf:
    """A folder with `playbooks/`, `playbooks/drills/`, `playbooks/knowledge/` and `templates/messages/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._playbooks = root / "playbooks"
        self._drills = self._playbooks / "drills"
        self._templates = root / "templates" / "messages"

    def playbook(self, name: str) -> File | None:
        """The playbook whose file is called so. Raises Unreadable."""
        return _fetch(self._playbooks, name)

    def playbooks(self) -> tuple[str, ...]:
        """The names of the playbooks, sorted."""
        return _stems(self._playbooks)

    def drill(self, name: str) -> File | None:
        """The scenario whose file is called so. Raises Unreadable."""
        return _fetch(self._drills, name)

    def drills(self) -> tuple[str, ...]:
        """The names of the scenarios, sorted."""
        return _stems(self._drills)

    def template(self, name: str) -> Mapping[str, File] | None:
        """The files of the template in the folder of that name; None where there is none. Raises Unreadable."""
        return read_template(self._templates / name) if _is_plain(name) else None

    def templates(self) -> tuple[str, ...]:
        """The names of the message templates, sorted."""
        return tuple(path.name for path in entries(self._templates) if (path / "message.yaml").is_file())

    def clocks(self) -> tuple[File, ...]:
        """The knowledge files of kind Clocks. Raises Unreadable."""
        return tuple(file for file in self.knowledge() if b"kind: Clocks" in file.data)

    def knowledge(self) -> tuple[File, ...]:
        """All knowledge files. Raises Unreadable."""
        return tuple(read_file(path) for path in yaml_files(self._playbooks / "knowledge"))

    def organisation(self) -> File | None:
        """`crisis.yaml`, if there is one. Raises Unreadable."""
        path = self.root / ORGANISATION
        return read_file(path) if path.is_file() else None

    def is_empty(self) -> bool:
        """Whether nothing of ours lies here."""
        return not (self._playbooks.is_dir() or self._templates.is_dir() or (self.root / ORGANISATION).is_file())


class BundledShelf(FolderShelf):
    """What comes with the program: inside the package when installed, beside `src` in a checkout."""

    def __init__(self) -> None:
        package = Path(__file__).resolve().parent.parent
        inside = package / "_data"
        super().__init__(inside if inside.is_dir() else package.parent.parent)


class Shelves:
    """Several shelves as one: the first that has a name wins."""

    def __init__(self, *shelves: FolderShelf) -> None:
        self.shelves = shelves

    def playbook(self, name: str) -> File | None:
        """The playbook of that name. Raises Unreadable."""
        return next((file for shelf in self.shelves if (file := shelf.playbook(name)) is not None), None)

    def playbooks(self) -> tuple[str, ...]:
        """The names of all playbooks, sorted."""
        return tuple(sorted({name for shelf in self.shelves for name in shelf.playbooks()}))

    def drill(self, name: str) -> File | None:
        """The scenario of that name. Raises Unreadable."""
        return next((file for shelf in self.shelves if (file := shelf.drill(name)) is not None), None)

    def drills(self) -> tuple[str, ...]:
        """The names of all scenarios, sorted."""
        return tuple(sorted({name for shelf in self.shelves for name in shelf.drills()}))

    def template(self, name: str) -> Mapping[str, File] | None:
        """The files of the template of that name. Raises Unreadable."""
        return next((files for shelf in self.shelves if (files := shelf.template(name)) is not None), None)

    def templates(self) -> tuple[str, ...]:
        """The names of all message templates, sorted."""
        return tuple(sorted({name for shelf in self.shelves for name in shelf.templates()}))

    def clocks(self) -> tuple[File, ...]:
        """The knowledge files of kind Clocks, the project's first. Raises Unreadable."""
        return tuple(file for shelf in self.shelves for file in shelf.clocks())

    def organisation(self) -> File | None:
        """The project's `crisis.yaml`; none is bundled. Raises Unreadable."""
        return self.shelves[0].organisation()


def shelves_of(project: Path) -> Shelves:
    """The project's folder, then what is bundled."""
    bundled = BundledShelf()
    if project.resolve() == bundled.root.resolve():
        return Shelves(FolderShelf(project))
    return Shelves(FolderShelf(project), bundled)


def read_template(folder: Path) -> Mapping[str, File] | None:
    """`message.yaml` and the bodies beside it, by file name; None where there is none. Raises Unreadable."""
    if not (folder / "message.yaml").is_file():
        return None
    names = ["message.yaml", *(path.name for path in entries(folder) if path.suffix == ".j2")]
    return {name: read_file(folder / name) for name in names}


def yaml_files(folder: Path) -> tuple[Path, ...]:
    """The YAML files that lie directly in the folder, sorted."""
    return tuple(path for path in entries(folder) if path.suffix in _YAML and path.is_file())


def entries(folder: Path) -> tuple[Path, ...]:
    """What lies in the folder, sorted, without what is hidden; nothing where there is no folder. Raises Unreadable."""
    return tuple(sorted(_entries(folder)))


def _entries(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            for count, entry in enumerate(found):
                if count >= MOST_ENTRIES:
                    raise Unreadable(
                        f"{shown(folder)} holds more than {MOST_ENTRIES:,} files", hint="is it the right folder?"
                    )
                if not entry.name.startswith("."):
                    yield folder / entry.name
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise Unreadable(
            f"{shown(folder)} cannot be listed: {str(error.strerror).lower()}", hint="check its permissions"
        ) from None


def _fetch(folder: Path, name: str) -> File | None:
    if not _is_plain(name):
        return None
    path = next((path for ending in _YAML if (path := folder / f"{name}{ending}").is_file()), None)
    return read_file(path) if path is not None else None


def _is_plain(name: str) -> bool:
    """Whether it is a name and not a way out of the folder; files are called by an id."""
    return 0 < len(name) <= 100 and name.isprintable() and not set(name) & set("/\\:") and not name.startswith(".")


def _stems(folder: Path) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.stem for path in yaml_files(folder)))
