"""Names of people: kept so that one name is one text, and refused where they hide something from who reads them."""

from __future__ import annotations

import unicodedata

#: They join letters, or keep them apart, in scripts from Arabic on; a Persian name may need one. Elsewhere they hide.
_JOINERS = "\u200c\u200d"
_FIRST_JOINED = "\u0600"
_HIDING = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
#: What is drawn as nothing although it counts as a letter, a mark or a sign.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), 0x16FE4, 0x1D159, *range(0xE0100, 0xE01F0)))
)


_ME = frozenset({"i", "me", "myself"})
_NOBODY = frozenset({"nobody", "nobody else", "no one", "no one else", "no-one", "noone", "none"})


def is_me(name: str) -> bool:
    """Whether it is what people call themselves, and so nobody's name."""
    return folded(name).rstrip(".!") in _ME


def is_nobody(name: str) -> bool:
    """Whether it says that there is nobody."""
    return folded(name).rstrip(".!") in _NOBODY


def unseen_in(name: str) -> str:
    """Why `name` may not be one: it has characters that cannot be seen, and which; else empty."""
    text = as_kept(name)
    if text.isascii() and text.isprintable():
        return ""
    found = sorted({one for n, one in enumerate(text) if _is_unseen(text, n)})
    which = ", ".join(f"U+{ord(one):04X}" for one in found[:5])
    return f"a name may not have characters that cannot be seen: {which}" if found else ""


def as_kept(name: str) -> str:
    """`name` on one line, each letter with its accent as one character where there is one."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def folded(name: str) -> str:
    """What is alike of names that are meant alike: whatever the case, and however accents and joiners were typed."""
    plain = as_kept(name).casefold().translate(dict.fromkeys(map(ord, _JOINERS)))
    return unicodedata.normalize("NFC", plain)


def _is_unseen(text: str, place: int) -> bool:
    one = text[place]
    if one in _JOINERS:
        return not (_is_joined(text[place - 1 : place]) and _is_joined(text[place + 1 : place + 2]))
    return one in _BLANK or unicodedata.category(one) in _HIDING


def _is_joined(near: str) -> bool:
    return near >= _FIRST_JOINED and unicodedata.category(near)[0] in "LM" and near not in _BLANK
