"""What a careful second reader would say about a text: style, and links that lead nowhere. Advice; the gate decides."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.article import ArticleContent
from app.core.article_links import dead_link_problems, linked
from app.core.article_pictures import missing_pictures, shown
from app.core.article_problem import Problem
from app.core.rulebook import Rulebook
from app.store import article_pictures, articles
from app.store.article_links import existing
from app.store.models import Article


def advice_for(content: ArticleContent, language: str, rulebook: Rulebook) -> tuple[Problem, ...]:
    """Everything worth a second look before publishing."""
    targets = linked(content, language)
    known = existing(targets) if targets else set()
    pictures = shown(content.body)
    kept = article_pictures.known(pictures) if pictures else ()
    return (
        *rulebook.gate.advice(content, language),
        *dead_link_problems(content, language, known),
        *missing_pictures(content.body, kept),
    )


def broken_links(published: Sequence[Article]) -> list[tuple[int, str, str]]:
    """The links of published articles that lead nowhere: (article, its title, target)."""
    known = {(article.language, article.slug) for article in published}
    return [
        (article.id, article.title, problem.names.get("target") or problem.names["slug"])
        for article in published
        for problem in dead_link_problems(articles.content_of(article), article.language, known)
    ]
