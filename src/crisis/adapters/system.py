"""The machine: its clock, its randomness, its zone, its user. Nothing else may ask for these."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_LOCALTIME = Path("/etc/localtime")


class SystemClock:
    """The time of this machine, in its own zone."""

    def now(self) -> datetime:
        """The moment, with its zone."""
        return datetime.now(UTC).astimezone()  # noqa: TID251  # this is where time comes from


class SystemIds:
    """Randomness from the operating system."""

    def new(self) -> str:
        """A fresh globally unique id."""
        from uuid import uuid4  # noqa: TID251  # this is where ids come from

        return uuid4().hex

    def salt(self) -> bytes:
        """Sixteen random bytes."""
        return os.urandom(16)


def local_zone() -> tzinfo:
    """The zone of this machine with its rules, so that a moment in another season is shown as it was then.

    Where its name cannot be told, the offset of today.
    """
    from zoneinfo import ZoneInfo

    name = os.environ.get("TZ", "").removeprefix(":") or _name_of_localtime()
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # not a key: a rule such as CET-1CEST, a path, nothing
        return SystemClock().now().tzinfo or UTC


def _name_of_localtime() -> str:
    try:
        return str(_LOCALTIME.resolve()).rpartition("/zoneinfo/")[2]
    except OSError:
        return ""


def operator_name() -> str:
    """Who sits at this machine, by its own word: the full name, else the login name, else `operator`."""
    try:
        import pwd

        full = pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
    except (ImportError, KeyError):
        full = ""
    if full:
        return full
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "operator"
