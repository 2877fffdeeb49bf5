"""From a playbook's name to a plan that may be walked, or to the findings that forbid it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from crisis.adapters.render.findings import as_text
from crisis.adapters.shelf import shelves_of
from crisis.checks import rules
from crisis.engine.plan import Plan
from crisis.kernel.diagnostics import Finding, nearest
from crisis.kernel.errors import CrisisError, NotFound, Unreadable, Usage
from crisis.kernel.text import quoted
from crisis.plan.compile import compile_plan
from crisis.plan.load import Loaded, load_clocks, load_document, load_playbook
from crisis.playbook.documents import Organisation


class Faulty(CrisisError):
    """A file has findings that would hurt a walk."""

    def __init__(self, message: str, findings: Sequence[Finding], *, hint: str = "") -> None:
        super().__init__(f"{message}:\n{as_text(findings)}", hint=hint)
        self.findings = tuple(findings)


class Prepared(Struct, frozen=True, kw_only=True):
    """A plan, the files it was made from, and the people of the organisation."""

    plan: Plan
    sources: dict[str, bytes]
    organisation: Organisation | None


def prepare(name: str, project: Path) -> Prepared:
    """The plan of the playbook called `name`. Raises NotFound, Usage, or Faulty with every finding."""
    shelf = shelves_of(project)
    file = shelf.playbook(name)
    if file is None:
        known = startable(project)
        hint = nearest(name[:100], known) or f"known: {', '.join(known)}"
        raise NotFound(f"no playbook is called {quoted(name, 60)}", hint=hint)
    organisation, findings = organisation_of(project)
    clocks, of_clocks = load_clocks(shelf)
    # A fault in one text must not keep anybody from starting at night: it is said when that text is offered.
    loaded = load_playbook(file, shelf, rules, None, organisation=organisation, clocks=clocks)
    errors = [one for one in (*findings, *of_clocks, *loaded.findings) if one.is_error]
    if errors or loaded.book is None:
        raise Faulty(f"{name} cannot be walked", errors, hint="mend these; `crisis check` shows them, too")
    if loaded.book.playbook.abstract:
        raise Usage(f"{name!r} is only there to be built on", hint=f"start one of: {', '.join(startable(project))}")
    sources = dict(loaded.sources)
    if organisation is not None and (file := shelf.organisation()) is not None:
        sources[file.name] = file.data
    return Prepared(plan=compile_plan(loaded.book), sources=sources, organisation=organisation)


def organisation_of(project: Path) -> tuple[Organisation | None, tuple[Finding, ...]]:
    """`crisis.yaml` of the project, if there is one."""
    file = shelves_of(project).organisation()
    return load_document(file, Organisation) if file is not None else (None, ())


def startable(project: Path) -> tuple[str, ...]:
    """The playbooks that can be started, by what their files say of themselves; nothing is validated for this."""
    return tuple(titles(project))


def titles(project: Path) -> dict[str, str]:
    """The title of every playbook that can be started, by id; one that cannot be read is offered by its name."""
    from crisis.playbook.reader import read

    shelf, found = shelves_of(project), {}
    for name in shelf.playbooks():
        try:
            file = shelf.playbook(name)
        except Unreadable:
            file = None
        document = read(file.name, file.data)[0] if file is not None else None
        data = document.data if document is not None and isinstance(document.data, dict) else {}
        if data.get("abstract") != "true":
            title = data.get("title")
            found[name] = title if isinstance(title, str) else name
    return found


def unusable(names: Iterable[str], project: Path) -> dict[str, str]:
    """Those of the playbooks that cannot be walked as they are: how to see why."""
    found = {}
    for name in names:
        try:
            prepare(name, project)
        except CrisisError:
            found[name] = "cannot be used: `crisis check` says why"
    return found


__all__ = ["Faulty", "Loaded", "Prepared", "organisation_of", "prepare", "startable", "titles", "unusable"]
