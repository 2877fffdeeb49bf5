"""From files to a checked plan: read, extend, validate, check, compile. All findings come back at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from msgspec import Struct, field

from crisis.kernel.diagnostics import Diagnostic, Finding, Position, nearest
from crisis.kernel.errors import CrisisError
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.text import one_line, quoted, safe
from crisis.kinds import SPECS
from crisis.plan.book import ALWAYS_GIVEN, Book, LoadedTemplate, TemplateEngine
from crisis.playbook.documents import Clocks, Message, Organisation
from crisis.playbook.merge import extend
from crisis.playbook.reader import Document, read
from crisis.playbook.validate import WrittenPlaybook, validate, validate_playbook

T = TypeVar("T")

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)

#: More findings than this in one file are not looked for.
MOST_FINDINGS = 500
_TOO_MANY = Diagnostic("too-many-findings", f"there are more than {MOST_FINDINGS}", hint="mend these, then check again")

#: How many playbooks may stand on each other's shoulders.
DEEPEST_EXTENDS = 8


class File(Struct, frozen=True):
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


class Loaded(Struct, frozen=True, kw_only=True):
    """What a playbook came to. `book` is None where nothing could be made of the file."""

    book: Book | None
    findings: tuple[Finding, ...]
    sources: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid to walk it."""
        return tuple(finding for finding in self.findings if finding.is_error)


Rules = Callable[[Book], Iterable[Diagnostic]]
TemplateRules = Callable[[LoadedTemplate, TemplateEngine], Iterable[Diagnostic]]


def no_template_rules(template: LoadedTemplate, engine: TemplateEngine) -> tuple[Diagnostic, ...]:
    """Only what is wrong inside the bodies is looked at."""
    return ()


class Gathered(Struct, frozen=True, kw_only=True):
    """A playbook with its templates as they were read, whoever is to use it: not yet checked as a whole."""

    name: str
    document: Document | None
    written: WrittenPlaybook | None
    templates: Mapping[str, LoadedTemplate]
    known_templates: frozenset[str]
    engine: TemplateEngine | None
    findings: tuple[Finding, ...]
    lacks_base: bool
    sources: Mapping[str, bytes]


def load_playbook(
    file: File,
    shelf: Shelf,
    rules: Rules,
    engine: TemplateEngine | None,
    *,
    organisation: Organisation | None = None,
    clocks: Clocks | None = None,
    template_rules: TemplateRules = no_template_rules,
) -> Loaded:
    """The playbook in `file` with all that it refers to, and every finding; `gather`, then `check`."""
    return check(gather(file, shelf, engine, template_rules), rules, organisation=organisation, clocks=clocks)


def gather(
    file: File, shelf: Shelf, engine: TemplateEngine | None, template_rules: TemplateRules = no_template_rules
) -> Gathered:
    """The playbook in `file` and the templates that it uses.

    Without an `engine` the bodies of messages are taken as they are: whatever is wrong with one is said when it is
    filled.
    """
    sources: dict[str, bytes] = {}
    document, written, findings = _written(file, shelf, sources)
    found = [*findings]
    templates: dict[str, LoadedTemplate] = {}
    for name in dict.fromkeys(use.template for use in written.playbook.messages.values()) if written else ():
        template, of_template = load_template(name, shelf, engine, sources, template_rules)
        found += of_template
        if template is not None:
            templates[name] = template
    return Gathered(
        name=file.name,
        document=document,
        written=written,
        templates=templates,
        known_templates=frozenset(shelf.templates()) if written else frozenset(),
        engine=engine,
        findings=tuple(found),
        lacks_base=any(one.diagnostic.code in _NO_BASE for one in findings),
        sources=sources,
    )


def check(
    gathered: Gathered, rules: Rules, *, organisation: Organisation | None = None, clocks: Clocks | None = None
) -> Loaded:
    """What was gathered, checked as a whole for this organisation and under these clocks."""
    document, written = gathered.document, gathered.written
    if document is None or written is None:
        return Loaded(book=None, findings=_in_order(gathered.findings), sources=gathered.sources)
    book = Book(
        playbook=written.playbook,
        steps=written.steps,
        templates=gathered.templates,
        known_templates=gathered.known_templates,
        organisation=organisation,
        clocks=clocks,
        faulty=written.faulty,
        engine=gathered.engine,
    )
    # What a base declares and this playbook does not use, others that build on the base may.
    found = [
        *gathered.findings,
        *(
            one
            for one in locate(document, rules(book))
            if one.position.file == gathered.name or not one.diagnostic.code.startswith("unused-")
        ),
    ]
    if gathered.lacks_base:
        found = [one for one in found if not _may_stand_in_base(one.diagnostic.code)]
    return Loaded(book=book, findings=_in_order(found), sources=gathered.sources)


def read_playbook(file: File, shelf: Shelf) -> tuple[WrittenPlaybook | None, tuple[Finding, ...]]:
    """The playbook in `file` laid over what it extends; nothing it refers to is looked at."""
    _, written, findings = _written(file, shelf, {})
    return written, _in_order(findings)


def _written(
    file: File, shelf: Shelf, sources: dict[str, bytes]
) -> tuple[Document | None, WrittenPlaybook | None, tuple[Finding, ...]]:
    document, findings = _read_with_base(file, shelf, sources, ())
    if document is None:
        return None, None, findings
    validated = validate_playbook(document.data, SPECS)
    return document, validated.value, (*findings, *locate(document, validated.diagnostics))


_NO_BASE = frozenset({"extends-itself", "unknown-playbook", "unreadable-base"})
_NEEDS_BASE = frozenset(
    {
        *("missing-key", "missing-clock", "never-closes", "dead-end", "never-runs", "never-asked", "template-fact"),
        *("chain-role", "conditional-predecessor", "unapproved-text", "undrafted-text", "too-many-ways"),
        *("unknown-fact", "unknown-role", "unknown-chain", "unknown-message", "unknown-step", "unknown-criterion"),
    }
)


def _may_stand_in_base(code: str) -> bool:
    """Whether such a finding may come only from the base that could not be read."""
    return code in _NEEDS_BASE or code.startswith("unused-")


def load_template(
    name: str,
    shelf: Shelf,
    engine: TemplateEngine | None,
    sources: dict[str, bytes],
    rules: TemplateRules = no_template_rules,
) -> tuple[LoadedTemplate | None, tuple[Finding, ...]]:
    """A message template with its bodies; None where there is none of that name, which is for the caller to say."""
    try:
        files = shelf.template(name)
    except CrisisError as error:
        unreadable = Diagnostic("unreadable", error.message, hint=error.hint)
        return None, (Finding(unreadable, Position(f"templates/messages/{name}", 1, 1)),)
    if files is None or "message.yaml" not in files:
        return None, ()
    sources.update((file.name, file.data) for file in files.values())
    return read_template(files, engine, rules)


def read_template(
    files: Mapping[str, File], engine: TemplateEngine | None, rules: TemplateRules = no_template_rules
) -> tuple[LoadedTemplate | None, tuple[Finding, ...]]:
    """The template in these files, `message.yaml` among them; None where nothing can be made of that."""
    document, found = read(files["message.yaml"].name, files["message.yaml"].data)
    if document is None:
        return None, found
    validated = validate(Message, document.data)
    found = (*found, *locate(document, validated.diagnostics))
    if validated.value is None:
        return None, found
    bodies: dict[str, str] = {}
    bad: list[Finding] = []
    for file_name, file in files.items():
        key = file_name.removesuffix(".j2")
        if key == file_name:
            continue
        try:
            bodies[key] = file.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            wrong = Diagnostic("not-utf8", "a template is UTF-8 text", hint="save it again as UTF-8")
            bad.append(Finding(wrong, Position(file.name, 1, 1)))
            continue
        if engine is not None:
            bad += _body_findings(file.name, bodies[key], engine, ALWAYS_GIVEN | set(validated.value.facts))
    template = LoadedTemplate(validated.value, bodies)
    return template, (*found, *bad, *(locate(document, rules(template, engine)) if engine is not None else ()))


def _body_findings(name: str, body: str, engine: TemplateEngine, known: frozenset[str]) -> Iterator[Finding]:
    if not _COMMENT.sub("", body).strip():
        empty = Diagnostic("missing-body", "this text is empty", hint="write it, or remove the file")
        yield Finding(empty, Position(name, 1, 1))
    lines = body.split("\n")
    for problem in engine.problems(body, known):
        position = Position(name, problem.line or 1, problem.column or 1)
        shown = safe(lines[position.line - 1][:160], keep="\t") if position.line <= len(lines) else ""
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
    """Each diagnostic with its place in the file it comes from; `MOST_FINDINGS` of them are enough for a day."""
    found = []
    for number, one in enumerate(diagnostics):
        diagnostic = one if number < MOST_FINDINGS else _TOO_MANY
        position = document.locate(diagnostic.path, key=diagnostic.at_key)
        source = document.sources.get(position.file)
        found.append(Finding(diagnostic, position, source.line(position.line) if source else ""))
        if diagnostic is _TOO_MANY:
            break
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
        message = f"{' → '.join(one_line(part, 60) for part in (*chain, name))} goes in a circle"
        circle = Diagnostic("extends-itself", message, ("extends",), "let one of them stand by itself")
        return document, (*findings, *locate(document, (circle,)))
    try:
        base_file = shelf.playbook(name)
    except CrisisError as error:
        unreadable = Diagnostic("unreadable-base", error.message, ("extends",), error.hint)
        return document, (*findings, *locate(document, (unreadable,)))
    if base_file is None:
        missing = Diagnostic(
            "unknown-playbook",
            f"no playbook is called {quoted(name, 60)}",
            ("extends",),
            nearest(name[:100], shelf.playbooks()),
        )
        return document, (*findings, *locate(document, (missing,)))
    base, of_base = _read_with_base(base_file, shelf, sources, chain)
    if base is None:
        broken = Diagnostic("unreadable-base", f"{base_file.name} cannot be read, so neither can this", ("extends",))
        return document, (*findings, *of_base, *locate(document, (broken,)))
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
