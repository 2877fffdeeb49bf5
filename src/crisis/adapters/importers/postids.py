"""Post ids that carry the moment of posting: the one clock in an export that no setting can shift."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_X_STATUS = re.compile(r"(?:twitter|x)\.com/[^/\s]+/status(?:es)?/(\d{15,20})(?!\d)", re.I | re.ASCII)
_X_BARE = re.compile(r'"?(\d{18,20})"?', re.ASCII)  # shorter ones may be Facebook's
_BLUESKY = re.compile(r"bsky\.app/profile/[^/\s]+/post/([2-7a-z]{13})(?![2-7a-z])", re.ASCII)
_DOCUMENT = re.compile(r'"?(1\d{12})(?:\D|$)', re.ASCII)

_X_EPOCH = 1288834974657
"""Milliseconds; X's ids hold the milliseconds since then in all but their last 22 bits."""
_BASE32 = {char: n for n, char in enumerate("234567abcdefghijklmnopqrstuvwxyz")}
_EARLIEST, _LATEST = 1262304000, 4102444800  # 2010 to 2100, in seconds: outside of it the number was no time


def x_status(url: str) -> str:
    """The status id in an address on X (`twitter.com/1/statuses/…` too), or nothing."""
    found = _X_STATUS.search(url)
    return found[1] if found else ""


def moment_of_url(url: str) -> datetime | None:
    """When the post behind `url` was posted, told by the id in it (X, Bluesky)."""
    if status := x_status(url):
        return _moment(((int(status) >> 22) + _X_EPOCH) / 1e3)
    if found := _BLUESKY.search(url):
        number = 0
        for char in found[1]:
            number = number * 32 + _BASE32[char]
        return _moment((number >> 10) / 1e6)
    return None


def moment_of_x_id(text: str) -> datetime | None:
    """The same from a column that holds X's bare id."""
    found = _X_BARE.fullmatch(text)
    return _moment(((int(found[1]) >> 22) + _X_EPOCH) / 1e3) if found else None


def moment_of_document(text: str) -> datetime | None:
    """The same from Meltwater's `Document ID`, which begins with epoch milliseconds."""
    found = _DOCUMENT.match(text)
    return _moment(int(found[1]) / 1e3) if found else None


def _moment(seconds: float) -> datetime | None:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) if _EARLIEST < seconds < _LATEST else None
