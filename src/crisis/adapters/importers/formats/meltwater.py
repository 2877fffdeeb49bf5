"""Meltwater: Explore export (UTF-16 tab CSV of 2022 and of today, XLSX) and API or hook batches."""

from crisis.adapters.importers.layout import Layout, fields, names

MELTWATER = Layout(
    name="meltwater",
    signatures=(
        names("Document ID", "Hit Sentence", "Source Type"),
        names("Document ID", "Opening Text", "Input Name"),
        names("Alternate Date Format", "Hit Sentence", "Influencer"),
        names("Headline", "Opening Text", "Hit Sentence", "Influencer"),
        names("published_date", "indexed_date", "url"),
    ),
    fields=fields(
        id="Document ID|Tweet Id|id",
        at="Date|published_date",
        added="indexed_date",
        clock="Time",
        source="Source Type|Source|source.type|source.name|Source Name|Source Domain",
        author="Author Handle|Author Name|Influencer|Twitter Screen Name|author.handle|author.name|source.author",
        text="Hit Sentence|Opening Text|Title|Headline"
        "|content.text|content.opening_text|content.title|opening_text|text",
        url="URL",
        language="Language|language_code",
        # `Brand Sentiment` is about the brand but mostly "unknown": it speaks only where the other is silent.
        sentiment="Sentiment|enrichments.sentiment|Brand Sentiment",
        reach="Reach|metrics.reach|source.metrics.reach",
        engagement="Engagement|metrics.engagement",
        interactions="Shares|Quotes|Likes|Replies|Reposts|Comments|Reactions",
        country="Country|location.country_code|country_code",
        kind="Content Type",
        post_id="Tweet Id",
        document_id="Document ID",
    ),
    convention="hidden",
    why="Meltwater's files are in the account's local time",
)
