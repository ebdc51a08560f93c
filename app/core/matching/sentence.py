"""Say a match's reasons: the sentences beside the weights, filled with the signal's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.core.log_context import Match, MatchSignal
from app.core.matching.weights import MatchWeights

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def sentences(match: Match, weights: MatchWeights, language: str = "en") -> list[str]:
    """The reasons for and against a match, in plain words: "same key fingerprint", "429", "14 s apart"."""
    return signal_sentences(match.signals, weights, language)


def signal_sentences(signals: Iterable[MatchSignal], weights: MatchWeights, language: str = "en") -> list[str]:
    """The same for signals that were stored; one whose rule is gone is left out."""
    known = [signal for signal in signals if signal.id in weights.levels]
    return [_sentence(signal, weights, language) for signal in known]


def _sentence(signal: MatchSignal, weights: MatchWeights, language: str) -> str:
    """One reason; English where the language is not kept."""
    templates = weights.levels[signal.id].sentences
    template = templates.get(language, templates["en"])
    units = weights.units.get(language, weights.units["en"])
    facts = dict(signal.facts)
    if "seconds" in facts:
        facts["gap"] = _span(int(facts["seconds"]), units)
    return template.format_map(facts)


def _span(seconds: int, units: Mapping[str, str]) -> str:
    """`14 s`, `3 min`, `2 h 10 min`, `4 days`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds} {units['s']}"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} {units['min']}"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} {units['h']} {seconds % _HOUR // _MINUTE} {units['min']}"
    return f"{round(seconds / _DAY)} {units['d']}"
