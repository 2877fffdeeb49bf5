"""`crisis fact`: set or correct a fact, from any terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, JournalUrl, Which


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def fact(
        setting: Annotated[
            str, typer.Argument(help="name=value; `not known yet` is a value, too.", metavar="NAME=VALUE")
        ],
        since: Annotated[str, typer.Option(help="When it became known: 25m ago, 02:36.", show_default=False)] = "",
        erase: Annotated[
            bool, typer.Option("--erase", help="Erase a sensitive value; NAME alone, with --reason.")
        ] = False,
        reason: Annotated[str, typer.Option(help="Why it is erased.", show_default=False)] = "",
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Set or correct a fact; whoever walks sees it at once."""
        from crisis.wiring.acting import erase_fact, set_fact

        if erase:
            typer.echo(erase_fact(setting, reason, incident, as_, journal))
        else:
            typer.echo(set_fact(setting, since, incident, as_, journal))
