"""What somebody types, or drags into the terminal, when a walk asks for an export."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisis.kernel.errors import CrisisError, Usage
from crisis.runtime.monitoring import LongOver, exports_read
from crisis.wiring.exporting import ExportedFiles

NOW = datetime(2026, 3, 8, tzinfo=UTC)
EXPORT = "date,text,sentiment,source,author\n" + "".join(
    f"2026-03-07T{hour:02}:{minute:02}:00Z,My kettle {hour} {minute},neutral,x,author{minute}\n"
    for hour in range(20)
    for minute in range(0, 60, 5)
)


def named(story: Any, written: str) -> tuple[str, ...]:
    """The files that are found under what was written."""
    read = ExportedFiles().read([written], story.case)
    assert read.measured is not None
    return read.measured.files


@pytest.mark.parametrize("name", ["export.csv", "my export (2).csv", "it's.csv", "50% off #1?.csv", "mængder.csv"])
@pytest.mark.parametrize("way", ["plain", "quoted", "escaped", "address", "with a host"])
def test_a_file_is_found_however_a_terminal_writes_its_path(way: str, name: str, story: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(EXPORT)
    written = {
        "plain": str(path),
        "quoted": f'"{path}" ',
        "escaped": "".join(one if one.isalnum() or one in "/._-" else f"\\{one}" for one in str(path)) + " ",
        "address": path.as_uri(),
        "with a host": path.as_uri().replace("file:///", "file://localhost/"),
    }
    assert named(story, written[way]) == (name,)


def test_a_backslash_in_the_name_of_a_file_that_is_there_is_no_escape(story: Any, tmp_path: Path) -> None:
    (tmp_path / "a\\b.csv").write_text(EXPORT)
    assert named(story, str(tmp_path / "a\\b.csv")) == ("a\\b.csv",)


@pytest.mark.parametrize("written", ["file://[", "file://", "file:///%00", "\\", "x" * 3000, "\x00", "~nobody-here/x"])
def test_what_names_no_file_is_refused_in_words(written: str, story: Any) -> None:
    with pytest.raises(CrisisError):
        ExportedFiles().read([written], story.case)


TALKWALKER = (
    (Path(__file__).parents[2] / "fixtures" / "exports" / "talkwalker.csv").read_text(encoding="utf-8").splitlines()
)
BLOG = TALKWALKER[-1].replace("05/09/17", "{day}/09/17")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            f"{TALKWALKER[0]}\n{BLOG.format(day=22)}\n",
            "`crisis measure FILE --tz Europe/Berlin -i INC-2026-0007`",
        ),
        (
            f"{TALKWALKER[0]}\n{BLOG.format(day='05')}\n",
            "`crisis measure FILE --map MAP -i INC-2026-0007` in another terminal",
        ),
        (
            "Wann;Was\n7.3.2026;Hallo\n8.3.2026;Hallo\n",
            "`crisis measure FILE --map MAP -i INC-2026-0007` in another terminal",
        ),
        ("", "export it again"),
    ],
)
def test_a_refused_export_hints_at_what_a_walk_can_be_told(content: str, said: str, story: Any, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(content, encoding="utf-8")
    with pytest.raises(Usage) as refused:
        exports_read(ExportedFiles(), [str(tmp_path / "odd.csv")], story.case, NOW, old=False)
    assert said in refused.value.hint


def test_what_ended_long_ago_is_read_only_where_it_is_meant(story: Any, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(EXPORT)
    files = [str(tmp_path / "export.csv")]
    years_on = NOW + timedelta(days=1500)
    with pytest.raises(LongOver, match=r"export\.csv ended 1500 days ago, on 2026-03-07"):
        exports_read(ExportedFiles(), files, story.case, years_on, old=False)
    assert exports_read(ExportedFiles(), files, story.case, years_on, old=True).measured is not None
    assert exports_read(ExportedFiles(), files, story.case, NOW + timedelta(days=5), old=False).measured is not None
