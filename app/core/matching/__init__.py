"""Evidence × candidate records → ranked matches with probability and plain reasons."""

from app.core.matching.background import NO_BACKGROUND, Background
from app.core.matching.deciding import fields_that_decide
from app.core.matching.ranking import rank
from app.core.matching.search_hints import NO_HINTS, SearchHints, search_hints
from app.core.matching.sentence import sentences, signal_sentences
from app.core.matching.weights import MatchWeights

__all__ = [
    "NO_BACKGROUND",
    "NO_HINTS",
    "Background",
    "MatchWeights",
    "SearchHints",
    "fields_that_decide",
    "rank",
    "search_hints",
    "sentences",
    "signal_sentences",
]
