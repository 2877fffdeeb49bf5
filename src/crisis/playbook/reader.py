"""Reads one YAML file: guarded, strict, with the place of every value. The door for all that people write.

Only what YAML 1.2's core schema calls null becomes None; every other scalar stays the text that was
written (`NO`, `22:00`, `0o14`), until the schema of its field gives it a type.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crisis.playbook.reader_document import Document, Source, Value
from crisis.playbook.reader_text import decode

if TYPE_CHECKING:
    from crisis.kernel.diagnostics import Finding

__all__ = ["Document", "Source", "Value", "read"]


@lru_cache(maxsize=16)
def read(name: str, raw: bytes) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document in `raw` and everything that is wrong with it; never raises, whatever the bytes are.

    `name` is the file's name as shown to people. The document is None when its data cannot be known:
    not text, not YAML, too large, or leaning on aliases. It is there beside lesser errors (a key
    written twice, a tag), so that all else in it can be checked in the same run. A base is read once for
    all that build on it: nobody changes what is in a document.
    """
    source, findings = decode(name, raw)
    if findings:
        return None, findings
    from crisis.playbook.guard import build  # the YAML parser is loaded when a file is read, not before

    return build(source)
