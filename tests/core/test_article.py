"""An article's file form, its states, and who may approve it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.article import (
    LEGAL_MOVES,
    ArticleContent,
    ArticleState,
    BadArticle,
    IllegalMove,
    NotAnotherPerson,
    check_reviewer,
    content_hash,
    fill_in,
    is_slug,
    move,
    parse_article,
    print_article,
    tidy,
)
from tests.articles import content

FILE = """---
title: 401: the key is rejected
summary: Copy it again.
kind: faq
causes: [key-invalid, key-expired]
clients: []
keywords: [401, invalid api key, 无效的令牌]
audience: public
checked_on: 2026-11-20
review_days: 90
related: [mask-a-key]
---
## What you see

Text.
"""
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)
ITEMS = st.lists(WORDS, max_size=4).map(tuple)


def test_the_front_matter_is_read_with_colons_in_its_values() -> None:
    article = parse_article(FILE)
    assert article.title == "401: the key is rejected"
    assert article.causes == ("key-invalid", "key-expired")
    assert article.keywords == ("401", "invalid api key", "无效的令牌")
    assert (article.clients, article.related, article.review_days, article.checked_on) == ((), ("mask-a-key",), 90, "2026-11-20")
    assert article.body == "## What you see\n\nText.\n"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    assert parse_article("\ufeff" + FILE.replace("\n", "\r\n")) == parse_article(FILE)


@given(title=WORDS, summary=WORDS, body=WORDS, causes=ITEMS, keywords=ITEMS, days=st.integers(1, 900), version=st.integers(0, 40))
def test_what_is_printed_is_read_back(
    title: str, summary: str, body: str, causes: tuple[str, ...], keywords: tuple[str, ...], days: int, version: int
) -> None:
    written = tidy(ArticleContent(title, summary, body, causes=causes, keywords=keywords, review_days=days, version=version))
    assert parse_article(print_article(written)) == written


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: x\n", "line 1"),
        ("---\ntitle: secret-value\n", "not closed"),
        ("---\ntitle: secret-value\nsummary: y\ncauses: secret-value\n---\n", "line 4"),
        ("---\nsecret-value\n---\n", "line 2"),
        ("---\ntitle: x\nsummary: y\nsecret-value: z\n---\n", "line 4"),
        ("---\ntitle: x\nsummary: y\nreview_days: secret-value\n---\n", "line 4"),
        ("---\ntitle: x\n---\n", "no summary"),
    ],
)
def test_a_broken_file_is_refused_by_line_and_never_quoted(text: str, says: str) -> None:
    with pytest.raises(BadArticle, match=says) as fault:
        parse_article(text)
    assert "secret-value" not in str(fault.value)


def test_the_hash_follows_the_words_and_not_the_version() -> None:
    assert content_hash(content()) == content_hash(content(version=7))
    assert content_hash(content()) != content_hash(content(title="Another title"))
    assert content_hash(content()) != content_hash(content(causes=()))


def test_items_lose_what_a_one_line_list_cannot_carry() -> None:
    assert tidy(content(keywords=("a, b", " 'c' ", "", "c"))).keywords == ("a b", "c")


@pytest.mark.parametrize("state", ArticleState)
def test_only_the_listed_moves_are_legal(state: ArticleState) -> None:
    for target in ArticleState:
        if target in LEGAL_MOVES[state]:
            assert move(state, target) is target
        else:
            with pytest.raises(IllegalMove):
                move(state, target)


def test_a_draft_is_never_published_without_review() -> None:
    assert ArticleState.PUBLISHED not in LEGAL_MOVES[ArticleState.DRAFT]


def test_nobody_who_wrote_a_version_approves_it() -> None:
    check_reviewer(3, {1, 2})
    with pytest.raises(NotAnotherPerson):
        check_reviewer(2, {1, 2})


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("mask-a-key", True), ("429", True), ("A-b", False), ("../x", False), ("a--b", False), ("-a", False), ("", False), ("a" * 97, False)],
)
def test_slugs_are_lower_case_words_and_hyphens(text: str, is_one: bool) -> None:
    assert is_slug(text) is is_one


def test_addresses_are_filled_in() -> None:
    assert (
        fill_in("{{gateway_url}}/models, {{gateway_root}}/", "https://gw.example.com/v1")
        == "https://gw.example.com/v1/models, https://gw.example.com/"
    )


def test_the_version_a_file_builds_on_is_kept() -> None:
    assert parse_article(print_article(content(version=3))).version == 3
    assert "version" not in print_article(replace(content(), version=0))
