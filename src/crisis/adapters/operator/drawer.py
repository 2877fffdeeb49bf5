"""The drawer: texts that were edited and not sent yet, in files that only their owner may read.

An answer is in the journal once it is given; an edit is not an answer yet. It is kept here, so that leaving, a closed
terminal or a dead battery lose none of it, and thrown away once it is sent. Each person has pages of their own: nobody
sends what somebody else has only begun to write.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from crisis.adapters.operator.page import Page
from crisis.kernel.errors import CrisisError
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.text import one_line
from crisis.runtime.scene import ProposedText

#: Bytes. No page of texts comes near it, and what is larger was not written here.
LARGEST = 4_000_000


class Unkept(CrisisError):
    """The edit could not be written to the drawer."""


class _Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channel: str
    language: str
    text: str
    size: str
    problem: str
    promises: datetime | None
    made_from: str


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    anew: bool
    left_out: list[str]
    edits: list[_Edit]


class Drawer:
    """Pages by incident and message, of one person. Without a folder nothing is kept, and nothing is found."""

    def __init__(self, folder: Path | None = None, person: str = "") -> None:
        self.folder = folder
        self.person = fingerprint(person)[:8]

    def page(self, incident: str, message: str) -> Page:
        """The page as it was left, or an empty one; it is kept whenever it changes from now on."""
        page = self._found(incident, message)
        page.on_change = lambda changed: self.keep(incident, message, changed)
        return page

    def keep(self, incident: str, message: str, page: Page) -> None:
        """Keep the page as it is now. Raises Unkept."""
        if self.folder is None:
            return
        path, data = self._path(incident, message), msgspec.json.encode(_kept(page))
        try:
            if len(data) > LARGEST:
                raise OSError("it is too long")
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _put(path, data)
        except OSError as error:
            raise Unkept(
                f"your edit could not be kept in {one_line(str(path))}: {error.strerror or error}",
                hint="it is kept in memory only: send it, or copy it, before you leave",
            ) from error

    def throw_away(self, incident: str, message: str) -> None:
        """It was sent."""
        if self.folder is not None:
            self._remove([self._path(incident, message)])

    def clear(self, incident: str) -> None:
        """The incident is closed: nothing of it will be sent any more, whoever wrote it."""
        if self.folder is not None:
            self._remove(list(self.folder.glob(f"{incident}.*.json")))

    def _remove(self, paths: list[Path]) -> None:
        assert self.folder is not None  # noqa: S101  # asked for only where there is one
        with suppress(OSError):
            for path in paths:
                path.unlink(missing_ok=True)
            self.folder.rmdir()  # only when it was the last

    def _path(self, incident: str, message: str) -> Path:
        assert self.folder is not None  # noqa: S101  # asked for only where there is one
        return self.folder / f"{incident}.{message}.{self.person}.json"

    def _found(self, incident: str, message: str) -> Page:
        """What is in the file; where it cannot be understood it is put aside, and the page says where."""
        if self.folder is None:
            return Page()
        path = self._path(incident, message)
        try:
            return _page(msgspec.json.decode(_bytes_of(path), type=_Kept))
        except FileNotFoundError:
            return Page()
        except (OSError, ValueError, RecursionError) as error:
            aside = path.with_suffix(".unreadable")
            with suppress(OSError):
                path.replace(aside)
            return Page(trouble=f"what you had edited here cannot be read ({error}); it lies in {aside}")


def _kept(page: Page) -> _Kept:
    edits = [
        _Edit(
            channel=one.channel,
            language=one.language,
            text=one.text,
            size=one.size,
            problem=one.problem,
            promises=one.promises,
            made_from=page.made_from.get(place, ""),
        )
        for place, one in page.edits.items()
    ]
    return _Kept(anew=page.anew, left_out=sorted(page.left_out), edits=edits)


def _page(kept: _Kept) -> Page:
    page = Page(anew=kept.anew, left_out=frozenset(kept.left_out))
    for one in kept.edits:
        if one.promises is not None and one.promises.tzinfo is None:
            raise ValueError("a time has no zone")
        text = ProposedText(
            channel=one.channel,
            language=one.language,
            text=one.text,
            size=one.size,
            problem=one.problem,
            edited=True,
            promises=one.promises,
        )
        page.edits[text.place] = text
        page.made_from[text.place] = one.made_from
    return page


def _bytes_of(path: Path) -> bytes:
    """What is in a plain file of a size that was written here: no link is followed, and no pipe waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is no plain file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError("it is too long")
    return data


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the power goes."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
