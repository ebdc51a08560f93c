"""The starter knowledge base, file by file: each parses, comes in both languages, and keeps the house style."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from app.core.article import LANGUAGES, ArticleContent, parse_article
from app.core.rulebook import Rulebook
from app.store.rulebook import load_rulebook

KB = Path(__file__).resolve().parent.parent / "kb"
LONGEST_SENTENCE = {"en": 30, "zh": 60}  # words, characters
LENGTH = {"en": (120, 620), "zh": (220, 1_200)}  # words, characters, tables included
FENCE = re.compile(r"^```[a-z]*\n.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
SENTENCE_END = re.compile(r"[.?!;:](?=\s|$)|[。？！；：]|\n|\|")
CJK = r"\u3400-\u9fff"
TIGHT_SCRIPTS = re.compile(rf"[{CJK}][A-Za-z0-9]|[A-Za-z0-9][{CJK}]|[{CJK}]`|`[{CJK}]")
HALF_WIDTH_PUNCTUATION = re.compile(rf"[{CJK}][,.;:?!()]|[,;:?!()][{CJK}]")
FILLER = re.compile(r"(?<![a-z])(simply|just|please note|obviously|of course)(?![a-z])", re.IGNORECASE)
SECRET = re.compile(r"sk-[A-Za-z0-9_-]{8,}|Bearer [A-Za-z0-9]{8,}")
FROZEN_NUMBER = re.compile(r"[$¥€£] ?[0-9]|[0-9] ?%")


@dataclass(frozen=True, slots=True)
class Page:
    """One file: its address and what it says."""

    language: str
    slug: str
    content: ArticleContent


def read_page(path: Path) -> Page:
    """Read a file; a malformed one stops the whole module, as it would stop the import."""
    return Page(path.parent.name, path.stem, parse_article(path.read_text(encoding="utf-8")))


def prose(page: Page) -> str:
    """The summary and body as a reader reads them aloud: no code blocks, each code span one word."""
    return CODE.sub("X", FENCE.sub("", page.content.summary + "\n" + page.content.body))


def sentence_length(sentence: str, language: str) -> int:
    """Words in English, characters without spaces in Chinese."""
    return len(sentence.split()) if language == "en" else len(re.sub(r"\s", "", sentence))


PAGES = [read_page(path) for language in LANGUAGES for path in sorted((KB / language).glob("*.md"))]
SLUGS = {language: {page.slug for page in PAGES if page.language == language} for language in LANGUAGES}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The shipped rules."""
    return load_rulebook(b"test pepper")


every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.language}/{page.slug}")


def test_every_article_exists_in_both_languages() -> None:
    assert SLUGS["en"] == SLUGS["zh"]
    assert len(SLUGS["en"]) >= 60


def test_the_eleven_clients_and_the_pages_about_the_site_are_there() -> None:
    clients = {page.slug for page in PAGES if page.content.kind == "client"}
    assert clients == {
        *("claude-code", "codex-cli", "cursor", "cherry-studio", "lobechat", "chatbox"),
        *("open-webui", "dify", "openai-python", "openai-node", "curl"),
    }
    assert {page.slug for page in PAGES if page.content.kind == "page"} == {"about", "editorial-policy", "privacy", "contact"}
    assert {page.content.kind for page in PAGES} >= {"faq", "client", "solution", "comparison", "glossary", "template", "checklist", "page"}


@pytest.mark.parametrize("page", [page for page in PAGES if page.content.kind == "client"], ids=lambda page: f"{page.language}/{page.slug}")
def test_what_describes_other_peoples_programs_is_checked_soon_again(page: Page) -> None:
    assert page.content.review_days <= 60
    assert page.content.clients == (page.slug,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_is_answered(language: str, rulebook: Rulebook) -> None:
    answered = {cause for page in PAGES if page.language == language for cause in page.content.causes}
    assert set(rulebook.causes.causes) - answered == set()


def test_both_languages_of_an_article_agree_on_everything_but_words() -> None:
    by_place = {(page.language, page.slug): page.content for page in PAGES}
    for slug in SLUGS["en"]:
        en, zh = by_place["en", slug], by_place["zh", slug]
        assert replace(zh, title=en.title, summary=en.summary, keywords=en.keywords, body=en.body) == en, slug
        assert FENCE.findall(en.body) == FENCE.findall(zh.body), slug


@every_page
def test_the_facts_were_checked_and_will_be_again(page: Page) -> None:
    assert date.fromisoformat(page.content.checked_on or "")
    assert 30 <= page.content.review_days <= 365
    assert page.content.audience == "public"


@every_page
def test_keywords_are_many_and_distinct(page: Page) -> None:
    keywords = [keyword.casefold() for keyword in page.content.keywords]
    assert 8 <= len(keywords) <= 20
    assert len(set(keywords)) == len(keywords)


@every_page
def test_related_articles_exist(page: Page) -> None:
    related = page.content.related
    assert 2 <= len(related) <= 4
    assert page.slug not in related
    assert set(related) <= SLUGS[page.language]


@every_page
def test_clients_are_known(page: Page, rulebook: Rulebook) -> None:
    assert set(page.content.clients) <= {client.id for client in rulebook.clients.clients}


@every_page
def test_the_gate_lets_it_pass(page: Page, rulebook: Rulebook) -> None:
    problems = rulebook.gate.problems(page.content, page.language, rulebook.redactor, rulebook.causes.causes)
    assert [(problem.rule, problem.where, problem.line) for problem in problems] == []


@every_page
def test_the_sections_stand_in_their_order(page: Page, rulebook: Rulebook) -> None:
    found = HEADING.findall(FENCE.sub("", page.content.body))
    if page.content.kind != "page":  # pages about the site have sections of their own
        assert found == [section.heading[page.language] for section in rulebook.gate.sections(page.content.kind)]
    assert page.content.body.lstrip().startswith(f"## {found[0]}")


@every_page
def test_a_careful_reader_has_no_advice(page: Page, rulebook: Rulebook) -> None:
    said = rulebook.gate.advice(page.content, page.language)
    assert [(advice.rule, advice.where, advice.line, dict(advice.names)) for advice in said] == []


@every_page
def test_no_sentence_is_long(page: Page) -> None:
    limit = LONGEST_SENTENCE[page.language]
    long = [part.strip() for part in SENTENCE_END.split(prose(page)) if sentence_length(part, page.language) > limit]
    assert long == []


@every_page
def test_the_article_is_short_but_not_empty(page: Page) -> None:
    least, most = LENGTH[page.language]
    assert least <= sentence_length(prose(page), page.language) <= most


@every_page
def test_the_words_are_calm_and_nothing_is_frozen(page: Page) -> None:
    text = prose(page)
    assert FILLER.findall(text) == []
    assert "!" not in text.replace("!=", "")
    assert "！" not in text
    assert FROZEN_NUMBER.findall(text) == []


@every_page
def test_no_key_is_printed(page: Page) -> None:
    assert SECRET.findall(page.content.body) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.language == "zh"], ids=lambda page: page.slug)
def test_chinese_is_set_with_full_width_marks_and_a_space_between_scripts(page: Page) -> None:
    spaced = FENCE.sub("", page.content.title + "\n" + page.content.summary + "\n" + page.content.body)
    assert TIGHT_SCRIPTS.findall(CODE.sub("`", spaced)) == []
    assert HALF_WIDTH_PUNCTUATION.findall(CODE.sub("", spaced)) == []
