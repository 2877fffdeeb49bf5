"""`crisis checklist`: what to do, as a task list; of a playbook, or of an incident."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import AsJson, JournalUrl


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def checklist(
        of: Annotated[
            str, typer.Argument(metavar="[PLAYBOOK|ID]", help="Left out: the only open incident.", show_default=False)
        ] = "",
        role: Annotated[str, typer.Option(help="Only what this role does.", show_default=False)] = "",
        phase: Annotated[str, typer.Option(help="Only this phase.", show_default=False)] = "",
        severity: Annotated[str, typer.Option(help="Only what applies at SEV1 … SEV4.", show_default=False)] = "",
        as_json: AsJson = False,
        journal: JournalUrl = None,
    ) -> None:
        """Print a Markdown task list, by phase. Of an incident with what was done, and by whom."""
        from crisis.adapters.render.checklist import to_markdown
        from crisis.cli.output import emit, emit_json
        from crisis.projections.checklist import Filter
        from crisis.projections.plain import document
        from crisis.wiring.reporting import checklist_of

        wanted = Filter(role=role, phase=phase, severity=severity.upper())
        made = checklist_of(journal, of, wanted)
        if as_json:
            emit_json(document(made))
        else:
            emit(to_markdown(made))
