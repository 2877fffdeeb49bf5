"""`crisis verify`: is the record still what was written?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisis.cli.options import AsJson, IncidentId, JournalUrl, SameAsId


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def verify(
        incident: IncidentId = None,
        same: SameAsId = None,
        checkpoint: Annotated[
            Path | None,
            typer.Option(
                "--checkpoint", metavar="FILE", help="What `verify --json` printed earlier.", show_default=False
            ),
        ] = None,
        as_json: AsJson = False,
        journal: JournalUrl = None,
    ) -> None:
        """Check every event, link and text of an incident. Exit 1 if anything is not as it was written.

        Without one, of all that are open.
        """
        from crisis.adapters.render.verdict import to_text
        from crisis.cli.output import emit_json, say
        from crisis.kernel.errors import Exit
        from crisis.wiring import verifying

        found = verifying.verify(journal, incident or same, checkpoint)
        if as_json:
            emit_json(verifying.as_document(found))
        else:
            say("".join(to_text(one.as_json()) for one in found))
        if any(one.problems for one in found):
            raise typer.Exit(Exit.FINDINGS)
