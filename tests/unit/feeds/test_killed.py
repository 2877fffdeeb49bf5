"""A watch that is killed again and again over a replayed day counts what one that is never killed counts."""

from __future__ import annotations

import json
import random  # noqa: TID251  # a test may be killed whenever it likes; its seed is fixed
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crisis.signals.live import Gauge, start_of
from crisis.signals.mention import Mention
from crisis.signals.settings import WATCHFUL
from crisis.signals.tally import Bin

PROGRAM = Path(__file__).parents[2] / "support" / "replaying.py"
DAY = 86_400
SPEED = 3000.0
KILLS = 100


class Day:
    """A day of posts. The servers show those that are past on the clock of the replay."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.zero = time.time()  # noqa: TID251  # the replay runs ahead of this machine's clock
        self.posts = sorted(rng.uniform(0, DAY + 7200) for _ in range(2500))
        self.mentions = sorted(rng.uniform(0, DAY + 7200) for _ in range(2500))

    def now(self) -> float:
        return (time.time() - self.zero) * SPEED  # noqa: TID251

    def at(self, second: float) -> datetime:
        return datetime.fromtimestamp(self.zero + second, UTC)

    def answer(self, sources: Any, question: Any) -> Any:
        now = self.now()
        if question.path.startswith("/api/v1/timelines/tag/"):
            least = int(question.query.get("min_id", 0))
            known = [(n, at) for n, at in enumerate(self.posts, 1) if n > least and at <= now]
            page = known[:40] if "min_id" in question.query else known[-40:]
            return sources.Reply([self.post(n, at) for n, at in reversed(page)])
        since = datetime.fromisoformat(question.query["startDate"]).timestamp() - self.zero
        until = datetime.fromisoformat(question.query["endDate"]).timestamp() - self.zero
        found = [(n, at) for n, at in enumerate(self.mentions) if since <= at < until and at <= now]
        first = int(question.query.get("cursor", 0))
        page = found[first : first + 100]
        more = str(first + 100) if first + 100 < len(found) else None
        return sources.Reply({"results": [self.mention(n, at) for n, at in page], "nextCursor": more})

    def post(self, n: int, at: float) -> dict[str, Any]:
        return {
            "id": str(n),
            "created_at": self.at(at).isoformat(),
            "uri": f"https://social.example/posts/{n}",
            "content": f"<p>{said(n)}</p>",
            "account": {"acct": f"someone{n}"},
        }

    def mention(self, n: int, at: float) -> dict[str, Any]:
        return {
            "resourceId": str(n),
            "date": self.at(at).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000",
            "pageType": "forum",
            "sentiment": "negative" if n % 5 == 0 else "neutral",
            "author": f"someone{n}",
            "snippet": f"Kettle number {n}",
            "url": f"https://forum.example/{n}",
        }


def said(n: int) -> str:
    """What a post of the tag says: each sixth the same again."""
    return f"My kettle leaks all over {n % 4}" if n % 6 == 0 else f"Kettle {n}"


def read(state: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(state)) as connection:
        return connection.execute(statement).fetchall()


def never_killed(day: Day, feed: str, kept: dict[str, Any]) -> Gauge:
    """The same posts, counted in one go by one that began and ended at the same moments."""
    gauge = Gauge(WATCHFUL, UTC)
    gauge.begin(start_of(kept["began"]))
    times = day.posts if feed == "tag" else day.mentions
    until = datetime.fromisoformat(kept["until"])
    for n, second in enumerate(times):
        at = day.at(second)
        if feed == "tool":
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        if at < until:
            if feed == "tag":
                feeling, text = "negative" if (n + 1) % 6 == 0 else "unknown", said(n + 1)
            else:
                feeling, text = "negative" if n % 5 == 0 else "neutral", f"Kettle number {n}"
            source = "mastodon" if feed == "tag" else "forum"
            gauge.add(Mention(str(n), at, source, "", text, sentiment=feeling), estimated=feed == "tag")
    gauge.cover(None, until)
    return gauge


def test_a_watch_killed_a_hundred_times_over_a_replayed_day_leaves_no_gap_and_counts_nothing_twice(
    sources: Any, tmp_path: Path
) -> None:
    state = tmp_path / "watch.db"
    with sources.source() as server:
        day = Day(20261126)
        server.answer = lambda question: day.answer(sources, question)
        arguments = [server.url, str(state), repr(day.zero), repr(SPEED), repr(day.zero + DAY), "7", str(KILLS)]
        done = subprocess.run([sys.executable, str(PROGRAM), *arguments], capture_output=True, text=True, timeout=400)
    assert (done.stdout, done.stderr, done.returncode) == (f"{KILLS}\n", "", 0)
    for feed in ("tag", "tool"):
        ((open_, learned, version),) = read(state, f"SELECT open, learned, version FROM feeds WHERE feed = '{feed}'")
        kept = json.loads(open_)
        expected = never_killed(day, feed, kept)
        bins = expected.take_touched()
        assert version > KILLS // 10  # it came to count something between the kills, also on a busy machine
        # No gap: every bin from the first to the last is final, and known.
        assert kept["gaps"] == []
        found = {
            number: (Bin(*sums), bool(known))
            for number, *sums, known in read(
                state,
                "SELECT bin, mentions, negative, rated, reach, engagement, known FROM bins"
                f" WHERE feed = '{feed}' AND known IS NOT NULL",
            )
        }
        assert found == {number: tuple(one) for number, one in bins.items() if one.known is not None}
        assert len(found) == kept["closed"] - kept["began"]
        assert sum(one.mentions for one, _ in found.values()) > 100  # a busy machine begins late in the day
        # The detectors are where they would be, to the last digit.
        assert json.loads(learned) == json.loads(json.dumps(expected.learned_state()))
        assert len(json.loads(learned)["rows"]["repeat_topic"]) > 5
        # All that is counted beside the bins says what the bins say, the open ones too.
        ((rated,),) = read(state, f"SELECT sum(rated) FROM bins WHERE feed = '{feed}'")
        assert (kept["rated"], kept["estimates"]) == (rated, rated if feed == "tag" else 0)
        for hour, phrases in kept["complaints"].items():
            within = f"feed = '{feed}' AND bin >= {int(hour) * 12} AND bin < {int(hour) * 12 + 12}"
            ((negative,),) = read(state, f"SELECT sum(negative) FROM bins WHERE {within}")
            assert max(phrases.values()) == negative
    assert b"leaks" not in state.read_bytes()
