"""The Monitoring port over files, for a walk. Nothing of it is loaded before a file is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crisis.kernel.errors import Usage
from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from crisis.engine.commands import ReadSignals
    from crisis.runtime.desk import Case


class ExportedFiles:
    """Reads exports from where they lie on this machine."""

    def read(self, files: Sequence[str], case: Case) -> ReadSignals:
        """What the files say, by the rules of the incident's own plan. Raises CrisisError where they say nothing."""
        from crisis.wiring.gathering import Wanted
        from crisis.wiring.measuring import look, read

        looked = look(Wanted(files=[_path(one) for one in files]))
        return read(looked, case.plan.severity, case.incident.known_since).command


def _path(written: str) -> Path:
    """The path that somebody typed, or dragged into the terminal, which puts it in quotes."""
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~ of somebody who is not known here
        raise Usage(f"there is no such home: {one_line(text, 80)}", hint="write the whole path") from None
