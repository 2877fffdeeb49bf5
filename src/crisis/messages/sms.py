"""How many parts a text message takes.

Source: 3GPP TS 23.038 (the GSM 7-bit default alphabet and its extension table) and TS 23.040 (a part of a longer
message loses 6 octets to its header, so 153 septets or 67 UCS-2 units are left). National shift tables are not
counted on: few gateways use them.
"""

from __future__ import annotations

from msgspec import Struct

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
"""Each takes two septets, which a part's end may not separate."""


class Sms(Struct, frozen=True):
    """What a text becomes on the air."""

    parts: int
    encoding: str
    """`GSM-7` or `UCS-2`."""
    culprits: tuple[str, ...]
    """The characters that GSM-7 does not have, in order of appearance, each once."""
    parts_without: int
    """How many parts it would take if each culprit were a GSM-7 character."""


def split(text: str) -> Sms:
    """Count the parts of `text`; an empty text takes none."""
    culprits = tuple(dict.fromkeys(char for char in text if char not in _BASIC and char not in _ESCAPED))
    septets = [2 if char in _ESCAPED else 1 for char in text]
    as_gsm = _parts(septets, single=160, each=153)
    if not culprits:
        return Sms(as_gsm, "GSM-7", (), as_gsm)
    units = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Sms(_parts(units, single=70, each=67), "UCS-2", culprits, as_gsm)


def _parts(sizes: list[int], *, single: int, each: int) -> int:
    if sum(sizes) <= single:
        return 1 if sizes else 0
    parts, room = 1, each
    for size in sizes:
        if size > room:  # a pair moves to the next part whole
            parts, room = parts + 1, each
        room -= size
    return parts
