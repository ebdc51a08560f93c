"""Style advice: every lint is proved by its examples, code is left alone, places are right, and the shipped limits hold."""

from __future__ import annotations

import pytest

from app.core.article_style import Lint, sentence_length, sentences, without_code
from tests.articles import book, chinese, content

STYLE = book().gate.style


def language_of(text: str) -> str:
    return "en" if text.isascii() or any(sign in text for sign in "€£") else "zh"


def found(lint: Lint, text: str) -> bool:
    return any(True for _ in lint.found_in(without_code(text), language_of(text)))


@pytest.mark.parametrize(("lint", "text"), [(lint, text) for lint in STYLE.lints for text in lint.hits])
def test_a_hit_is_found(lint: Lint, text: str) -> None:
    assert found(lint, text)


@pytest.mark.parametrize(("lint", "text"), [(lint, text) for lint in STYLE.lints for text in lint.misses])
def test_a_miss_is_left_alone(lint: Lint, text: str) -> None:
    assert not found(lint, text)


def test_every_lint_has_examples_and_a_reason_in_both_languages() -> None:
    for lint in STYLE.lints:
        assert lint.hits
        assert lint.misses
        for language in ("en", "zh"):
            advice = STYLE.advice(content(body=lint.hits[0]), "en") or STYLE.advice(chinese(body=lint.hits[0]), "zh")
            assert book().gate.sentence(next(each for each in advice if each.rule == lint.id), language)


def test_advice_names_the_line_and_the_words() -> None:
    advice = STYLE.advice(content(body="One.\n\nIt costs $3 a month.\n"), "en")
    assert [(each.rule, each.where, each.line, each.names["word"]) for each in advice] == [("frozen-number", "body", 3, "$3")]


def test_code_is_not_looked_at() -> None:
    text = "```sh\necho simply! # currently $3\n```\n\nUse `simply` here."
    assert STYLE.advice(content(body=text), "en") == ()
    assert len(without_code(text)) == len(text)
    assert without_code(text).count("\n") == text.count("\n")


def test_a_long_sentence_is_told_with_its_length() -> None:
    long = " ".join(["word"] * 3 + [f"w{number}" for number in range(40)])
    advice = STYLE.advice(content(body=f"Short.\n{long}.\n"), "en")
    assert [(each.rule, each.line, each.names["count"]) for each in advice] == [("sentence-long", 2, "43")]
    assert [each.rule for each in STYLE.advice(chinese(body="长" * 80 + "。"), "zh")] == ["sentence-long"]


def test_a_word_said_four_times_in_a_sentence_is_told() -> None:
    advice = STYLE.advice(content(body="The gateway asks the gateway whether the gateway knows the gateway."), "en")
    assert [(each.rule, each.names["word"]) for each in advice] == [("word-repeated", "gateway")]


def test_table_cells_and_lines_are_sentences_of_their_own() -> None:
    assert [text.strip() for _place, text in sentences("| a b | c |\nd. e") if text.strip()] == ["a b", "c", "d", "e"]
    assert sentence_length("一 二三", "zh") == 3


def test_hostile_text_takes_linear_time() -> None:
    for text in ("`" * 5_000, "```\n" * 1_500, "$" * 5_000, "](http" * 1_500, "1" * 5_000):
        assert isinstance(STYLE.advice(content(body=text), "zh"), tuple)
