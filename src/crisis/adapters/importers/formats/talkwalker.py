"""Talkwalker: project export (XLSX, CSV), search results (API v1) and stream (API v3), all with the same names."""

from crisis.adapters.importers.layout import Layout, fields, names

TALKWALKER = Layout(
    name="talkwalker",
    signatures=(
        names("published", "search_indexed", "source_type"),
        names("published", "indexed", "content", "source_type"),
        names("indexed", "search_indexed", "sentiment"),
    ),
    fields=fields(
        id="url|external_id",
        at="published",
        added="indexed|search_indexed",
        source="source_type",
        author="extra_author_attributes.name|extra_author_attributes.short_name",
        text="content|content_snippet|title|title_snippet",
        url="url",
        language="lang",
        sentiment="sentiment",
        reach="reach",
        engagement="engagement",
        interactions="article_extended_attributes.facebook_shares|article_extended_attributes.facebook_likes"
        "|article_extended_attributes.twitter_retweets|article_extended_attributes.twitter_likes"
        "|article_extended_attributes.twitter_shares|article_extended_attributes.num_comments",
        country="extra_source_attributes.world_data.country_code|extra_author_attributes.world_data.country_code"
        "|extra_article_attributes.world_data.country_code",
        kind="tags_internal",
        post_id="external_id",
    ),
    convention="hidden",
    why="Talkwalker's files are in the project's local time",
)
