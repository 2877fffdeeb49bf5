"""A text in the person's own editor."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from crisis.adapters.operator.stopping import stopped_by
from crisis.kernel.errors import Interrupted, Usage

#: How often we look whether we are told to stop while the editor is open, in seconds.
_BEAT = 0.3

#: What is looked for where nobody has said which editor they use; those that say how to leave them come first.
USUAL = ("sensible-editor", "nano", "micro", "vim", "vi", "emacs")

#: A command that can be looked up; whatever else stands in EDITOR is left to the shell.
_PLAIN = re.compile(r"[\w./+-]+")


def edited(text: str, name: str, told_to_stop: Callable[[], int], rescue: Callable[[str], None]) -> str:
    """`text` after the person has edited it in their editor.

    Raises Usage where there is none or it fails, Interrupted where `told_to_stop` gives a signal meanwhile; `rescue`
    then gets what had been saved in the editor.
    """
    editor = _editor()
    with tempfile.TemporaryDirectory(prefix="crisis-") as folder:
        page = Path(folder) / name
        page.write_text(text, encoding="utf-8", errors="replace", newline="")
        try:
            _run(editor, page, told_to_stop)
            return _text_in(page)
        except Interrupted:
            rescue(_text_in(page))
            raise
        except (OSError, ValueError) as error:
            if (saved := _text_in(page)) != text:
                rescue(saved)
            raise Usage(f"the editor {editor!r} did not work: {error}", hint="set EDITOR to one that does") from error


def _editor() -> str:
    """$VISUAL or $EDITOR, where that is on this machine; else the first of the usual ones that is."""
    said = (os.environ.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    for command in (*said, *USUAL):
        name = command.partition(" ")[0]
        if name and (not _PLAIN.fullmatch(name) or shutil.which(name)):
            return command
    raise Usage("there is no editor on this machine", hint="EDITOR may name one that is installed later")


def _text_in(page: Path) -> str:
    return page.read_bytes().decode("utf-8", errors="replace")


def _run(editor: str, page: Path, told_to_stop: Callable[[], int]) -> None:
    # EDITOR may carry options (`code --wait`), so a shell reads it, as git does. stdout is for data: where it
    # goes to a file, the editor writes to the terminal that the prompts are on.
    shown_on = None if sys.stdout is not None and sys.stdout.isatty() else 2
    command = ["/bin/sh", "-c", f'{editor} "$1"', "sh", str(page)]
    process = subprocess.Popen(command, stdout=shown_on)  # noqa: S603
    try:
        while True:
            try:
                code = process.wait(_BEAT)
                break
            except subprocess.TimeoutExpired:
                if number := told_to_stop():
                    raise stopped_by(number) from None
            except KeyboardInterrupt:
                # Ctrl-C belongs to the editor while it is open; whether it leaves is its own affair.
                continue
    finally:
        if process.poll() is None:
            _end(process)
    if code:
        raise OSError(f"it ended with {code}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
