"""From bytes to text: UTF-8 without control characters, or findings that say what the file is instead."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crisis.kernel.diagnostics import Diagnostic
from crisis.playbook.reader_document import Source

if TYPE_CHECKING:
    from crisis.kernel.diagnostics import Finding

MAX_BYTES = 256 * 1024
MAX_FINDINGS = 50

# The wide ones first: a UTF-32 mark begins with the UTF-16 mark of the same byte order.
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
# Without a mark, the zero bytes around the first characters (which are ASCII in YAML) give the encoding away.
_ZEROS = (
    (re.compile(rb"(?:[\t-~]\0{3}){1,8}", re.DOTALL), "UTF-32LE"),
    (re.compile(rb"(?:\0{3}[\t-~]){1,8}", re.DOTALL), "UTF-32BE"),
    (re.compile(rb"(?:[\t-~]\0){2,8}", re.DOTALL), "UTF-16LE"),
    (re.compile(rb"(?:\0[\t-~]){2,8}", re.DOTALL), "UTF-16BE"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SEPARATOR = re.compile("[\x85\u2028\u2029]")
_DIRECTIVE = re.compile(r"%(?<![^\r\n]%)")


def decode(name: str, raw: bytes) -> tuple[Source, tuple[Finding, ...]]:
    """The text of `raw`; with findings, it must not be parsed. A UTF-8 byte-order mark is left out."""
    empty = Source(name, "")
    if len(raw) > MAX_BYTES:
        too_large = Diagnostic(
            "yaml-too-large",
            f"the file has more than the {MAX_BYTES:,} bytes that are read at most",
            hint="check that this is the file you mean; a large playbook can be split with `extends`",
        )
        return empty, (empty.finding(too_large, 1, 1),)
    if encoding := _foreign_encoding(raw):
        foreign = Diagnostic(
            "yaml-not-utf8",
            f"the file is written in {encoding}, not in UTF-8",
            hint=f"save it as UTF-8 in your editor, or convert it: iconv -f {encoding} -t UTF-8 OLD > NEW",
        )
        return empty, (empty.finding(foreign, 1, 1),)
    if b"\0" in raw:
        binary = Diagnostic(
            "yaml-binary", "the file holds zero bytes, so it is not a text", hint="give a YAML file, saved as UTF-8"
        )
        return empty, (_at_byte(name, raw, raw.index(b"\0"), binary),)
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        source = Source(name, raw.decode())
    except UnicodeDecodeError as error:
        broken = Diagnostic(
            "yaml-not-utf8",
            f"the file is not UTF-8: the byte 0x{raw[error.start]:02x} here is no part of a character",
            hint="save it as UTF-8 in your editor; from a Windows program: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
        )
        return empty, (_at_byte(name, raw, error.start, broken),)
    return source, _unwanted(source)


def _foreign_encoding(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding
    for zeros, encoding in _ZEROS:
        if zeros.match(raw):
            return encoding
    return ""


def _at_byte(name: str, raw: bytes, index: int, diagnostic: Diagnostic) -> Finding:
    """The place and line of a byte in a file of which only the part before it is known to be text."""
    before = raw[:index].decode(errors="replace")
    shown = Source(name, before + raw[index : index + 400].decode(errors="replace"))
    return shown.finding(diagnostic, *shown.place(len(before)))


def _unwanted(source: Source) -> tuple[Finding, ...]:
    """Characters that no YAML may hold, that other tools count as lines, and lines addressed to the parser."""
    found = []
    for match in islice(_CONTROL.finditer(source.text), MAX_FINDINGS):
        code = ord(match[0])
        hint = f'delete it; if it is meant, write it as "\\u{code:04x}" in double quotes'
        found.append((match.start(), Diagnostic("yaml-binary", f"a control character, U+{code:04X}", hint=hint)))
    for match in islice(_SEPARATOR.finditer(source.text), MAX_FINDINGS):
        message = f"an invisible line separator, U+{ord(match[0]):04X}, that programs read differently"
        hint = "replace it with an ordinary line break or a space; it often comes along when text is pasted"
        found.append((match.start(), Diagnostic("yaml-line-separator", message, hint=hint)))
    for match in islice(_DIRECTIVE.finditer(source.text), MAX_FINDINGS):
        message = "a line that begins with % gives orders to the parser, and none are taken"
        hint = "remove the line; if it belongs to a text, indent it under its key"
        found.append((match.start(), Diagnostic("yaml-directive", message, hint=hint)))
    found.sort(key=lambda pair: pair[0])
    return tuple(source.finding(diagnostic, *source.place(index)) for index, diagnostic in found[:MAX_FINDINGS])
