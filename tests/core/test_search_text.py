"""Words of queries and articles: Chinese pairs, stems, codes, concepts, typos, and how they rank."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.search_text import CONCEPT, MOST_QUERY_TERMS, Lexicon, has_cjk, rank_texts, rarity, spoken, stem, terms, units
from tests.articles import book

LEXICON = book().lexicon


def test_chinese_is_kept_by_single_and_double_characters() -> None:
    assert set(terms("余额不足")) == {"余", "额", "不", "足", "余额", "额不", "不足"}


def test_codes_are_kept_whole_and_in_parts() -> None:
    assert {"insufficient_quota", "insufficient", "quota"} <= set(terms("code: insufficient_quota"))
    assert {"gpt-4o", "429", "x-api-key", "401"} <= set(terms("gpt-4o 429 x-api-key（401）"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("timed", "time"),
        ("retired", "retire"),
        ("charges", "charged"),
        ("models", "model"),
        ("stopped", "stopping"),
        ("limit", "limits"),
        ("calls", "call"),
    ],
)
def test_forms_of_a_word_meet_in_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["429", "gpt4o", "is", "class", "access", "process"])
def test_codes_and_words_that_only_look_like_forms_stay(word: str) -> None:
    assert stem(word) == word


def test_full_width_and_case_change_nothing() -> None:
    assert terms("ＡＰＩ　Ｋｅｙ４２９") == terms("api key429")


@pytest.mark.parametrize(("text", "concept"), LEXICON.examples[0])
def test_words_of_one_meaning_meet_in_their_concept(text: str, concept: str) -> None:
    assert CONCEPT + concept in LEXICON.query_terms(text)


@pytest.mark.parametrize(("text", "concept"), LEXICON.examples[1])
def test_words_of_another_meaning_do_not(text: str, concept: str) -> None:
    assert CONCEPT + concept not in LEXICON.query_terms(text)


def test_stop_words_are_left_out_of_a_query_unless_nothing_else_is_there() -> None:
    assert "mean" not in LEXICON.query_terms("403 what does it mean")
    assert "403" in LEXICON.query_terms("403 what does it mean")
    assert not {"什么", "意思"} & LEXICON.query_terms("余额不足是什么意思").keys()
    assert LEXICON.query_terms("怎么办")


def test_typos_of_latin_words_are_mended_by_adding() -> None:
    wanted = LEXICON.query_terms("insuficient ballance")
    assert {"insufficient", "balanc", "insuficient"} <= wanted.keys()


@given(st.text(max_size=3_000))
def test_no_text_breaks_the_tokeniser_and_no_query_grows_without_bound(text: str) -> None:
    assert len(LEXICON.query_terms(text)) <= MOST_QUERY_TERMS
    assert all(units(text))
    spoken(text, terms(text))


def test_a_word_in_the_title_counts_more_than_in_the_body() -> None:
    fields = {"title": "", "keywords": "", "causes": "", "summary": "", "body": ""}
    in_title = LEXICON.document_terms({**fields, "title": "timeout"})
    in_body = LEXICON.document_terms({**fields, "body": "timeout " + "word " * 300})
    assert in_title["timeout"] > in_body["timeout"]


def test_repeating_a_word_is_worth_less_each_time() -> None:
    lexicon = Lexicon({})
    once, often = (lexicon.document_terms({"body": "quota " * times})["quota"] for times in (1, 50))
    assert once < often < 3 * once


def test_rare_words_rank_above_common_ones() -> None:
    hits = rank_texts({"rare": 1.0, "common": 1.0}, [("rare", 1, 1.0), ("common", 2, 1.0)], {"rare": 1, "common": 90}, 100)
    assert hits[1].score > hits[2].score
    assert hits[1].words == ("rare",)


def test_meeting_the_whole_query_ranks_above_meeting_a_part_strongly() -> None:
    found = {"a": 10, "b": 10}
    hits = rank_texts({"a": 1.0, "b": 1.0}, [("a", 1, 1.0), ("b", 1, 1.0), ("a", 2, 1.9)], found, 100)
    assert hits[1].score > hits[2].score


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_rarity_is_never_negative(total: int, found: int) -> None:
    assert rarity(min(found, total), total) >= 0


def test_what_was_typed_is_shown_rather_than_stems_and_pairs() -> None:
    assert spoken("余额不足 timed out", ["余额", "额不", "tim"]) == ("余额不", "timed")


def test_chinese_is_recognised() -> None:
    assert has_cjk("429 限流")
    assert not has_cjk("429 rate limit")
