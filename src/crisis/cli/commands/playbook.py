"""`crisis playbook`: what playbooks there are, and what stands in one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from crisis.cli.options import AsJson, MarkdownFormat


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="See what playbooks there are, and what stands in one.", no_args_is_help=True)

    @group.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the playbooks of this folder and those of the program."""
        from crisis.adapters.render import playbooks as render
        from crisis.adapters.system import current_folder
        from crisis.cli.output import emit, emit_json
        from crisis.wiring.bookshelf import listed

        found = listed(current_folder())
        if as_json:
            emit_json(render.as_document(found))
        else:
            emit(render.as_lines(found))

    @group.command()
    def show(
        playbook: Annotated[str, typer.Argument(help="The playbook's id, or a file.")],
        form: MarkdownFormat = None,
    ) -> None:
        """Show one playbook on a page. Facts, severities, people, texts, and every step in its order."""
        from crisis.adapters.operator.fitting import columns_of
        from crisis.adapters.render import playbook_page as render
        from crisis.adapters.system import current_folder
        from crisis.cli.output import emit, form_of
        from crisis.kernel.errors import Usage
        from crisis.wiring.bookshelf import book_of

        chosen = form_of(False, form)
        if chosen == "json":
            raise Usage("a playbook is shown as text or md", hint="`crisis playbook list --json` is for programs")
        page = render.page_of(book_of(playbook, current_folder()))
        width = columns_of(sys.stdout) or render.WIDTH
        emit(render.to_markdown(page) if chosen == "md" else render.to_text(page, width))

    app.add_typer(group, name="playbook")
