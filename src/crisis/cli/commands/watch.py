"""`crisis watch`: look at feeds as they come, and say when something is unusual."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def watch(
        file: Annotated[
            Path | None, typer.Argument(help="A file of kind Watch; left out: watch.yaml here.", show_default=False)
        ] = None,
        feed: Annotated[
            list[str] | None,
            typer.Option("--feed", metavar="URL", help="A feed, known by its address. May be repeated."),
        ] = None,
        word: Annotated[
            list[str] | None, typer.Option("--word", help="Of the feeds given here, only texts with it count.")
        ] = None,
        playbook: Annotated[
            str | None, typer.Option(help="Propose a severity by its rules.", show_default=False)
        ] = None,
        setting: Annotated[
            str | None, typer.Option(help="watchful, or quiet: fewer false alarms.", show_default=False)
        ] = None,
        estimate: Annotated[
            str | None,
            typer.Option("--estimate-sentiment", metavar="LANG", help="Where a feed gives none: en, no other."),
        ] = None,
        once: Annotated[bool, typer.Option("--once", help="Ask each feed once, and end: for cron.")] = False,
        for_: Annotated[
            str | None, typer.Option("--for", metavar="DURATION", help="End after that time, such as 2h.")
        ] = None,
        until: Annotated[
            str | None, typer.Option(metavar="TIME", help="End then: 07:30, or 2026-03-07T07:30.", show_default=False)
        ] = None,
        notify: Annotated[
            str, typer.Option(metavar="desktop|bell|none", help="How a proposal is brought to your notice.")
        ] = "bell",
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
        state: Annotated[
            Path | None,
            typer.Option(envvar="CRISIS_WATCH", help="Where it remembers; else the state folder.", show_default=False),
        ] = None,
    ) -> None:
        """Watch feeds and say when something is unusual. It opens no incident: it says how to."""
        from crisis.wiring.watching import How, Wanted
        from crisis.wiring.watching import watch as run

        wanted = Wanted(
            file=file,
            feeds=feed or (),
            words=word or (),
            playbook=playbook,
            setting=setting,
            estimate=estimate,
            state=state,
        )
        raise typer.Exit(run(wanted, How(once=once, for_=for_, until=until, as_json=as_json, notify=notify)))
