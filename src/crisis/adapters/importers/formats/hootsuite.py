"""Hootsuite: the inbox export; its reports about one's own posts are known, and turned away."""

from crisis.adapters.importers.layout import Layout, fields, names

HOOTSUITE = Layout(
    name="hootsuite",
    signatures=(names("Message Author", "Message ID", "Message Permalink", "Message"),),
    fields=fields(
        id="Message ID",
        at="Date (GMT)|Date",
        author="Message Author",
        text="Message",
        url="Message Permalink",
        language="Language",
        sentiment="Sentiment",
    ),
    source="facebook",
    convention="declared",
    why="its header says GMT",
)

HOOTSUITE_OWN_POSTS = Layout(
    name="hootsuite-posts",
    signatures=(names("Post ID", "Post Permalink", "Post Message", "Facebook Page"),),
    fields={},
    refused="export the inbox (inbound messages) to see what others write",
)
