"""`crisis measure`: read exports of monitoring tools into an open incident."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisis.cli.options import As, AsJson, JournalUrl, Which


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def measure(
        files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Exports of any tools, recognised.")],
        as_json: AsJson = False,
        tz: Annotated[str | None, typer.Option(help="Zone of times that carry none, like Europe/Berlin.")] = None,
        map_file: Annotated[Path | None, typer.Option("--map", help="What the columns mean.")] = None,
        estimate: Annotated[
            str | None,
            typer.Option("--estimate-sentiment", metavar="LANG", help="Where the tool gives none: en, no other."),
        ] = None,
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Record what monitoring says now. Says what changed, and what severity the playbook proposes."""
        from crisis.cli.output import emit_json, say
        from crisis.wiring import measuring
        from crisis.wiring.gathering import Wanted

        wanted = Wanted(files=files, tz=tz, map_file=map_file, estimate=estimate)
        answer = measuring.measure(wanted, incident, as_, journal, as_json=as_json)
        if isinstance(answer, str):
            say(answer)
        else:
            emit_json(answer)
