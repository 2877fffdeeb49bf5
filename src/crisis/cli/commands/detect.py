"""`crisis detect`: what exports of monitoring tools say, and whether it is unusual."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crisis.cli.options import AsJson, ChartFile


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def detect(
        files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Exports of any tools, recognised.")],
        as_json: AsJson = False,
        alerts: Annotated[bool, typer.Option("--alerts", help="Every moment that would have raised one.")] = False,
        setting: Annotated[str, typer.Option(help="watchful, or quiet: fewer false alarms.")] = "watchful",
        tz: Annotated[str | None, typer.Option(help="Zone of times that carry none, like Europe/Berlin.")] = None,
        map_file: Annotated[Path | None, typer.Option("--map", help="What the columns mean.")] = None,
        estimate: Annotated[
            str | None,
            typer.Option("--estimate-sentiment", metavar="LANG", help="Where the tool gives none: en, no other."),
        ] = None,
        playbook: Annotated[str | None, typer.Option(help="Propose a severity by its rules.")] = None,
        explain: Annotated[bool, typer.Option("--explain", help="What each rule says.")] = False,
        backtest: Annotated[
            bool, typer.Option("--backtest", help="When the playbook's rules would have held, and what bars are quiet.")
        ] = False,
        began: Annotated[
            list[str] | None, typer.Option(metavar="TIME", help="A known start, for --backtest. Repeatable.")
        ] = None,
        per_month: Annotated[
            float | None, typer.Option(metavar="N", help="False alarms wanted a month, for --backtest: 1, if left out.")
        ] = None,
        chart: ChartFile = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only what was understood, as a map.")] = False,
    ) -> None:
        """Say what is unusual in exports of monitoring tools. Mentions, sentiment and reach, against what is usual."""
        from crisis.cli.output import emit, emit_json
        from crisis.wiring import detecting
        from crisis.wiring.gathering import Wanted

        wanted = Wanted(files=files, tz=tz, map_file=map_file, setting=setting, estimate=estimate)
        show = detecting.Show(
            as_json=as_json,
            alerts=alerts,
            explain=explain,
            dry_run=dry_run,
            backtest=backtest,
            began=began or (),
            per_month=per_month,
            chart=chart,
        )
        answer = detecting.answer(wanted, show, playbook)
        if isinstance(answer, str):
            emit(answer)
        else:
            emit_json(answer)
