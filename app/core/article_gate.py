"""The gate before publishing: required sections, known causes, and no private fact of anybody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.article import ArticleContent, Governance, Readers, is_slug
from app.core.article_care import CareRules
from app.core.article_pictures import picture_problems
from app.core.article_problem import Problem
from app.core.article_sources import source_problems
from app.core.article_style import StyleBook
from app.core.checklist import points
from app.core.redaction import Redactor

HEADING = re.compile(r"^##[ \t]+(\S.*?)[ \t#]*$", re.MULTILINE)
CREDENTIALS = "credentials"
REMOVED = "[…]"


@dataclass(frozen=True, slots=True)
class Section:
    """A required section: its heading by language and what belongs there."""

    id: str
    heading: Mapping[str, str]
    hint: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PrivateClass:
    """One class of facts that are never published, and the patterns that show it."""

    id: str
    patterns: tuple[re.Pattern[str], ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]


class ArticleGate:
    """Kinds with their sections, private classes and the sentence of every rule; built from app/rules/articles."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.kinds: Mapping[str, Mapping[str, str]] = {kind: spec["name"] for kind, spec in data.get("kind", {}).items()}
        self.shelves: Mapping[str, str] = {kind: spec.get("shelf", "support") for kind, spec in data.get("kind", {}).items()}
        self._needs_related = frozenset(kind for kind, spec in data.get("kind", {}).items() if spec.get("needs_related"))
        self._sections = {kind: _sections(spec.get("section", ())) for kind, spec in data.get("kind", {}).items()}
        self.private = tuple(_private_class(spec) for spec in data.get("private", ()))
        self.wording: Mapping[str, Mapping[str, str]] = data.get("draft", {})
        self._sentences: Mapping[str, Mapping[str, str]] = {
            spec["id"]: spec["sentence"] for spec in (*data.get("private", ()), *data.get("rule", ()), *data.get("lint", ()))
        }
        self.style = StyleBook(data)
        self.care = CareRules.of(data.get("care", {}))
        self.approval_checks: Mapping[str, Mapping[str, str]] = {spec["id"]: spec["text"] for spec in data.get("approval_check", ())}

    def sections(self, kind: str) -> tuple[Section, ...]:
        """The sections an article of this kind must have, in order."""
        return self._sections.get(kind, ())

    def sentence(self, problem: Problem, language: str) -> str:
        """What the problem is and what to do about it, for a person."""
        return self._sentences[problem.rule][language].format(**problem.names)

    def is_private(self, problem: Problem) -> bool:
        """Whether the problem is a private fact rather than a gap."""
        return any(problem.rule == kind.id for kind in self.private)

    def problems(self, content: ArticleContent, language: str, redactor: Redactor, causes: Collection[str]) -> tuple[Problem, ...]:
        """Everything that keeps `content` from being published, in order of place."""
        return (
            *self._fact_problems(content, causes),
            *self._section_problems(content, language),
            *(problem for where, text in _texts(content) for problem in self.private_problems(where, text, redactor)),
        )

    def advice(self, content: ArticleContent, language: str) -> tuple[Problem, ...]:
        """What a careful reader would say about the style; it keeps nothing from being published."""
        return self.style.advice(content, language)

    def private_problems(self, where: str, text: str, redactor: Redactor) -> tuple[Problem, ...]:
        """Private facts in one text: what the redactor would hide, and the private classes."""
        found = [(CREDENTIALS, finding.start, finding.end) for finding in redactor.redact(text).findings]
        found += [(kind.id, hit.start(), hit.end()) for kind in self.private for pattern in kind.patterns for hit in pattern.finditer(text)]
        return tuple(
            Problem(rule, where, text.count("\n", 0, start) + 1, start, end) for rule, start, end in sorted(found, key=lambda hit: hit[1:])
        )

    def without_private_facts(self, text: str, redactor: Redactor) -> str:
        """`text` with every private fact cut out, for quoting a requester in a draft."""
        clean = str(redactor.clean(text))
        kept, position = [], 0
        for problem in self.private_problems("body", clean, redactor):
            if problem.end > position:
                kept += [clean[position : problem.start], REMOVED]
                position = problem.end
        return "".join([*kept, clean[position:]])

    def _fact_problems(self, content: ArticleContent, causes: Collection[str]) -> Iterator[Problem]:
        if content.kind not in self.kinds:
            yield Problem("kind-unknown", "facts")
        if not content.title.strip():
            yield Problem("title-missing", "title")
        if not content.summary.strip():
            yield Problem("summary-missing", "summary")
        for cause in content.causes:
            if cause not in causes:
                yield Problem("cause-unknown", "facts", names={"cause": cause})
        yield from self._related_problems(content)
        yield from _people_problems(content)
        yield from source_problems(content.sources)
        yield from picture_problems(content.body)

    def _related_problems(self, content: ArticleContent) -> Iterator[Problem]:
        """What a kind needs beside its sections: related pages, points to tick."""
        if not all(is_slug(slug) for slug in content.related):
            yield Problem("related-malformed", "facts")
        if content.kind in self._needs_related and not content.related:
            yield Problem("related-missing", "facts")
        if content.kind == "checklist" and not points(content.body):
            yield Problem("points-missing", "body")

    def _section_problems(self, content: ArticleContent, language: str) -> Iterator[Problem]:
        """Each required section is there and says something."""
        written = _written_sections(content.body)
        for section in self.sections(content.kind):
            heading = section.heading[language]
            if heading not in written:
                yield Problem("section-missing", "body", names={"section": heading})
            elif not written[heading]:
                yield Problem("section-empty", "body", names={"section": heading})


def _people_problems(content: ArticleContent) -> Iterator[Problem]:
    """Who may read it and who may change it are known words."""
    if content.audience not in set(Readers):
        yield Problem("audience-unknown", "facts")
    if content.governance not in set(Governance):
        yield Problem("governance-unknown", "facts")


def _written_sections(body: str) -> dict[str, str]:
    """Heading → text of the section under it, without comments left for the writer."""
    parts = HEADING.split(body)
    return {heading.strip(): text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def _texts(content: ArticleContent) -> tuple[tuple[str, str], ...]:
    facts = ("keywords", "\n".join(content.keywords)), ("facts", "\n".join((content.author, *content.sources)))
    return ("title", content.title), ("summary", content.summary), ("body", content.body), *facts


def _sections(specs: Collection[Mapping[str, Any]]) -> tuple[Section, ...]:
    return tuple(Section(spec["id"], spec["heading"], spec["hint"]) for spec in specs)


def _private_class(spec: Mapping[str, Any]) -> PrivateClass:
    patterns = tuple(re.compile(pattern, re.IGNORECASE) for pattern in spec["patterns"])
    return PrivateClass(spec["id"], patterns, tuple(spec["hits"]), tuple(spec["misses"]))
