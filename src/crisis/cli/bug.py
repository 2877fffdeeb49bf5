"""A bug of ours: a log to paste, and exit 70."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

from crisis import __version__
from crisis.cli.run import say
from crisis.kernel.errors import Exit
from crisis.kernel.text import one_line


def report(error: Exception) -> int:
    """Write what happened to a file and say where it is. Answers of the incident are not in it."""
    say(f"crisis: that is a bug in crisis ({type(error).__name__}). Everything answered before is saved.")
    told = "".join(traceback.format_exception(error))
    try:
        log = Path(tempfile.mkdtemp(prefix="crisis-bug-")) / "log.txt"
        about = f"crisis {__version__}, Python {sys.version.split()[0]}, {sys.platform}"
        log.write_text(f"{about}\n\n{told}", encoding="utf-8")
    except OSError:
        # No room for a log: the last line of it says most.
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        say(f"  please tell whoever looks after crisis: {where} {one_line(str(error))}")
    else:
        say(f"  please send {log} to whoever looks after crisis; go on with `crisis resume`")
    return int(Exit.BUG)
