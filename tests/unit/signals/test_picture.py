from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crisis.signals.alerts import Band
from crisis.signals.course import Course
from crisis.signals.picture import MOST_MOMENTS, Mark, picture_of

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def day(start: datetime = START) -> Course:
    one = Course("mention_rate", "count", HOUR)
    for n in range(24):
        one.add(start + n * HOUR, 5.0, None, Band(1.0, 5.0, 9.0), known=True)
    return one


def test_without_a_course_there_is_no_picture() -> None:
    assert picture_of("nothing", [Course("mention_rate", "count", HOUR)], [Mark(START, "lost", "event")]) is None


def test_marks_too_close_to_be_told_apart_share_a_number_and_each_kind_keeps_its_place() -> None:
    marks = [
        Mark(START + 12 * HOUR, "statement", "statement"),
        Mark(START + 2 * HOUR, "first", "signal"),
        Mark(START + 2.1 * HOUR, "second", "signal"),
        Mark(START + 2.2 * HOUR, "answer", "statement"),
    ]
    picture = picture_of("a day", [day()], marks)
    assert picture is not None
    assert [(moment.number, len(moment.marks)) for moment in picture.moments] == [(1, 3), (2, 1)]
    assert picture.moments[0].firsts == {"signal": START + 2 * HOUR, "statement": START + 2.2 * HOUR}


def test_there_are_never_more_numbers_than_find_room() -> None:
    picture = picture_of("busy", [day()], [Mark(START + n * HOUR / 20, str(n), "event") for n in range(480)])
    assert picture is not None
    assert len(picture.moments) <= MOST_MOMENTS + 1
    assert sum(len(moment.marks) for moment in picture.moments) == 480


def test_a_mark_outside_stretches_the_time_and_the_clock_is_that_of_the_courses() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = START.astimezone(berlin)
    picture = picture_of("a day", [day(start)], [Mark(START + 48 * HOUR, "late", "statement")])
    assert picture is not None
    assert (picture.begins, picture.ends, picture.zone) == (start, START + 48 * HOUR, berlin)
    without = picture_of("a day", [day()], [], zone=berlin)
    assert without is not None
    assert (without.ends, without.zone, without.moments) == (START + 24 * HOUR, berlin, ())
