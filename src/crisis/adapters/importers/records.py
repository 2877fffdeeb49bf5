"""JSON: one document, one per line, or one after the other; pages unwrapped, records flattened, damage counted."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, cast

from crisis.adapters.importers.errors import TooLarge, UnknownLayout
from crisis.adapters.importers.layout import plain
from crisis.adapters.importers.source import HEAD
from crisis.adapters.importers.tables import encoding_of
from crisis.kernel.errors import Unreadable
from crisis.kernel.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crisis.adapters.importers.layout import Layout
    from crisis.adapters.importers.source import Source
    from crisis.adapters.importers.tables import Recognise, Skip

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of one JSON value that is held whole; streams and lines have no limit but for each object."""
LARGEST_OBJECT = 16 * 1024 * 1024
_PIECE = 1 << 18
_SAMPLE = 200
_MOST_KEYS = 4000
_PAGES = ("results", "mentions", "documents", "messages", "data", "items", "records", "hits", "articles", "posts")
_NEXT_OBJECT = re.compile(r"\n(?=\{)|\}\s*(?=\{\s*\"chunk_type\")")
_FIRST_IN_LIST = re.compile(r"\[\s*(?=\{)")
_PAGE_LIST = re.compile(rf'"(?:{"|".join(_PAGES)})"\s*:\s*\[\s*(?=\{{)')
_MARKS_OF_A_RECORD = {"id", "url", "text", "content", "created_at"}
_BLANK = re.compile(r"[\s,\x1e\ufeff]*")


class JsonRecords:
    """The records of a JSON file, flat: `{"from": {"name": …}}` becomes `from.name`."""

    container = "json"

    def __init__(self, source: Source, recognise: Sequence[Recognise]) -> None:
        self.source = source
        self.notes: list[str] = []
        head = source.head(HEAD)
        self.encoding = encoding_of(head, whole=len(head) >= source.size)
        self.whole = self._whole()
        self.columns, self.layout = self._recognised(recognise)

    def _recognised(self, recognise: Sequence[Recognise]) -> tuple[tuple[str, ...], Layout | None]:
        present: dict[str, None] = {}
        shapes: list[str] = []
        found = 0
        for record in self._records(lambda _: None, shapes):
            present.update(dict.fromkeys(record))
            found += 1
            if found >= _SAMPLE:
                break
        columns = tuple(present)
        if not found:
            if self.whole is None and not shapes:
                raise Unreadable(f"{self.source}: the JSON is damaged from its start on", hint="download it again")
            return columns, None
        for known in recognise:
            if layout := known(columns):
                return columns, layout
        listed = ", ".join(one_line(name, 30) for name in columns[:12])
        hint = "say which key is the time and which the text in a column map; if it is an API's error, ask again"
        message = f"{self.source}: no known export looks like this; its keys look like {listed}"
        raise UnknownLayout.with_columns(message, hint, columns)

    def rows(self, skip: Skip) -> Iterator[dict[str, str]]:
        """The flat records; objects that are damaged or no records go to `skip` with the reason."""
        return self._records(skip, [])

    def _records(self, skip: Skip, shapes: list[str]) -> Iterator[dict[str, str]]:
        for value in self._values(skip):
            shapes.append(type(value).__name__)
            del shapes[8:]
            for record in _unwrapped(value, 0):
                if isinstance(record, dict):
                    yield flat(record)
                else:
                    skip("no object")

    def _whole(self) -> object:
        """The document if it is one value of bearable size; None for streams, lines and damage."""
        if self.source.size > LARGEST_DOCUMENT:
            return None
        with self.source.open() as handle:
            text = handle.read().decode(self.encoding, "replace")
        try:
            return cast("object", json.loads(text.replace("\0", "").lstrip("\ufeff")))
        except RecursionError:
            raise Unreadable(
                f"{self.source}: the JSON is nested deeper than any export", hint="download it again"
            ) from None
        except ValueError:
            return None

    def _values(self, skip: Skip) -> Iterator[object]:
        if self.whole is not None:
            yield self.whole
            return
        yield from _stream(self._text(), skip, str(self.source))

    def _text(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        with self.source.open() as handle:
            while piece := handle.read(_PIECE):
                yield decoder.decode(piece).replace("\0", "")


def _stream(pieces: Iterator[str], skip: Skip, name: str) -> Iterator[object]:
    """Values one after another; after a broken one it goes on at the next line that opens an object."""
    decode = json.JSONDecoder().raw_decode
    text, at, more = "", 0, True
    while True:
        at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # matches the empty string as well
        if at >= len(text) and not more:
            return
        try:
            if at >= len(text):
                raise ValueError("read on")
            value, end = decode(text, at)
        except RecursionError:
            raise Unreadable(f"{name}: the JSON is nested deeper than any export", hint="download it again") from None
        except ValueError:
            following = _NEXT_OBJECT.search(text, at + 1)
            if following is None and more:
                if len(text) - at > LARGEST_OBJECT:
                    raise TooLarge(
                        f"{name}: one JSON object of more than {LARGEST_OBJECT // 1_000_000} MB",
                        hint="export fewer mentions at a time",
                    ) from None
                # Read at least as much again as is waiting, or a long value would be tried over and over.
                text, at, more = _longer(text[at:], pieces)
                continue
            yield from _rescued(text, at, following.start() if following else len(text), decode)
            skip("broken object")
            at = following.end() if following else len(text)
            continue
        if end == len(text) and more and not isinstance(value, dict | list):
            text, at, more = _longer(text[at:], pieces)
            continue
        yield value
        at = end
        if at > _PIECE:
            text, at = text[at:], 0


def _longer(text: str, pieces: Iterator[str]) -> tuple[str, int, bool]:
    parts, wanted = [text], max(_PIECE, len(text))
    while wanted > 0:
        piece = next(pieces, None)
        if piece is None:
            return "".join(parts), 0, False
        parts.append(piece)
        wanted -= len(piece)
    return "".join(parts), 0, True


def _rescued(text: str, start: int, stop: int, decode: Callable[[str, int], tuple[object, int]]) -> Iterator[object]:
    """The whole objects at the head of a list that was cut off."""
    head = min(stop, start + 10_000)
    found = _FIRST_IN_LIST.match(text, start, head) or next(_PAGE_LIST.finditer(text, start, head), None)
    at = found.end() if found else stop
    while at < stop:
        try:
            value, at = decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value
        at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # matches the empty string as well


def _unwrapped(value: object, depth: int) -> Iterator[object]:
    """The records inside pages, chunks and envelopes."""
    if isinstance(value, list):
        for one in value:
            yield from _unwrapped(one, depth + 1) if depth < 3 else (one,)
        return
    if isinstance(value, dict) and depth < 5:
        if "chunk_type" in value:
            inner = value.get("chunk_result")
            if isinstance(inner, dict) and "data" in inner:
                yield from _unwrapped(inner["data"], depth + 1)
            return
        if isinstance(value.get("result_content"), dict):
            yield from _unwrapped(value["result_content"], depth + 1)
            return
        if isinstance(value.get("data"), dict) and value.keys() <= {"data", "highlighted_data"}:
            yield value["data"]
            return
        for key in () if value.keys() & _MARKS_OF_A_RECORD else _PAGES:
            page = value.get(key)
            if isinstance(page, list) and all(isinstance(one, dict) for one in page) and depth < 3:
                yield from _unwrapped(page, depth + 1)
                return
    yield value


def flat(record: dict[str, object]) -> dict[str, str]:
    """`record` with nested names joined by dots and values as text; lists of texts are joined, others left out."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, object]] = [("", record)]
    while waiting and len(found) < _MOST_KEYS:
        name, value = waiting.pop()
        match value:
            case dict():
                waiting += [(f"{name}.{plain(key)}" if name else plain(key), inner) for key, inner in value.items()]
            case list():
                found.setdefault(name, ",".join(str(one) for one in value[:200] if isinstance(one, str | int | float)))
            case None:
                found.setdefault(name, "")
            case bool():
                found.setdefault(name, "true" if value else "false")
            case float() if value.is_integer() and abs(value) < 1e15:
                found.setdefault(name, str(int(value)))
            case _:
                found.setdefault(name, str(value))
    return found
