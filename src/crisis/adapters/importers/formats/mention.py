"""Mention: mentions of an alert, from the API; posts on X, Facebook and Instagram come without text."""

from crisis.adapters.importers.layout import Layout, fields, names

MENTION = Layout(
    name="mention",
    signatures=(names("published_at", "tone", "source_type"), names("alert_id", "published_at", "source_name")),
    fields=fields(
        id="id|unique_id",
        at="published_at",
        added="created_at",
        source="source_type|source_name",
        author="author_name|author.name|source_name",
        text="description|title",
        url="original_url|url|unique_id",
        language="language_code",
        sentiment="tone_name|tone",
        reach="cumulative_reach|direct_reach|reach",
        engagement="engagement",
        country="country",
    ),
    convention="utc",
    why="Mention writes UTC",
    markup=True,
)
