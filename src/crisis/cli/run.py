"""Run a command and say how it went: the message, the hint, the exit code. No traceback reaches a person."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from crisis.cli import streams
from crisis.kernel.errors import CrisisError, Exit
from crisis.kernel.text import one_line, safe


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command that `arguments` call."""
    if sys.stdout is None or sys.stderr is None:
        streams.put_something_in_place_of_closed_ones()
    if os.environ.get("TZ"):
        _mind_the_zone()
    code = _carried_out(arguments)
    if (refusal := streams.refusal(sys.stdout)) is not None:
        code = code or _unwritten(refusal)
    streams.refusal(sys.stderr)
    return code


def raise_all(errors: Sequence[CrisisError]) -> None:
    """Say each of `errors`, and end as the last one does; nothing where there is none."""
    for error in errors[:-1]:
        _say_error(error)
    if errors:
        raise errors[-1]


def _say_error(error: CrisisError) -> None:
    say(f"{'' if error.exit == Exit.INTERRUPTED else 'crisis: '}{error.message}")
    if error.hint:
        say(f"  {error.hint}")


def _mind_the_zone() -> None:
    """Times in another zone than was meant look right: it is said, and nobody is kept from going on."""
    from crisis.adapters.system import without_odd_zone

    if odd := without_odd_zone():
        say(f"TZ={one_line(odd, 40)} is no time zone: times are in UTC")


def _carried_out(arguments: Sequence[str]) -> int:
    from crisis.cli.app import build

    try:
        result = build(arguments)(args=list(arguments), prog_name="crisis", standalone_mode=False)
    except CrisisError as error:
        _say_error(error)
        return int(error.exit)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has enough of it; that is no failure. The library of the command line turns the
        # first into the second, and makes no other.
        return 0
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001  # the last door: a bug ends in a log and exit 70, never in a traceback
        return _other(error)
    return int(result) if isinstance(result, int) else 0


def _unwritten(why: OSError) -> int:
    """Nothing of ours went wrong: whoever called is told that the output could not be written."""
    # Of a stream that was closed, a number of the system says less than the word.
    reason = "it is closed" if why.errno == errno.EBADF else (why.strerror or str(why)).lower()
    say(f"crisis: standard output cannot be written to: {reason}")
    say("  what was recorded is recorded; send the output somewhere else")
    return int(Exit.USAGE)


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
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        say(f"crisis: no file can have so long a name: {one_line(str(error.filename), 80)}")
        return int(Exit.USAGE)
    if isinstance(error, OSError) and _is_full(sys.stdout):
        return _unwritten(error)
    from crisis.cli.bug import report

    return report(error)


def _is_full(stream: TextIO) -> bool:
    """Whether nothing more can be written there: what could not be written once may be forgotten by now."""
    try:
        stream.write("\n")
        stream.flush()
    except (OSError, ValueError):
        return True
    return False
