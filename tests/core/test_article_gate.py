"""The gate: no private fact passes, no section is missing, and a refusal quotes nothing."""

from __future__ import annotations

import pytest

from app.core.article_gate import REMOVED, PrivateClass
from tests.articles import SECTIONS, book, chinese, content

GATE = book().gate
CLASSES = {kind.id: kind for kind in GATE.private}


def rules(**changes: object) -> list[str]:
    found = GATE.problems(content(**changes), "en", book().redactor, book().causes.causes)
    return [problem.rule for problem in found]


def test_a_complete_article_passes_in_both_languages() -> None:
    assert rules() == []
    assert GATE.problems(chinese(), "zh", book().redactor, book().causes.causes) == ()


def test_the_six_classes_of_private_facts_are_there() -> None:
    assert set(CLASSES) == {"credentials", "balances", "customer_logs", "prompts", "payment_records", "routing"}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind in GATE.private for text in kind.hits])
def test_what_is_private_is_stopped(kind: PrivateClass, text: str) -> None:
    found = GATE.private_problems("body", f"Before.\n{text}", book().redactor)
    assert kind.id in {problem.rule for problem in found}
    assert {problem.line for problem in found} == {2}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind in GATE.private for text in kind.misses])
def test_what_is_not_private_passes(kind: PrivateClass, text: str) -> None:
    assert kind.id not in {problem.rule for problem in GATE.private_problems("body", text, book().redactor)}


def test_a_full_key_is_stopped_wherever_it_is_typed() -> None:
    key = "sk-" + "Ab3dEf6hIj9k" * 4
    for field in ("title", "summary", "body"):
        assert "credentials" in rules(**{field: f"{getattr(content(), field)}\nUse {key} here."})
    assert "credentials" in rules(keywords=(key,))


def test_each_missing_and_each_empty_section_is_named() -> None:
    whole = content().body
    for section in SECTIONS:
        found = GATE.problems(content(body=whole.replace(f"## {section}\n", "## Else\n")), "en", book().redactor, book().causes.causes)
        assert [(problem.rule, problem.names["section"]) for problem in found] == [("section-missing", section)]
    assert rules(body=whole.replace("## Limits\n\nText about the rate limit.", "## Limits")) == ["section-empty"]


def test_sections_of_the_other_language_do_not_count() -> None:
    found = GATE.problems(chinese(), "en", book().redactor, book().causes.causes)
    assert {problem.rule for problem in found} == {"section-missing"}


def test_unknown_causes_kinds_and_related_pages_are_found() -> None:
    assert rules(causes=("made-up",)) == ["cause-unknown"]
    assert rules(kind="novel") == ["kind-unknown"]
    assert rules(related=("Not a slug",)) == ["related-malformed"]
    assert rules(title=" ") == ["title-missing"]
    assert rules(summary="") == ["summary-missing"]


def test_every_rule_has_its_sentence_in_both_languages() -> None:
    broken = content(title="", summary="", causes=("made-up",), related=("Not a slug",), body="It costs $5.")
    for problem in GATE.problems(broken, "en", book().redactor, book().causes.causes):
        for language in ("en", "zh"):
            sentence = GATE.sentence(problem, language)
            assert sentence
            assert "{" not in sentence


def test_a_sentence_never_quotes_the_private_value() -> None:
    for problem in GATE.private_problems("body", "you have $12.40 left", book().redactor):
        assert "12.40" not in GATE.sentence(problem, "en")


def test_a_quote_for_a_draft_loses_every_private_fact() -> None:
    quote = GATE.without_private_facts("I paid $30, user_id=48213 and user_id=48214, order no. 2026110322001. Why?", book().redactor)
    assert "30" not in quote.replace(REMOVED, "")
    assert "48213" not in quote
    assert "2026110322001" not in quote
    assert quote.startswith("I paid")
    assert quote.endswith("Why?")
    assert GATE.private_problems("body", quote, book().redactor) == ()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"governance": "everybody"}, "governance-unknown"),
        ({"audience": "friends"}, "audience-unknown"),
        ({"sources": ("example.com",)}, "source-malformed"),
        ({"body": content().body + "![](https://elsewhere.example/x.png)"}, "picture-elsewhere"),
        ({"kind": "checklist"}, "points-missing"),
        ({"kind": "solution"}, "related-missing"),
        ({"author": "Write to lin@corp.example"}, "credentials"),
    ],
)
def test_facts_beside_the_text_are_judged_too(changes: dict[str, object], rule: str) -> None:
    assert rule in rules(**changes)


def test_every_kind_has_its_sections_in_both_languages() -> None:
    wanted = {"answer", "faq", "guide", "playbook", "template", "checklist", "client", "example", "use_case", "case", "comparison"}
    wanted |= {"solution", "glossary", "announcement", "known_error"}
    assert wanted | {"page"} == set(GATE.kinds)
    for kind in wanted:
        assert GATE.sections(kind), kind
        for section in GATE.sections(kind):
            assert all(section.heading[language] and section.hint[language] for language in ("en", "zh")), (kind, section.id)
