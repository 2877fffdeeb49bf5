"""How a text is counted, one function per unit. A newline is one character: no `CR LF`."""

from __future__ import annotations

import re

# Characters that are a grapheme cluster each, whatever stands beside them. Most texts in Latin, Cyrillic and Chinese
# script are made of them, and importing `regex` costs 50 ms; so wide a class is compiled when it is first asked.
_ALONE = (
    "[\\n\\x20-\\x7e\\xa0-\\xac\\xae-\\u02ff\\u0400-\\u0482\\u048a-\\u052f"
    "\\u2010-\\u2027\\u20ac\\u4e00-\\u9fff\\u3001\\u3002\\uff01-\\uff0f]*"
)
_HASHTAG = re.compile(r"(?<![\w&/])#\w*[^\W\d_]\w*")


def code_points(text: str) -> int:
    """Unicode code points."""
    return len(text)


def utf16_units(text: str) -> int:
    """UTF-16 code units, as JavaScript and most schedulers' screens count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    """Bytes in UTF-8; a lone surrogate, which no network takes, counts three."""
    return len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> int:
    """What a reader would call characters: extended grapheme clusters (Unicode Annex 29)."""
    if re.fullmatch(_ALONE, text):
        return len(text)
    import regex

    return sum(1 for _ in regex.finditer(r"\X", text))


def emoji_as_bytes(text: str) -> int:
    """Code points, but an emoji as its UTF-8 bytes (Threads)."""
    if re.fullmatch(_ALONE, text):
        return len(text)
    import regex

    emoji = regex.compile(
        r"[\p{Extended_Pictographic}\p{Regional_Indicator}\uFE0F\u20E3--\u00A9\u00AE\u2122]", regex.V1
    )
    clusters = regex.findall(r"\X", text)
    return sum(utf8_bytes(cluster) if emoji.search(cluster) else len(cluster) for cluster in clusters)


def hashtags(text: str) -> int:
    """How many hashtags; `#1` is none."""
    return len(_HASHTAG.findall(text))
