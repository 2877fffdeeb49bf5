"""The loop over feeds that are written by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from crisis.adapters.ledger import SqliteLedger, Unsaved
from crisis.kernel.errors import Refused, Unreadable, Usage
from crisis.runtime.feeds import Batch, Began, Down, FeedFailed, Gap, Polled, Proposal, Said, Up, Watched
from crisis.runtime.watcher import Watcher
from crisis.signals.mention import Count, Mention
from crisis.signals.settings import WATCHFUL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """Goes on by `step` each time it is looked at."""

    at: datetime = NOON
    step: timedelta = timedelta(seconds=1)

    def now(self) -> datetime:
        self.at += self.step
        return self.at


@dataclass
class Written:
    """A feed that answers, or fails, as written; then it says that all is known."""

    answers: list[Batch | Exception | Callable[[datetime], Batch]]
    asked: list[str] = field(default_factory=list)

    def fetch(self, cursor: str, now: datetime) -> Batch:
        self.asked.append(cursor)
        answer = self.answers.pop(0) if self.answers else Batch(cursor=cursor, until=now)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Batch) else answer(now)


@dataclass
class Heard:
    said: list[Said] = field(default_factory=list)

    def tell(self, said: Said) -> None:
        self.said.append(said)

    def close(self) -> None:
        pass

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.said if isinstance(one, kind)]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "watch.db"


def watched(feed: Any, name: str = "one", **more: Any) -> Watched:
    return Watched(id=name, kind="rss", feed=feed, every=10 * MINUTE, **more)


def run(state: Path, *feeds: Watched, clock: Clock | None = None, **more: Any) -> tuple[Heard, tuple[int, int]]:
    heard = Heard()
    options = {name: more.pop(name) for name in ("once", "until") if name in more}
    with SqliteLedger(state) as ledger:
        watcher = Watcher(feeds, ledger, clock or Clock(), heard, WATCHFUL, UTC, longest=0.01, **more)
        ended = watcher.run(**(options or {"once": True}))
    return heard, ended


def mention(n: int, at: datetime, text: str = "The kettle leaks") -> Mention:
    return Mention(f"m{n}", at, "forum", "someone", text)


def bins(state: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(state)) as connection:
        return connection.execute("SELECT feed, mentions, known FROM bins WHERE mentions ORDER BY bin").fetchall()


def test_it_goes_on_with_the_cursor_that_was_kept(state: Path) -> None:
    first = Written([Batch(cursor="a", until=None, more=True), Batch(cursor="b", until=NOON)])
    run(state, watched(first))
    second = Written([])
    run(state, watched(second))
    assert (first.asked, second.asked) == (["", "a"], ["b"])


def test_a_mention_that_comes_again_or_by_another_feed_counts_once(state: Path) -> None:
    late = [mention(n, NOON + 10 * MINUTE) for n in range(3)]
    one = Written([Batch(cursor="a", until=NOON, mentions=late[:2]), Batch(cursor="b", until=NOON, mentions=late)])
    other = Written([Batch(cursor="z", until=NOON, mentions=late)])
    heard, _ = run(state, watched(one))
    assert heard.of(Polled)[-1].new == 2
    run(state, watched(one), watched(other, "two"))
    assert sum(mentions for _, mentions, _ in bins(state)) == 3


def test_what_was_there_before_the_watch_is_remembered_and_not_counted(state: Path) -> None:
    old = [mention(1, NOON - timedelta(days=2))]
    feed = Written([Batch(cursor="a", until=NOON, mentions=old), Batch(cursor="b", until=NOON, mentions=old)])
    assert run(state, watched(feed))[0].of(Polled)[-1].older == 1
    assert run(state, watched(feed))[0].of(Polled)[-1].known == 1
    assert bins(state) == []


def test_only_texts_with_our_words_count_where_words_were_given(state: Path) -> None:
    said = [mention(1, NOON + 10 * MINUTE), mention(2, NOON + 10 * MINUTE, "Nothing of ours")]
    feed = Written([Batch(cursor="a", until=NOON, mentions=said)])
    heard, _ = run(state, watched(feed, is_ours=lambda text: "kettle" in text))
    assert (heard.of(Polled)[-1].new, heard.of(Polled)[-1].other) == (1, 1)


def test_a_feed_that_fails_stops_no_other_and_is_said_once_and_when_it_works_again(state: Path) -> None:
    failed = FeedFailed("one has a fault", hint="wait")
    bad, good = Written([failed, failed, failed]), Written([])
    heard, ended = run(
        state,
        watched(bad),
        watched(good, "two"),
        clock=Clock(step=20 * timedelta(seconds=1)),
        until=NOON + timedelta(hours=2),
    )
    (down,) = heard.of(Down)
    assert (down.feed, down.why, down.again > NOON) == ("one", "one has a fault", True)
    (up,) = heard.of(Up)
    assert up.feed == "one"
    assert len(good.asked) > 5
    assert ended == (2, 0)
    assert not heard.of(Gap)  # it could tell all of it afterwards


def test_a_feed_that_stays_down_is_asked_less_and_less_and_as_it_wishes(state: Path) -> None:
    clock = Clock(step=MINUTE)
    feed = Written([FeedFailed("down") for _ in range(40)])
    run(state, watched(feed), clock=clock, until=NOON + timedelta(hours=3))
    assert 5 <= len(feed.asked) <= 9
    waits = Written([FeedFailed("down", wait=timedelta(hours=2)) for _ in range(40)])
    run(state, watched(waits, "two"), clock=Clock(step=MINUTE), until=NOON + timedelta(hours=3))
    assert len(waits.asked) == 2


def test_asked_once_from_a_timetable_a_feed_that_is_down_is_said_the_first_time_only(state: Path) -> None:
    feed = Written([FeedFailed("down"), FeedFailed("down"), Batch(cursor="", until=NOON)])
    assert [bool(run(state, watched(feed))[0].of(kind)) for kind in (Down, Down, Up)] == [True, False, True]
    assert run(state, watched(Written([FeedFailed("down")])))[1] == (0, 1)


def test_what_is_written_wrongly_ends_the_watch_and_does_not_count_as_down(state: Path) -> None:
    with pytest.raises(Usage):
        run(state, watched(Written([Usage("no such tag")])))


def test_a_post_from_the_future_counts_when_it_was_seen(state: Path) -> None:
    run(state, watched(Written([])))
    later = NOON + timedelta(hours=1)
    feed = Written([Batch(cursor="a", until=later, mentions=[mention(1, later + timedelta(days=9000))])])
    run(state, watched(feed), clock=Clock(at=later))
    run(state, watched(Written([])), clock=Clock(at=later + timedelta(hours=1)))
    assert bins(state) == [("one", 1, 1)]


def test_a_bug_in_a_feed_is_no_failure_of_the_feed(state: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run(state, watched(Written([ZeroDivisionError()])))


def test_what_is_beyond_a_feeds_memory_is_said_as_a_gap(state: Path) -> None:
    run(state, watched(Written([Batch(cursor="a", until=NOON)])))
    later = Batch(cursor="b", since=NOON + 3 * 60 * MINUTE, until=NOON + 4 * 60 * MINUTE)
    heard, _ = run(state, watched(Written([later])), clock=Clock(at=NOON + 5 * 60 * MINUTE))
    (gap,) = heard.of(Gap)
    assert (gap.since, gap.until) == (NOON + 5 * MINUTE, NOON + 3 * 60 * MINUTE)


def history(now: datetime, length: int = 8, storm: int = 0) -> Batch:
    """Days of counts, the last hour of `storm` times as many."""
    since, until = NOON - timedelta(days=length), NOON
    rows = [since + n * 5 * MINUTE for n in range(length * 288)]
    counts = [Count(at, (20 + at.hour) * (storm if storm and at >= until - 30 * MINUTE else 1)) for at in rows]
    return Batch(cursor="a", since=since, until=until, counts=counts)


def judged(severity: str, do: str = "open") -> Any:
    return SimpleNamespace(
        playbook="p", proposal=SimpleNamespace(severity=severity), advice=SimpleNamespace(do=do, because="")
    )


def test_what_is_unusual_is_proposed_once_with_the_command_that_would_open_an_incident(state: Path) -> None:
    feed = Written([lambda now: history(now, storm=15)])
    heard, _ = run(state, watched(feed), suggest=lambda _: "crisis start p")
    (proposal,) = heard.of(Proposal)
    assert {alert.signal for _, alert in proposal.alerts} >= {"mention_rate"}
    assert proposal.command == "crisis start p"
    assert not run(state, watched(Written([])))[0].of(Proposal)


def complaints(length: int = 5) -> Batch:
    """Days of mentions without a sentiment; in the last hour most of them say the same."""
    since, found = NOON - timedelta(days=length), []
    for n in range(length * 24 * 12):
        at = since + n * 5 * MINUTE
        for k in range(20 if at >= NOON - 60 * MINUTE else 1):
            text = "the kettle leaks again" if k else f"{chr(97 + n % 26) * 4} {chr(97 + n % 25) * 5} leaks"
            found.append(mention(n * 100 + k, at + k * timedelta(seconds=1), text))
    return Batch(cursor="a", since=since, until=NOON, mentions=found)


def test_where_a_feed_gives_no_sentiment_it_is_estimated_if_asked_and_marked(state: Path) -> None:
    asked: list[Mention] = []

    def estimate(one: Mention) -> Any:
        asked.append(one)
        return "negative" if "leaks" in one.text else "unknown"

    told = [replace(mention(n, NOON - MINUTE * n), sentiment="negative") for n in range(1, 9)]
    batch = complaints()
    batch = replace(batch, mentions=[*batch.mentions, *told])
    heard, _ = run(state, watched(Written([batch])), estimate=estimate)
    (proposal,) = heard.of(Proposal)
    assert {alert.signal for _, alert in proposal.alerts} >= {"repeat_topic", "negative_rate"}
    assert proposal.examples == {"one": "the kettle leaks again"}
    assert proposal.estimated["one"] == len(asked) / (len(asked) + len(told))
    assert not any(one.sentiment == "negative" for one in asked)
    assert b"leaks" not in state.read_bytes()


def test_nothing_is_estimated_where_nobody_asked(state: Path) -> None:
    heard, _ = run(state, watched(Written([complaints()])))
    (proposal,) = heard.of(Proposal)
    assert {alert.signal for _, alert in proposal.alerts}.isdisjoint({"repeat_topic", "negative_rate"})
    assert (proposal.examples, proposal.estimated) == ({}, {})


def test_what_is_usual_is_no_proposal_and_old_alerts_are_history(state: Path) -> None:
    assert not run(state, watched(Written([history])))[0].of(Proposal)
    clock = Clock(at=NOON + timedelta(days=5))
    heard, _ = run(state, watched(Written([lambda now: history(now, storm=15)]), "two"), clock=clock)
    assert not heard.of(Proposal)


def test_an_alert_that_was_kept_and_not_shown_is_shown_next_time(state: Path) -> None:
    class Killed(BaseException):
        pass

    class Dies(Heard):
        def tell(self, said: Said) -> None:
            if isinstance(said, Polled):
                raise Killed

    with SqliteLedger(state) as ledger:
        feed = watched(Written([lambda now: history(now, storm=15)]))
        with pytest.raises(Killed):
            Watcher([feed], ledger, Clock(), Dies(), WATCHFUL, UTC, longest=0.01).run(once=True)
    assert run(state, watched(Written([])))[0].of(Proposal)


def test_a_severity_by_the_rules_is_proposed_when_it_is_news_and_again_when_it_is_worse(state: Path) -> None:
    said = iter([judged("SEV3"), judged("SEV3"), judged("SEV2"), judged("SEV4", "nothing")] + [judged("SEV2")] * 50)
    feed = Written([history])
    heard, _ = run(state, watched(feed), judge=lambda _: next(said), clock=Clock(step=MINUTE), until=NOON + 90 * MINUTE)
    assert [one.assessed.proposal.severity for one in heard.of(Proposal)] == ["SEV3", "SEV2"]
    later = Clock(at=NOON + timedelta(days=2))
    assert run(state, watched(Written([])), judge=lambda _: judged("SEV2"), clock=later)[0].of(Proposal)


def test_two_watches_with_one_memory_are_refused_before_anything_counts_twice(state: Path) -> None:
    with SqliteLedger(state) as other:

        def meanwhile(now: datetime) -> Batch:
            heard = Heard()
            feed = watched(Written([Batch(cursor="x", until=NOON)]))
            Watcher([feed], other, Clock(), heard, WATCHFUL, UTC, longest=0.01).run(once=True)
            return Batch(cursor="y", until=NOON)

        with pytest.raises(Refused, match="another process"):
            run(state, watched(Written([lambda now: Batch(cursor="a", until=None, more=True), meanwhile])))


def test_a_first_start_says_what_is_watched_and_a_later_one_until_when_it_is_known(state: Path) -> None:
    until = NOON + timedelta(hours=1)
    heard, _ = run(state, watched(Written([])), clock=Clock(step=MINUTE), until=until)
    assert [one.until for one in heard.of(Began)] == [None]
    heard, _ = run(state, watched(Written([])), clock=Clock(at=until), until=until + 5 * timedelta(seconds=1))
    assert heard.of(Began)[0].until > NOON + 40 * MINUTE


# ── the memory ──


def test_the_memory_is_for_its_owner_alone(state: Path) -> None:
    run(state, watched(Written([])))
    assert state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\0" * 200])
def test_a_file_that_is_no_memory_is_left_alone(state: Path, content: bytes) -> None:
    state.write_bytes(content)
    with pytest.raises(Unreadable):
        SqliteLedger(state)
    assert state.read_bytes() == content


def test_a_database_of_something_else_and_a_newer_one_are_refused(state: Path) -> None:
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("CREATE TABLE theirs (one)")
    with pytest.raises(Unreadable, match="something else"):
        SqliteLedger(state)
    state.unlink()
    SqliteLedger(state).close()
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Unreadable, match="newer"):
        SqliteLedger(state)


def test_what_cannot_be_kept_ends_the_watch(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisis.adapters.ledger._PATIENCE", 0.05)
    SqliteLedger(state).close()
    with closing(sqlite3.connect(state, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unsaved, match="does not let go"):
            SqliteLedger(state)


def test_ids_are_forgotten_after_two_months_but_not_those_that_stay(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crisis.adapters.ledger._PRUNED_EVERY", 1)
    stays, goes = mention(1, NOON), mention(2, NOON)
    clock = Clock()
    for day in range(0, 100, 20):
        clock.at = NOON + timedelta(days=day)
        said = [stays, goes] if not day else [stays]
        run(state, watched(Written([Batch(cursor=f"{day}", until=NOON, mentions=said)])), clock=clock)
    heard, _ = run(state, watched(Written([Batch(cursor="z", until=NOON, mentions=[stays, goes])])), clock=clock)
    assert (heard.of(Polled)[-1].known, heard.of(Polled)[-1].older + heard.of(Polled)[-1].new) == (1, 1)
