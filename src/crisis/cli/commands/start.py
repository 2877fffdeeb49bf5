"""`crisis start`: open an incident and walk it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisis.cli.options import Accessible, As, JournalUrl


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def start(
        playbook: Annotated[
            str, typer.Argument(help="Which playbook; left out: you are asked.", show_default=False)
        ] = "",
        set_: Annotated[
            list[str] | None, typer.Option("--set", help="A fact, as name=value. May be repeated.", show_default=False)
        ] = None,
        severity: Annotated[str, typer.Option(help="SEV1 (critical) to SEV4 (low).", show_default=False)] = "",
        answers: Annotated[
            Path | None, typer.Option(help="YAML: a map from step to answer.", show_default=False)
        ] = None,
        from_signals: Annotated[
            list[Path] | None,
            typer.Option(
                metavar="FILE",
                help="An export of a monitoring tool: what it says is shown, proposed and kept. Repeatable.",
            ),
        ] = None,
        tz: Annotated[str | None, typer.Option(help="Zone of an export's times, like Europe/Berlin.")] = None,
        map_file: Annotated[Path | None, typer.Option("--map", help="What an export's columns mean.")] = None,
        as_: As = "",
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Check that it could begin; open nothing.")] = False,
        accessible: Accessible = False,
        journal: JournalUrl = None,
    ) -> None:
        """Open an incident and walk it to its post-mortem."""
        from crisis.wiring.starting import Request, begin

        request = Request(
            playbook=playbook,
            settings=tuple(set_ or ()),
            severity=severity,
            answers=answers,
            exports=tuple(from_signals or ()),
            tz=tz,
            map_file=map_file,
            me=as_,
            dry_run=dry_run,
            plain=accessible,
            journal=journal,
        )
        raise typer.Exit(begin(request))
