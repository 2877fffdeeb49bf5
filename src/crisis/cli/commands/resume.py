"""`crisis resume`: go on where an incident stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisis.cli.options import Accessible, As, IncidentId, JournalUrl, SameAsId


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def resume(
        incident: IncidentId = None,
        same: SameAsId = None,
        answers: Annotated[
            Path | None, typer.Option(help="YAML: a map from step to answer.", show_default=False)
        ] = None,
        as_: As = "",
        accessible: Accessible = False,
        journal: JournalUrl = None,
    ) -> None:
        """Go on with an incident where it stopped."""
        from crisis.wiring.starting import Request, go_on

        request = Request(answers=answers, me=as_, plain=accessible, journal=journal)
        raise typer.Exit(go_on(incident or same or "", request))
