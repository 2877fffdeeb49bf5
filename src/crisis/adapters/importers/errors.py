"""Why an export cannot be read, each with the way out."""

from __future__ import annotations

from crisis.adapters.extras import installing
from crisis.kernel.errors import Unreadable, Usage


class NotAnExport(Unreadable):
    """It is something else: a web page, an archive, a report about one's own posts."""


class UnknownLayout(Unreadable):
    """The columns are nobody's that we know; `columns` are their names, as far as they could be told."""

    columns: tuple[str, ...] = ()

    @classmethod
    def with_columns(cls, message: str, hint: str, columns: tuple[str, ...]) -> UnknownLayout:
        """The error for a table with these columns."""
        error = cls(message, hint=hint)
        error.columns = columns
        return error


class TooLarge(Unreadable):
    """Opening it would take more memory or time than any honest export needs."""


class NeedsLibrary(Usage):
    """What is asked for is done by a library that is not installed."""

    @classmethod
    def named(cls, what: str, extra: str, instead: str = "") -> NeedsLibrary:
        """The error for `what` (say, an XLSX file), which needs a library of `extra`, and what may be done without."""
        hint = f"{installing(extra)} adds it{f'; or {instead}' if instead else ''}"
        return cls(f"{what} needs a library that is not installed", hint=hint)


class NeedsZone(Usage):
    """The times carry no offset and nothing in the file gives it away."""


class WrongZone(Usage):
    """The zone that was given is not the one that the file's own post ids prove."""


class AmbiguousDates(Usage):
    """03/04 may be March or April, and nothing in the file decides."""
