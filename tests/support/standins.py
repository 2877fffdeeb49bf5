"""Every kind of feed with a stand-in for its source: posts of our own, written as that source writes them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Post:
    """One post; `n` is its number, from 1 on, in order of time."""

    n: int
    at: datetime
    text: str = "The kettle leaks"


@dataclass(frozen=True)
class StandIn:
    """A source. `path` is where it lies, `write` what it answers at `now`; `counts` if it only counts."""

    kind: str
    path: str
    write: Callable[[list[Post], Any, datetime], Any]
    counts: bool = False
    token: bool = False


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def between(posts: list[Post], since: datetime, until: datetime, now: datetime) -> list[Post]:
    return [post for post in posts if since <= post.at < until and post.at <= now]


def rss(posts: list[Post], question: Any, now: datetime) -> bytes:
    items = "".join(
        f"<item><title>{post.text} {post.n}</title><link>https://news.example/{post.n}</link>"
        f"<pubDate>{format_datetime(post.at)}</pubDate></item>"
        for post in [one for one in posts if one.at <= now][-20:]
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>n</title>{items}</channel></rss>'.encode()


def mastodon(posts: list[Post], question: Any, now: datetime) -> Any:
    assert question.path == "/api/v1/timelines/tag/kettle"
    known = [post for post in posts if post.at <= now and post.n > int(question.query.get("min_id", 0))]
    page = known[: int(question.query["limit"])] if "min_id" in question.query else known[-40:]
    return [
        {
            "id": str(post.n),
            "created_at": post.at.isoformat(),
            "uri": f"https://social.example/{post.n}",
            "url": f"https://social.example/@someone/{post.n}",
            "content": f"<p>{post.text}</p>",
            "spoiler_text": "",
            "language": "en",
            "account": {"acct": "someone"},
            "reblogs_count": 1,
            "favourites_count": 2,
            "replies_count": 3,
        }
        for post in reversed(page)
    ]


def gdelt(posts: list[Post], question: Any, now: datetime) -> Any:
    def stamp(key: str) -> datetime:
        return datetime.strptime(question.query[key], "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    assert question.query["mode"] == "timelinevolraw"
    assert question.query["query"] == '"kettle 3"'
    quarter = timedelta(minutes=15)
    data, at = [], stamp("startdatetime")
    while at <= stamp("enddatetime"):
        data.append(
            {"date": f"{at:%Y%m%dT%H%M%SZ}", "value": len(between(posts, at, at + quarter, now)), "norm": 90_000}
        )
        at += quarter
    return {"timeline": [{"series": "Article Count", "data": data}]}


def x(posts: list[Post], question: Any, now: datetime) -> Any:
    since, until = moment(question.query["start_time"]), moment(question.query["end_time"])
    assert now - since <= timedelta(days=7)
    assert now - until >= timedelta(seconds=10)
    minute, data, at = timedelta(minutes=1), [], since
    by_minute = Counter(post.at.replace(second=0, microsecond=0) for post in posts if post.at <= now)
    while at < until:
        count = by_minute[at]
        data.append({"start": at.isoformat(), "end": (at + minute).isoformat(), "tweet_count": count})
        at += minute
    first = int(question.query.get("next_token", 0))
    meta: dict[str, Any] = {"total_tweet_count": sum(one["tweet_count"] for one in data)}
    if first + 6000 < len(data):
        meta["next_token"] = str(first + 6000)
    return {"data": data[first : first + 6000], "meta": meta}


def brandwatch(posts: list[Post], question: Any, now: datetime) -> Any:
    assert question.headers["authorization"] == "Bearer s3cret"
    assert question.query["queryId"] == "2"
    found = between(posts, moment(question.query["startDate"]), moment(question.query["endDate"]), now)
    first = int(question.query.get("cursor", 0))
    return {
        "results": [
            {
                "resourceId": str(post.n), "date": post.at.isoformat(), "pageType": "forum", "sentiment": "negative",
                "author": "someone", "snippet": post.text, "url": f"https://forum.example/{post.n}",
            }
            for post in found[first : first + 50]
        ],
        "nextCursor": str(first + 50) if first + 50 < len(found) else None,
    }  # fmt: skip


def talkwalker(posts: list[Post], question: Any, now: datetime) -> Any:
    assert question.query["access_token"] == "s3cret"
    least, below = (
        EPOCH + timedelta(milliseconds=int(part.lstrip("published:<>="))) for part in question.query["q"].split(" AND ")
    )
    found = between(posts, least, below, now)
    first = int(question.query.get("offset", 0))
    pagination = {"total": len(found)}
    if first + 50 < len(found):
        pagination["next"] = f"GET /api/v1/search/p/1/results?access_token=elsewhere&offset={first + 50}"
    return {
        "status_code": "0",
        "pagination": pagination,
        "result_content": {
            "data": [
                {
                    "data": {
                        "url": f"https://forum.example/{post.n}",
                        "published": int((post.at - EPOCH).total_seconds() * 1000),
                        "indexed": 1, "search_indexed": 1, "content": post.text, "source_type": ["MESSAGEBOARD"],
                        "sentiment": -5, "lang": "en",
                    }
                }
                for post in found[first : first + 50]
            ]
        },
    }  # fmt: skip


def mention(posts: list[Post], question: Any, now: datetime) -> Any:
    assert question.headers["accept-version"] == "1.19"
    found = between(posts, moment(question.query["not_before_date"]), moment(question.query["before_date"]), now)[::-1]
    first = int(question.query.get("cursor", 0))
    links = {}
    if first + 50 < len(found):
        links = {"more": {"href": f"https://elsewhere.example/steal?limit=1000&cursor={first + 50}"}}
    return {
        "mentions": [
            {
                "id": str(post.n), "alert_id": 2, "published_at": f"{post.at:%Y-%m-%dT%H:%M:%S}.00000000+00:00",
                "source_type": "forums", "source_name": "f", "tone": -1, "title": "", "description": post.text,
                "original_url": f"https://forum.example/{post.n}",
            }
            for post in found[first : first + 50]
        ],
        "_links": links,
    }  # fmt: skip


def sprout(posts: list[Post], question: Any, now: datetime) -> Any:
    since, until = question.json["filters"][0].removeprefix("created_time.in(").removesuffix(")").split("..")
    found = between(posts, moment(since), moment(until), now)
    page = question.json["page"]
    return {
        "data": [
            {
                "guid": str(post.n), "created_time": post.at.isoformat(), "network": "REDDIT", "text": post.text,
                "perma_link": f"https://forum.example/{post.n}", "from": {"name": "someone"},
                "listening_metadata": {"sentiment": "negative"},
            }
            for post in found[(page - 1) * 50 : page * 50]
        ],
        "paging": {"current_page": page, "total_pages": -(-len(found) // 50)},
    }  # fmt: skip


def meltwater(posts: list[Post], question: Any, now: datetime) -> Any:
    assert question.headers["apikey"] == "s3cret"
    asked = question.json
    found, page, size = (
        between(posts, moment(asked["start"]), moment(asked["end"]), now),
        asked["page"],
        asked["page_size"],
    )
    return {
        "result": {
            "document_count": len(found),
            "documents": [
                {
                    "id": str(post.n), "published_date": post.at.isoformat(), "indexed_date": post.at.isoformat(),
                    "url": f"https://forum.example/{post.n}", "source": {"type": "forum", "name": "f"},
                    "content": {"opening_text": post.text}, "enrichments": {"sentiment": "negative"},
                }
                for post in found[(page - 1) * size : page * size]
            ],
        }
    }  # fmt: skip


def jetstream(post: Post) -> dict[str, Any]:
    """A post as the stream has it."""
    return {
        "did": "did:plc:someone",
        "time_us": int((post.at - EPOCH) / timedelta(microseconds=1)),
        "kind": "commit",
        "commit": {
            "operation": "create",
            "collection": "app.bsky.feed.post",
            "rkey": f"key{post.n}",
            "record": {"text": post.text, "createdAt": "1999-01-01T00:00:00Z", "langs": ["en"]},
        },
    }


STANDINS = (
    StandIn("rss", "/feed", rss),
    StandIn("mastodon", "/tags/kettle", mastodon),
    StandIn("gdelt", "/api/v2/doc/doc?query=%22kettle%203%22", gdelt, counts=True),
    StandIn("x", "/2/tweets/counts/recent?query=kettle", x, counts=True, token=True),
    StandIn("brandwatch", "/projects/1/data/mentions?queryId=2", brandwatch, token=True),
    StandIn("talkwalker", "/api/v1/search/p/1/results?topic=t", talkwalker, token=True),
    StandIn("mention", "/api/accounts/1/alerts/2/mentions", mention, token=True),
    StandIn("sprout", "/v1/1/listening/topics/2/messages", sprout, token=True),
    StandIn("meltwater", "/v3/search/1", meltwater, token=True),
)


def written(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
