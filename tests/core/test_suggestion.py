"""Ranking articles: the cause first, then client and model, then the words; each with its reasons."""

from __future__ import annotations

from app.core.diagnosis import UNKNOWN, CauseScore, Diagnosis
from app.core.suggestion import Asked, Candidate, Why, likely_causes, rank_articles


def candidate(slug: str, language: str = "en", **facts: object) -> Candidate:
    return Candidate(abs(hash(slug)), slug, language, slug, "", **facts)  # type: ignore[arg-type]


def slugs(asked: Asked, *candidates: Candidate) -> list[str]:
    return [found.article.slug for found in rank_articles(asked, candidates)]


def test_a_sure_cause_ranks_above_the_best_words() -> None:
    asked = Asked("en", {"key-expired": 0.9})
    assert slugs(asked, candidate("words", text=1.0), candidate("cause", causes=("key-expired",), text=0.1)) == ["cause", "words"]


def test_a_doubtful_cause_does_not() -> None:
    asked = Asked("en", {"key-expired": 0.2})
    assert slugs(asked, candidate("cause", causes=("key-expired",)), candidate("words", text=1.0)) == ["words", "cause"]


def test_the_article_written_for_the_cause_comes_before_one_that_also_answers_it() -> None:
    asked = Asked("en", {"a": 1.0})
    assert slugs(asked, candidate("also", causes=("b", "a")), candidate("main", causes=("a", "b"))) == ["main", "also"]


def test_client_then_model_break_a_tie() -> None:
    asked = Asked("en", {"a": 1.0}, client="cursor", model_family="gpt")
    plain, client = candidate("plain", causes=("a",)), candidate("client", causes=("a",), clients=("cursor",))
    both = candidate("both", causes=("a",), clients=("cursor",), models=("gpt",))
    assert slugs(asked, plain, client, both) == ["both", "client", "plain"]


def test_every_suggestion_says_why() -> None:
    asked = Asked("en", {"a": 1.0}, client="cursor", model_family="gpt")
    found = rank_articles(asked, [candidate("x", causes=("a",), clients=("cursor",), models=("gpt",), text=0.5, words=("429", "limit"))])
    assert [(reason.why, reason.about) for reason in found[0].reasons] == [
        (Why.CAUSE, "a"),
        (Why.CLIENT, "cursor"),
        (Why.MODEL, "gpt"),
        (Why.TEXT, "429, limit"),
    ]


def test_an_article_is_shown_once_in_the_askers_language() -> None:
    asked = Asked("zh", {"a": 1.0})
    found = rank_articles(
        asked, [candidate("x", "en", causes=("a",), text=1.0), candidate("x", "zh", causes=("a",)), candidate("y", "en", causes=("a",))]
    )
    assert {(each.article.slug, each.article.language) for each in found} == {("x", "zh"), ("y", "en")}


def test_articles_without_a_reason_are_left_out() -> None:
    assert slugs(Asked("en", {"a": 1.0}), candidate("other", causes=("b",))) == []


def test_unknown_and_unlikely_causes_are_no_reason() -> None:
    scores = (CauseScore(UNKNOWN, 0.6, 0.0, ()), CauseScore("a", 0.3, 0.0, ()), CauseScore("b", 0.01, 0.0, ()))
    assert likely_causes(Diagnosis(scores, (), (), 0.0)) == {"a": 0.3}
