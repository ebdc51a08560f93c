"""The search index: two-character Chinese words exactly, only what may be seen, two queries, fresh after every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from app.core.article import ArticleContent
from app.core.roles import Role
from app.operations.accounts import create_account
from app.operations.articles import blank_article
from app.operations.publishing import archive, publish_content
from app.store.article_search import COMMON, candidates, search_text, stale_articles
from app.store.articles import STAFF
from app.store.database import db
from app.store.models import Article
from tests.articles import book, chinese, content
from tests.sql import statements


def publish(slug: str, language: str, text: ArticleContent, now: datetime) -> Article:
    article = blank_article(slug, language, text, book(), now)
    publish_content(article, text, book(), now)
    db.session.commit()
    return article


def found(query: str, language: str, audiences: tuple[str, ...] = ("public",)) -> list[str]:
    hits = search_text(book().lexicon.query_terms(query), language, audiences)
    slugs = {each.article_id: each.slug for each in candidates(hits, (), language, audiences)}
    return [slugs[article_id] for article_id in hits]


@pytest.mark.parametrize("word", ["余额", "超时", "渠道", "令牌"])
def test_two_character_chinese_words_are_found_exactly(app: Flask, now: datetime, word: str) -> None:
    body = chinese().body
    publish("has-it", "zh", chinese(body=body + f"\n请看{word}说明。"), now)
    publish("has-its-characters", "zh", chinese(body=body + f"\n{word[0]}与{word[1]}分开。"), now)
    hits = search_text({word: 1.0}, "zh")
    assert [db.session.get(Article, article_id).slug for article_id in hits] == ["has-it"]


def test_codes_and_stems_are_found(app: Flask, now: datetime) -> None:
    publish("quota", "en", content(keywords=("insufficient_quota",), title="Out of money"), now)
    publish("other", "en", content(title="Something else"), now)
    assert found("insufficient_quota", "en")[0] == "quota"


def test_other_words_of_the_same_meaning_are_found(app: Flask, now: datetime) -> None:
    publish("quota", "zh", chinese(title="余额不足"), now)
    publish("other", "zh", chinese(title="关于模型"), now)
    assert found("没钱了", "zh")[0] == "quota"


def test_only_published_articles_of_the_language_and_audience_are_found(app: Flask, now: datetime) -> None:
    publish("public", "en", content(), now)
    publish("staff", "en", content(audience="staff"), now)
    publish("chinese", "zh", chinese(), now)
    blank_article("draft", "en", content(), book(), now)
    assert found("rate limit", "en") == ["public"]
    assert set(found("rate limit", "en", STAFF)) == {"public", "staff"}


def test_an_archived_article_is_gone(app: Flask, now: datetime, tmp_path) -> None:
    article = publish("public", "en", content(), now)
    archive(article, create_account("ed", "Ed", Role.EDITOR, book().redactor, now), tmp_path, now)
    assert found("rate limit", "en") == []


def test_a_new_version_replaces_the_words_of_the_old(app: Flask, now: datetime) -> None:
    article = publish("public", "en", content(title="Xylophone"), now)
    publish_content(article, content(title="Glockenspiel"), book(), now)
    assert found("xylophone", "en") == []
    assert found("glockenspiel", "en") == ["public"]


def test_articles_indexed_with_other_rules_are_stale(app: Flask, now: datetime) -> None:
    article = publish("public", "en", content(), now)
    assert stale_articles(book().digest) == []
    assert stale_articles("another digest") == [article]
    assert stale_articles(replace(book(), digest="f" * 64).digest) == [article]


def test_a_search_costs_the_same_number_of_queries_however_much_there_is(app: Flask, now: datetime) -> None:
    counts = []
    for number in range(1, 13):
        publish(f"article-{number}", "en", content(), now)
        with statements() as seen:
            hits = search_text(book().lexicon.query_terms("rate limit 429"), "en")
            candidates(hits, ("rate-limit-rpm",), "en")
        counts.append(len(seen))
    assert set(counts) == {4}


def test_a_query_of_common_words_alone_is_still_answered(app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    assert COMMON > 1
    monkeypatch.setattr("app.store.article_search.COMMON", 1)
    for number in range(3):
        publish(f"article-{number}", "en", content(), now)
    publish("rare", "en", content(title="Xylophone"), now)
    assert len(found("rate limit", "en")) == 4
    assert found("rate limit xylophone", "en") == ["rare"]


def test_articles_that_answer_the_cause_are_candidates_without_any_word(app: Flask, now: datetime) -> None:
    article = publish("public", "en", content(), now)
    each = candidates({}, ("rate-limit-rpm",), "en")
    assert [(one.article_id, one.causes, one.text) for one in each] == [(article.id, ("rate-limit-rpm",), 0.0)]
