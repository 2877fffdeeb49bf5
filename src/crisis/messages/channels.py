"""What each channel takes: its limit, the unit it counts in, and what else it does to a text.

The numbers are data, with their source; an account may have another limit (`measure(…, limit=)`).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from crisis.kernel.diagnostics import nearest
from crisis.kernel.errors import NotFound
from crisis.kernel.text import safe
from crisis.messages import counting, links, sms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Channel(Struct, frozen=True):
    """A channel's rules."""

    title: str
    limit: int | None = None
    unit: str = "characters"
    needs_media: bool = False
    hashtags: int | None = None
    """More hashtags than this are refused or ignored."""
    links: int | None = None
    """More links than this are refused."""
    source: str = ""


CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        # Vendor: https://docs.x.com/resources/fundamentals/counting-characters. A premium account's limit is its own.
        "x": Channel("X", 280, "weighted characters", source="vendor"),
        # Not documented by the vendor; what public publishing tools use.
        "facebook": Channel("Facebook", 63_206, source="observed"),
        # Vendor: Instagram Graph API, `caption`; five hashtags since December 2025 by the vendor's announcement.
        "instagram": Channel("Instagram", 2_200, needs_media=True, hashtags=5, source="vendor"),
        # Vendor: Posts API, `commentary`.
        "linkedin": Channel("LinkedIn", 3_000, source="vendor"),
        # Vendor: Threads API, `text`: emoji count as their UTF-8 bytes, five unique links, one topic tag.
        "threads": Channel("Threads", 500, "characters, emoji as bytes", hashtags=1, links=5, source="vendor"),
        # Vendor: lexicon app.bsky.feed.post, `maxGraphemes`; its `maxLength` is BLUESKY_BYTES.
        "bluesky": Channel("Bluesky", 300, "graphemes", source="vendor"),
        # Vendor: default of an instance's `configuration.statuses.max_characters`.
        "mastodon": Channel("Mastodon", 500, source="vendor"),
        # Vendor: Content Posting API, `title`, in UTF-16 units.
        "tiktok": Channel("TikTok", 2_200, "UTF-16 units", needs_media=True, source="vendor"),
        # Vendor: Data API, `snippet.description`, in bytes, without < and >.
        "youtube": Channel("YouTube", 5_000, "bytes", needs_media=True, source="vendor"),
        "blog": Channel("Blog"),
        "website": Channel("Website"),
        "press-release": Channel("Press release"),
        "email": Channel("E-mail"),
        "status-page": Channel("Status page"),
        # Ours: a fourth part is a letter, not an alert; the parts are counted by 3GPP TS 23.038 and 23.040.
        "sms": Channel("SMS", 3, "SMS parts", source="ours"),
        "internal": Channel("Internal"),
    }
)
CHANNEL_KINDS = tuple(CHANNELS)
BLUESKY_BYTES = 3_000

# Vendor: https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
_LITTLE_TEXT = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_MENTION = re.compile(r"(?<![=/\w.])@(\w[\w.-]*+(?<=\w))@[\w-]+(?:\.[\w-]*\w)+", re.ASCII)
_LINK = re.compile(r"https?://[^\s<>]+")


class Measure(Struct, frozen=True):
    """How long a text is on a channel."""

    used: int
    limit: int | None
    unit: str
    warnings: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the channel takes the text at this length."""
        return self.limit is None or self.used <= self.limit

    def __str__(self) -> str:
        return f"{self.used:,}" if self.limit is None else f"{self.used:,}/{self.limit:,}"


def measure(text: str, channel: str, *, limit: int | None = None) -> Measure:
    """Count `text` as `channel` would; `limit` replaces the channel's own, in the same unit.

    Raises NotFound for a channel that is not in CHANNEL_KINDS.
    """
    rules = _rules(channel)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    limit = rules.limit if limit is None else limit
    match channel:
        case "x":
            used, exact = links.weight(text)
            measured = Measure(used, limit, rules.unit, () if exact else (_NOT_EXACT,))
        case "mastodon":
            shortened = links.shorten(text, bare=False)
            used = counting.graphemes(_MENTION.sub(r"@\1", shortened.text))
            measured = Measure(used, limit, rules.unit, () if shortened.exact else (_NOT_EXACT,))
        case "bluesky":
            measured = _bluesky(text, limit)
        case "threads":
            measured = Measure(counting.emoji_as_bytes(text), limit, rules.unit)
        case "tiktok":
            measured = Measure(counting.utf16_units(text), limit, rules.unit)
        case "youtube":
            measured = Measure(counting.utf8_bytes(text), limit, rules.unit)
        case "sms":
            return _sms(text, limit)
        case _:
            measured = Measure(counting.code_points(text), limit, rules.unit)
    return Measure(
        measured.used, measured.limit, measured.unit, (*measured.warnings, *_warnings(text, channel, measured))
    )


_NOT_EXACT = "a word is too long to be searched for links: counted too high rather than too low"


def _bluesky(text: str, limit: int | None) -> Measure:
    """Two limits hold; the one that does not is shown."""
    size = counting.utf8_bytes(text)
    clusters = counting.graphemes(text)
    if size > BLUESKY_BYTES and (limit is None or clusters <= limit):
        return Measure(size, BLUESKY_BYTES, "bytes")
    return Measure(clusters, limit, CHANNELS["bluesky"].unit)


def _sms(text: str, limit: int | None) -> Measure:
    sent = sms.split(text)
    warnings = []
    if sent.culprits:
        shown = " ".join(safe(char, keep="") for char in sent.culprits[:5]) + (" …" if len(sent.culprits) > 5 else "")
        few = "one " if len(sent.culprits) == 1 and text.count(sent.culprits[0]) == 1 else ""
        instead = f" instead of {sent.parts_without}" if sent.parts != sent.parts_without else ""
        parts = f"{sent.parts} part{'' if sent.parts == 1 else 's'}"
        warnings.append(f"{few}{shown} makes this SMS {sent.encoding}: {parts}{instead}")
    return Measure(sent.parts, limit, CHANNELS["sms"].unit, tuple(warnings))


def _warnings(text: str, channel: str, measured: Measure) -> list[str]:
    rules = CHANNELS[channel]
    found = []
    if measured.fits and measured.limit is not None and measured.unit != "bytes":
        units = counting.utf16_units(links.shorten(text).text if channel in {"x", "mastodon"} else text)
        if units > measured.limit:
            found.append(f"Buffer counts {units:,} UTF-16 units and would refuse this text")
    if rules.hashtags is not None and (tags := counting.hashtags(text)) > rules.hashtags:
        found.append(f"{tags} hashtags: {rules.title} takes {rules.hashtags}")
    if rules.links is not None and (count := len(set(_LINK.findall(text)))) > rules.links:
        found.append(f"{count} links: {rules.title} takes {rules.links}")
    if channel == "youtube" and ("<" in text or ">" in text):
        found.append("YouTube does not take < and >")
    return found


def channel_names() -> tuple[str, ...]:
    """The kinds of channels there are."""
    return CHANNEL_KINDS


def title(channel: str) -> str:
    """How the channel is called in front of people."""
    return _rules(channel).title


def needs_media(channel: str) -> bool:
    """Whether a post without a picture or a film is impossible there."""
    return _rules(channel).needs_media


def without_their_media(lines: Iterable[tuple[str, bool]]) -> str:
    """What is missing where a channel, given with whether the text has a picture or a film, takes none without."""
    channels = [channel for channel, has_media in lines if not has_media and needs_media(channel)]
    names = " and ".join(dict.fromkeys(map(title, channels)))
    verb = "take" if len(set(channels)) > 1 else "takes"
    return f"{names} {verb} no post without a picture or a film, and this message has none" if channels else ""


def escape_for(text: str, channel: str) -> str:
    """`text` as the channel's API takes it.

    LinkedIn's Posts API cuts a post at the first unescaped reserved character, and says nothing. Its web page takes
    the text as it is and would show the backslashes, so what a person pastes by hand is not escaped.
    """
    _rules(channel)
    return _LITTLE_TEXT.sub(r"\\\g<0>", text) if channel == "linkedin" else text


def _rules(channel: str) -> Channel:
    rules = CHANNELS.get(channel)
    if rules is None:
        raise NotFound(
            f"no kind of channel is called {safe(channel, limit=60)!r}", hint=nearest(channel[:60], CHANNELS)
        )
    return rules
