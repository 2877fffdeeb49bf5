"""How to reach somebody: what is kept of it as JSON, such as `{"phone": "+45 …", "email": "…"}`, in words."""

from __future__ import annotations

import json

_ORDER = ("phone", "pager", "chat", "email", "number")


def contact_in_words(data: bytes) -> str:
    """`+45 12 34 56 78 · ana@example.org`, most direct first."""
    details = json.loads(data)
    known = [key for key in _ORDER if details.get(key)] + [key for key in details if key not in _ORDER]
    return " · ".join(str(details[key]) for key in known)


def most_direct(contact: str) -> str:
    """The first way of those in words."""
    return contact.split(" · ")[0]
