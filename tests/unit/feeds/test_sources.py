"""What one kind of feed has and the others have not."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from crisis.adapters.feeds import KINDS, Given, kind_of, shown_url
from crisis.adapters.feeds.http import Http, wait_of
from crisis.adapters.feeds.kinds import moment_of
from crisis.adapters.feeds.mastodon import address_of, mention_of
from crisis.adapters.feeds.words import matcher
from crisis.kernel.errors import Usage
from crisis.runtime.feeds import FeedFailed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.google.com/alerts/feeds/123/456", "rss"),
        ("https://alerts.talkwalker.com/alerts/rss/abc", "rss"),
        ("https://mastodon.social/tags/kettle", "mastodon"),
        ("https://mastodon.social/tags/kettle.rss", "rss"),
        ("https://mastodon.social/api/v1/timelines/tag/kettle", "mastodon"),
        ("wss://jetstream2.us-east.bsky.network/subscribe", "bluesky"),
        ("https://api.gdeltproject.org/api/v2/doc/doc?query=kettle", "gdelt"),
        ("https://api.x.com/2/tweets/counts/recent?query=kettle", "x"),
        ("https://api.brandwatch.com/projects/1/data/mentions?queryId=2", "brandwatch"),
        ("https://api.talkwalker.com/api/v1/search/p/1/results", "talkwalker"),
        ("https://api.mention.net/api/accounts/1/alerts/2/mentions", "mention"),
        ("https://api.sproutsocial.com/v1/1/listening/topics/2/messages", "sprout"),
        ("https://api.meltwater.com/v3/search/1", "meltwater"),
        ("https://api.x.com.evil.example/feed", "rss"),
        ("ftp://files.example/feed", None),
        ("kettle", None),
        ("https://[", None),
    ],
)
def test_a_feed_is_known_by_its_address(url: str, kind: str | None) -> None:
    found = kind_of(url)
    assert (found.name if found else None) == kind


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown_url("https://user:pw@news.example:8080/feed?token=abc#x") == "https://news.example:8080/feed"
    assert "\x1b" not in shown_url("https://[\x1b")


@pytest.mark.parametrize(
    ("words", "text", "ours"),
    [
        (["kettle"], "The Kettle leaks", True),
        (["kettle"], "kettledrum", False),
        (["kettle 3"], "the kettle\n 3 leaks", True),
        (["#kettle"], "so #KETTLE!", True),
        (["#kettle"], "#kettles", False),
        (["c++"], "I love C++.", True),
        (["strasse"], "an der Straße", True),
        (["kettle", "toaster"], "a toaster", True),
        ([".*"], "anything", False),
        ([], "anything", True),
        (["  "], "anything", True),
    ],
)
def test_words_are_found_whole_in_small_and_capital_letters(words: list[str], text: str, ours: bool) -> None:
    assert matcher(words)(text) is ours


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": "Mon, 02 Mar 2026 12:05:00 GMT", "date": DATE}, 300),
        ({"retry-after": "Mon, 02 Mar 2026 12:05:00 GMT"}, None),
        ({"retry-after": "99999999999999"}, 86_400),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1772453400", "date": DATE}, 600),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-03-02T12:01:00.000Z", "date": DATE},
            60,
        ),
        ({"x-rate-limit-remaining": "5", "x-rate-limit-reset": "1772453400"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_source_says_how_long_it_wants_to_be_left_alone(headers: dict[str, str], seconds: int | None) -> None:
    assert wait_of(headers) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_source_that_cannot_be_reached_is_tried_again_and_then_said() -> None:
    slept: list[float] = []
    with pytest.raises(FeedFailed, match="cannot be reached"):
        Http("news", sleep=slept.append).get("http://127.0.0.1:1/feed")
    assert len(slept) == 2


@pytest.mark.parametrize(
    "headers",
    [{"X-Long": "x" * 1000}, {}, {"Content-Length": "1000"}, {"Content-Encoding": "gzip"}],
    ids=["in its headers", "in its body", "in a body of known length", "packed"],
)
def test_an_answer_that_drips_ends_when_patience_does(sources: ModuleType, headers: dict[str, str]) -> None:
    body = gzip.compress(b"x" * 1000, compresslevel=0)
    slept: list[float] = []
    with sources.source(lambda _: sources.Reply(body, headers=headers, drip=0.005)) as server:
        began = time.monotonic()
        with pytest.raises(FeedFailed, match="does not answer in time: it takes longer"):
            Http("news", patience=0.5, sleep=slept.append).get(server.url)
        assert time.monotonic() - began < 3
    assert not slept


def test_an_answer_over_an_open_connection_is_bounded_too_and_the_next_one_comes(sources: ModuleType) -> None:
    http = Http("news", patience=0.5, sleep=lambda _: None)
    with sources.source(lambda _: sources.Reply(stays_open=True)) as server:
        http.get(server.url)
        server.answer = lambda _: sources.Reply(b"x" * 400, drip=0.01)
        with pytest.raises(FeedFailed, match="longer than"):
            http.get(server.url)
        assert server.connections == 1
        server.answer = lambda _: sources.Reply(b"whole")
        assert http.get(server.url).body == b"whole"


# ── RSS ──


def rss(url: str) -> Any:
    return KINDS["rss"].make(Given("news", url))


def test_a_feed_that_has_not_changed_is_not_sent_again(sources: ModuleType) -> None:
    def answer(question: Any) -> Any:
        if question.headers.get("if-none-match") == '"one"':
            return sources.Reply(b"", 304)
        return sources.Reply(b"<rss><channel><title>n</title></channel></rss>", headers={"ETag": '"one"'})

    with sources.source(answer) as server:
        first = rss(server.url).fetch("", NOON)
        again = rss(server.url).fetch(first.cursor, NOON)
    assert (again.cursor, again.mentions) == (first.cursor, ())
    assert again.until is not None


def test_an_entry_without_a_date_is_as_old_as_our_knowledge_of_it(sources: ModuleType) -> None:
    body = b"<rss><channel><item><title>Kettle</title><link>https://n.example/1</link></item></channel></rss>"
    with sources.source(lambda _: sources.Reply(body)) as server:
        (mention,) = rss(server.url).fetch("", NOON).mentions
    assert mention.at == NOON


def test_entities_that_could_explode_are_refused(sources: ModuleType) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><rss><channel><title>&a;</title></channel></rss>'
    with sources.source(lambda _: sources.Reply(bomb)) as server, pytest.raises(FeedFailed, match="entities"):
        rss(server.url).fetch("", NOON)


# ── Mastodon ──


def test_a_tag_is_found_in_its_page_and_in_the_api() -> None:
    wanted = "https://m.example/api/v1/timelines/tag/kettle%203"
    assert address_of("https://m.example/tags/kettle%203/") == wanted
    assert address_of("https://m.example/api/v1/timelines/tag/kettle%203?local=true") == wanted
    with pytest.raises(Usage, match="no tag"):
        address_of("https://m.example/about")


def test_a_post_is_read_without_its_markup_and_counts_as_what_it_was_first() -> None:
    post = {
        "id": "7",
        "created_at": "2026-03-02T12:00:00.000Z",
        "uri": "https://other.example/posts/7",
        "url": "https://other.example/@a/7",
        "content": "<p>The <b>kettle</b> &amp; I\x00<br>leak</p>",
        "spoiler_text": "Water",
        "language": "en-GB",
        "reblogs_count": 2,
        "favourites_count": None,
        "account": None,
    }
    found = mention_of(post)
    assert found is not None
    assert (found.id, found.text, found.language, found.engagement) == (
        "https://other.example/posts/7", "Water\nThe kettle & I\nleak", "en", 2
    )  # fmt: skip
    assert mention_of({**post, "created_at": "yesterday"}) is None


# ── Bluesky ──


@pytest.fixture
def stream(sources: ModuleType) -> Iterator[Any]:
    with sources.stream([]) as running:
        yield running


def bluesky(url: str, silence: float = 0.4) -> Any:
    feed = KINDS["bluesky"].make(Given("sky", url, ("kettle",)))
    feed.listen, feed.silence = 0.3, silence
    return feed


def at(standins: ModuleType, minutes: float, text: str = "The kettle leaks") -> dict[str, Any]:
    return standins.jetstream(standins.Post(round(minutes * 10), NOON + timedelta(minutes=minutes), text))


def test_it_asks_for_posts_only_and_goes_on_some_seconds_before_where_it_was(stream: Any, standins: ModuleType) -> None:
    stream.events += [at(standins, 0), at(standins, 0.05)]
    feed = bluesky(stream.url)
    first = feed.fetch("", NOON)
    feed.close()
    assert stream.asked[0] == {"wantedCollections": "app.bsky.feed.post"}
    stream.events.append(at(standins, 0.2))
    again = bluesky(stream.url)
    found = again.fetch(first.cursor, NOON)
    again.close()
    before = json.loads(first.cursor)["time_us"]
    assert int(stream.asked[1]["cursor"]) == before - 5_000_000
    assert found.mentions[-1].id == "at://did:plc:someone/app.bsky.feed.post/key2"
    assert found.since is None


def test_the_connection_stays_open_between_two_questions(stream: Any, standins: ModuleType) -> None:
    feed = bluesky(stream.url)
    stream.events.append(at(standins, 0))
    cursor = feed.fetch("", NOON).cursor
    stream.events.append(at(standins, 1))
    assert len(feed.fetch(cursor, NOON).mentions) == 1
    assert len(stream.asked) == 1
    feed.close()


def test_only_new_posts_with_our_words_count_and_garbage_is_skipped(stream: Any, standins: ModuleType) -> None:
    like = at(standins, 1)
    like["commit"] = {**like["commit"], "collection": "app.bsky.feed.like"}
    gone = at(standins, 2)
    gone["commit"] = {**gone["commit"], "operation": "delete"}
    odd = at(standins, 2.5)
    odd["commit"] = {**odd["commit"], "record": [1]}
    stream.events += [
        at(standins, 0.5, "of others"), like, gone, odd, "no json", "[1]", '{"time_us": "x"}',
        {"time_us": 1 << 59}, {"time_us": 1 << 80}, at(standins, 3),
        {"time_us": at(standins, 4)["time_us"], "kind": "identity"},
    ]  # fmt: skip
    feed = bluesky(stream.url)
    batch = feed.fetch("", NOON + timedelta(minutes=3))
    feed.close()
    (mention,) = batch.mentions
    assert (mention.at, mention.language, mention.source) == (NOON + timedelta(minutes=3), "en", "bluesky")
    assert batch.skipped == 5


def test_a_stream_that_breaks_off_is_said_and_gone_on_with(stream: Any, standins: ModuleType) -> None:
    stream.events += [at(standins, 0), at(standins, 1)]
    stream.break_after = 2
    feed = bluesky(stream.url, silence=2.0)
    cursor = feed.fetch("", NOON).cursor
    with pytest.raises(FeedFailed, match="broke off"):
        feed.fetch(cursor, NOON + timedelta(minutes=2))
    stream.break_after = None
    stream.events.append(at(standins, 2))
    found = feed.fetch(cursor, NOON + timedelta(minutes=2))
    feed.close()
    assert found.mentions[-1].id.endswith("key20")


def test_a_stream_that_is_silent_is_said(stream: Any) -> None:
    with pytest.raises(FeedFailed, match="silent"):
        bluesky(stream.url).fetch("", NOON)


def test_a_stream_that_cannot_be_reached_is_said(sources: ModuleType) -> None:
    with pytest.raises(FeedFailed, match="cannot be reached"):
        bluesky("ws://127.0.0.1:1/subscribe").fetch("", NOON)
    with sources.source(lambda _: sources.Reply(b"<html>Log in</html>")) as page, pytest.raises(FeedFailed):
        bluesky(page.url.replace("http", "ws")).fetch("", NOON)


def test_a_stream_that_no_longer_reaches_back_says_from_when_on_it_does(stream: Any, standins: ModuleType) -> None:
    stream.events.append(at(standins, 0))
    feed = bluesky(stream.url)
    cursor = feed.fetch("", NOON).cursor
    feed.close()
    stream.events[:] = [at(standins, 300)]
    feed = bluesky(stream.url)
    assert feed.fetch(cursor, NOON + timedelta(minutes=300)).since == NOON + timedelta(minutes=300)
    feed.close()


# ── what counts ──


def test_x_is_asked_for_no_more_than_it_remembers_and_what_is_lost_shows(
    sources: ModuleType, standins: ModuleType
) -> None:
    with sources.source(lambda question: sources.Reply(standins.x([], question, NOON))) as server:
        feed = KINDS["x"].make(Given("x", f"{server.url}/?query=kettle", token="t"))
        batch = feed.fetch(json.dumps({"until": (NOON - timedelta(days=9)).isoformat()}), NOON)
    assert batch.since is not None
    assert NOON - batch.since < timedelta(days=7)


def test_gdelt_without_an_article_says_so_with_nothing(sources: ModuleType) -> None:
    with sources.source(lambda _: sources.Reply(b"{}")) as server:
        batch = KINDS["gdelt"].make(Given("news", f"{server.url}/?query=kettle")).fetch("", NOON)
    assert (batch.counts, batch.until) == ([], NOON - timedelta(minutes=30))


def test_gdelts_own_words_for_a_bad_query_are_passed_on(sources: ModuleType) -> None:
    said = b"Your query was too short or too long."
    with (
        sources.source(lambda _: sources.Reply(said)) as server,
        pytest.raises(FeedFailed, match="too short or too long"),
    ):
        KINDS["gdelt"].make(Given("news", server.url)).fetch("", NOON)


def test_what_a_tool_is_paid_for_is_asked_for_once(sources: ModuleType, standins: ModuleType) -> None:
    spans: list[tuple[datetime, datetime]] = []

    def answer(question: Any) -> Any:
        asked = question.json
        spans.append((moment_of(asked["start"]), moment_of(asked["end"])))  # type: ignore[arg-type]
        return sources.Reply({"result": {"documents": []}})

    with sources.source(answer) as server:
        feed = KINDS["meltwater"].make(Given("mw", f"{server.url}/v3/search/1", token="t"))
        cursor = feed.fetch("", NOON).cursor
        feed.fetch(cursor, NOON + timedelta(hours=1))
    assert spans[1][0] == spans[0][1]


def test_a_tool_that_answers_with_something_else_is_said(sources: ModuleType) -> None:
    reply = {"results": [{"odd": 1, "keys": 2}]}
    with sources.source(lambda _: sources.Reply(reply)) as server, pytest.raises(FeedFailed, match="no mention of"):
        KINDS["brandwatch"].make(Given("bw", server.url, token="t")).fetch("", NOON)
