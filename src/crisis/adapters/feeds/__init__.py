"""Sources that are asked again and again, each known by its address. A new one: one file, one line here."""

from crisis.adapters.feeds import (
    bluesky,
    brandwatch,
    gdelt,
    mastodon,
    meltwater,
    mention,
    rss,
    sprout,
    talkwalker,
    x,
)
from crisis.adapters.feeds.kinds import Given, Kind, shown_url

__all__ = ["KINDS", "Given", "Kind", "kind_of", "shown_url"]

#: By name, in the order in which an address is tried: what lies anywhere is a feed of RSS or Atom.
KINDS: dict[str, Kind] = {
    one.KIND.name: one.KIND
    for one in (bluesky, x, gdelt, brandwatch, talkwalker, mention, sprout, meltwater, mastodon, rss)
}


def kind_of(url: str) -> Kind | None:
    """The kind of feed that lies at an address; None where it is no address of the web."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return next((kind for kind in KINDS.values() if parts.hostname and kind.knows(parts)), None)
