"""`crisis close`: end an incident, whatever is left open."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, IncidentId, JournalUrl, SameAsId


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def close(
        incident: IncidentId = None,
        same: SameAsId = None,
        reason: Annotated[str, typer.Option(help="Why it is over.", show_default=False)] = "",
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Close an incident; what is left open is named in the log."""
        from crisis.cli.output import say
        from crisis.wiring.acting import close_incident

        say(close_incident(reason, incident or same, as_, journal))
