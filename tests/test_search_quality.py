"""The starter knowledge base answers what people type: short words, whole messages, both languages, typos."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app.operations.kb_files import check_kb, import_kb
from app.operations.suggestions import search_articles
from app.settings import PROJECT_ROOT

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KB = PROJECT_ROOT / "kb"
CASES = Path(__file__).parent / "cases" / "search.jsonl"
FIRST, THIRD = 0.9, 0.97


@pytest.fixture
def desk(app: Flask) -> Flask:
    import_kb(KB, app.extensions["rulebook"], NOW)
    return app


def places(desk: Flask, cases: list[dict[str, object]]) -> list[int]:
    """At which place an article in the asker's language answers; 0: nowhere."""
    found = []
    for case in cases:
        results = search_articles(str(case["query"]), str(case["lang"]), desk.extensions["rulebook"], NOW).found
        wanted = set(case["causes"])  # type: ignore[call-overload]
        good = (
            place for place, each in enumerate(results, 1) if each.article.language == case["lang"] and wanted & set(each.article.causes)
        )
        found.append(next(good, 0))
    return found


def test_the_shipped_articles_pass_the_gate(desk: Flask) -> None:
    report = check_kb(KB, desk.extensions["rulebook"])
    said = {name: [(problem.rule, problem.where, problem.line) for problem in problems] for name, problems in report.refused.items()}
    assert (said, report.unreadable) == ({}, {})
    assert len(report.unchanged) >= 28


def test_the_right_article_comes_first_or_nearly(desk: Flask) -> None:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    at = places(desk, cases)
    first, third = sum(place == 1 for place in at) / len(at), sum(0 < place <= 3 for place in at) / len(at)
    missed = [case["query"] for case, place in zip(cases, at, strict=True) if place != 1]
    assert (first >= FIRST, third >= THIRD) == (True, True), (round(first, 3), round(third, 3), missed)


def test_every_cause_is_answered_in_both_languages_by_its_own_name(desk: Flask) -> None:
    causes = desk.extensions["rulebook"].causes.causes
    cases = [
        {"query": cause.title[language], "lang": language, "causes": [cause.id]} for cause in causes.values() for language in ("en", "zh")
    ]
    missed = [case["query"] for case, place in zip(cases, places(desk, cases), strict=True) if not 0 < place <= 3]
    assert missed == []


def test_every_error_the_rules_know_leads_to_its_article(desk: Flask) -> None:
    causes = desk.extensions["rulebook"].causes.causes
    cases = [
        {"query": hit.text, "lang": language, "causes": [cause.id]}
        for cause in causes.values()
        for hit in cause.hits[:3]
        if hit.text
        for language in ("en", "zh")
    ]
    at = places(desk, cases)
    assert [case["query"] for case, place in zip(cases, at, strict=True) if not 0 < place <= 3] == []
