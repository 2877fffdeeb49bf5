"""Files of nobody in particular: mentions or counts under everyday column names, or under a column map's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crisis.adapters.importers.layout import Layout, fields, plain

if TYPE_CHECKING:
    from crisis.adapters.importers.columns import ColumnMap

ASSUMED = "assumed: the times carry no offset, and no post id tells it"

_USUAL = fields(
    id="id|mention id|message id|post id|guid|uid",
    at="timestamp|time|datetime|date|at|created at|created|published at|published|published date|posted at|posted"
    "|created time|created utc|start|day|hour|minute|bucket|ts|ds",
    source="source|network|platform|channel|source type|page type|site|domain|brand",
    author="author|user|username|user name|author name|handle|screen name|account|from",
    text="text|message|content|body|full text|post|tweet|comment|review|snippet|description|title|headline",
    url="url|link|permalink|uri|address",
    language="language|lang|language code",
    sentiment="sentiment|tone|polarity|sentiment label",
    reach="reach|impressions|audience|views",
    engagement="engagement|engagements|interactions",
    country="country|country code",
    repost_of="repost of|retweet of|is repost|is retweet|repost|reposted from",
    value="value|count|mentions|volume|tweet count|visits|page views|pageviews|sessions|hits|total|n|y|amount|number",
)


def plain_layout(present: tuple[str, ...]) -> Layout | None:
    """Mentions if there is a time and a text, counts if there is a time and a number (or only one other column)."""
    usual = {meaning: tuple(name for name in listed if name in present) for meaning, listed in _USUAL.items()}
    if not usual["at"]:
        return None
    if usual["text"]:
        return Layout("mentions", (), {**usual, "value": ()}, why=ASSUMED)
    others = tuple(name for name in present if name and name not in usual["at"])
    value = usual["value"] or (others if len(others) == 1 else ())
    if not value:
        return None
    return Layout(
        "counts", (), {"at": usual["at"], "value": value, "source": usual["source"]}, records="counts", why=ASSUMED
    )


def mapped_layout(columns: ColumnMap) -> Layout:
    """The layout that a column map spells out."""
    return Layout(
        "mapped",
        (),
        {meaning: tuple(plain(name) for name in listed) for meaning, listed in columns.fields.items()},
        records=columns.records,
        source=columns.source,
        sentiments={key.casefold(): verdict for key, verdict in columns.sentiments.items()},
        why=ASSUMED,
    )
