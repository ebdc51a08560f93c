"""What a requester files: evidence plus their own words, in their language."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.evidence import Evidence
from app.core.redacted_text import RedactedText

LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Report:
    """A report ready to become a ticket. language: en or zh. time_zone: IANA name the requester's time was read in."""

    evidence: Evidence = field(default_factory=Evidence)
    description: RedactedText | None = None
    language: str = "en"
    time_zone: str | None = None


def subject_line(evidence: Evidence, message: str) -> str:
    """One line that says what failed: `429 · gpt-4o · Rate limit reached…`; parts that are unknown are left out."""
    parts = [str(evidence.status_code or ""), evidence.model or "", " ".join(message.split())]
    line = " · ".join(part for part in parts if part) or (evidence.client or "")
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"
