"""A series as a line of bars. Loads nothing, so that `crisis status` may draw one."""

from __future__ import annotations

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-:=+*#"


def bars(values: list[float | None], *, plain: bool = False) -> str:
    """One bar for each value, the highest as high as there is room for; a gap where nothing is known."""
    top = max((one for one in values if one is not None), default=0.0)
    drawn = _PLAIN_BARS if plain else _BARS
    return "".join(
        " " if one is None else drawn[max(0, min(7, int(one / top * 7.999))) if top > 0 else 0] for one in values
    )
