"""`crisis list`: the incidents."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import AsJson, JournalUrl


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("list")
    def incidents(
        as_json: AsJson = False,
        everything: Annotated[bool, typer.Option("--all", help="The closed ones, too.")] = False,
        journal: JournalUrl = None,
    ) -> None:
        """List the incidents, newest first."""
        from crisis.adapters.operator.fitting import tell
        from crisis.adapters.render.listing import to_text
        from crisis.cli.output import emit_json, say
        from crisis.cli.run import raise_all
        from crisis.wiring import reading

        found, unread = reading.listing_of(journal, closed_too=everything)
        if as_json:
            emit_json(found)
        elif found["incidents"]:
            say(to_text(found, reading.zone_named))
        elif not unread:
            what = "There are no incidents." if everything else "No incident is open; --all shows the closed ones."
            tell(f"{what} Start one with: crisis start")
        raise_all(unread)
