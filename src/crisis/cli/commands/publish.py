"""`crisis publish`: a second person posts the approved texts and keeps the links."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, JournalUrl, Which


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def publish(
        place: Annotated[
            str, typer.Argument(help="Where: x/en. Left out: what waits is shown, and asked for.", show_default=False)
        ] = "",
        link: Annotated[str, typer.Option(help="Where it can be seen now.", show_default=False)] = "",
        correct: Annotated[bool, typer.Option("--correct", help="The link that is recorded for it is wrong.")] = False,
        message: Annotated[str, typer.Option(help="Which message, where it may be several.", show_default=False)] = "",
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Show the texts to post; keep or correct the link of a post. Needs a person at a terminal."""
        from crisis.wiring.deciding import post

        typer.echo(post(place, link, correct, message, incident, as_, journal))
