"""The starter knowledge base, file by file: each parses, comes in both languages, and keeps the house style."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

KB = Path(__file__).resolve().parent.parent / "kb"
LANGUAGES = ("en", "zh")
FIELDS = {"title", "summary", "kind", "causes", "clients", "keywords", "audience", "checked_on", "review_days", "related"}
LISTS = {"causes", "clients", "keywords", "related"}
SECTIONS = {
    "en": ["What you see", "Check first", "What to do", "Safe to send us", "What support does with it", "Limits"],
    "zh": ["你会看到什么", "先检查", "怎么处理", "可以安全发给我们的信息", "客服会怎么做", "边界与限制"],
}
LONGEST_SENTENCE = {"en": 30, "zh": 60}  # words, characters
LENGTH = {"en": (200, 520), "zh": (350, 1000)}  # words, characters, tables included
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
    """One file: its front matter as text and lists, and its Markdown."""

    language: str
    slug: str
    fields: dict[str, str | list[str]]
    body: str

    def text(self, name: str) -> str:
        """A field that holds one value."""
        value = self.fields[name]
        assert isinstance(value, str), f"{name} is a single value"
        return value

    def items(self, name: str) -> list[str]:
        """A field that holds a list."""
        value = self.fields[name]
        assert isinstance(value, list), f"{name} is a list"
        return value


def read_page(path: Path) -> Page:
    """Split a file at its front matter; a malformed one fails the test that reads it."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    pairs = (line.split(":", 1) for line in head.splitlines())
    return Page(path.parent.name, path.stem, {key: read_value(value.strip()) for key, value in pairs}, body)


def read_value(value: str) -> str | list[str]:
    """`[a, b]` is a list, anything else is text."""
    if value.startswith("[") and value.endswith("]"):
        return [item.strip() for item in value[1:-1].split(",") if item.strip()]
    return value


def prose(page: Page) -> str:
    """The summary and body as a reader reads them aloud: no code blocks, each code span one word."""
    return CODE.sub("X", FENCE.sub("", page.text("summary") + "\n" + page.body))


def sentence_length(sentence: str, language: str) -> int:
    """Words in English, characters without spaces in Chinese."""
    return len(sentence.split()) if language == "en" else len(re.sub(r"\s", "", sentence))


PAGES = [read_page(path) for language in LANGUAGES for path in sorted((KB / language).glob("*.md"))]
SLUGS = {language: {page.slug for page in PAGES if page.language == language} for language in LANGUAGES}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.language}/{page.slug}")


def test_every_article_exists_in_both_languages() -> None:
    assert SLUGS["en"] == SLUGS["zh"]
    assert len(SLUGS["en"]) >= 14


def test_both_languages_of_an_article_agree_on_everything_but_words() -> None:
    by_place = {(page.language, page.slug): page for page in PAGES}
    same = FIELDS - {"title", "summary", "keywords"}
    for slug in SLUGS["en"]:
        en, zh = by_place["en", slug], by_place["zh", slug]
        assert {name: en.fields[name] for name in same} == {name: zh.fields[name] for name in same}, slug
        assert FENCE.findall(en.body) == FENCE.findall(zh.body), slug


@every_page
def test_the_front_matter_is_complete(page: Page) -> None:
    assert set(page.fields) == FIELDS
    assert {name for name in FIELDS if isinstance(page.fields[name], list)} == LISTS
    assert date.fromisoformat(page.text("checked_on"))
    assert 30 <= int(page.text("review_days")) <= 365
    assert page.text("audience") == "public"


@every_page
def test_keywords_are_many_and_distinct(page: Page) -> None:
    keywords = [keyword.casefold() for keyword in page.items("keywords")]
    assert 8 <= len(keywords) <= 20
    assert len(set(keywords)) == len(keywords)


@every_page
def test_related_articles_exist(page: Page) -> None:
    related = page.items("related")
    assert 2 <= len(related) <= 4
    assert page.slug not in related
    assert set(related) <= SLUGS[page.language]


@every_page
def test_the_sections_stand_in_their_order(page: Page) -> None:
    assert HEADING.findall(FENCE.sub("", page.body)) == SECTIONS[page.language]
    assert page.body.lstrip().startswith(f"## {SECTIONS[page.language][0]}")


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
    assert SECRET.findall(page.body) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.language == "zh"], ids=lambda page: page.slug)
def test_chinese_is_set_with_full_width_marks_and_a_space_between_scripts(page: Page) -> None:
    spaced = FENCE.sub("", page.text("title") + "\n" + page.text("summary") + "\n" + page.body)
    assert TIGHT_SCRIPTS.findall(CODE.sub("`", spaced)) == []
    assert HALF_WIDTH_PUNCTUATION.findall(CODE.sub("", spaced)) == []
