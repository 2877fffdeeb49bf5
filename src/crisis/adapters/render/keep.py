"""Files that are written again as long as nobody has changed them: each carries the fingerprint of what it says."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from crisis.kernel.errors import NotFound, Refused, Usage
from crisis.kernel.fingerprints import fingerprint
from crisis.kernel.text import one_line

_SEAL = re.compile(rb"\n<!-- crisis: sha256 of everything above ([0-9a-f]{64}) -->\n\Z")
_JSON_SEAL = "seal"

#: Larger than any report; what is there beyond it is not ours, whatever it is.
_LARGEST = 64 * 1024 * 1024


def sealed(body: str) -> str:
    """A Markdown text with the fingerprint of all above it in a comment at its foot."""
    return f"{body}\n<!-- crisis: sha256 of everything above {fingerprint(body)} -->\n"


def sealed_json(document: dict[str, Any]) -> str:
    """A JSON document with the fingerprint of all the rest of it under `seal`."""
    return _dumped({**document, _JSON_SEAL: fingerprint(_dumped(document))})


def is_untouched(data: bytes) -> bool:
    """Whether these are the bytes of a sealed text, and nobody has changed one."""
    found = _SEAL.search(data[-200:])
    if found is not None:
        body = data[: len(data) - len(found[0])]
        return fingerprint(body) == found[1].decode()
    try:
        document = json.loads(data)
        seal = document.pop(_JSON_SEAL)
        return sealed_json(document).encode() == data and seal == fingerprint(_dumped(document))
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return False


def write(path: Path, text: str, *, option: str = "--output") -> None:
    """Write a sealed text to `path`, whole or not at all; `option` is how a person names another place.

    Raises Refused where a file is there that a person has changed, or that is none of ours.
    """
    check(path, option=option)
    path = Path(os.path.realpath(path))
    try:
        _put(path, text, replace=path.exists())
    except OSError as error:
        raise _unwritten(path, error, option) from None


def check(path: Path, *, option: str = "--output") -> None:
    """Raise what `write` would raise for this place, before the work is done whose result goes there."""
    try:
        path = Path(os.path.realpath(path))
        name = one_line(str(path))
        if path.is_dir():
            raise Usage(f"{name} is a folder", hint="give the name of a file in it")
        if not path.parent.is_dir():
            raise NotFound(f"the folder of {name} is not there", hint="make it, or give another")
        if path.exists() and not _may_replace(path):
            hint = f"give another name with {option}, or move that file away"
            raise Refused(f"{name} has been changed by a person, or is not ours: it stays as it is", hint=hint)
    except (OSError, ValueError) as error:
        raise _unwritten(path, error, option) from None


def _unwritten(path: Path, error: Exception, option: str) -> Usage:
    why = one_line(getattr(error, "strerror", "") or str(error))
    return Usage(f"{one_line(str(path))} cannot be written: {why}", hint=f"give another place with {option}")


def write_beside(path: Path, text: str) -> Path:
    """Write to `path`; where a person has changed what is there, to the next free name. Returns where."""
    return beside(path, lambda candidate: write(candidate, text))


def beside(path: Path, writing: Callable[[Path], object]) -> Path:
    """Do `writing` to `path`; where that is refused, to the next name like it. Returns where it was done."""
    for number in range(1, 1000):
        candidate = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            writing(candidate)
        except Refused:
            continue
        return candidate
    raise Refused(f"{one_line(str(path))} and all names like it are taken", hint="give another with --output")


def _may_replace(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return False
    return is_untouched(path.read_bytes())


def _put(path: Path, text: str, *, replace: bool) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o777 if replace else 0o666 & ~_umask())
        if replace:
            Path(temporary).replace(path)
        else:
            _appear(Path(temporary), path)
    finally:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()


def _appear(temporary: Path, path: Path) -> None:
    """Give the new file its name; a file that has come there meanwhile is not overwritten."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise Refused(f"{one_line(str(path))} has just been made by somebody else", hint="try again") from None
    except OSError:  # a file system without links
        temporary.replace(path)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
