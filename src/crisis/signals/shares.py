"""What share to expect, and when a row of few mentions says nothing about it."""

from __future__ import annotations

import math

from msgspec import Struct

from crisis.signals.alerts import Band
from crisis.signals.evidence import ALIKE

MEMORY_DAYS = 7.0
PRIOR_SHARE = 0.2  # of mentions are negative for a brand of which nothing is known yet …
PRIOR_MENTIONS = 20.0  # … and so many mentions outweigh that guess
CLIP = 3.0  # standard deviations from which on a row teaches no more


class ShareExpectation(Struct):
    """The usual share, each row weighing what it is worth: fifty mentions at most, however many there are."""

    hits: float = PRIOR_SHARE * PRIOR_MENTIONS
    mentions: float = PRIOR_MENTIONS

    @property
    def share(self) -> float:
        """The usual share, 0 to 1."""
        return self.hits / self.mentions

    def band(self, total: float) -> Band:
        """The usual number of hits among `total`, and the range in which about 19 of 20 rows lie."""
        share = self.share
        spread = 2 * math.sqrt(total * share * (1 - share) * (1 + max(0.0, total - 1) * ALIKE))
        return Band(max(0.0, total * share - spread), total * share, min(total, total * share + spread))

    def learn(self, hits: float, total: float, span: float) -> None:
        """Take in a row of `span` hours with `hits` among `total`; an empty row teaches nothing."""
        if not total:
            return
        share = self.share
        worth = total / (1 + (total - 1) * ALIKE) if total > 1 else total
        seen = min(hits / total, share + CLIP * math.sqrt(share * (1 - share) / worth))
        fade = math.exp(-span / 24 / MEMORY_DAYS)
        self.hits = self.hits * fade + seen * worth
        self.mentions = self.mentions * fade + worth
