"""The first draft of an article about a solved ticket: made from allow-listed facts and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.article import ArticleContent
from app.core.article_gate import ArticleGate
from app.core.causes import Cause

LONGEST_QUESTION = 600
LIST_MARK = re.compile(r"^\s{0,6}(?:[-*+]|\d{1,3}[.)])\s+")
SENTENCE_END = re.compile(r"(?<=[.。])\s+|(?<=。)")


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """All that may pass from a ticket into an article.

    client: a known client, never the requester's own words for it; question: redacted, private facts cut out.
    """

    cause: Cause | None
    status_code: int | None
    client_id: str | None
    client_name: str | None
    model_family: str | None
    question: str


def draft_content(facts: DraftFacts, kind: str, language: str, gate: ArticleGate) -> ArticleContent:
    """A skeleton of the kind's sections with what is known filled in; empty sections are for the editor."""
    known = _known_sections(facts, kind, language, gate.wording)
    sections = (f"## {section.heading[language]}\n\n{known.get(section.id, '')}".rstrip() for section in gate.sections(kind))
    return ArticleContent(
        title=_title(facts, language, gate.wording),
        summary=facts.cause.user_advice[language] if facts.cause else "",
        body="\n\n".join(sections) + "\n",
        kind=kind,
        causes=(facts.cause.id,) if facts.cause else (),
        clients=(facts.client_id,) if facts.client_id else (),
        models=(facts.model_family,) if facts.model_family else (),
        keywords=(str(facts.status_code),) if facts.status_code else (),
    )


def draft_slug(facts: DraftFacts) -> str:
    """An address to start with: the cause, and the client where one is known."""
    parts = (facts.cause.id if facts.cause else "question", f"in-{facts.client_id}" if facts.client_id else "")
    return "-".join(part for part in parts if part).replace("_", "-")


def _title(facts: DraftFacts, language: str, wording: Mapping[str, Mapping[str, str]]) -> str:
    cause = facts.cause.title[language] if facts.cause else wording["untitled"][language]
    title = f"{facts.status_code}: {cause}" if facts.status_code else cause
    return wording["in_client"][language].format(title=title, client=facts.client_name) if facts.client_name else title


def _known_sections(facts: DraftFacts, kind: str, language: str, wording: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Section id → what the facts already say there."""
    seen = [wording["status"][language].format(status=facts.status_code)] if facts.status_code else []
    seen += [wording["model"][language].format(family=facts.model_family)] if facts.model_family else []
    quoted = "\n".join(f"> {line}".rstrip() for line in facts.question[:LONGEST_QUESTION].strip().splitlines())
    symptom = "\n\n".join(part for part in (quoted, " ".join(seen)) if part)
    advice = facts.cause.user_advice[language] if facts.cause else ""
    common = {"symptom": symptom, "background": symptom, "when": symptom, "path": advice, "evidence": wording["evidence"][language]}
    return common | _by_kind(kind, advice, language, wording)


def _by_kind(kind: str, advice: str, language: str, wording: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What only one kind says: points to tick, words to copy with their places to fill in, what a case leaves out."""
    if kind == "checklist":
        return {"path": "\n".join(f"- [ ] {line}" for line in _steps(advice)) or wording["point"][language]}
    if kind == "template":
        return {name: wording[f"template_{name}"][language].replace("ADVICE", advice) for name in ("variables", "text", "boundary")}
    if kind == "case":
        return {"boundary": wording["case_boundary"][language]}
    return {}


def _steps(advice: str) -> list[str]:
    """Advice as points: a line or a sentence each."""
    lines = [LIST_MARK.sub("", line).strip() for line in advice.splitlines()]
    return [sentence.strip() for line in lines for sentence in SENTENCE_END.split(line) if sentence.strip()]
