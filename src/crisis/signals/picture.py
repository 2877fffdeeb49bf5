"""What a chart shows, before anybody draws it: panels over one span of time, and moments with numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from msgspec import Struct

from crisis.signals.course import Course

MarkKind = Literal["signal", "statement", "event"]
MOST_MOMENTS = 30
"""Numbers that find room beside each other, on a telephone in two rows."""


class Mark(Struct, frozen=True):
    """A moment worth marking: a `signal` that began, a `statement` that was published, or another `event`.

    `label` says what it was, in a line; it may come from outside.
    """

    at: datetime
    label: str
    kind: MarkKind


class Moment(Struct, frozen=True):
    """Marks too close to be told apart, under one number; `at` is when the first of them was."""

    number: int
    at: datetime
    marks: tuple[Mark, ...]

    @property
    def firsts(self) -> dict[MarkKind, datetime]:
        """Each kind of mark that there is, and when the first of it was."""
        return {mark.kind: mark.at for mark in reversed(self.marks)}


class Picture(Struct, frozen=True):
    """Courses one above the other on the same clock, and the moments that are marked in all of them."""

    title: str
    zone: tzinfo
    courses: tuple[Course, ...]
    moments: tuple[Moment, ...]
    begins: datetime
    ends: datetime


def picture_of(
    title: str, courses: Iterable[Course], marks: Iterable[Mark], zone: tzinfo | None = None
) -> Picture | None:
    """The picture of these courses; marks outside their time stretch it. Nothing where there is no course.

    `title` may come from outside. `zone`: whose clock; if left out, that of the courses' own times.
    """
    drawn = tuple(course for course in courses if course.steps())
    if not drawn:
        return None
    seen = [(steps[0].at, steps[-1].at + course.step) for course in drawn if (steps := course.steps())]
    kept = sorted(marks, key=lambda mark: (mark.at, mark.kind, mark.label))
    begins = min([at for at, _ in seen] + [mark.at for mark in kept[:1]])
    ends = max([at for _, at in seen] + [mark.at for mark in kept[-1:]])
    own = seen[0][0].tzinfo or UTC
    return Picture(title, zone or own, drawn, _moments(kept, (ends - begins) / MOST_MOMENTS), begins, ends)


def _moments(marks: Sequence[Mark], apart: timedelta) -> tuple[Moment, ...]:
    together: list[list[Mark]] = []
    for mark in marks:
        if together and mark.at - together[-1][0].at < apart:
            together[-1].append(mark)
        else:
            together.append([mark])
    return tuple(Moment(number, some[0].at, tuple(some)) for number, some in enumerate(together, 1))
