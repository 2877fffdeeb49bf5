"""`crisis` alone: where we stand and the one next thing to do; without an open incident, how to begin."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from crisis.cli.options import JournalUrl


def register(app: typer.Typer) -> None:
    """Add what happens when no command is given, and --version."""

    @app.callback(invoke_without_command=True)
    def root(
        context: typer.Context,
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
        journal: JournalUrl = None,
    ) -> None:
        if version:
            from crisis import __version__

            typer.echo(f"crisis {__version__}")
        elif context.invoked_subcommand is None:
            _where_we_stand(context, journal)
        elif journal is not None:
            os.environ["CRISIS_JOURNAL"] = journal  # `crisis --journal X status` means the same as after the command


def _where_we_stand(context: typer.Context, url: str | None) -> None:
    from crisis.cli.run import raise_all
    from crisis.kernel.text import one_line, sentence
    from crisis.wiring import reading

    found, unread = reading.situations_of_open(url)
    if not found and not unread:
        typer.echo(f"{context.get_help()}\n\nNo incident is open. Begin with: crisis start")
    for brief in found:
        reading.show_status(brief)
        first = next(iter(brief["next_steps"]), {"title": "nothing, wait for the others"})
        go_on = f"crisis resume {one_line(brief['incident'], 40)}"
        typer.echo(f"\nNext: {sentence(one_line(first['title']))} Go on with: {go_on}")
    raise_all(unread)
