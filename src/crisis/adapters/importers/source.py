"""What is to be read: bytes, or a file on disk; opened as often as needed, never changed."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from crisis.adapters.importers.errors import NotAnExport
from crisis.kernel.errors import NotFound, Unreadable
from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    Opener = Callable[[Path], BinaryIO]

HEAD = 64 * 1024
"""Bytes that are enough to tell what a file is, and to find its header row."""

_WEB_PAGE = "it is a web page, perhaps a log-in page, and not an export"
_GOOGLE_HINT = "in Google Alerts set 'Deliver to' to 'RSS feed' and save what the feed's own address answers"
_OTHERS = (
    (
        b"\xd0\xcf\x11\xe0",
        "it is an old or password-protected Excel file",
        "save it as XLSX without a password, or as CSV",
    ),
    (b"%PDF", "it is a PDF", "export the mentions as CSV or XLSX"),
    (b"\x1f\x8b", "it is compressed with gzip", "unpack it first"),
    (b"\x89PNG", "it is a picture", "export the mentions as CSV or XLSX"),
    (b"SQLite format 3", "it is a database", "export the mentions as CSV or XLSX"),
)


class Source(Struct, frozen=True):
    """A name for messages, the size in bytes, and a way to open it from the start."""

    name: str
    size: int
    open: Callable[[], BinaryIO]
    path: Path | None = None

    def head(self, size: int = HEAD) -> bytes:
        """The first `size` bytes."""
        with self.open() as handle:
            return handle.read(size)

    def tail(self, size: int = 1) -> bytes:
        """The last `size` bytes."""
        with self.open() as handle:
            handle.seek(max(0, self.size - size))
            return handle.read(size)

    def __str__(self) -> str:
        return self.name


def opened(path: Path) -> BinaryIO:
    """The file at `path`, from its start; whoever wants to see how far a read has come gives another opener."""
    return path.open("rb")


def source_of(given: str | Path | bytes, opener: Opener = opened) -> Source:
    """`given` as a source; a path that is missing, closed to us or no regular file raises."""
    if isinstance(given, bytes):
        return Source("the given bytes", len(given), lambda: io.BytesIO(given))
    path = Path(given)
    name = one_line(str(given))
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise Unreadable(f"{name} is a directory", hint="name the exported files, one by one")
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable(f"{name} is not a file that can be read twice", hint="save the export to a file first")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise NotFound(f"there is no file {name}", hint="check the path") from None
    except (OSError, ValueError) as error:
        raise Unreadable(
            f"{name} cannot be read: {one_line(str(error))}", hint="check the path and its permissions"
        ) from None
    return Source(name, about.st_size, lambda: opener(path), path)


def kind_of(source: Source) -> str:
    """`xlsx`, `parquet`, `json`, `feed`, `text` or `empty`; what can be no export raises NotAnExport."""
    head = source.head(4096)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return "empty"
    if head.startswith(b"PK"):
        return "xlsx"
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, what, hint in _OTHERS:
        if head.startswith(magic):
            raise NotAnExport(f"{source}: {what}", hint=hint)
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith((b"{", b"[")):
        return "json"
    if text.startswith(b"<"):
        if b"<rss" in text or b"<feed" in text or b"<rdf:rdf" in text:
            return "feed"
        if b"<html" in text or b"<!doctype html" in text or b"<head" in text or b"<body" in text:
            hint = (
                _GOOGLE_HINT if b"google" in text else "log in, download the export or feed again, and give that file"
            )
            raise NotAnExport(f"{source}: {_WEB_PAGE}", hint=hint)
        if text.startswith((b"<?xml", b"<!--", b"<!doctype")):
            return "feed"
    return "text"
