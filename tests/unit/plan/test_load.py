from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from crisis.adapters import templates as engine
from crisis.checks import rules
from crisis.kernel.diagnostics import Diagnostic
from crisis.kernel.errors import Unreadable
from crisis.plan.book import Book, LoadedTemplate
from crisis.plan.load import (
    DEEPEST_EXTENDS,
    File,
    Loaded,
    fingerprints,
    load_clocks,
    load_document,
    load_playbook,
    load_template,
    read_playbook,
)
from crisis.playbook.documents import Message, Organisation

HEAD = "apiVersion: crisis/v1\nkind: Playbook\nid: {0}\ntitle: {0}\n"
MESSAGE = "apiVersion: crisis/v1\nkind: Message\nid: note\ntitle: Note\nlanguages: [en]\nfacts: [thing]\n"
CLOCKS = "apiVersion: crisis/v1\nkind: Clocks\nreviewed_on: {0}\nnotice: Ask\nclocks:\n"


class Shelf:
    """Files in memory."""

    def __init__(
        self,
        playbooks: Mapping[str, str] | None = None,
        templates: Mapping[str, Mapping[str, bytes]] | None = None,
        clocks: Iterable[str] = (),
    ) -> None:
        self._playbooks = playbooks or {}
        self._templates = templates or {}
        self._clocks = clocks

    def playbook(self, name: str) -> File | None:
        if name == "locked":
            raise Unreadable("locked.yaml cannot be read: permission denied")
        text = self._playbooks.get(name)
        return File(f"{name}.yaml", text.encode()) if text is not None else None

    def playbooks(self) -> tuple[str, ...]:
        return tuple(sorted(self._playbooks))

    def template(self, name: str) -> Mapping[str, File] | None:
        if name == "locked":
            raise Unreadable("locked cannot be read: permission denied")
        files = self._templates.get(name)
        return {key: File(f"{name}/{key}", data) for key, data in files.items()} if files is not None else None

    def templates(self) -> tuple[str, ...]:
        return tuple(sorted(self._templates))

    def clocks(self) -> tuple[File, ...]:
        return tuple(File(f"clocks{n}.yaml", text.encode()) for n, text in enumerate(self._clocks))


def loaded(name: str, shelf: Shelf) -> Loaded:
    file = shelf.playbook(name)
    assert file is not None
    return load_playbook(file, shelf, rules, engine)


def codes(one: Loaded) -> list[str]:
    return [finding.diagnostic.code for finding in one.findings]


def test_a_playbook_is_laid_over_what_it_extends_and_findings_keep_their_file() -> None:
    base = HEAD.format("root") + "abstract: true\nfacts:\n  thing: {type: txt, prompt: Which?}\n"
    own = HEAD.format("own") + "extends: root\nabstract: true\nfacts:\n  other: {type: number, promt: How many?}\n"
    one = loaded("own", Shelf({"root": base, "own": own}))
    places = [(finding.position.file, finding.position.line, finding.diagnostic.code) for finding in one.findings]
    assert places == [
        ("own.yaml", 8, "missing-key"),
        ("own.yaml", 8, "unknown-key"),
        ("root.yaml", 7, "bad-value"),
    ]
    assert set(one.sources) == {"own.yaml", "root.yaml"}


@pytest.mark.parametrize("name", ["own", "a"])
def test_extending_in_a_circle_ends(name: str) -> None:
    texts = {"own": HEAD.format("own") + "extends: own\n"}
    texts |= {"a": HEAD.format("a") + "extends: b\n", "b": HEAD.format("b") + "extends: a\n"}
    assert codes(loaded(name, Shelf(texts))) == ["extends-itself"]


def test_extending_too_deep_ends() -> None:
    count = DEEPEST_EXTENDS + 2
    texts = {f"p{n}": HEAD.format(f"p{n}") + (f"extends: p{n + 1}\n" if n < count else "") for n in range(count + 1)}
    assert codes(loaded("p0", Shelf(texts))) == ["extends-itself"]


@pytest.mark.parametrize(
    ("base", "code"), [("nowhere", "unknown-playbook"), ("locked", "unreadable-base"), ("torn", "unreadable-base")]
)
def test_where_the_base_is_missing_only_that_is_said_and_what_is_wrong_without_it(base: str, code: str) -> None:
    steps = (
        "steps:\n  - {id: facts, after: [assess]}\n  - {id: own, kind: action, phase: response, do: It, role: lead}\n"
    )
    own = HEAD.format("own") + f"extends: {base}\ntypo: 1\n{steps}"
    found = codes(loaded("own", Shelf({"own": own, "torn": "a: [\n"})))
    assert sorted(set(found) - {"yaml-syntax"}) == sorted([code, "unknown-key"])


def test_what_a_base_declares_for_others_is_not_unused() -> None:
    base = HEAD.format("root") + "abstract: true\nroles:\n  spare: {}\n  crisis-lead: {}\n"
    ends = "{done: close, not-done: close, skipped: close}"
    steps = f"steps:\n  - {{id: a, kind: action, phase: response, do: It, on: {ends}}}\n"
    own = HEAD.format("own") + f"extends: root\nroles:\n  mine: {{}}\n{steps}"
    one = loaded("own", Shelf({"root": base, "own": own}))
    assert [finding.diagnostic.message for finding in one.findings] == ["mine is declared, and nothing uses it"]


def test_what_is_no_yaml_has_no_book() -> None:
    one = loaded("own", Shelf({"own": "a: ["}))
    assert one.book is None
    assert one.errors == one.findings


def test_a_template_that_cannot_be_read_is_a_finding_of_its_own() -> None:
    message = (
        "messages:\n  m: {template: locked, audience: all, channels: [website], languages: [en], approval: public}\n"
    )
    chain = "roles: {legal: {}}\napprovals: {public: {of: [legal], within: 1m, expires: 1h}}\n"
    own = HEAD.format("own") + "abstract: true\n" + chain + message
    assert "unreadable" in codes(loaded("own", Shelf({"own": own}, {"locked": {}})))


def test_bodies_are_read_beside_their_message() -> None:
    files = {"message.yaml": MESSAGE.encode(), "en.j2": b"\xef\xbb\xbfAbout {{ thing }}", "en.x.j2": b"Short"}
    sources: dict[str, bytes] = {}
    template, found = load_template("note", Shelf(templates={"note": files}), engine, sources)
    assert template is not None
    assert (template.bodies, found) == ({"en": "About {{ thing }}", "en.x": "Short"}, ())
    assert set(sources) == {"note/message.yaml", "note/en.j2", "note/en.x.j2"}


def test_a_fault_in_a_body_has_its_line_and_column() -> None:
    files = {"message.yaml": MESSAGE.encode(), "en.j2": b"One\n\tTwo {{ thnig }}\n", "da.j2": b"\xff"}
    _, found = load_template("note", Shelf(templates={"note": files}), engine, {})
    places = [(one.position.file, one.position.line, one.position.column, one.diagnostic.code) for one in found]
    assert places == [("note/en.j2", 2, 9, "template"), ("note/da.j2", 1, 1, "not-utf8")]
    assert found[0].source_line == "\tTwo {{ thnig }}"


def test_rules_for_templates_are_said_where_the_message_is_written() -> None:
    def no_title(template: LoadedTemplate, engine: object) -> list[Diagnostic]:
        return [Diagnostic("no-title", template.message.title, ("title",))]

    files = {"message.yaml": MESSAGE.encode()}
    _, (found,) = load_template("note", Shelf(templates={"note": files}), engine, {}, no_title)
    assert (found.position.file, found.position.line) == ("note/message.yaml", 4)


def test_there_is_no_template_of_that_name() -> None:
    assert load_template("note", Shelf(), engine, {}) == (None, ())
    assert load_template("note", Shelf(templates={"note": {"en.j2": b""}}), engine, {}) == (None, ())


def test_clocks_of_several_files_are_one_list_and_as_old_as_the_oldest() -> None:
    one = CLOCKS.format("2026-05-01") + "  - {id: a, title: First, due: 72h, source: S}\n"
    two = (
        CLOCKS.format("2026-03-01")
        + "  - {id: a, title: Second, due: 1h, source: S}\n  - {id: b, title: B, due: asap, source: S}\n"
    )
    clocks, found = load_clocks(Shelf(clocks=[one, two]))
    assert clocks is not None
    assert found == ()
    assert [clock.title for clock in clocks.clocks] == ["First", "B"]
    assert clocks.reviewed_on.isoformat() == "2026-03-01"


def test_a_document_with_a_fault_is_no_document() -> None:
    value, found = load_document(
        File("crisis.yaml", b"apiVersion: crisis/v1\nkind: Organisation\nnam: F\n"), Organisation
    )
    assert value is None
    assert {one.diagnostic.code for one in found} == {"unknown-key", "missing-key"}
    assert load_document(File("m", MESSAGE.encode()), Message)[0] is not None


def test_a_playbook_can_be_read_without_what_it_refers_to() -> None:
    own = HEAD.format("own") + "steps:\n  - {id: a, kind: draft, phase: response, message: nowhere}\n"
    written, found = read_playbook(File("own.yaml", own.encode()), Shelf())
    assert found == ()
    assert written is not None
    assert written.steps[0].head.id == "a"


def test_fingerprints_are_over_exact_bytes() -> None:
    assert fingerprints({"b": b"1", "a": b"1\n"}) != fingerprints({"b": b"1", "a": b"1\r\n"})
    assert list(fingerprints({"b": b"", "a": b""})) == ["a", "b"]


def test_of_two_steps_with_one_id_the_first_counts() -> None:
    step = "  - {{id: a, kind: action, phase: response, do: {0}}}\n"
    own = HEAD.format("own") + "steps:\n" + step.format("One") + step.format("Two")
    book = loaded("own", Shelf({"own": own})).book
    assert isinstance(book, Book)
    assert book.step_ids["a"].index == 0
