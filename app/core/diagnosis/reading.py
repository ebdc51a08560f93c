"""Read a report once: its plain text and the tokens (phrases, codes, statuses, facts) that signals ask for."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.causes import CauseBook
from app.core.diagnosis.report_facts import report_facts
from app.core.error_shape import ErrorShape, parse_error
from app.core.evidence import Evidence
from app.core.plain_text import plain
from app.core.signals import exact_token

NO_ANSWER = 0  # stands for "no HTTP status is known" in signals


@dataclass(frozen=True, slots=True)
class Reading:
    """A report as the signals see it. statuses: the one told and those the text shows."""

    text: str
    shape: ErrorShape
    tokens: set[str]
    statuses: tuple[int, ...]


def read_report(evidence: Evidence, causes: CauseBook, code: str | None = None) -> Reading:
    """Read everything a report says, in the signals' terms; `code` is an error code known beside the text."""
    words = f"code: {code} {evidence.error_text or ''}" if code else evidence.error_text or ""
    text = plain(words)
    shape = parse_error(words)
    statuses = tuple(dict.fromkeys(status for status in (evidence.status_code, *shape.statuses) if status is not None))
    tokens = set(causes.index.phrases_in("text", text))
    tokens.update(_named_tokens(evidence, shape, causes))
    tokens.update([exact_token("code", code) for code in shape.codes])
    tokens.update([exact_token("status", status) for status in statuses or (NO_ANSWER,)])
    tokens.update([exact_token("fact", fact) for fact in report_facts(evidence, shape, text, statuses, causes)])
    return Reading(text, shape, tokens, statuses)


def _named_tokens(evidence: Evidence, shape: ErrorShape, causes: CauseBook) -> list[str]:
    """Look for phrases in the names of client, gateway and model."""
    named = causes.index.named
    return [
        *named("client", (evidence.client or "").replace("-", " ").replace("_", " ")),
        *named("gateway", evidence.gateway or ""),
        *named("model_text", evidence.model or shape.model or ""),
    ]
