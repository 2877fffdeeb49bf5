"""A text in the person's own editor."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from crisis.kernel.errors import Usage


def edited(text: str, name: str) -> str:
    """`text` after the person has edited it in $VISUAL or $EDITOR, else vi. Raises Usage where that fails."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="crisis-") as folder:
        page = Path(folder) / name
        page.write_text(text, encoding="utf-8")
        try:
            # EDITOR may carry options (`code --wait`), so a shell reads it, as git does.
            subprocess.run(["/bin/sh", "-c", f'{editor} "$1"', "sh", str(page)], check=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError) as error:
            raise Usage(f"the editor {editor!r} did not work: {error}", hint="set EDITOR to one that does") from error
        return page.read_text(encoding="utf-8", errors="replace")
