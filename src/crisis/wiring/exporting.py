"""The Monitoring port over files, for a walk. Nothing of it is loaded before a file is named."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crisis.kernel.errors import CrisisError, Usage
from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from crisis.engine.commands import ReadSignals
    from crisis.runtime.desk import Case

_QUOTES = "'\""
_ELSEWHERE = "in another terminal reads it into this incident; here: not now"


class ExportedFiles:
    """Reads exports from where they lie on this machine."""

    def read(self, files: Sequence[str], case: Case) -> ReadSignals:
        """What the files say, by the rules of the incident's own plan. Raises CrisisError where they say nothing."""
        from crisis.wiring.gathering import Wanted
        from crisis.wiring.measuring import look, read

        try:
            looked = look(Wanted(files=[_path(one) for one in files]))
        except CrisisError as error:
            error.hint = _hint(error, case.incident.id)
            raise
        return read(looked, case.plan.severity, case.incident.known_since).command


def _hint(error: CrisisError, incident: str) -> str:
    """What a walk has no options for, a command has."""
    from crisis.adapters.importers.errors import AmbiguousDates, NeedsZone, UnknownLayout

    match error:
        case NeedsZone():
            return f"`crisis measure FILE --tz Europe/Berlin -i {incident}` {_ELSEWHERE}"
        case UnknownLayout() | AmbiguousDates():
            return f"{error.hint}; `crisis measure FILE --map MAP -i {incident}` {_ELSEWHERE}"
        case _:
            return error.hint


def _path(written: str) -> Path:
    """The path that somebody typed, or dragged into the terminal, which quotes it or makes an address of it."""
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        text = text[1:-1]
    elif os.sep == "/" and not _is_there(text):
        text = re.sub(r"\\(.)", r"\1", text)
    if text.casefold().startswith("file://"):
        text = _of_address(text)
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~ of somebody who is not known here
        raise Usage(f"there is no such home: {one_line(text, 80)}", hint="write the whole path") from None


def _of_address(address: str) -> str:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        return url2pathname(urlsplit(address).path)
    except (OSError, ValueError):
        raise Usage(f"{one_line(address, 80)} is no file of this machine", hint="write its path") from None


def _is_there(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # whoever opens it says what is wrong
        return False
