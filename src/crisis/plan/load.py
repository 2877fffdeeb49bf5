"""From files to a checked plan: read, extend, validate, check, compile. All findings come back at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from crisis.kernel.diagnostics import Diagnostic, Finding, Position, nearest
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.text import safe
from crisis.kinds import SPECS
from crisis.plan.book import ALWAYS_GIVEN, Book, LoadedTemplate, TemplateEngine
from crisis.playbook.documents import Clocks, Message, Organisation
from crisis.playbook.merge import extend
from crisis.playbook.reader import Document, read
from crisis.playbook.validate import validate, validate_playbook

T = TypeVar("T")

#: How many playbooks may stand on each other's shoulders.
DEEPEST_EXTENDS = 8


@dataclass(frozen=True, slots=True)
class File:
    """A file as it lies there: the name people know it by, and its bytes."""

    name: str
    data: bytes


class Shelf(Protocol):
    """Where playbooks, templates and knowledge lie: first the project's own, then what is bundled."""

    def playbook(self, name: str) -> File | None:
        """The playbook of that id."""

    def playbooks(self) -> tuple[str, ...]:
        """The ids of all playbooks, sorted."""

    def template(self, name: str) -> Mapping[str, File] | None:
        """The files of that message template: `message.yaml` and the bodies, by file name."""

    def templates(self) -> tuple[str, ...]:
        """The ids of all message templates, sorted."""

    def clocks(self) -> tuple[File, ...]:
        """The knowledge files of kind Clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a playbook came to. `book` is None where nothing could be made of the file."""

    book: Book | None
    findings: tuple[Finding, ...]
    sources: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid to walk it."""
        return tuple(finding for finding in self.findings if finding.is_error)


Rules = Callable[[Book], Iterable[Diagnostic]]


def load_playbook(
    file: File,
    shelf: Shelf,
    rules: Rules,
    engine: TemplateEngine,
    *,
    organisation: Organisation | None = None,
    clocks: Clocks | None = None,
) -> Loaded:
    """The playbook in `file` with all that it refers to, and every finding."""
    sources: dict[str, bytes] = {}
    document, findings = _read_with_base(file, shelf, sources, ())
    if document is None:
        return Loaded(book=None, findings=findings, sources=sources)
    validated = validate_playbook(document.data, SPECS)
    found = [*findings, *locate(document, validated.diagnostics)]
    if validated.value is None:
        return Loaded(book=None, findings=tuple(found), sources=sources)
    written = validated.value
    templates: dict[str, LoadedTemplate] = {}
    for name in dict.fromkeys(use.template for use in written.playbook.messages.values()):
        template, of_template = load_template(name, shelf, engine, sources)
        found += of_template
        if template is not None:
            templates[name] = template
    book = Book(
        playbook=written.playbook,
        steps=written.steps,
        templates=templates,
        known_templates=frozenset(shelf.templates()),
        organisation=organisation,
        clocks=clocks,
        faulty=written.faulty,
        engine=engine,
    )
    found += locate(document, rules(book))
    return Loaded(book=book, findings=_in_order(found), sources=sources)


def load_template(
    name: str, shelf: Shelf, engine: TemplateEngine, sources: dict[str, bytes]
) -> tuple[LoadedTemplate | None, tuple[Finding, ...]]:
    """A message template with its bodies; None where there is none of that name, which is for the caller to say."""
    files = shelf.template(name)
    if files is None or "message.yaml" not in files:
        return None, ()
    for file in files.values():
        sources[file.name] = file.data
    message, findings = load_document(files["message.yaml"], Message)
    if message is None:
        return None, findings
    bodies: dict[str, str] = {}
    known = ALWAYS_GIVEN | set(message.facts)
    bad: list[Finding] = []
    for file_name, file in files.items():
        key = file_name.removesuffix(".j2")
        if key != file_name:
            try:
                bodies[key] = file.data.decode("utf-8-sig")
            except UnicodeDecodeError:
                wrong = Diagnostic("not-utf8", "a template is UTF-8 text", hint="save it again as UTF-8")
                bad.append(Finding(wrong, Position(file.name, 1, 1)))
                continue
            bad += _body_findings(file.name, bodies[key], engine, known)
    return LoadedTemplate(message, bodies), (*findings, *bad)


def _body_findings(name: str, body: str, engine: TemplateEngine, known: frozenset[str]) -> Iterator[Finding]:
    lines = body.split("\n")
    for problem in engine.problems(body, known):
        position = Position(name, problem.line or 1, problem.column or 1)
        shown = safe(lines[position.line - 1][:160]) if position.line <= len(lines) else ""
        yield Finding(Diagnostic("template", problem.message, hint=problem.hint), position, shown)


def load_document(file: File, cls: type[T]) -> tuple[T | None, tuple[Finding, ...]]:
    """Any other kind of file, validated against its class."""
    document, findings = read(file.name, file.data)
    if document is None:
        return None, findings
    validated = validate(cls, document.data)
    return validated.value, (*findings, *locate(document, validated.diagnostics))


def load_clocks(shelf: Shelf) -> tuple[Clocks | None, tuple[Finding, ...]]:
    """The legal clocks of all knowledge files together."""
    merged: Clocks | None = None
    found: list[Finding] = []
    for file in shelf.clocks():
        clocks, findings = load_document(file, Clocks)
        found += findings
        if clocks is not None:
            merged = clocks if merged is None else _together(merged, clocks)
    return merged, tuple(found)


def _together(one: Clocks, other: Clocks) -> Clocks:
    known = {clock.id for clock in one.clocks}
    more = tuple(clock for clock in other.clocks if clock.id not in known)
    return Clocks(
        apiVersion=one.apiVersion,
        kind=one.kind,
        reviewed_on=min(one.reviewed_on, other.reviewed_on),
        notice=one.notice,
        clocks=(*one.clocks, *more),
    )


def locate(document: Document, diagnostics: Iterable[Diagnostic]) -> tuple[Finding, ...]:
    """Each diagnostic with its place in the file it comes from."""
    found = []
    for diagnostic in diagnostics:
        position = document.locate(diagnostic.path, key=diagnostic.at_key)
        source = document.sources.get(position.file)
        found.append(Finding(diagnostic, position, source.line(position.line) if source else ""))
    return tuple(found)


def _read_with_base(
    file: File, shelf: Shelf, sources: dict[str, bytes], above: tuple[str, ...]
) -> tuple[Document | None, tuple[Finding, ...]]:
    sources[file.name] = file.data
    document, findings = read(file.name, file.data)
    if document is None or not isinstance(document.data, dict):
        return document, findings
    name = document.data.get("extends")
    if not isinstance(name, str):
        return document, findings
    own = document.data.get("id")
    chain = (*above, own if isinstance(own, str) else file.name)
    if name in chain or len(chain) > DEEPEST_EXTENDS:
        circle = Diagnostic("extends-itself", f"{' → '.join((*chain, name))} goes in a circle", ("extends",))
        return document, (*findings, *locate(document, (circle,)))
    base_file = shelf.playbook(name)
    if base_file is None:
        missing = Diagnostic(
            "unknown-playbook", f"no playbook is called {name!r}", ("extends",), nearest(name, shelf.playbooks())
        )
        return document, (*findings, *locate(document, (missing,)))
    base, of_base = _read_with_base(base_file, shelf, sources, chain)
    if base is None:
        return document, (*findings, *of_base)
    merged, diagnostics = extend(base, document)
    return merged, (*findings, *of_base, *locate(merged, diagnostics))


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    seen = {(one.position, one.diagnostic.code, one.diagnostic.message): one for one in findings}
    return tuple(sorted(seen.values(), key=lambda one: (one.position, one.diagnostic.code)))


def fingerprints(sources: Mapping[str, bytes]) -> Mapping[str, str]:
    """The fingerprint of every file the plan was made from, by name."""
    return {name: fingerprint(data) for name, data in sorted(sources.items())}


def schema_kinds() -> Mapping[str, type[Any]]:
    """The kinds of file that have a class of their own, beside Playbook and Scenario."""
    return {"Organisation": Organisation, "Message": Message, "Clocks": Clocks}
