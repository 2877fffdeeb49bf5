"""One contract for every feed: nothing lost between two questions, nothing invented, every failure in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisis.adapters.feeds import KINDS, Given
from crisis.kernel.errors import CrisisError
from crisis.runtime.feeds import Batch, Feed, FeedFailed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMES = tuple(sorted(KINDS))
OVER_HTTP = tuple(name for name in NAMES if name != "bluesky")
TOKEN = "s3cret"


@dataclass
class Rig:
    """A feed, its stand-in, and the moment on both their clocks."""

    name: str
    posts: list[Any]
    now: datetime
    make: Callable[[], Feed]
    counts: bool
    server: Any
    slept: list[float]

    def fetch(self, cursor: str = "") -> Batch:
        """Ask a feed that remembers nothing but the cursor."""
        if self.name == "bluesky":
            known = [one for one in self.posts if one.at <= self.now]
            self.server.events += [self.standins.jetstream(one) for one in known[self.sent :]]
            self.sent = len(known)
            # The network is never silent.
            other = self.standins.Post(0, self.now - timedelta(seconds=1), "of somebody else")
            self.server.events.append(self.standins.jetstream(other))
        feed = self.make()
        try:
            return feed.fetch(cursor, self.now)
        finally:
            getattr(feed, "close", lambda: None)()

    def all(self, cursor: str) -> tuple[list[Batch], str]:
        """Ask until there is no more."""
        found: list[Batch] = []
        while True:
            batch = self.fetch(cursor)
            found.append(batch)
            cursor = batch.cursor
            assert len(found) < 60
            if not batch.more:
                return found, cursor

    def post(self, *minutes: float) -> None:
        """Somebody posts so many minutes after noon."""
        for minute in minutes:
            made = self.standins.Post(len(self.posts) + 1, NOON + timedelta(minutes=minute))
            self.posts.append(made)

    standins: Any = None
    sent: int = 0


@pytest.fixture
def rig(request: pytest.FixtureRequest, sources: ModuleType, standins: ModuleType) -> Iterator[Rig]:
    """The feed called as the test's parameter says."""
    name: str = request.param
    if name == "bluesky":
        with sources.stream([]) as server:

            def made() -> Feed:
                feed = KINDS[name].make(Given(name, server.url, ("kettle",)))
                feed.listen, feed.silence = 0.3, 0.5  # type: ignore[attr-defined]
                return feed

            one = Rig(name, [], NOON, made, False, server, [])
            one.standins = standins
            yield one
        return
    standin = next(one for one in standins.STANDINS if one.kind == name)
    slept: list[float] = []
    with sources.source() as server:

        def make() -> Feed:
            feed = KINDS[name].make(Given(name, server.url + standin.path, token=TOKEN, token_name="THE_TOKEN"))
            feed.http.sleep = slept.append  # type: ignore[attr-defined]
            return feed

        one = Rig(name, [], NOON, make, standin.counts, server, slept)
        one.standins = standins
        server.answer = lambda question: sources.Reply(
            standins.written(standin.write(one.posts, question, one.now)),
            headers={"Date": "Mon, 02 Mar 2026 12:00:00 GMT"},
        )
        yield one


every_feed = pytest.mark.parametrize("rig", NAMES, indirect=True)
every_feed_over_http = pytest.mark.parametrize("rig", OVER_HTTP, indirect=True)


def total(rig: Rig, batches: list[Batch], after: datetime) -> int:
    if rig.counts:
        return sum(round(one.value) for batch in batches for one in batch.counts if one.at >= after)
    return len({one.id for batch in batches for one in batch.mentions if one.at >= after})


@every_feed
def test_what_is_posted_between_two_questions_comes_once_and_the_cursor_is_all_that_must_last(rig: Rig) -> None:
    rig.post(-60, -10)
    first, cursor = rig.all("")
    assert first[0].since is not None or rig.name in ("rss", "mastodon")
    rig.post(*(n / 4 for n in range(1, 121)))  # over the next half-hour
    found: list[Batch] = []
    for minutes in (10, 20, 40, 80):
        rig.now = NOON + timedelta(minutes=minutes)
        more, cursor = rig.all(cursor)
        found += more
    if rig.name == "rss":
        # A feed shows only its last twenty: the others are beyond its memory, and that is said.
        assert any(batch.since is not None for batch in found)
        return
    assert total(rig, found, NOON if rig.counts else NOON + timedelta(seconds=1)) == 120
    assert all(batch.since is None for batch in found)


@every_feed
def test_the_same_question_has_the_same_answer_whoever_asks_again(rig: Rig) -> None:
    rig.post(-30, -20)
    _, cursor = rig.all("")
    rig.post(1, 2, 3)
    rig.now = NOON + timedelta(hours=1)
    assert rig.fetch(cursor) == rig.fetch(cursor)


@every_feed
def test_what_is_said_to_be_known_is_past_and_never_less_than_before(rig: Rig) -> None:
    rig.post(-30)
    _, cursor = rig.all("")
    until = NOON - timedelta(days=10)
    for minutes in (5, 30, 90):
        rig.post(minutes - 1)
        rig.now = NOON + timedelta(minutes=minutes)
        batches, cursor = rig.all(cursor)
        for batch in batches:
            assert batch.until is None or until <= batch.until <= rig.now
            until = batch.until or until
        assert batches[-1].until is not None


@every_feed
def test_a_mention_says_when_where_and_what_and_has_the_same_id_each_time(rig: Rig) -> None:
    rig.post(-10)
    _, cursor = rig.all("")
    rig.post(1)
    rig.now = NOON + timedelta(minutes=50)
    (batch, *_), _ = rig.all(cursor)
    if rig.counts:
        assert [one.value for one in batch.counts if one.value and one.at >= NOON] == [1]
        return
    (mention,) = [one for one in batch.mentions if one.at > NOON]
    assert mention.at == NOON + timedelta(minutes=1)
    assert "kettle leaks" in mention.text
    assert mention.id
    assert mention.source
    again = [one for one in rig.fetch(cursor).mentions if one.at > NOON]
    assert [one.id for one in again] == [mention.id]


@every_feed_over_http
def test_a_source_that_wants_to_be_left_alone_is_and_its_date_is_obeyed(rig: Rig, sources: ModuleType) -> None:
    rig.server.answer = lambda _: sources.Reply(b"", 429, {"Retry-After": "300"})
    with pytest.raises(FeedFailed, match="asked too often") as failed:
        rig.fetch()
    assert failed.value.wait == timedelta(seconds=300)
    assert len(rig.server.asked) == 1
    when = {"Retry-After": "Mon, 02 Mar 2026 12:10:00 GMT", "Date": "Mon, 02 Mar 2026 12:00:00 GMT"}
    rig.server.answer = lambda _: sources.Reply(b"", 429, when)
    with pytest.raises(FeedFailed) as failed:
        rig.fetch()
    assert failed.value.wait == timedelta(minutes=10)


@every_feed_over_http
def test_a_short_wait_is_waited_for_and_then_it_goes_on(rig: Rig, sources: ModuleType) -> None:
    rig.post(-10)
    answer = rig.server.answer
    replies = iter([sources.Reply(b"", 429, {"Retry-After": "7"}), sources.Reply(b"", 502)])
    rig.server.answer = lambda question: next(replies, None) or answer(question)
    assert isinstance(rig.fetch(), Batch)
    assert rig.slept[0] >= 7
    assert len(rig.server.asked) == 3


@every_feed_over_http
@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ({"body": b"", "status": 500}, "fault of its own"),
        ({"body": b"", "status": 404}, "not there"),
        ({"body": b"no", "status": 401}, "lets nobody in"),
        ({"body": b"no", "status": 403}, "lets nobody in"),
        ({"body": b"bad query", "status": 400}, "bad query"),
        ({"body": b"<!DOCTYPE html><html><body>Sign in</body></html>"}, "web page"),
        ({"body": b"\x00\xff\xfe garbage \x1b[2J"}, "."),
        ({"body": b""}, "."),
        ({"body": b'{"half": [1, 2', "cut": 8}, "."),
        ({"body": b"[" * 100_000}, "."),
        ({"body": b"x" * 100, "headers": {"Content-Encoding": "gzip"}}, "unpacked"),
    ],
    ids=["fault", "gone", "unauthorised", "forbidden", "refused", "page", "garbage", "empty", "cut", "deep", "packed"],
)
def test_what_is_no_answer_is_a_failure_in_words_without_a_token_in_them(
    rig: Rig, sources: ModuleType, reply: dict[str, Any], says: str
) -> None:
    rig.server.answer = lambda _: sources.Reply(**reply)
    with pytest.raises(FeedFailed, match=says) as failed:
        rig.fetch()
    said = f"{failed.value.message} {failed.value.hint}"
    assert rig.name in failed.value.message
    assert failed.value.hint
    assert TOKEN not in said
    assert "\x1b" not in said


@every_feed_over_http
def test_an_answer_of_any_size_ends_at_a_limit(rig: Rig, sources: ModuleType) -> None:
    rig.server.answer = lambda _: sources.Reply(b'["' + b"x" * (40 << 20) + b'"]')
    with pytest.raises(FeedFailed, match="MB in one answer"):
        rig.fetch()


@every_feed_over_http
def test_a_token_follows_no_redirect(rig: Rig, sources: ModuleType) -> None:
    with sources.source(lambda _: sources.Reply(b"{}")) as elsewhere:
        rig.server.answer = lambda _: sources.Reply(b"", 302, {"Location": elsewhere.url})
        with suppress(FeedFailed):  # without a token it is followed
            rig.fetch()
        carried = [question for question in elsewhere.asked if TOKEN in str(question)]
        assert carried == []


@every_feed_over_http
def test_it_says_who_asks(rig: Rig) -> None:
    rig.fetch()
    assert rig.server.asked[0].headers["user-agent"].startswith("crisis/")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["data", "results", "mentions", "result", "documents", "timeline", "meta", "next_token", "paging", "id",
             "_links", "result_content", "created_at", "start", "tweet_count", "date", "value", "uri", "pagination"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@every_feed_over_http
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(value=json_values)
def test_whatever_shape_an_answer_has_it_is_read_or_refused(rig: Rig, sources: ModuleType, value: Any) -> None:
    rig.server.answer = lambda _: sources.Reply(json.dumps(value).encode())
    with suppress(CrisisError):
        assert isinstance(rig.fetch(), Batch)


@every_feed
@pytest.mark.parametrize("cursor", ["garbage", "[]", '{"until": 7, "newest": [], "time_us": "x", "page": {}}', "{}"])
def test_a_cursor_of_something_else_is_a_first_question(rig: Rig, cursor: str) -> None:
    rig.post(-10)
    assert isinstance(rig.fetch(cursor), Batch)


def test_every_kind_has_a_stand_in(standins: ModuleType) -> None:
    assert {one.kind for one in standins.STANDINS} | {"bluesky"} == set(KINDS)
