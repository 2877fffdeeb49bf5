"""A bug of ours: a log to paste, and exit 70."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

from crisis import __version__
from crisis.cli.run import say
from crisis.kernel.errors import Exit


def report(error: Exception) -> int:
    """Write what happened to a file and say where it is. Answers of the incident are not in it."""
    log = Path(tempfile.mkdtemp(prefix="crisis-bug-")) / "log.txt"
    told = "".join(traceback.format_exception(error))
    log.write_text(f"crisis {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n\n{told}", encoding="utf-8")
    say(f"crisis: that is a bug in crisis ({type(error).__name__}). Everything answered before is saved.")
    say(f"  please send {log} to whoever looks after crisis; go on with `crisis resume`")
    return int(Exit.BUG)
