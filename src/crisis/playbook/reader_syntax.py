"""What a parser complains about, in words for the person who wrote the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from crisis.kernel.diagnostics import Diagnostic
from crisis.kernel.text import safe
from crisis.playbook.reader_document import split_lines

if TYPE_CHECKING:
    from crisis.kernel.diagnostics import Finding
    from crisis.playbook.reader_document import Source

Place: TypeAlias = tuple[int, int]

_QUOTE_IT = "if it belongs to a text, put the whole text in quotes"


class _Words(NamedTuple):
    """A complaint of the parsers (a part of it, found in both), what it means and what to do."""

    complaint: str
    message: str
    hint: str
    code: str = "yaml-syntax"
    at_start: bool = False
    """Point at where the broken thing begins, not at where the parser gave up."""


_WORDS = (
    _Words(
        "maximum nesting depth",  # the parser reads ahead, and may give up before the guard has counted
        "far too many levels inside each other",
        "flatten it: no file needs so many levels",
        "yaml-too-deep",
    ),
    _Words("scanning an alias", "a text cannot begin with *", f"{_QUOTE_IT}; list items begin with '- '", "yaml-alias"),
    _Words("scanning an anchor", "a text cannot begin with &", _QUOTE_IT, "yaml-alias"),
    _Words("tag", "a word that begins with ! is a tag, and none are known here", _QUOTE_IT, "yaml-tag", True),
    _Words(
        "mapping values are not allowed",
        "a colon makes a key here, where none can stand",
        f"{_QUOTE_IT}; if it is a key, line it up with the keys beside it, and leave the line above without a value",
    ),
    _Words(
        "could not find expected ':'",
        "this line is neither 'key: value' nor a list item",
        "write the colon and a space after the key; to continue the text above, indent the line",
        at_start=True,
    ),
    _Words("unexpected end of stream", "a quote is opened here and never closed", "close it", at_start=True),
    _Words("unexpected document", "a quote is opened here and not closed before --- or ...", "close it", at_start=True),
    _Words(
        "escape",
        "a backslash that stands for no known character",
        "double it (\\\\) to mean a backslash, or put the text in single quotes",
    ),
    _Words("hexdecimal", "a backslash escape without its digits", "double the backslash, or use single quotes"),
    _Words("',' or ']'", "a list that opens with [ is not closed, or lacks a comma", "add the ] or the comma"),
    _Words("',' or '}'", "a map that opens with { is not closed, or lacks a comma", "add the } or the comma"),
    _Words(
        "sequence entries are not allowed",
        "a list item cannot begin here",
        "begin a list on the line below its key; put a text that begins with '- ' in quotes",
    ),
    _Words(
        "found unexpected ':'",
        "a colon has no space after it, inside [ ] or { }",
        f"write 'key: value' with a space; {_QUOTE_IT}",
    ),
    _Words("mapping keys are not allowed", "a '? ' cannot stand here", _QUOTE_IT),
    _Words(
        "block scalar",
        "nothing but a line break may follow | or >",
        "begin the text on the next line, indented; if | or > belongs to the text, put it in quotes",
    ),
    _Words("node content", "a value should stand here", f"write the value; {_QUOTE_IT}"),
    _Words(
        "block collection",
        "among these list items stands a line that does not begin with '- '",
        "begin it with '- ', or indent it to make it part of the item above",
    ),
    _Words("document start", "the document ends above, and more follows", "remove what is left over, or indent it"),
)
_UNCLOSED = _Words("", "a bracket is opened here and never closed", "add the ] or } that closes it")
_ANYTHING = _Words("", "this cannot be read as YAML", "compare it with the lines around it, or with a shipped file")


def explain(source: Source, complaint: str, place: Place, start: Place, bracket: Place | None) -> Finding:
    """The finding for a parser's `complaint`.

    The parser gave up at `place`, over something that began at `start`; `bracket` is the innermost [ or {
    still open there. All are (line, column), from 1.
    """
    lines = split_lines(source.text)
    line, column = place
    text = lines[line - 1] if line <= len(lines) else ""
    if "tab character" in complaint or text[column - 1 : column] == "\t" or _tab_indents(text):
        return _tab(source, lines, line, column)
    if "cannot start any token" in complaint:
        return _bad_start(source, text[column - 1 : column], line, column)
    if "parsing a block mapping" in complaint:
        return _misfit(source, text, line, column)
    words = next((words for words in _WORDS if words.complaint in complaint), _ANYTHING)
    if words.at_start:
        line, column = start
    elif not text[column - 1 :].strip() and not any(rest.strip() for rest in lines[line:]):
        # Past the end there is nothing to look at: show the bracket that was forgotten, or the last thing written.
        words = _UNCLOSED if bracket else words
        line, column = bracket or source.place(len(source.text.rstrip()))
    return source.finding(Diagnostic(words.code, words.message, hint=words.hint), line, column)


def _tab_indents(line: str) -> bool:
    written = line.lstrip(" \t")
    return bool(written) and "\t" in line[: -len(written)]


def _tab(source: Source, lines: list[str], line: int, column: int) -> Finding:
    text = lines[line - 1] if line <= len(lines) else ""
    if _tab_indents(text) and text[column - 1 : column] != "\t":
        column = text.index("\t") + 1
    others = sum(1 for other in lines if _tab_indents(other)) - _tab_indents(text)
    more = f" ({others} other {'line begins' if others == 1 else 'lines begin'} with one)" if others > 0 else ""
    message = f"a tab stands where YAML wants spaces{more}"
    return source.finding(Diagnostic("yaml-tab", message, hint="replace each tab with two spaces"), line, column)


def _bad_start(source: Source, char: str, line: int, column: int) -> Finding:
    message = f"a value cannot begin with {safe(char)}"
    return source.finding(Diagnostic("yaml-syntax", message, hint="put the whole text in quotes"), line, column)


def _misfit(source: Source, text: str, line: int, column: int) -> Finding:
    """What stands among the keys of a map and is none of them."""
    if text[column - 1 :].startswith("- "):
        message = "a list item stands among keys"
        hint = "indent it under the key whose list it belongs to, and leave that key without a value"
    elif text[column - 1 :].startswith(":"):
        message = "a colon stands here without a key before it"
        hint = "write the key, or remove the line"
    elif text[: column - 1].strip():
        message = "more follows a value that has ended"
        hint = "a text that has quotes inside needs quotes around the whole of it; 'it''s' means it's"
    else:
        message = "this line is indented unlike the lines it belongs to"
        hint = "begin it in the same column as the keys beside it"
    return source.finding(Diagnostic("yaml-syntax", message, hint=hint), line, column)
