"""An estimate of sentiment from the words of a text; the one module that knows VADER.

VADER (doi:10.1609/icwsm.v8i1.14550, MIT) knows English, and no other language: what its list does not know it calls
neutral, so that for any other it would find no complaint where there are many. It is not asked there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crisis.adapters.importers.errors import NeedsLibrary
from crisis.adapters.importers.values import language_of
from crisis.kernel.errors import Usage
from crisis.kernel.text import quoted

if TYPE_CHECKING:
    from crisis.signals.mention import Mention, Sentiment

LANGUAGES = ("en",)
"""Those in which an estimate can be made."""
NAME = "VADER, English"
_CLEAR = 0.05  # of -1 to 1: the authors' own bounds
_LONGEST = 2000


class Lexicon:
    """Estimates for texts of one language; texts that say no language are taken to be in it."""

    def __init__(self, language: str) -> None:
        """Raises Usage for a language without a lexicon, and where the library is not installed."""
        self.language = language_of(language)
        if self.language not in LANGUAGES:
            raise Usage(
                f"there is no lexicon to estimate sentiment in {quoted(language, 40)}",
                hint=f"it can be done in {', '.join(LANGUAGES)}; for others take the tool's own sentiment",
            )
        try:
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
        except ImportError:
            instead = "take the tool's own sentiment"
            raise NeedsLibrary.named("an estimate of sentiment", "sentiment", instead) from None
        self._analyser = SentimentIntensityAnalyzer()

    def of(self, mention: Mention) -> Sentiment:
        """What the words say; `unknown` for a text in another language."""
        if (mention.language or self.language) != self.language:
            return "unknown"
        score: float = self._analyser.polarity_scores(mention.text[:_LONGEST])["compound"]
        return "negative" if score <= -_CLEAR else "positive" if score >= _CLEAR else "neutral"
