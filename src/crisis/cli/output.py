"""What goes to stdout: data. JSON for programs, text for people."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Literal, cast, get_args

Form = Literal["text", "md", "json"]


def form_of(as_json: bool, form: str | None, usual: Form = "text") -> Form:
    """What is wanted: `--json`, or `--format` text, md or json. Raises Usage for another."""
    if form is None:
        return "json" if as_json else usual
    if form not in get_args(Form) or (as_json and form != "json"):
        from crisis.kernel.errors import Usage

        raise Usage("--format is text, md or json, and --json is json", hint="leave one of the two out")
    return cast("Form", form)


def emit(text: str) -> None:
    """Write `text`; whoever stops reading (`| head`) has had enough, and that is no error."""
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except UnicodeEncodeError:
        # A terminal that cannot show a character gets it written out, never a traceback.
        encoding = sys.stdout.encoding or "ascii"
        emit(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Write `text` for a person: at a terminal its lines break between words."""
    from crisis.adapters.operator.fitting import for_terminal

    emit(for_terminal(text, sys.stdout))


def emit_json(document: Any) -> None:
    """Write one JSON document. Everything but ASCII is escaped: it moves no cursor, and breaks no encoding."""
    emit(json.dumps(document, indent=2))
