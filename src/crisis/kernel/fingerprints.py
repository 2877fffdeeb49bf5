"""Fingerprints: SHA-256 over exact bytes, shown short, compared whole."""

from __future__ import annotations

import hashlib


def fingerprint(data: str | bytes) -> str:
    """The SHA-256 of the exact bytes (text as UTF-8, nothing normalised), 64 hex digits."""
    return hashlib.sha256(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data).hexdigest()


def salted(value: bytes, salt: bytes) -> str:
    """A hash that a guess cannot be checked against without `salt` (16 random bytes)."""
    return hashlib.sha256(salt + value).hexdigest()


def short(digest: str) -> str:
    """The first eight digits and an ellipsis, as people read a fingerprint aloud."""
    return f"{digest[:8]}…"


def holds(key: str, data: bytes, salt: bytes) -> bool:
    """Whether these are the bytes that `key` was made from."""
    return key == (salted(data, salt) if salt else fingerprint(data))
