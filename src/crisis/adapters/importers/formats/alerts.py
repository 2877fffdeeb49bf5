"""Alerts as feeds: Google Alerts, Talkwalker Alerts, and any other RSS or Atom; `feeds.py` names the entries' parts."""

from crisis.adapters.importers.layout import Layout, fields

_FIELDS = fields(
    id="url", at="published", author="author", text="text", url="url", language="language", source="source"
)  # fmt: skip

GOOGLE_ALERTS = Layout("google-alerts", (), _FIELDS, source="web", convention="utc", why="feeds carry UTC", markup=True)
TALKWALKER_ALERTS = Layout(
    "talkwalker-alerts", (), _FIELDS, source="web", convention="utc", why="feeds carry UTC", markup=True
)
FEED = Layout("feed", (), _FIELDS, source="web", convention="utc", why="feeds carry UTC", markup=True)
