"""Words of tickets: what is indexed, what a query asks for, and what an excerpt marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ticket_words import excerpt, index_tokens, query_phrases


def test_a_chinese_run_gives_pairs_and_its_last_character() -> None:
    assert index_tokens("请求超时") == ["请求", "求超", "超时", "时"]


def test_codes_come_apart_and_full_width_is_half_width() -> None:
    assert index_tokens("Rate_Limit ＧＰＴ-4o") == ["rate", "limit", "gpt", "4o"]


def test_a_query_is_phrases_and_its_last_word_may_go_on() -> None:
    assert [(phrase.tokens, phrase.prefix) for phrase in query_phrases("rate_limit 超时 timeo")] == [
        (("rate", "limit"), False),
        (("超时",), False),
        (("timeo",), True),
    ]


def test_a_single_chinese_character_begins_a_pair() -> None:
    assert query_phrases("超")[0].prefix


@pytest.mark.parametrize("query", ["", "!!!", "\"'*()", "—"])
def test_a_query_without_words_asks_nothing(query: str) -> None:
    assert query_phrases(query) == ()


@given(st.text(max_size=200))
def test_tokens_are_letters_and_digits_only(text: str) -> None:
    for token in index_tokens(text):
        assert token.isalnum()
        assert not set(token) & set("'\"*:&|!()")


@given(st.text(max_size=400), st.text(max_size=40))
def test_an_excerpt_is_a_part_of_the_text(text: str, query: str) -> None:
    pieces = excerpt(text, query)
    shown = "".join(piece.text for piece in pieces).removeprefix("… ").removesuffix(" …")
    assert shown in " ".join(text.split())


def test_every_find_is_marked_wherever_it_stands() -> None:
    pieces = excerpt("The Rate limit. 请求超时 and RATE again", "rate 超时")
    assert [piece.text for piece in pieces if piece.hit] == ["Rate", "超时", "RATE"]


def test_a_long_text_is_shown_around_its_first_find() -> None:
    pieces = excerpt("x " * 500 + "needle " + "y " * 500, "needle")
    assert (pieces[0].text, pieces[-1].text) == ("… ", " …")
    assert any(piece.hit and piece.text == "needle" for piece in pieces)
