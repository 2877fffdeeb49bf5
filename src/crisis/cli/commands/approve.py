"""`crisis approve` and `crisis reject`: a second person decides in a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from crisis.cli.options import As, JournalUrl, Which

Message = Annotated[str, typer.Argument(help="Which message; left out: the only one that waits.", show_default=False)]
Sheet = Annotated[
    str, typer.Option(help="The sheet you decide on, by the first signs of its fingerprint.", show_default=False)
]
Heard = Annotated[
    str, typer.Option("--verbal", help="Somebody else decided by phone: their id or name.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def approve(
        message: Message = "",
        sheet: Sheet = "",
        verbal: Heard = "",
        ask: Annotated[bool, typer.Option("--ask", help="Print a message to send and a call script.")] = False,
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Read the exact texts of a sheet and approve them. Needs a person at a terminal."""
        from crisis.cli.output import say
        from crisis.wiring import deciding

        if ask:
            say(deciding.what_to_send(message, incident, journal))
        else:
            say(deciding.decide_on("yes", message, sheet, verbal, "", incident, as_, journal))

    @app.command()
    def reject(
        message: Message = "",
        reason: Annotated[str, typer.Option(help="What must change.", show_default=False)] = "",
        sheet: Sheet = "",
        verbal: Heard = "",
        incident: Which = None,
        as_: As = "",
        journal: JournalUrl = None,
    ) -> None:
        """Refuse the texts of a sheet, with what must change. They go back to the draft."""
        from crisis.cli.output import say
        from crisis.wiring import deciding

        say(deciding.decide_on("no", message, sheet, verbal, reason, incident, as_, journal))
