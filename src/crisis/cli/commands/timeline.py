"""`crisis timeline`: what happened, in order."""

from __future__ import annotations

import typer

from crisis.cli.options import AsJson, IncidentId, JournalUrl, MarkdownFormat, SameAsId


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def timeline(
        incident: IncidentId = None,
        same: SameAsId = None,
        as_json: AsJson = False,
        form: MarkdownFormat = None,
        journal: JournalUrl = None,
    ) -> None:
        """Tell what happened, event by event, from the journal."""
        from crisis.adapters.render import timeline as render
        from crisis.cli.output import emit, emit_json, form_of, say
        from crisis.projections import timeline as projection
        from crisis.wiring import cases

        chosen = form_of(as_json, form)
        opened = cases.case_of(journal, incident or same)
        entries = projection.timeline(opened.plan, opened.incident, opened.events, opened.zone)
        match chosen:
            case "json":
                emit_json(projection.as_json(entries))
            case "md":
                emit(render.to_markdown(opened.incident.id, opened.incident.title, entries, opened.zone))
            case "text":
                say(render.to_text(entries, opened.zone))
