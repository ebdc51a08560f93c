"""Find articles: for a search, for a report with its diagnosis, for a ticket. One ranking for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.diagnosis import Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.paste import read_paste
from app.core.rulebook import Rulebook
from app.core.search_text import Lexicon, spoken
from app.core.suggestion import Asked, Suggestion, Why, likely_causes, rank_articles
from app.store.article_search import candidates, search_text
from app.store.articles import PUBLIC

OTHER_LANGUAGE = {"en": "zh", "zh": "en"}


@dataclass(frozen=True, slots=True)
class Search:
    """What a query was taken to mean, and what was found."""

    asked: Asked
    found: tuple[Suggestion, ...]


def search_articles(
    query: str, language: str, rulebook: Rulebook, now: datetime, *, audiences: Collection[str] = PUBLIC, limit: int = 10
) -> Search:
    """Search as a person types it: words, a code, or a whole error message. The query is not kept."""
    evidence = read_paste(query, rulebook.redactor, rulebook.clients, rulebook.model_names, now).evidence
    asked = _asked(evidence, diagnose(evidence, rulebook.causes), language, rulebook)
    return Search(asked, _find(asked, query, rulebook.lexicon, audiences=audiences, limit=limit))


def suggest_articles(
    evidence: Evidence, diagnosis: Diagnosis, language: str, rulebook: Rulebook, *, audiences: Collection[str] = PUBLIC, limit: int = 5
) -> tuple[Suggestion, ...]:
    """The articles for a report: by its diagnosed causes first, then client and model, then its error text."""
    asked = _asked(evidence, diagnosis, language, rulebook)
    return _find(asked, evidence.error_text or "", rulebook.lexicon, audiences=audiences, limit=limit)


def articles_for_causes(
    causes: Mapping[str, float], language: str, rulebook: Rulebook, *, audiences: Collection[str] = PUBLIC, limit: int = 5
) -> tuple[Suggestion, ...]:
    """The articles that answer causes already known (id → confidence)."""
    known = {cause: confidence for cause, confidence in causes.items() if cause in rulebook.causes.causes}
    return _find(Asked(language, known), "", rulebook.lexicon, audiences=audiences, limit=limit)


def _asked(evidence: Evidence, diagnosis: Diagnosis, language: str, rulebook: Rulebook) -> Asked:
    client = rulebook.clients.recognise(evidence.client)
    return Asked(
        language=language,
        causes=likely_causes(diagnosis),
        client=client.id if client else None,
        model_family=rulebook.model_names.family(evidence.model) if evidence.model else None,
        failing=evidence.status_code is not None or bool(likely_causes(diagnosis)),
    )


def _find(asked: Asked, query: str, lexicon: Lexicon, *, audiences: Collection[str], limit: int) -> tuple[Suggestion, ...]:
    """Rank what the words and the causes bring; the other language only when the asker's has nothing."""
    weights = lexicon.query_terms(query)
    for language in (asked.language, OTHER_LANGUAGE[asked.language]):
        hits = search_text(weights, language, audiences)
        found = rank_articles(asked, candidates(hits, asked.causes, language, audiences), limit)
        if found:
            return tuple(_in_their_words(suggestion, query) for suggestion in found)
    return ()


def _in_their_words(suggestion: Suggestion, query: str) -> Suggestion:
    """The words an article was found by, as they were typed."""
    words = ", ".join(spoken(query, suggestion.article.words))
    return replace(suggestion, reasons=tuple(replace(each, about=words) if each.why is Why.TEXT else each for each in suggestion.reasons))
