"""`crisis fact`: see, set or correct the facts, from any terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, AsJson, JournalUrl, Which


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def fact(
        setting: Annotated[
            str,
            typer.Argument(
                help="`not known yet` is a value, too. Left out: all facts are listed.",
                metavar="[NAME=VALUE]",
                show_default=False,
            ),
        ] = "",
        since: Annotated[str, typer.Option(help="When it became known: 25m ago, 02:36.", show_default=False)] = "",
        erase: Annotated[
            bool, typer.Option("--erase", help="Erase a sensitive value; NAME alone, with --reason.")
        ] = False,
        reason: Annotated[str, typer.Option(help="Why it is erased.", show_default=False)] = "",
        as_json: AsJson = False,
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Set or correct a fact; whoever walks sees it at once. Without one, list what is known."""
        from crisis.cli.output import say
        from crisis.wiring.acting import erase_fact, set_fact

        if not setting:
            _listed(journal, incident, as_json=as_json)
        elif erase:
            say(erase_fact(setting, reason, incident, as_, journal))
        else:
            say(set_fact(setting, since, incident, as_, journal))


def _listed(journal: str | None, incident: str | None, *, as_json: bool) -> None:
    from crisis.cli.output import emit_json, say
    from crisis.projections.facts import fact_lines, to_text
    from crisis.projections.plain import SCHEMA_VERSION, plain
    from crisis.wiring.cases import case_of

    opened = case_of(journal, incident)
    lines = fact_lines(opened.plan, opened.incident, opened.events, opened.zone)
    if as_json:
        emit_json({"schema_version": SCHEMA_VERSION, "incident": opened.incident.id, "facts": plain(lines)})
    else:
        say(to_text(lines, opened.zone))
