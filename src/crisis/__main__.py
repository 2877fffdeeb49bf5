"""The door: arguments in, exit code out. The only place that catches `CrisisError`."""

from __future__ import annotations

import sys

from crisis import __version__


def main() -> int:
    """Run the command line; returns the exit code of docs/exit-codes.md."""
    if sys.argv[1:] == ["--version"] and sys.stdout is not None:
        # Answered before anything is imported: scripts ask for it often.
        try:
            sys.stdout.write(f"crisis {__version__}\n")
            sys.stdout.flush()
        except OSError:
            pass  # said below, as for every command
        else:
            return 0
    import gc

    # Nearly all that a start makes stays until the end: looking through it every 700 objects finds nothing. So many
    # as this are some 50 MB, and no command but a long `watch` or `detect` makes them.
    gc.set_threshold(400_000, 20, 50)
    from crisis.cli.run import run

    code = run(sys.argv[1:])
    # Nor does looking through it before the process ends, which Python would do more than once.
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
