"""Brandwatch: bulk mentions download (CSV, XLSX; before and after Twitter's renaming) and API.

Hootsuite Insights and Falcon exports that keep Brandwatch's columns are read by it as well.
"""

from crisis.adapters.importers.layout import Layout, fields, names

BRANDWATCH = Layout(
    name="brandwatch",
    signatures=(
        names("Query Name", "Page Type", "Sentiment", "Url"),
        names("Query Id", "Page Type", "Full Text"),
        names("resourceId", "pageType", "sentiment"),
    ),
    fields=fields(
        id="Mention Id|Resource Id|Url",
        at="Date",
        added="Added",
        source="Page Type|Content Source Name|Domain",
        author="Author|Full Name",
        text="Full Text|Snippet|Title",
        url="Url|Original Url",
        language="Language",
        sentiment="Sentiment",
        reach="Reach (new)|Reach|reachEstimate|Impressions|Potential Audience",
        engagement="Engagement Score",
        interactions="Likes|Comments|Shares|X Likes|X Replies|X Reposts|Twitter Reply Count|Twitter Retweets"
        "|Facebook Likes|Facebook Comments|Facebook Shares|Instagram Likes|Instagram Comments|Reddit Comments",
        country="Country Code|Country",
        repost_of="X Repost of|Twitter Retweet of|retweetOf",
        kind="Thread Entry Type",
    ),
    convention="utc",
    why="Brandwatch writes UTC",
)
