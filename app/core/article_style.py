"""An article's style, as advice: words that say nothing or will be wrong soon, promises, long sentences; built from app/rules/articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.article_problem import Problem

FENCE = re.compile(r"^(```|~~~)[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
END = re.compile(r"[.?!;:](?=\s|$)|[。？！；：]|\n|\|")
WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")
TEXTS = ("title", "summary", "body")


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing a writer is told about, by the patterns of each language, with examples that prove them."""

    id: str
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    hits: tuple[str, ...]
    misses: tuple[str, ...]

    def found_in(self, text: str, language: str) -> Iterator[re.Match[str]]:
        """Every place of `text` that shows it."""
        for pattern in self.patterns[language]:
            yield from pattern.finditer(text)

    def faults(self) -> Iterator[str]:
        """Examples that the lint does not tell right in either language."""
        if not self.hits or not self.misses:
            yield f"{self.id}: needs hits and misses"
        yield from (f"{self.id}: the hit {text[:40]!r} is not found" for text in self.hits if not self._shown_by(text))
        yield from (f"{self.id}: the miss {text[:40]!r} is found" for text in self.misses if self._shown_by(text))

    def _shown_by(self, text: str) -> bool:
        return any(True for language in self.patterns for _ in self.found_in(without_code(text), language))


class StyleBook:
    """All lints and limits."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.lints = tuple(_lint(spec) for spec in data.get("lint", ()))
        limits = data.get("limits", {})
        self._longest: Mapping[str, int] = limits.get("sentence", {"en": 10_000, "zh": 10_000})
        self._most, self._from = limits.get("repeated", 10_000), limits.get("repeated_from", 1)

    def advice(self, content: Any, language: str) -> tuple[Problem, ...]:
        """What a careful reader would say about the text, in order of place."""
        found = [each for where in TEXTS for each in self._of_text(where, without_code(getattr(content, where)), language)]
        return tuple(sorted(found, key=lambda each: (TEXTS.index(each.where), each.line, each.start)))

    def _of_text(self, where: str, text: str, language: str) -> Iterator[Problem]:
        for lint in self.lints:
            for hit in lint.found_in(text, language):
                yield Problem(lint.id, where, _line(text, hit.start()), hit.start(), hit.end(), {"word": " ".join(hit[0].split())})
        for start, sentence in sentences(text):
            yield from self._of_sentence(where, text, start, sentence, language)

    def _of_sentence(self, where: str, text: str, start: int, sentence: str, language: str) -> Iterator[Problem]:
        place = (where, _line(text, start), start, start + len(sentence))
        length = sentence_length(sentence, language)
        if length > self._longest[language]:
            yield Problem("sentence-long", *place, {"count": str(length)})
        counts = Counter(word.lower() for word in WORD.findall(sentence) if len(word) >= self._from)
        for word, count in counts.items():
            if count >= self._most:
                yield Problem("word-repeated", *place, {"word": word, "count": str(count)})


def without_code(text: str) -> str:
    """The prose alone, at its old places: code blocks and spans become blanks of the same length."""
    blank = re.compile(r"[^\n]")
    text = FENCE.sub(lambda found: blank.sub(" ", found[0]), text)
    return CODE.sub(lambda found: "x" + " " * (len(found[0]) - 1), text)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence, line or table cell with where it starts."""
    start = 0
    for end in END.finditer(text):
        yield start, text[start : end.start()]
        start = end.end()
    yield start, text[start:]


def sentence_length(sentence: str, language: str) -> int:
    """Words in English, characters without spaces in Chinese."""
    return len(sentence.split()) if language == "en" else len("".join(sentence.split()))


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _lint(spec: Mapping[str, Any]) -> Lint:
    patterns = {language: tuple(re.compile(each, re.IGNORECASE) for each in spec[language]) for language in ("en", "zh")}
    return Lint(spec["id"], patterns, tuple(spec["hits"]), tuple(spec["misses"]))
