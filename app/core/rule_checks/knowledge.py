"""Check the questions, and the gate that articles pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from app.core.article_gate import PrivateClass
from app.core.evidence import Evidence
from app.core.questions import Question
from app.core.rule_checks.rules import Rules, missing_languages

WAYS = frozenset({"groups", "cause", "status"})
EVIDENCE_FIELDS = frozenset(field.name for field in fields(Evidence))


def check_questions(rules: Rules) -> list[str]:
    """List questions for no field, with unknown causes, or with an impossible certainty."""
    return [fault for name, question in rules.book.causes.questions.items() for fault in _question_faults(name, question, rules)]


def check_gate(rules: Rules) -> list[str]:
    """List private classes whose examples are not told right, and kinds and sections without a language."""
    gate, data = rules.book.gate, rules.data["articles"]
    faults = [fault for private in gate.private for fault in _class_faults(private)]
    faults += [fault for lint in gate.style.lints for fault in lint.faults()]
    for kind, names in gate.kinds.items():
        faults += missing_languages(f"the kind {kind}", names)
        for section in gate.sections(kind):
            faults += missing_languages(f"{kind}, section {section.id}", section.heading)
    for rule in (*data["private"], *data["rule"], *data.get("lint", ())):
        faults += missing_languages(f"the rule {rule['id']}", rule["sentence"])
    return faults


def _question_faults(name: str, question: Question, rules: Rules) -> Iterator[str]:
    """Find what is wrong with one question."""
    if name not in EVIDENCE_FIELDS:
        yield f"{name}: there is no such evidence field"
    if question.by not in WAYS:
        yield f"{name}: answers are grouped by {question.by}"
    if not 0.0 < question.sure <= 1.0:
        yield f"{name}: sure is a share"
    causes = rules.book.causes
    known = {*causes.causes, *causes.families, *(cause.layer for cause in causes)}
    for group in rules.data["questions"]["question"][name].get("groups", ()):
        yield from (f"{name}: a group names {item}, which is no cause and no family" for item in group if item not in known)


def _class_faults(private: PrivateClass) -> Iterator[str]:
    """Find examples that a private class does not tell right."""
    if not private.hits or not private.misses:
        yield f"{private.id}: needs hits and misses"
    for text in private.hits:
        if not any(pattern.search(text) for pattern in private.patterns):
            yield f"{private.id}: the hit {text[:40]!r} passes"
    for text in private.misses:
        if any(pattern.search(text) for pattern in private.patterns):
            yield f"{private.id}: the miss {text[:40]!r} is stopped"
