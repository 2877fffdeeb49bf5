"""`crisis drill`: rehearse, with the same engine as a live incident."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def drill(
        scenario: Annotated[
            list[str] | None, typer.Argument(help="Drills, by name or file; left out: all.", show_default=False)
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
    ) -> None:
        """Rehearse drills on a virtual clock. Exit 1 if one fails, naming the expectation and the step."""
        from crisis.adapters.render.drills import as_document, as_lines
        from crisis.adapters.system import current_folder
        from crisis.cli.output import emit
        from crisis.kernel.errors import Exit
        from crisis.wiring.drilling import rehearse_all

        results = rehearse_all(scenario or (), current_folder())
        documents = [one.document() for one in results]
        emit(as_document(documents) if as_json else as_lines(documents))
        if not all(one.passed for one in results):
            raise typer.Exit(int(Exit.FINDINGS))
