"""The table of commands. Only the command that is called is imported; help imports them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

import typer

#: Every verb and the module that registers it, in the order in which help shows them.
COMMANDS: Mapping[str, str] = {
    "start": "start",
    "resume": "resume",
    "status": "status",
    "list": "incidents",
    "note": "note",
    "fact": "fact",
    "severity": "severity",
    "measure": "measure",
    "approve": "approve",
    "reject": "approve",
    "publish": "publish",
    "close": "close",
    "timeline": "timeline",
    "checklist": "checklist",
    "postmortem": "postmortem",
    "verify": "verify",
    "check": "check",
    "playbook": "playbook",
    "schema": "schema",
    "drill": "drill",
    "detect": "detect",
    "watch": "watch",
}


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application, with the command that `arguments` call, or with all of them."""
    app = typer.Typer(
        name="crisis",
        help="Walk a crisis playbook from the first signal to the post-mortem. Start with: crisis start",
        no_args_is_help=False,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    import_module("crisis.cli.commands.root").register(app)
    called = next((word for word in arguments if not word.startswith("-")), "")
    modules = [COMMANDS[called]] if called in COMMANDS else list(dict.fromkeys(COMMANDS.values()))
    for module in modules:
        import_module(f"crisis.cli.commands.{module}").register(app)
    return app
