"""`crisis` alone: where we stand and the one next thing to do; without an open incident, how to begin."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import JournalUrl


def register(app: typer.Typer) -> None:
    """Add what happens when no command is given, and --version."""

    @app.callback(invoke_without_command=True)
    def root(
        context: typer.Context,
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
        journal: JournalUrl = None,
    ) -> None:
        if version:
            from crisis import __version__

            typer.echo(f"crisis {__version__}")
        elif context.invoked_subcommand is None:
            _where_we_stand(context, journal)


def _where_we_stand(context: typer.Context, url: str | None) -> None:
    from crisis.adapters.render.situation import report
    from crisis.adapters.system import SystemClock
    from crisis.cli.output import emit_sections
    from crisis.projections.situation import situation
    from crisis.wiring import reading

    open_heads = [head for head in reading.journal(url).heads() if head.brief.get("closed_at") is None]
    if not open_heads:
        typer.echo(f"{context.get_help()}\n\nNo incident is open. Begin with: crisis start")
    for head in open_heads:
        brief = situation(head.brief, SystemClock().now())
        emit_sections(report(brief, None), mark="DRILL " if brief["drill"] else "")
        first = (brief["next_steps"] or [{"title": "nothing: wait for the others"}])[0]
        typer.echo(f"\nNext: {first['title']}. Go on with: crisis resume {head.incident}")
