"""`crisis note`: write something down, from any terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, JournalUrl, Which


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def note(
        text: Annotated[str, typer.Argument(help="Facts only, nothing that was said to counsel. - reads stdin.")],
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Write something down in the log of an incident."""
        from crisis.cli.output import say
        from crisis.wiring.acting import add_note

        say(add_note(text, incident, as_, journal))
