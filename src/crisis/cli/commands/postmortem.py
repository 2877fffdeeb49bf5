"""`crisis postmortem`: what happened and what changes now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisis.cli.options import AsJson, IncidentId, JournalUrl, MarkdownFormat, SameAsId


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def postmortem(
        incident: IncidentId = None,
        same: SameAsId = None,
        output: Annotated[
            Path | None,
            typer.Option(
                "--output",
                "-o",
                metavar="FILE",
                help="Write it there; a file that a person has changed is never overwritten.",
                show_default=False,
            ),
        ] = None,
        as_json: AsJson = False,
        form: MarkdownFormat = None,
        journal: JournalUrl = None,
    ) -> None:
        """Write the post-mortem, as Markdown or JSON. Times against clocks, texts and approvals, lessons, actions."""
        from crisis.adapters.extras import installing
        from crisis.adapters.operator.fitting import tell
        from crisis.adapters.render.keep import write
        from crisis.cli.output import emit, form_of
        from crisis.wiring import cases, reporting

        chosen = form_of(as_json, form, "md")
        case = cases.case_of(journal, incident or same)
        if output is None:
            emit(reporting.postmortem_text(case, as_json=chosen == "json"))
            return
        if chosen == "json":
            write(output, reporting.postmortem_text(case, as_json=True))
            tell(f"Written: {output}")
            return
        chart = reporting.save_postmortem(case, output)
        tell(f"Written: {output}")
        if chart is not None:
            tell(f"Its chart: {chart}")
        elif reporting.lacks_library(case):
            tell(f"Without a chart of the figures, which a library draws: {installing('chart')}")
