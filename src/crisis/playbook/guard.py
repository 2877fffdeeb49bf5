"""Builds data from a YAML parser's events, one by one, so that a hostile file is refused before it costs anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, Protocol

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from crisis.kernel.diagnostics import Diagnostic, Position
from crisis.kernel.text import one_line, quoted
from crisis.playbook.reader_document import Document, split_lines
from crisis.playbook.reader_syntax import explain
from crisis.playbook.reader_text import MAX_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event

    from crisis.kernel.diagnostics import Finding, Path, Severity
    from crisis.playbook.reader_document import Source, Value
    from crisis.playbook.reader_syntax import Place

MAX_DEPTH = 32
MAX_NODES = 20_000
MAX_SCALAR_BYTES = 64 * 1024

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
# The first has no repetition before the #, or a line of blanks would take minutes to search.
_HASH_WORD = re.compile(r"[ \t]#[^\s#]")
_HASH_COMMENT = re.compile(r"[ \t]+(#[^\s#].*)")
_TAGGED = (ScalarEvent, CollectionStartEvent)
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Stop(Exception):
    """The rest of the file is not read."""


class _Mark(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def build(source: Source) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document in `source` with all its findings; None when its data cannot be known."""
    builder = _Builder(source)
    try:
        data = builder.document(yaml.parse(source.text, Loader=_PARSER))
    except _Stop:
        return None, tuple(builder.findings)
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark)
        start = _place(error.context_mark or error.problem_mark)
        finding = explain(source, f"{error.context} {error.problem}", place, start, builder.bracket)
        return None, (*builder.findings, finding)
    except (yaml.YAMLError, ValueError, OverflowError):
        # The parser written in Python lets impossible escapes through to chr().
        finding = explain(source, "escape", builder.reached, builder.reached, None)
        return None, (*builder.findings, finding)
    if not builder.known:
        return None, tuple(builder.findings)
    return Document(data, builder.positions, builder.keys, {source.name: source}), tuple(builder.findings)


def _place(mark: _Mark | None) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Builder:
    """The state of one reading. `known` turns false when what is written cannot be known, as with an alias."""

    def __init__(self, source: Source) -> None:
        self.findings: list[Finding] = []
        self.positions: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.known = True
        self.reached: Place = (1, 1)
        self.bracket: Place | None = None
        self._source = source
        self._nodes = 0
        self._events: Iterator[Event] = iter(())
        self._hash_lines = {n: line for n, line in enumerate(split_lines(source.text), 1) if _HASH_WORD.search(line)}

    def document(self, events: Iterator[Event]) -> Value:
        """The first document's data; a second one is reported and not read."""
        self._events = events
        next(events)  # the stream's start
        if isinstance(next(events), StreamEndEvent):
            self._stop((1, 1), "yaml-empty", "the file is empty", "write a document, or start from a shipped one")
        root = next(events)
        data = self._value(root, ())
        if data is None and self.known:
            hint = "write one, or start from a shipped one"
            self._stop(_place(root.start_mark), "yaml-empty", "the document is empty", hint)
        next(event for event in events if isinstance(event, DocumentEndEvent))
        following = next(events)
        if isinstance(following, DocumentStartEvent):
            message, hint = "a second document begins here", "keep one document per file, and remove the ---"
            self._report(_place(following.start_mark), "yaml-several-documents", message, hint)
        return data

    def _report(
        self,
        place: Place,
        code: str,
        message: str,
        hint: str,
        path: Path = (),
        severity: Severity = "error",
    ) -> None:
        if len(self.findings) == MAX_FINDINGS:
            message = f"more than {MAX_FINDINGS} problems, and the rest is not shown"
            diagnostic = Diagnostic("yaml-too-many-problems", message, hint="solve the ones above, then check again")
            self.findings.append(self._source.finding(diagnostic, *place))
            raise _Stop
        self.findings.append(self._source.finding(Diagnostic(code, message, path, hint, severity), *place))

    def _stop(self, place: Place, code: str, message: str, hint: str, path: Path = ()) -> NoReturn:
        self._report(place, code, message, hint, path)
        raise _Stop

    def _value(self, event: Event, path: Path) -> Value:
        place = self._admit(event, path)
        self.positions[path] = Position(self._source.name, *place)
        if isinstance(event, ScalarEvent):
            if not event.implicit[0]:
                return event.value
            if event.end_mark and event.end_mark.line + 1 in self._hash_lines:
                self._warn_of_hash(event, path)
            return None if event.value in _NULLS else event.value
        if isinstance(event, AliasEvent):
            return None
        if len(path) >= MAX_DEPTH:
            hint = "flatten it: no file needs so many levels"
            self._stop(place, "yaml-too-deep", f"more than {MAX_DEPTH} levels inside each other", hint, path)
        outer = self.bracket
        if isinstance(event, CollectionStartEvent) and event.flow_style:
            self.bracket = place
        value = self._mapping(path) if isinstance(event, MappingStartEvent) else self._sequence(path)
        self.bracket = outer
        return value

    def _admit(self, event: Event, path: Path) -> Place:
        """Count a node, report what it may not carry, and give its place."""
        self.reached = place = _place(event.start_mark)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            hint = "split the file with `extends`, or check that this is the file you mean"
            self._stop(place, "yaml-too-many-nodes", f"more than {MAX_NODES:,} keys and values", hint, path)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._refuse_anchor(event, event.anchor, place, path)
        if isinstance(event, _TAGGED) and event.tag is not None:
            tag = one_line(event.tag, 40).replace("tag:yaml.org,2002:", "!!")
            message = f"{tag} is a tag, and none are known here: each field knows its own type"
            self._report(place, "yaml-tag", message, "remove it; if it belongs to a text, put it in quotes", path)
        if isinstance(event, ScalarEvent):
            self._measure(event, place, path)
        return place

    def _refuse_anchor(self, event: NodeEvent, anchor: str, place: Place, path: Path) -> None:
        if isinstance(event, AliasEvent):
            self.known = False
            message = f"*{one_line(anchor, 40)} repeats another value, which is not allowed"
        else:
            message = f"&{one_line(anchor, 40)} names a value so as to repeat it, which is not allowed"
        hint = "write the value out; if it belongs to a text, put the whole text in quotes"
        self._report(place, "yaml-alias", message, hint, path)

    def _measure(self, event: ScalarEvent, place: Place, path: Path) -> None:
        try:
            size = len(event.value.encode())
        except UnicodeEncodeError:  # only the parser written in Python lets half a character through
            message = "a backslash escape that stands for half a character"
            self._stop(place, "yaml-syntax", message, "write the character itself", path)
        if size > MAX_SCALAR_BYTES:
            message = f"a text of {size:,} bytes, and at most {MAX_SCALAR_BYTES:,} are read"
            self._stop(place, "yaml-scalar-too-long", message, "shorten it, or put it in a file of its own", path)

    def _warn_of_hash(self, event: ScalarEvent, path: Path) -> None:
        if len(self.findings) == MAX_FINDINGS:
            return  # a warning more is no reason to stop reading
        line, column = _place(event.end_mark)
        if match := _HASH_COMMENT.match(self._hash_lines[line], column - 1):
            kept = f"the text ends at {quoted(event.value, 40)}" if event.value else "there is no value"
            message = f"{quoted(match[1], 40)} is a comment, so {kept}"
            hint = "if # belongs to the text, put the whole text in quotes; if not, write a space after #"
            self._report((line, match.start(1) + 1), "yaml-hash-comment", message, hint, path, "warning")

    def _sequence(self, path: Path) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event, path)
            if key is None:
                self._aside(next(self._events), (*path, "?"))
            elif key in entries:
                place = (*path, key)
                message = f"{quoted(key, 60)} is written twice: first on line {self.keys[place].line}"
                hint = "keep one of the two"
                self._report(_place(event.start_mark), "yaml-duplicate-key", message, hint, place)
                self._aside(next(self._events), place)
            else:
                self.keys[(*path, key)] = Position(self._source.name, *self.reached)
                entries[key] = self._value(next(self._events), (*path, key))
        return entries

    def _key(self, event: Event, path: Path) -> str | None:
        """The key, or None when it was reported and its value has no place in the data."""
        if not isinstance(event, ScalarEvent):
            if isinstance(event, CollectionStartEvent):
                hint = "write a word; a text that begins with [ or { goes in quotes"
                self._report(_place(event.start_mark), "yaml-key-not-text", "a list or map cannot be a key", hint, path)
            self._aside(event, (*path, "?"))
            return None
        place = self._admit(event, path)
        if not event.implicit[0]:
            return event.value
        if event.value == "<<":
            self.known = False
            message, hint = "<< mixes another map in, which is not allowed", "build on another file with `extends: ID`"
            self._report(place, "yaml-merge-key", message, hint, path)
            return None
        if event.value in _NULLS:
            named = "put it in quotes, or choose another word"
            message = f"{event.value} means nothing, so it cannot be a key" if event.value else "the key is missing"
            self._report(place, "yaml-key-not-text", message, named if event.value else "write it before the :", path)
            return None
        return event.value

    def _aside(self, event: Event, path: Path) -> None:
        """Read what has no place in the data, for its problems alone."""
        kept = self.positions, self.keys
        self.positions, self.keys = {}, {}
        self._value(event, path)
        self.positions, self.keys = kept
