"""What is wrong with a file of each kind, with the playbooks that several of them speak of read once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from crisis.adapters import templates as engine
from crisis.adapters.shelf import FolderShelf, Shelves
from crisis.adapters.system import SystemIds
from crisis.checks import rules
from crisis.checks.message import template_rules
from crisis.kernel.diagnostics import Diagnostic, Finding, nearest
from crisis.kernel.text import quoted
from crisis.plan.book import Book
from crisis.plan.compile import compile_plan
from crisis.plan.load import File, Loaded, load_clocks, load_playbook, locate
from crisis.playbook.documents import Clocks, Organisation, Scenario, Watch
from crisis.playbook.reader import Document, read
from crisis.playbook.validate import validate
from crisis.playbook.values import shown
from crisis.projections.foreseen import before_it_begins
from crisis.runtime.roster import members_of

_KINDS = ("Playbook", "Organisation", "Message", "Scenario", "Clocks", "Watch", "Knowledge")


class Books:
    """Playbooks as they are read here: with the organisation and the deadlines in law that lie beside them."""

    def __init__(self, shelves: Shelves) -> None:
        self.shelves = shelves
        self._loaded: dict[str, Loaded] = {}

    def load(self, file: File, shelves: Shelves) -> Loaded:
        """The playbook in `file`; what it builds on is looked for on `shelves`."""
        if file.name not in self._loaded:
            self._loaded[file.name] = load_playbook(
                file,
                shelves,
                rules,
                engine,
                organisation=self._organisation,
                clocks=self._clocks,
                template_rules=template_rules,
            )
        return self._loaded[file.name]

    @cached_property
    def _clocks(self) -> Clocks | None:
        return load_clocks(self.shelves)[0]

    @cached_property
    def _organisation(self) -> Organisation | None:
        file = self.shelves.organisation()
        document = read(file.name, file.data)[0] if file else None
        return validate(Organisation, document.data).value if document else None

    def around(self, path: Path) -> Shelves:
        """A playbook that lies in another project's folder is read with what lies there."""
        folder = path.resolve().parent
        if folder.name != "playbooks" or any(folder.parent == shelf.root.resolve() for shelf in self.shelves.shelves):
            return self.shelves
        return Shelves(FolderShelf(path.parent.parent), *self.shelves.shelves)


def of_clocks(document: Document) -> Iterator[Finding]:
    """Deadlines in law."""
    yield from locate(document, validate(Clocks, document.data).diagnostics)


def of_scenario(document: Document, books: Books) -> Iterator[Finding]:
    """A drill, and what it makes of its playbook."""
    validated = validate(Scenario, document.data)
    yield from locate(document, validated.diagnostics)
    scenario = validated.value
    if scenario is None:
        return
    from crisis.checks.organisation import organisation_rules
    from crisis.checks.scenario import scenario_rules

    name = scenario.playbook
    file = books.shelves.playbook(name)
    if file is None:
        text = f"no playbook is called {quoted(name, 60)}"
        hint = nearest(name[:100], books.shelves.playbooks())
        yield from locate(document, (Diagnostic("unknown-playbook", text, ("playbook",), hint),))
        return
    loaded = books.load(file, books.shelves)
    book = loaded.book
    if book is not None:
        yield from locate(document, scenario_rules(scenario, book))
        if not loaded.errors and not book.playbook.abstract:
            yield from locate(document, _of_script(scenario, book))
    if scenario.organisation is not None:
        for one in organisation_rules(scenario.organisation, [book] if book else []):
            under = Diagnostic(one.code, one.message, ("organisation", *one.path), one.hint, one.severity, one.at_key)
            yield from locate(document, (under,))


def of_organisation(document: Document, books: Books) -> Iterator[Finding]:
    """An organisation, and what every playbook asks of it."""
    from crisis.checks.organisation import organisation_rules

    validated = validate(Organisation, document.data)
    yield from locate(document, validated.diagnostics)
    if validated.value is not None:
        files = [books.shelves.playbook(name) for name in books.shelves.playbooks()]
        loaded = [books.load(file, books.shelves).book for file in files if file is not None]
        known = [book for book in loaded if book is not None]
        yield from locate(document, organisation_rules(validated.value, known, books.shelves.drills()))


def of_watch(document: Document, books: Books) -> Iterator[Finding]:
    """What is watched."""
    validated = validate(Watch, document.data)
    yield from locate(document, validated.diagnostics)
    if validated.value is not None:
        from crisis.wiring.watched import watch_rules

        yield from locate(document, watch_rules(validated.value, books.shelves.playbooks()))


def _of_script(scenario: Scenario, book: Book) -> Iterator[Diagnostic]:
    """What in a drill's script cannot be an answer, in the organisation that the drill brings along."""
    from crisis.wiring.answering import problems, wrong_facts

    plan = compile_plan(replace(book, organisation=scenario.organisation))
    people = members_of(scenario.organisation, SystemIds())[0] if scenario.organisation else ()
    for one in problems(scenario.answers, before_it_begins(plan, people, scenario.begins)):
        if one.code != "unknown-step":  # that is said already
            yield replace(one, path=("answers", *one.path))
    yield from wrong_facts(scenario.facts, plan, scenario.begins, ("facts",))
    for n, inject in enumerate(scenario.injects):
        yield from wrong_facts(inject.facts, plan, scenario.begins, ("injects", n, "facts"))


def of_unknown_kind(data: object, kind: object) -> Iterator[Diagnostic]:
    """A file that nobody can tell the kind of, or of which nobody checks more."""
    hint = "begin with apiVersion: crisis/v1 and kind: Playbook"
    if not isinstance(data, dict):
        yield Diagnostic("wrong-type", "this file is no map of keys and values", hint=hint)
    elif kind is None:
        yield Diagnostic(
            "missing-key", "'kind' is missing: nobody can tell what this file is", hint=f"one of {', '.join(_KINDS)}"
        )
    elif kind == "Knowledge":
        if data.get("apiVersion") != "crisis/v1":
            yield Diagnostic("missing-key", "'apiVersion' is missing", hint="add apiVersion: crisis/v1")
    else:
        known = nearest(str(kind)[:100], _KINDS)
        yield Diagnostic("unknown-kind", f"there is no kind of file called {shown(kind)}", ("kind",), known)
