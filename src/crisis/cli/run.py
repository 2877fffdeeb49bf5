"""Run a command and say how it went: the message, the hint, the exit code. No traceback reaches a person."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from crisis.kernel.errors import CrisisError, Exit
from crisis.kernel.text import safe


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command that `arguments` call."""
    from crisis.cli.app import build

    try:
        result = build(arguments)(args=list(arguments), prog_name="crisis", standalone_mode=False)
        with suppress(BrokenPipeError):
            sys.stdout.flush()
    except CrisisError as error:
        say(f"{'' if error.exit == Exit.INTERRUPTED else 'crisis: '}{error.message}")
        if error.hint:
            say(f"  {error.hint}")
        return int(error.exit)
    except BrokenPipeError:
        # Whoever read our output has enough of it; that is no failure.
        with suppress(OSError):
            sys.stdout.close()
        return 0
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001  # the last door: a bug ends in a log and exit 70, never in a traceback
        return _other(error)
    return int(result) if isinstance(result, int) else 0


def say(text: str) -> None:
    """A line to stderr, made safe; a terminal that is gone is no reason to fail."""
    from crisis.adapters.operator.fitting import tell

    with suppress(OSError, ValueError):
        tell(safe(text))
        sys.stderr.flush()


def _other(error: Exception) -> int:
    """A usage error of the command-line library, or a bug of ours."""
    show = getattr(error, "format_message", None)
    if show is not None and hasattr(error, "exit_code"):
        say(f"crisis: {show()}")
        say("  `crisis --help` shows the commands, `crisis COMMAND --help` their options")
        return int(Exit.USAGE)
    if type(error).__name__ in ("Exit", "Abort"):
        return int(getattr(error, "exit_code", Exit.INTERRUPTED))
    from crisis.cli.bug import report

    return report(error)
