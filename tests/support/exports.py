"""Exports of a monitoring tool that tell a story: a quiet day, then a storm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path


def mentions(
    path: Path,
    begins: datetime,
    ends: datetime,
    an_hour: Callable[[datetime], int],
    negative: Callable[[datetime], float] = lambda at: 0.1,
    text: str = "My kettle",
) -> Path:
    """A CSV of mentions, `an_hour` of them evenly spread, every so many of them negative; the same in every run."""
    lines, at, share, number = ["date,text,sentiment,source,author"], begins, 0.0, 0
    while at < ends:
        share += negative(at)
        feeling = "negative" if share >= 1 else "neutral"
        share -= share >= 1
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{text} {number},{feeling},x,author{number % 97}")
        number += 1
        at += timedelta(hours=1) / max(1, an_hour(at))
    path.write_text("\n".join(lines) + "\n")
    return path


#: A rule for the small playbook of the terminal tests: a storm speaks for SEV2.
RULE = """\
  SEV2:
    any:
      - signal: negative_rate
        at_least: 5x
        for: 15m
        min_count: 30
    first_statement: 3h
"""


def put_rule(folder: Path) -> None:
    """Give the playbook `kettle` in that folder the rule."""
    book = folder / "playbooks" / "kettle.yaml"
    book.write_text(book.read_text().replace("  SEV3:\n", f"{RULE}  SEV3:\n", 1))
