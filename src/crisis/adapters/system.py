"""The machine: its clock, its randomness, its zone, its user. Nothing else may ask for these."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crisis.kernel.errors import NotFound

if TYPE_CHECKING:
    from datetime import tzinfo

_LOCALTIME = Path("/etc/localtime")
#: A rule such as CET-1CEST: a name and how far it is from UTC, less than a day. What follows is left to the system.
_RULE = r"(?:[A-Za-z]{3,}|<[\w+-]{3,}>)[+-]?(?:[01]?\d|2[0-3])(?::\d\d){0,2}(?!\d|:\d)[\w+:,./<>-]*"


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


def current_folder() -> Path:
    """The folder we are in. Raises NotFound where somebody has removed it."""
    try:
        return Path.cwd()  # noqa: TID251  # this is where it is asked for
    except OSError:
        raise NotFound("the folder you are in is no longer there", hint="go to another one: cd") from None


def without_odd_zone() -> str:
    """What TZ said, where that is no time zone: times are in UTC from now on. Empty where nothing is odd."""
    said = os.environ.get("TZ", "")
    name = said.removeprefix(":")
    if not name or re.fullmatch(_RULE, name, re.ASCII) or (name.startswith("/") and Path(name).is_file()):
        return ""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        import time

        os.environ["TZ"] = "UTC"
        time.tzset()
        return said
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
