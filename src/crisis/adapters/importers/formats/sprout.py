"""Sprout Social: messages of a listening topic, from the API (which leaves X out)."""

from crisis.adapters.importers.layout import Layout, fields, names

SPROUT = Layout(
    name="sprout",
    signatures=(
        names("guid", "created_time", "network"),
        names("perma_link", "created_time", "listening_metadata.sentiment"),
    ),
    fields=fields(
        id="guid|perma_link",
        at="created_time",
        source="network",
        author="from.screen_name|from.name",
        text="text|title",
        url="perma_link",
        language="language",
        sentiment="listening_metadata.sentiment|sentiment",
        reach="metrics.reach|metrics.impressions",
        engagement="metrics.engagements",
        interactions="metrics.likes|metrics.replies|metrics.shares_count",
        country="location.country|country",
    ),
    convention="utc",
    why="Sprout writes UTC",
)
