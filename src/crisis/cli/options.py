"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JournalUrl = Annotated[
    str | None,
    typer.Option("--journal", help="Where incidents are kept: a path or sqlite:///path. Else CRISIS_JOURNAL."),
]
IncidentId = Annotated[
    str | None, typer.Argument(metavar="[INCIDENT]", help="Which one; left out: the only open one.", show_default=False)
]
#: Where the incident is the argument, the option that other commands have for it is understood as well.
SameAsId = Annotated[str | None, typer.Option("--incident", "-i", hidden=True)]
Which = Annotated[str | None, typer.Option("--incident", "-i", help="Which incident; left out: the only open one.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
MarkdownFormat = Annotated[str | None, typer.Option("--format", help="md for Markdown.")]
As = Annotated[str, typer.Option("--as", envvar="CRISIS_AS", help="Who you are: an id or a name.", show_default=False)]
Accessible = Annotated[
    bool,
    typer.Option("--accessible", envvar="CRISIS_ACCESSIBLE", help="Plain numbered questions, nothing redrawn."),
]
ChartFile = Annotated[
    Path | None,
    typer.Option("--chart", metavar="FILE", help="Draw it there, as HTML or SVG; nobody's file is overwritten."),
]
