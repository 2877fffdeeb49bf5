"""The parts of a first message that can be checked: CDC's Crisis and Emergency Risk Communication.

Source: https://www.cdc.gov/cerc/ (be first, be right, be credible, express empathy, promote action, show respect).
"""

from __future__ import annotations

from types import MappingProxyType

_TITLES = MappingProxyType(
    {
        "do-now": "What to do now",
        "empathy": "Empathy",
        "facts": "What is confirmed",
        "unknowns": "What is not known yet",
        "process": "How answers will be found, and when the next update comes",
        "commitment": "Commitment",
        "more-info": "Where to learn more",
    }
)

SLOTS = tuple(_TITLES)
"""Every slot a template may say that it fills, in the order in which a message uses them."""


def title(slot: str) -> str:
    """How the slot is called in front of people. Raises KeyError for a name that is not in SLOTS."""
    return _TITLES[slot]
