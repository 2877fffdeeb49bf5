"""`crisis status`: the situation report, from one row of the journal."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import AsJson, IncidentId, JournalUrl, MarkdownFormat, SameAsId


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def status(
        incident: IncidentId = None,
        same: SameAsId = None,
        as_json: AsJson = False,
        form: MarkdownFormat = None,
        check: Annotated[bool, typer.Option("--check", help="Exit 4 if a clock is breached.")] = False,
        journal: JournalUrl = None,
    ) -> None:
        """Show where things stand. Severity, clocks, who is waited for, what has been said."""
        from crisis.cli.output import emit, emit_json, form_of, say
        from crisis.kernel.errors import Exit
        from crisis.projections.situation import breached
        from crisis.wiring import reading

        brief = reading.situation_of(journal, incident or same)
        match form_of(as_json, form):
            case "json":
                emit_json(brief)
            case "md":
                emit(reading.situation_report(brief, markdown=True))
            case _:
                say(reading.situation_report(brief))
        if check and breached(brief):
            raise typer.Exit(Exit.BREACHED)
