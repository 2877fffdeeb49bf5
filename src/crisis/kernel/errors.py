"""Every way in which a command can fail, with what to do about it and how the process exits."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command; docs/exit-codes.md is tested against this table."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    REFUSED = 3
    BREACHED = 4
    NOT_FOUND = 5
    WAITS_FOR_PERSON = 6
    BUG = 70
    INTERRUPTED = 130


class CrisisError(Exception):
    """Something a person can act on: what happened, what to do (`hint`) and how we exit."""

    exit = Exit.FINDINGS

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Usage(CrisisError):
    """The command line, or what it points at, cannot be used as given."""

    exit = Exit.USAGE


class Refused(CrisisError):
    """Understood, and not allowed: by a rule, by a stale text, by who is asking."""

    exit = Exit.REFUSED


class NotFound(CrisisError):
    """No such incident, playbook, step, fact …"""

    exit = Exit.NOT_FOUND


class NeedsOperator(CrisisError):
    """A question came up and nobody is there to answer it."""

    exit = Exit.WAITS_FOR_PERSON


class Tampered(CrisisError):
    """The journal does not say what it said when it was written."""

    exit = Exit.FINDINGS


class Unreadable(CrisisError):
    """A file or a journal cannot be read: missing, too large, not text, from a newer version."""

    exit = Exit.FINDINGS


class Interrupted(CrisisError):
    """The person at the terminal left; everything answered so far is saved."""

    exit = Exit.INTERRUPTED
