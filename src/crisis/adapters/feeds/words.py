"""Which texts are about us, by words, for feeds that cannot be asked for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def matcher(words: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text has one of `words` in it: as whole words, in small or capital letters; without any, always."""
    import regex

    wanted = [" ".join(word.split()) for word in words if word.strip()]
    if not wanted:
        return lambda _: True
    # A space in a word stands for any; the edges are those of what was written, so that #kettle and C++ can be said.
    parts = (r"\s+".join(regex.escape(part) for part in word.split(" ")) for word in wanted)
    whole = regex.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", regex.IGNORECASE | regex.FULLCASE)
    return lambda text: whole.search(text) is not None
