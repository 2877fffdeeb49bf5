"""What can go wrong with a journal on a disk, in words that say what to do; no sqlite3 error leaves this folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crisis.kernel.errors import CrisisError, Unreadable
from crisis.kernel.text import one_line

_AGAIN = "then give the same input again: if it was saved after all, it is not recorded twice"


class Unsaved(CrisisError):
    """The journal did not take what it was given; at worst it has, and repeating the command is safe."""


class Damaged(Unreadable):
    """The file is not a journal, or no longer one."""


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite or the system says of `path` into Unsaved, Unreadable or Damaged."""
    try:
        yield
    except sqlite3.Error as error:
        raise _plain(error, path) from None
    except UnicodeEncodeError:
        from crisis.adapters.journal.codec import Unwritable

        raise Unwritable("a name holds half a character", hint="type it again; it must be UTF-8") from None
    except OSError as error:
        why = one_line(error.strerror or str(error))
        raise Unreadable(f"{path} cannot be opened: {why}", hint="check the path and who may read it") from None


def newer(path: Path, version: int) -> Unreadable:
    """A journal from a later version of crisis."""
    return Unreadable(
        f"{path} was written by a newer version of crisis (journal format {version})",
        hint="upgrade this crisis; nothing is lost",
    )


def foreign(path: Path) -> Damaged:
    """A database, but not one of ours; nothing was changed in it."""
    return Damaged(f"{path} is a database of something else", hint="give the path of a journal, or one not yet there")


def _plain(error: sqlite3.Error, path: Path) -> CrisisError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the upper bits only refine it
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unsaved(f"another process does not let go of {path}", hint=f"end it or let it finish, {_AGAIN}")
        case sqlite3.SQLITE_FULL:
            return Unsaved(f"no room left on the disk of {path}", hint=f"make room, {_AGAIN}")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return Unsaved(f"{path} may not be written to", hint=f"make it and its folder writable, {_AGAIN}")
        case sqlite3.SQLITE_IOERR:
            return Unsaved(f"the disk of {path} failed: {one_line(str(error))}", hint=f"check the disk, {_AGAIN}")
        case sqlite3.SQLITE_CANTOPEN:
            return Unreadable(f"{path} cannot be opened", hint="check the path and who may read it")
        case sqlite3.SQLITE_NOTADB:
            return Damaged(f"{path} is not a journal", hint="give the path of a journal, or one not yet there")
        case _:
            return Damaged(
                f"{path} is damaged: {one_line(str(error))}", hint="keep a copy of it, and bring back the last backup"
            )
