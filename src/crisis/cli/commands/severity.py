"""`crisis severity`: decide how bad it is, from any terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, JournalUrl, Which


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def severity(
        level: Annotated[str, typer.Argument(help="SEV1 (critical) to SEV4 (low).", metavar="SEV1|SEV2|SEV3|SEV4")],
        reason: Annotated[str, typer.Option(help="Why; needed for less than is proposed.", show_default=False)] = "",
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Decide how bad it is. Raising shortens the clocks."""
        from crisis.cli.output import say
        from crisis.wiring.acting import set_severity

        say(set_severity(level, reason, incident, as_, journal))
