"""`crisis check`: everything that is wrong with playbooks, templates, organisation and drills, at once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How findings are written."""

    text = "text"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def check(
        paths: Annotated[
            list[Path] | None,
            typer.Argument(metavar="[PATH]...", help="Files or folders; none: this folder and all that is bundled."),
        ] = None,
        format_: Annotated[Format, typer.Option("--format", help="For people, or for a program.")] = Format.text,
        everything: Annotated[
            bool, typer.Option("--all", help="The warnings about what comes with the program, too.")
        ] = False,
    ) -> None:
        """Look for every fault that would hurt a walk. Exit 1 if there is one."""
        from crisis.adapters.operator.fitting import tell
        from crisis.adapters.render import findings, terminal
        from crisis.adapters.system import current_folder
        from crisis.cli.output import emit
        from crisis.kernel.errors import Exit
        from crisis.wiring.authoring import check as run

        checked = run(paths or [], current_folder())
        if format_ is Format.json:
            emit(findings.as_json(checked.findings, checked.files))
        else:
            shown = checked.findings if everything else checked.own
            if shown:
                emit(findings.as_text(shown, colour=terminal.in_colour()))
            tell(findings.summary(checked.findings, checked.files))
            if len(shown) < len(checked.findings):
                tell(f"not shown: {findings.summary(checked.aside)} about what comes with the program (--all)")
        raise typer.Exit(Exit.FINDINGS if checked.has_errors else Exit.OK)
