"""`crisis schema KIND`: what an editor needs to complete and check the files people write."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def schema(
        kind: Annotated[str, typer.Argument(help="playbook, organisation, message, scenario, clocks or watch.")],
    ) -> None:
        """Print the JSON Schema (2020-12) of one kind of file."""
        from crisis.cli.output import emit_json
        from crisis.kinds import SPECS
        from crisis.playbook.schema import schema as made

        emit_json(made(kind, SPECS))
