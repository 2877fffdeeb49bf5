"""The drawer: texts that were edited and not sent yet, in files that only their owner may read.

An answer is in the journal once it is given; an edit is not an answer yet. It is kept here, so that leaving, a closed
terminal or a dead battery lose none of it, and thrown away once it is sent.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from crisis.adapters.operator.page import Page
from crisis.kernel.errors import CrisisError
from crisis.kernel.text import one_line
from crisis.runtime.scene import ProposedText

_LARGEST = 4_000_000  # bytes; no page of texts comes near it


class Unkept(CrisisError):
    """The edit could not be written to the drawer."""


class Drawer:
    """Pages by name, one file each. Without a folder nothing is kept, and nothing is found."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def page(self, name: str) -> Page:
        """The page of that name as it was left, or an empty one; it is kept whenever it changes from now on."""
        return Page(**self._found(name), on_change=lambda page: self.keep(name, page))

    def keep(self, name: str, page: Page) -> None:
        """Keep the page as it is now. Raises Unkept."""
        if self.folder is None:
            return
        if not page.is_touched():
            self.throw_away(name)
            return
        path = self._path(name)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _put(path, json.dumps(_written(page), ensure_ascii=False, indent=1))
        except OSError as error:
            raise Unkept(
                f"your edit could not be kept in {one_line(str(path))}: {error.strerror or error}",
                hint="it is kept in memory only: send it, or copy it, before you leave",
            ) from error

    def throw_away(self, name: str) -> None:
        """It was sent, or is no longer wanted."""
        if self.folder is not None:
            with suppress(OSError):
                self._path(name).unlink()
                self.folder.rmdir()  # only when it was the last

    def _path(self, name: str) -> Path:
        assert self.folder is not None  # noqa: S101  # asked for only where there is one
        return self.folder / f"{name}.json"

    def _found(self, name: str) -> dict[str, Any]:
        """What is in the file; nothing where there is none, or none that can be understood."""
        if self.folder is None:
            return {}
        try:
            with self._path(name).open("rb") as file:
                return _read(json.loads(file.read(_LARGEST).decode()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


def _written(page: Page) -> dict[str, Any]:
    return {
        "left_out": sorted(page.left_out),
        "edits": [
            {
                "channel": one.channel,
                "language": one.language,
                "text": one.text,
                "size": one.size,
                "problem": one.problem,
                "promises": one.promises.isoformat() if one.promises else None,
                "made_from": page.made_from.get(place, ""),
            }
            for place, one in page.edits.items()
        ],
    }


def _read(kept: Any) -> dict[str, Any]:
    edits, made_from = {}, {}
    for one in kept["edits"]:
        text = ProposedText(
            channel=str(one["channel"]),
            language=str(one["language"]),
            text=str(one["text"]),
            size=str(one["size"]),
            problem=str(one["problem"]),
            edited=True,
            promises=datetime.fromisoformat(one["promises"]) if one["promises"] else None,
        )
        edits[text.place] = text
        made_from[text.place] = str(one["made_from"])
    return {"edits": edits, "made_from": made_from, "left_out": frozenset(str(one) for one in kept["left_out"])}


def _put(path: Path, text: str) -> None:
    """Whole or not at all, also when the power goes."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
