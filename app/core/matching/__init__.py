"""Evidence × candidate records → ranked matches with probability and plain reasons."""

from app.core.matching.ranking import rank
from app.core.matching.sentence import sentences, signal_sentences
from app.core.matching.weights import MatchWeights

__all__ = ["MatchWeights", "rank", "sentences", "signal_sentences"]
